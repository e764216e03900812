"""The verifier of audit exports: the standard library alone, and nothing of the gate; shipped as one file."""
