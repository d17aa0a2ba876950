"""The whole walk on one page: bytes in, a Verdict out, no way to fetch anything."""
