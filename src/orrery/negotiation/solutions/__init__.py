"""Reference solutions of a negotiation: what other models of decision say of the same problem."""
