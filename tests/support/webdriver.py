"""A headless Chromium, driven by the W3C WebDriver protocol: five commands of it, over loopback.

A client library would be one more dependency for five requests of JSON; chromedriver comes with Chromium.
"""

import base64
import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of an element's id, by the standard
_LIMIT_S = 120.0
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def missing_browser() -> str | None:
    """Return what is not there, in words, None when a Chromium and its driver are."""
    if not any(map(shutil.which, _NAMES)):
        return "no Chromium (on Debian: apt-get install chromium chromium-driver)"
    return None if shutil.which("chromedriver") else "no chromedriver (on Debian: apt-get install chromium-driver)"


class Chromium:
    """One window. Paths are XPath; what they name is waited for."""

    def __init__(self, session_url: str) -> None:
        """Take a session that `chromium` has opened."""
        self._session_url = session_url

    def open(self, url: str) -> None:
        """Go to a page and wait until it is loaded."""
        self._post("url", url=url)

    def title(self) -> str:
        """Return the title of the page as it is now: scripts may have changed it."""
        return str(_ask("GET", f"{self._session_url}/title"))

    def texts(self, path: str) -> list[str]:
        """Return the visible text of every element that a path selects."""
        return [str(_ask("GET", f"{self._session_url}/element/{each}/text")) for each in self._find(path)]

    def type(self, path: str, text: str) -> None:
        """Type into a field; a line end sends its form."""
        self._post(f"element/{self._one(path)}/value", text=text)

    def click(self, path: str) -> None:
        """Click on an element, as a person would: it must be visible and not covered."""
        self._post(f"element/{self._one(path)}/click")

    def run(self, script: str) -> Any:
        """Run JavaScript as an extension would, and return its value."""
        return self._post("execute/sync", script=script, args=[])

    def picture(self) -> bytes:
        """Return the window as a PNG."""
        return base64.b64decode(_ask("GET", f"{self._session_url}/screenshot"))

    def resize(self, width: int, height: int) -> None:
        """Give the window a size in pixels."""
        self._post("window/rect", width=width, height=height)

    def _find(self, path: str) -> list[str]:
        return [each[_ELEMENT] for each in self._post("elements", using="xpath", value=path)]

    def _one(self, path: str) -> str:
        end = time.monotonic() + _LIMIT_S
        while not (found := self._find(path)):
            assert time.monotonic() < end, f"{path} is not on the page"
            time.sleep(0.05)
        return found[0]

    def _post(self, command: str, **values: object) -> Any:
        return _ask("POST", f"{self._session_url}/{command}", values)


@contextmanager
def chromium(folder: Path) -> Iterator[Chromium]:
    """Open a headless Chromium whose profile is a folder, and end it."""
    log = (folder / "chromedriver.log").open("w+")
    driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=log, stderr=subprocess.STDOUT, text=True)
    try:
        arguments = [
            "--headless", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={folder / 'profile'}",
            "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run",
        ]  # fmt: skip
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # Chromium has no sandbox for root; all it opens here is ours
        options = {"binary": next(filter(None, map(shutil.which, _NAMES))), "args": arguments}
        base = f"http://127.0.0.1:{_port(driver, folder / 'chromedriver.log')}"
        capabilities = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        session_url = f"{base}/session/{_ask('POST', f'{base}/session', capabilities)['sessionId']}"
        try:
            yield Chromium(session_url)
        finally:
            _ask("DELETE", session_url)
    finally:
        driver.terminate()
        driver.wait()
        log.close()


def _port(driver: "subprocess.Popen[str]", log: Path) -> int:
    end = time.monotonic() + _LIMIT_S
    while driver.poll() is None and time.monotonic() < end:
        found = re.search(r"started successfully on port (\d+)", log.read_text())
        if found:
            return int(found[1])
        time.sleep(0.05)
    raise AssertionError(f"chromedriver did not start: {log.read_text()}")


def _ask(method: str, url: str, values: object = None) -> Any:
    data = None if method == "GET" else json.dumps(values or {}).encode()
    request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=_LIMIT_S) as response:
        return json.load(response)["value"]
