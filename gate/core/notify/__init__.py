"""Notifications: who is told what, when and how; pure functions over records and what is asked."""
