"""One file per step, in the order their revisions name."""
