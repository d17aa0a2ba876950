"""The WSGI application for granian, gunicorn and the like."""

from ca_bridge.wiring import wsgi_app

app = wsgi_app()
