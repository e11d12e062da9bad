"""What every layer shares: errors, axes, random keys and safe writing. Imports nothing of Orrery's own."""
