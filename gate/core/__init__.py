"""The pure heart: facts in, verdict out; no clock, no files, no network."""
