"""Every page, light and dark: nothing that keeps people from using it, and nobody's words as markup."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.browser import Browser
from tests.demo.axe import violations
from tests.demo.conftest import DemoProcess
from tests.process.programs import DaemonProcess
from tests.process.test_operations import put_aside

TOKEN = "a-token-for-these-tests"
SCHEMES = ("light", "dark")
HOSTILE = (
    "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>{{7*7777}}'\"> \u202ex"
)
DESK = "/bridges/shop/helpdesk/"


@pytest.fixture(scope="module")
def talked(demo: DemoProcess, browser: Browser) -> DemoProcess:
    """A demo in which a visitor has said hostile things."""
    browser.open(demo.url)
    browser.fill("#text", HOSTILE)
    browser.click("#say button")
    browser.wait("return document.querySelectorAll('#messages li').length === 1")
    return demo


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """A daemon with an admin token, and with something parked."""
    memory = {"BRIDGE_CHAT": "memory", "BRIDGE_HELPDESK": "memory", "SYNCD_ADMIN_TOKEN": TOKEN}
    with DaemonProcess(tmp_path_factory.mktemp("locked"), memory) as daemon:
        put_aside(daemon, "syncd-1", "default", "x'3c623e'")
        yield daemon


def look(browser: Browser, url: str) -> None:
    """Look at a page as people with different settings do."""
    browser.complaints()
    for scheme in SCHEMES:
        browser.prefer(scheme)
        browser.open(url, until="main")
        assert violations(browser) == []
        assert browser.run("return document.title") != "broken"
    assert browser.run("return document.documentElement.scrollWidth <= window.innerWidth")
    assert [line for line in browser.complaints() if "404" not in line] == []


@pytest.mark.parametrize(
    "path", ["/demo", "/", "/parked", "/trace", "/trace?id=ann", "/nowhere", "/bridges/shop/pause", DESK]
)
def test_a_page_of_the_demo_is_fit_for_everybody(browser: Browser, talked: DemoProcess, path: str) -> None:
    look(browser, talked.url.removesuffix("/demo") + path)


def test_a_ticket_is_fit_for_everybody_and_shows_hostile_words_as_they_are(
    browser: Browser, talked: DemoProcess
) -> None:
    browser.open(talked.url.removesuffix("/demo") + DESK)
    browser.wait("return document.querySelector(\"main a[href*='tickets/']\")")
    address = browser.run("return document.querySelector(\"main a[href*='tickets/']\").href")
    look(browser, address)
    assert browser.run("return document.querySelector('main').textContent").count("<img src=x onerror=") == 1


@pytest.mark.parametrize("path", ["/parked", "/parked/syncd-1", "/parked/syncd-1/drop", "/"])
def test_a_page_behind_the_login_is_fit_for_everybody(browser: Browser, locked: DaemonProcess, path: str) -> None:
    browser.open(f"{locked.url}/logout-is-not-needed")
    if "Log in" in browser.run("return document.title"):
        look(browser, f"{locked.url}/login")
        browser.log_in(f"{locked.url}/login", token=TOKEN)
    look(browser, locked.url + path)


def test_the_check_finds_what_is_wrong(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><html><title>x</title><main><img src='data:,'><input></main>")
    browser.open(page.as_uri())
    found = " ".join(violations(browser))
    assert "image-alt" in found
    assert "label" in found
    assert "html-has-lang" in found


def test_what_the_login_let_in_is_not_for_others(locked: DaemonProcess) -> None:
    assert httpx.get(f"{locked.url}/parked").status_code == 303
