"""The driving side: thin doors onto the services."""
