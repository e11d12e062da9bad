"""The choice of a format: what each is worth for a matter, and which are not dominated."""
