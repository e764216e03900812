"""Migration tools: one module for each family of tools, and their conventions as data."""
