"""What people do on the demo's page, on both sides."""

from __future__ import annotations

import json
import time

from tests.browser import Browser


def says(browser: Browser, text: str) -> None:
    """Type as the visitor."""
    browser.enter_frame("")
    browser.fill("#text", text)
    browser.click("#say button")


def until_on_ticket(browser: Browser, text: str, seconds: float) -> float:
    """Wait until the agent's page shows a text; give the seconds."""
    began = time.monotonic()
    browser.enter_frame("#desk")
    browser.wait(f"return document.querySelector('main')?.textContent.includes({json.dumps(text)})", seconds)
    return time.monotonic() - began


def until_in_chat(browser: Browser, text: str, seconds: float) -> float:
    """Wait until the visitor's page shows a text of an agent; give the seconds."""
    began = time.monotonic()
    browser.enter_frame("")
    found = "[...document.querySelectorAll('#messages .agent')].some((one) => one.textContent.includes(%s))"
    browser.wait(f"return {found % json.dumps(text)}", seconds)
    return time.monotonic() - began


def writes(browser: Browser, text: str, act: str) -> None:
    """Answer as the agent: `reply`, or `note`."""
    browser.enter_frame("#desk")
    browser.fill("form.write textarea", text)
    browser.click(f"form.write button[value={act}]")


def open_ticket(browser: Browser) -> None:
    browser.enter_frame("#desk")
    browser.click("main a[href*='tickets/']")
    browser.wait("return document.querySelector('form.write textarea')")
