"""Mechanisms that writers on multilateralism describe, as consequences of the model; see `docs/mechanisms.md`."""
