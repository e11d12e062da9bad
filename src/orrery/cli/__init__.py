"""The command line: thin commands over the library. Heavy modules are imported inside the commands that need them."""
