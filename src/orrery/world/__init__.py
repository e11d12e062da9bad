"""The simulated international system: what evolves, the parameters that move it, one phase per mechanism."""
