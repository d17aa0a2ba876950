"""Verify one signature; is this key and algorithm acceptable, until when."""
