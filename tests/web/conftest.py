from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.web import samples
from web.app import create_app
from web.config import Config, SourceNames


@pytest.fixture
def service() -> samples.Service:
    return samples.Service()


@pytest.fixture
def client(service: samples.Service) -> FlaskClient:
    config = Config(names=SourceNames({"aljazeera": "الجزيرة"}))
    return create_app(service, config, clock=lambda: samples.NOW).test_client()
