"""Sign-off: what one covers, and whose counts."""
