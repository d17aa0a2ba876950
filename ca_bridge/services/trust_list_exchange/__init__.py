"""Trust lists exchanged with the other side: published, imported and compared."""
