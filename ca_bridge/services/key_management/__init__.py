"""The gateway's own keys: who may have one made or destroyed, and what each may still do."""
