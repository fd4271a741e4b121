"""The real application over the seeds, and a headless Chromium that opens its pages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from werkzeug.serving import make_server

from index.build import add_articles
from tests.browser.reader import REQUIRED, Reader, installed, missing
from web.config import Config
from web.serve import ENGINE, build

SEEDS = Path(__file__).parents[2] / "seeds"
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",  # Chromium does not start its sandbox as root
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--window-size=1280,900",
)


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    config = Config(index=str(tmp_path_factory.mktemp("browser") / "index"))
    add_articles(config.index, [SEEDS], zone=config.zone)
    app = build(config)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions[ENGINE].close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chrome]:
    browser, driver = installed()
    if not browser or not driver:
        pytest.fail(f"{missing()}, but {REQUIRED}=1 requires it")
    options = Options()
    options.binary_location = browser
    for argument in ARGUMENTS:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = Chrome(options=options, service=Service(driver))
    chrome.set_page_load_timeout(30)
    yield chrome
    chrome.quit()


@pytest.fixture
def reader(chromium: Chrome, address: str) -> Iterator[Reader]:
    reader = Reader(chromium, address)
    reader.begin()
    yield reader
    reader.end()
