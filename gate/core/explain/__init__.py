"""Explain: renders a verdict as a sentence, a terminal tree, Markdown, annotations and JSON; pure functions."""
