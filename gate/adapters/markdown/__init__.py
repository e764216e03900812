"""Adapter: Markdown, read with markdown-it-py."""
