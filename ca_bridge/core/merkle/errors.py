"""What can be wrong with what was asked of a tree, or with a text that should be a note."""

from __future__ import annotations


class MerkleError(Exception):
    """Root of this package's errors."""


class OutsideTree(MerkleError):
    """A leaf, a size or a range that the tree does not have."""


class NodeMissing(MerkleError):
    """A hash that was needed could not be had."""


class UnreadableNote(MerkleError):
    """A text is no signed note, or no checkpoint; the text says why, and quotes nothing of it."""
