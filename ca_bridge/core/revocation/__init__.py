"""Revocation status from supplied CRLs (RFC 5280 §6.3) and OCSP responses (RFC 6960)."""
