"""Audit: evidence for people who trust nobody: every commit accounted for, every verdict recomputed."""
