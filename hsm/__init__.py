"""Keys in hardware; imports nothing of ca_bridge."""
