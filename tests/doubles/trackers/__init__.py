"""Stateful doubles of trackers, each behind a real HTTP server that can fail on demand."""
