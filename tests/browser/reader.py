"""A person in front of the page, as far as a driver can play one."""

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
"""Set to 1 where a missing browser is a failure and not a reason to skip."""


def installed() -> tuple[str | None, str | None]:
    """Where Chromium and its driver are."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None), shutil.which("chromedriver")


def missing() -> str:
    """What is not installed; empty when nothing is."""
    browser, driver = installed()
    if not browser:
        return "no Chromium is installed"
    return "" if driver else "no driver of Chromium (chromedriver) is installed"


def reason_to_skip() -> str:
    """Why the tests in a browser cannot run; empty when they can, or must."""
    return "" if os.environ.get(REQUIRED) == "1" else missing()


@dataclasses.dataclass(frozen=True, slots=True)
class Reader:
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
        # Headless windows are never narrower than about 500 px; the metrics of a device can be.
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
        """Click, and wait until another page has come."""
        before = self.find("html")
        # the button of the facets floats over the bottom of the screen
        self.chrome.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()
        WebDriverWait(self.chrome, 15).until(lambda _: self.find("html").id != before.id and self._loaded())

    def _loaded(self) -> bool:
        return bool(self.all("footer"))

    def total(self) -> int:
        """What the endpoint counts for the search that the page shows."""
        place = self.chrome.current_url.replace(f"{self.address}/search", f"{self.address}/api/v1/search")
        with urllib.request.urlopen(place.partition("#")[0]) as answer:  # noqa: S310 - the server of this test
            return int(json.load(answer)["total"]["value"])

    def _log(self, kind: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.chrome.get_log(kind)  # type: ignore[no-untyped-call]
        return entries

    def complaints(self) -> list[str]:
        """What the console says, refused styles and scripts included."""
        return [entry["message"] for entry in self._log("browser")]

    def requests(self) -> list[str]:
        """The addresses that were asked for since the last call."""
        messages = [json.loads(entry["message"])["message"] for entry in self._log("performance")]
        return [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ]
