"""The change: what was observed of it and what its author declared."""
