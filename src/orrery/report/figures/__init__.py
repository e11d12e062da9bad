"""The figures: each a pure function from a table and a layout to a Matplotlib figure."""
