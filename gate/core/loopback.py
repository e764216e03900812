"""Loopback: the names of the machine itself, the only host that is spoken to, or listened on, without encryption."""

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
