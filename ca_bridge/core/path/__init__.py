"""Path building (RFC 4158) and path validation (RFC 5280 §6.1, RFC 9618, RFC 5937)."""
