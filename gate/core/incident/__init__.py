"""Incidents: which changes are suspected, and what is measured of failures and their repair."""
