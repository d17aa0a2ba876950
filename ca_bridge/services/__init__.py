"""Use cases; the outside comes in through ports."""
