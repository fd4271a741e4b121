"""The actions of a reader in the browser, through Selenium's driver."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import urllib.request
from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

PHONE = (390, 844)
DESKTOP = (1280, 900)

REQUIRED = "JUDHUR_REQUIRE_BROWSER"
"""Environment variable; 1 makes a missing browser a failure instead of a reason to skip."""


def installed() -> tuple[str | None, str | None]:
    """Return the paths of Chromium and its driver; None for what is not installed."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None), shutil.which("chromedriver")


def missing() -> str:
    """Return what is missing; empty if both are installed."""
    browser, driver = installed()
    if not browser:
        return "no Chromium is installed"
    return "" if driver else "no driver of Chromium (chromedriver) is installed"


def reason_to_skip() -> str:
    """Return why the browser tests cannot run; empty if they can, or are required."""
    return "" if os.environ.get(REQUIRED) == "1" else missing()


@dataclasses.dataclass(frozen=True, slots=True)
class Reader:
    """One browser and the address of the application."""

    chrome: Chrome
    address: str

    def begin(self) -> None:
        self.screen(*DESKTOP)
        self.script(enabled=True)
        for kind in ("browser", "performance"):
            self._log(kind)

    def end(self) -> None:
        self.script(enabled=True)

    def screen(self, width: int, height: int) -> None:
        # Headless windows are at least about 500 px wide; emulated device metrics can be narrower.
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def colours(self, scheme: str) -> None:
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def script(self, *, enabled: bool) -> None:
        self.chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not enabled})

    def open(self, path: str) -> None:
        self.chrome.get(self.address + path)

    def find(self, selector: str) -> WebElement:
        return self.chrome.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.chrome.find_elements(By.CSS_SELECTOR, selector)

    def run(self, code: str) -> Any:
        return self.chrome.execute_script(code)

    def follow(self, element: WebElement) -> None:
        """Click an element and wait until another page is loaded."""
        before = self.find("html")
        # Centred, since the floating button of the facets covers the bottom of the screen.
        self.chrome.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()
        WebDriverWait(self.chrome, 15).until(lambda _: self.find("html").id != before.id and self._loaded())

    def _loaded(self) -> bool:
        return bool(self.all("footer"))

    def total(self) -> int:
        """Return the total that the API gives for the search of the current page."""
        url = self.chrome.current_url.replace(f"{self.address}/search", f"{self.address}/api/v1/search")
        with urllib.request.urlopen(url.partition("#")[0]) as answer:  # noqa: S310 - the server of this test
            return int(json.load(answer)["total"]["value"])

    def _log(self, kind: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.chrome.get_log(kind)  # type: ignore[no-untyped-call]
        return entries

    def complaints(self) -> list[str]:
        """Return the messages of the console, including those of refused styles and scripts."""
        return [entry["message"] for entry in self._log("browser")]

    def requests(self) -> list[str]:
        """Return the addresses requested since the last call."""
        messages = [json.loads(entry["message"])["message"] for entry in self._log("performance")]
        return [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ]
