"""The WSGI application for granian, gunicorn and the like."""

from ca_bridge.wiring import rest_app

app = rest_app()
