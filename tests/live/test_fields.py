"""What the chat knows stands in a real Request Tracker's custom fields, and a wrong name fails the check."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.live.conftest import Shop
from tests.live.request_tracker.server import RequestTrackerServer
from tests.process.programs import ChatProcess, DaemonProcess, until

pytestmark = pytest.mark.live

GOOD = "page -> Page; country -> Country; language -> Language"


def test_fields_are_filled_and_a_value_that_is_not_on_the_list_keeps_no_other_out(
    request_tracker: RequestTrackerServer, tmp_path: Path
) -> None:
    chat = ChatProcess(tmp_path, "http://127.0.0.1:9/", rate=600)
    settings = {**chat.bridge, **request_tracker.bridge, "BRIDGE_FIELDS": GOOD}
    with chat, DaemonProcess(tmp_path, settings) as daemon:
        chat.ask("POST", "/webhooks", urls=[daemon.hook])
        until(lambda: httpx.get(f"{daemon.url}/readyz").is_success)
        shop = Shop(chat, request_tracker, daemon)
        for visitor, language in (("greta", "de"), ("frida", "fr")):
            shop.meet(visitor, chatLanguage=language, country="Österreich")
            shop.says(visitor, "hello")
        told = {"Page": "https://shop.example.com/", "Country": "Österreich"}
        for visitor, more in (("greta", {"Language": "de"}), ("frida", {})):
            until(lambda visitor=visitor: "Language: " in shop.shown(visitor))  # type: ignore[misc]  # B023's default
            found = request_tracker.fields(shop.ticket(visitor))
            assert {name: value for name, value in found.items() if name != "ExternalId"} == {**told, **more}
        until(lambda: "did not take what the chat knows into Language" in shop.shown("frida"))
        assert "did not take" not in shop.shown("greta")


def test_a_field_that_the_queue_does_not_have_fails_the_check(
    request_tracker: RequestTrackerServer, tmp_path: Path
) -> None:
    with ChatProcess(tmp_path, "http://127.0.0.1:9/") as chat:
        settings = {**chat.bridge, **request_tracker.bridge}
        daemon = DaemonProcess(tmp_path, {**settings, "BRIDGE_FIELDS": f"{GOOD}; city -> Citty; os -> ExternalId"})
        wrong = daemon.command("check")
        assert wrong.returncode == 78
        for name in ("Citty", "ExternalId"):
            said = f"BRIDGE_FIELDS: the default queue has no field {name!r}: write one of Country, Language, Page\n"
            assert said in wrong.stdout
        routed = {"BRIDGE_FIELDS": GOOD, "BRIDGE_ROUTES": "language=de -> queue=Plain"}
        elsewhere = DaemonProcess(tmp_path, {**settings, **routed}).command("check")
        assert elsewhere.returncode == 78
        assert "BRIDGE_FIELDS: queue 'Plain' has no field 'Country': write one of none" in elsewhere.stdout
        good = DaemonProcess(tmp_path, {**settings, "BRIDGE_FIELDS": GOOD}).command("check")
        assert (good.returncode, "BRIDGE_FIELDS" in good.stdout) == (0, False)
