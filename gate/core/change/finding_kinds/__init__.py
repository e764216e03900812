"""Kinds of finding besides migrations: published artifacts, destroyed infrastructure, removed public interfaces."""
