"""Issuing a cross-certificate of the bridge CA: everything in it follows from an agreement in force."""
