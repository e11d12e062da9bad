"""Negotiations: which agreement a table reaches under its rule, how deep, how soon, and who binds it."""
