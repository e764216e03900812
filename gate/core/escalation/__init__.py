"""Escalation: the ladder that is climbed while nobody answers: when each step is due, and who is called."""
