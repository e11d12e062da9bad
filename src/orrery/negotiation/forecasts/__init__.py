"""Forecasts of coded cases, learned from the other cases and scored."""
