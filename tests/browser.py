"""Pictures of web pages, taken with Debian's Chromium: `with Browser() as one: one.open(url); one.picture(".bubble")`.

Selenium drives it over Debian's `chromium-driver`, which always fits the browser; nothing is fetched from elsewhere.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

PACKAGES = (
    *("chromium", "chromium-driver", "pngquant"),
    *("fonts-noto-core", "fonts-noto-color-emoji", "fonts-dejavu-core"),
)
"""Debian's: what takes pictures, and letters of all scripts."""
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--lang=en-US",
)
PATIENCE_SECONDS = 30.0

NOT_YET = (NoSuchElementException, StaleElementReferenceException)

AROUND = """
const boxes = [...document.querySelectorAll(arguments[0])].map(one => one.getBoundingClientRect())
    .filter(box => box.width && box.height);
if (!boxes.length) return null;
const left = Math.min(...boxes.map(box => box.left)), top = Math.min(...boxes.map(box => box.top));
return {
    x: left + scrollX, y: top + scrollY,
    width: Math.max(...boxes.map(box => box.right)) - left,
    height: Math.max(...boxes.map(box => box.bottom)) - top,
};
"""
IS_THERE = """
return document.readyState === "complete" && [...document.images].every(one => one.complete);
"""


class NoBrowserError(Exception):
    """This machine has no browser; the message says why."""


@cache
def install() -> None:
    """Install what is missing where this is Debian and we are root. Raises NoBrowserError that says what to install."""
    if shutil.which("dpkg-query") is None:
        raise NoBrowserError(f"pages are looked at on Debian only, with its packages {', '.join(PACKAGES)}")
    missing = [package for package in PACKAGES if not _is_installed(package)]
    if not missing:
        return
    if os.geteuid() != 0:
        raise NoBrowserError(f"these packages are missing, and only root can install them: {', '.join(missing)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wanted = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing]
    for command in (["apt-get", "update", "-q"], wanted):
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def _is_installed(package: str) -> bool:
    command = ["dpkg-query", "-W", "-f", "${db:Status-Status}", package]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout == "installed"


class Browser(AbstractContextManager["Browser"]):
    """A Chromium with an empty profile.

    Its window is `width` and `height` CSS pixels large, pictures have `scale` times as many. It is as high as any page
    should be: what one would have to scroll to is not drawn.
    """

    def __init__(self, width: int = 1100, height: int = 8000, scale: float = 1.5) -> None:
        self._height = height
        self._profile = tempfile.TemporaryDirectory(prefix="syncd-browser-")
        options = ChromeOptions()
        options.binary_location = str(shutil.which("chromium"))
        for flag in (*FLAGS, f"--user-data-dir={self._profile.name}"):
            options.add_argument(flag)
        self._driver = Chrome(options, Service(str(shutil.which("chromedriver"))))
        size = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False}
        self._driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def open(self, url: str, until: str = "body") -> None:
        """Open a page; wait until it, something that the selector `until` fits, and all images are there."""
        self._driver.get(url)
        self.wait(f"return document.querySelector({json.dumps(until)})")
        self.wait(IS_THERE)

    def log_in(self, url: str, **fields: str) -> None:
        """Fill the fields of a page's form by their names, and send it."""
        self.open(url)
        for name, value in fields.items():
            self._driver.find_element(By.NAME, name).send_keys(value)
        form = self._driver.find_element(By.NAME, next(iter(fields)))
        form.submit()
        self.wait(f"return !document.querySelector('[name={next(iter(fields))}]')")
        self.wait(IS_THERE)

    def run(self, script: str, *arguments: object) -> Any:
        """Run a script in the page; give what it returns, awaited where that is a promise."""
        wrapped = (
            f"const done = arguments[arguments.length - 1]; (async function () {{ {script} }}).apply(null, arguments)"
        )
        told = self._driver.execute_async_script(
            f"{wrapped}.then((told) => done([told]), (bad) => done(String(bad)))", *arguments
        )
        assert isinstance(told, list), told
        return told[0]

    def load(self, script: str) -> None:
        """Let a script of ours be in the page, whatever its policy says of the page's own."""
        self._driver.execute_script(script)

    def wait(self, script: str, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until a script returns something true."""
        WebDriverWait(self._driver, seconds, 0.05).until(lambda driver: driver.execute_script(script))

    def fill(self, selector: str, text: str) -> None:
        """Type into a field."""
        self._with(selector, lambda element: element.send_keys(text))

    def click(self, selector: str) -> None:
        """Click on what a selector fits first."""
        self._with(selector, lambda element: element.click())

    def _with(self, selector: str, do: Callable[[WebElement], None]) -> None:
        """Do something with an element; once more where the page was put anew between finding it and that."""
        wait = WebDriverWait(self._driver, PATIENCE_SECONDS, 0.05, NOT_YET)

        def done(driver: Chrome) -> bool:
            do(driver.find_element(By.CSS_SELECTOR, selector))
            return True

        wait.until(done)

    def enter_frame(self, selector: str) -> None:
        """Look into a frame from here on; `""` goes back to the page around it."""
        self._driver.switch_to.default_content()
        if selector:
            self._driver.switch_to.frame(self._driver.find_element(By.CSS_SELECTOR, selector))

    def complaints(self) -> list[str]:
        """Give what the browser had to say about the pages since the last call: refused scripts, errors."""
        return [entry["message"] for entry in self._driver.get_log("browser")]  # type: ignore[no-untyped-call]  # selenium's

    def prefer(self, scheme: str) -> None:
        """Be a browser whose user prefers `light` or `dark`."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self._driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def picture(self, selector: str, margin: int = 0) -> bytes:
        """Take the place of all that a CSS selector fits, as a PNG of few colours; `margin` in CSS pixels.

        Raises LookupError where it fits nothing.
        """
        box = self._box(selector)
        clip = {
            "x": max(0.0, box["x"] - margin),
            "y": max(0.0, box["y"] - margin),
            "width": box["width"] + 2 * margin,
            "height": box["height"] + 2 * margin,
            "scale": 1.0,
        }
        # A part of a page is drawn for certain only once the whole window was.
        self._driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "jpeg", "quality": 1})
        taken = self._driver.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip})
        return shrunk(base64.b64decode(taken["data"]))

    def _box(self, selector: str) -> dict[str, float]:
        box: dict[str, float] | None = self._driver.execute_script(AROUND, selector)
        if box is None or box["y"] + box["height"] > self._height:
            raise LookupError(f"nothing to see, or not within {self._height} pixels, at {selector}")
        return box

    def __exit__(self, *_: object) -> None:
        self._driver.quit()
        self._profile.cleanup()


def shrunk(png: bytes) -> bytes:
    """Give a PNG with at most 256 colours, a quarter of the size or less."""
    command = ["pngquant", "--strip", "--speed", "1", "-"]
    return subprocess.run(command, input=png, check=True, capture_output=True).stdout
