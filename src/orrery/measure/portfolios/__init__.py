"""Alignment portfolios over the poles, channel by channel, and the multi-vector index family."""
