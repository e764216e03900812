"""Use cases: one flow each, seeing the world only through ports."""
