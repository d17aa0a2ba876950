"""One application for all tests of the REST interface."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.rest_client import application


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder: Path = tmp_path_factory.mktemp("policies")
    return application(folder)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
