"""The service's doors on the web: webhooks, pages and the API; nothing is decided here."""
