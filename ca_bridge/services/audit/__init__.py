"""The audit log: an append-only Merkle log of everything that is decided, changed or signed."""
