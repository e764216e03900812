"""Adapters: each brings one foreign thing behind a port."""
