"""Notifications: mail over SMTP, and chat, pager and phone services through one library."""
