"""Verify one signature; is this key acceptable; until when."""
