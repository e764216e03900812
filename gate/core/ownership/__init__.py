"""Ownership: who is accountable for which file and which component."""
