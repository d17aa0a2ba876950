"""Receipts: what the gateway said, bound to its log and signed; checked with public keys alone."""
