"""The ledger: an append-only Merkle log of all that happened."""
