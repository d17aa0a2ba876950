"""Who accepts whose certificates, for what, at which level, and since when (RFC 5217)."""
