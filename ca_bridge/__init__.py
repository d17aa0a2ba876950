"""Validation authority across PKI domains: decides whether a certificate can be relied on, and why not."""
