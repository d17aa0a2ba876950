"""The bridge CA beside issuing: its configuration, its register, revocation, CRLs and its repository."""
