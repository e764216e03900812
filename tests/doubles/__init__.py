"""Doubles: real servers that stand in for systems that tests cannot reach."""
