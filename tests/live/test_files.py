"""Files of the chat on a real Request Tracker: the bytes, the name and the type arrive, once, whatever is killed."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from syncd.contract.deliveries import Upload
from tests.live.conftest import Shop, opened
from tests.live.request_tracker.server import RequestTrackerServer
from tests.process.programs import until

pytestmark = pytest.mark.live

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4000
NAME = "reçu שלום 日本 👩‍👩‍👧.png"


@pytest.fixture(scope="module")
def shop(request_tracker: RequestTrackerServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    chosen = {"BRIDGE_ATTACHMENT_HOSTS": "127.0.0.1", "BRIDGE_DOUBT_MINUTES": "0.02"}
    with opened(tmp_path_factory.mktemp("files"), request_tracker, **chosen) as made:
        yield made


def test_a_visitors_file_arrives_as_it_is_on_a_real_request_tracker(shop: Shop) -> None:
    shop.sends("anna", shop.keeps(PNG, "image/png"), NAME, len(PNG))
    until(lambda: shop.files("anna"))
    assert shop.files("anna") == [Upload(NAME, "image/png", PNG)]
    lines = shop.desk.comments(shop.ticket("anna"))
    assert f"{NAME}, 1.0 MB, from the chat" in lines[-1]
    opening = shop.desk.history(shop.ticket("anna"))[0].text
    assert f"[file: {NAME}, 1.0 MB] http://127.0.0.1" in opening


def test_a_text_and_twenty_megabytes_arrive_byte_for_byte(shop: Shop) -> None:
    text, large = "é\r\nü\n".encode("latin-1"), bytes(range(256)) * 80_000
    shop.sends("boris", shop.keeps(text, "text/plain"), "notes.txt", len(text))
    shop.sends("boris", shop.keeps(large, "application/zip"), "large.zip", len(large))
    until(lambda: len(shop.files("boris")) == 2)
    notes, archive = shop.files("boris")
    assert (notes.name, notes.content) == ("notes.txt", text)
    assert (archive.name, archive.kind, archive.content == large) == ("large.zip", "application/zip", True)


def test_a_file_that_is_gone_leaves_one_note_and_later_text_goes_on(shop: Shop) -> None:
    path = shop.keeps(PNG, "image/png")
    shop.chat.ask("DELETE", "/files", kept=path)
    shop.sends("chloe", path, "gone.png", len(PNG))
    shop.says("chloe", "did you get it?")
    told = "The file gone.png from the chat could not be attached to this ticket: it is not there any more"
    until(lambda: any(told in line for line in shop.desk.comments(shop.ticket("chloe"))))
    assert "did you get it?" in "".join(line.text for line in shop.desk.history(shop.ticket("chloe")))
    assert shop.files("chloe") == []


@pytest.mark.parametrize("milliseconds", [0, 20, 60, 150, 300])
def test_a_kill_between_fetching_and_answering_loses_and_doubles_nothing(shop: Shop, milliseconds: int) -> None:
    visitor, path = f"dora{milliseconds}", shop.keeps(PNG, "image/png")
    shop.says(visitor, "hello")
    shop.ticket(visitor)
    shop.sends(visitor, path, NAME, len(PNG))
    until(lambda: shop.fetches(path))
    time.sleep(milliseconds / 1000)
    shop.daemon.kill()
    shop.daemon.start()
    until(lambda: shop.is_quiet() and shop.files(visitor))
    assert shop.files(visitor) == [Upload(NAME, "image/png", PNG)]
