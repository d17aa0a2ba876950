"""Receipts made: the head of the log sealed with the gateway's keys, and each receipt put together."""
