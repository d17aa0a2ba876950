"""The driven side: one file per technology."""
