"""Bytes to parsed values (RFC 5280 §4-5, RFC 6960 §4.2); nothing but Malformed escapes."""
