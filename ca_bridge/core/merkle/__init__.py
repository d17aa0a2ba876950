"""Merkle trees of RFC 9162: hashing, growth, proofs; checkpoints and signed notes. Knows no keys."""
