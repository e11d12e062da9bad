"""Measures of the international system: pure functions from data to indices, with uncertainty where there is any."""
