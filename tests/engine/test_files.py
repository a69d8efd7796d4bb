"""Visitors' files on their tickets, beside the lines that they came with: in their own time, once, or with a word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, select, update

from syncd.contract.errors import MissingTargetError, RejectedError, RetryableError
from syncd.contract.http import Http
from syncd.contract.model import Author, Comment, CommentAdded, CommentId, File, Role
from syncd.core.plan import Policy
from syncd.store.tables import lane, outbox

from .conftest import ANN, Shop, until
from .faulty_ends import TAG
from .file_host import PNG, FileHost, answer, file_host

BO = Author(Role.AGENT, "Bo", "bo@example.com")


@pytest.fixture
async def host() -> AsyncIterator[FileHost]:
    async with file_host() as made:
        made.gives("/file", answer(PNG, "Content-Type: image/png"))
        yield made


@pytest.fixture
async def shop(tmp_path: Path, host: FileHost) -> AsyncIterator[Shop]:
    async with httpx.AsyncClient() as client:
        made = Shop(tmp_path / "syncd.db", Http(client))
        made.policy = Policy(tag=TAG, uploads=True)
        made.trusted_hosts = frozenset({"127.0.0.1"})
        await made.start()
        yield made
        host.held.set()
        await made.stop()


def names(shop: Shop) -> list[str]:
    return [file.name for file in shop.helpdesk.tickets[shop.ticket].files] if shop.helpdesk.tickets else []


def sends(shop: Shop, host: FileHost, name: str, path: str = "/file", text: str = "") -> None:
    shop.chat.visitor_says(ANN, text, files=(File(name, host.url(path), len(PNG)),))


async def hurry(shop: Shop) -> None:
    """Let what waits for its next try go now."""

    def make_due(connection: Connection) -> None:
        connection.execute(update(lane).where(lane.c.due_at.is_not(None)).values(due_at=0))

    await shop.database.run(make_due)
    shop.daemon.wake(next(iter(shop.daemon.healths))[0], "files")


async def keeps_hurrying(shop: Shop) -> None:
    while True:
        await hurry(shop)
        await asyncio.sleep(0.02)


async def reasons(shop: Shop) -> list[str]:
    def read(connection: Connection) -> list[str]:
        found = connection.execute(select(outbox.c.reason).where(outbox.c.kind == "attach_file"))
        return [reason for (reason,) in found]

    return await shop.database.run(read)


async def test_a_file_is_on_the_ticket_as_it_is_and_its_line_beside_it(shop: Shop, host: FileHost) -> None:
    sends(shop, host, "receipt.png", text="here it is")
    await until(lambda: names(shop))
    [file] = shop.helpdesk.tickets[shop.ticket].files
    assert (file.name, file.kind, file.content) == ("receipt.png", "image/png", PNG)
    assert f"here it is\n[file: receipt.png, 10.2 kB] {host.url()}" in shop.shown()[0]
    assert "receipt.png, 10.2 kB, from the chat" in shop.notes()


async def test_later_text_overtakes_a_slow_file(shop: Shop, host: FileHost) -> None:
    host.held.clear()
    sends(shop, host, "slow.png")
    await until(lambda: host.asked)
    for number in range(5):
        shop.chat.visitor_says(ANN, f"line {number}")
    await until(lambda: "line 4" in "".join(shop.shown()))
    assert names(shop) == []
    host.held.set()
    await until(lambda: names(shop) == ["slow.png"])
    words = "".join(shop.shown())
    places = [words.index(word) for word in ["slow.png", *(f"line {number}" for number in range(5))]]
    assert places == sorted(places)


async def test_text_waits_for_no_file_that_fails_and_other_files_are_not_stuck_behind_it(
    shop: Shop, host: FileHost
) -> None:
    host.gives("/broken", answer(PNG)[:-1])
    sends(shop, host, "broken.png", "/broken")
    sends(shop, host, "good.png")
    shop.chat.visitor_says(ANN, "did you get it?")
    await until(lambda: "did you get it?" in "".join(shop.shown()))
    hurrying = asyncio.create_task(keeps_hurrying(shop))
    await until(lambda: names(shop) == ["good.png"])
    host.gives("/broken", answer(PNG))
    await until(lambda: names(shop) == ["good.png", "broken.png"])
    hurrying.cancel()


async def test_a_file_that_its_host_does_not_give_says_nothing_of_the_helpdesk(shop: Shop, host: FileHost) -> None:
    await shop.stop()
    shop.helpdesk.poll_seconds = 3600
    await shop.start()
    host.gives("/busy", answer(b"", status="503 Service Unavailable"))
    sends(shop, host, "late.png", "/busy")
    hurrying = asyncio.create_task(keeps_hurrying(shop))
    await until(lambda: len(host.asked) > 5)
    hurrying.cancel()
    assert [health.state for health in shop.daemon.healths.values()] == ["ok", "ok"]


@pytest.mark.parametrize("path", ["/gone", "/other"])
async def test_a_file_that_is_not_to_be_had_leaves_one_line_that_names_it(
    shop: Shop, host: FileHost, path: str
) -> None:
    host.gives("/other", answer(b"MZ" + PNG[2:]))
    sends(shop, host, "receipt.png", path)
    told = "The file receipt.png from the chat could not be attached to this ticket: it is "
    await until(lambda: any(note.startswith(told) for note in shop.notes()))
    await asyncio.sleep(0.2)
    assert len([note for note in shop.notes() if note.startswith(told)]) == 1
    assert ("attach_file", "parked") in await shop.states()
    assert "receipt.png" in shop.shown()[0]
    assert names(shop) == []


async def test_a_file_inside_is_refused_where_its_host_is_not_listed(shop: Shop, host: FileHost) -> None:
    sends(shop, host, "first.png")
    await until(lambda: names(shop))
    shop.chat.visitor_says(ANN, "", files=(File("inside.png", "http://127.0.0.2/file"),))
    await until(lambda: any("inside.png from the chat could not be" in note for note in shop.notes()))
    assert "its host is in a private network" in shop.notes()[-1]


async def test_a_file_is_given_up_after_a_day_with_one_line(shop: Shop, host: FileHost) -> None:
    host.gives("/busy", answer(b"", status="503 Service Unavailable"))
    sends(shop, host, "late.png", "/busy")
    await until(lambda: host.asked)

    def grow_old(connection: Connection) -> None:
        connection.execute(update(outbox).where(outbox.c.kind == "attach_file").values(created_at=1.0))

    while (await reasons(shop)) != ["its host answers 503"]:
        await asyncio.sleep(0.01)
    await shop.database.run(grow_old)
    await hurry(shop)
    await until(lambda: any("late.png" in note for note in shop.notes()))
    assert "given up after" in shop.notes()[-1]
    assert "its host answers 503" in shop.notes()[-1]
    await asyncio.sleep(0.2)
    assert len([note for note in shop.notes() if "late.png" in note]) == 1


async def test_an_upload_that_was_cut_off_after_its_effect_is_found_and_not_repeated(
    shop: Shop, host: FileHost
) -> None:
    shop.helpdesk.faults_of_files.after.append(RetryableError("reset", certain=False))
    sends(shop, host, "once.png")
    await until(lambda: names(shop))
    hurrying = asyncio.create_task(keeps_hurrying(shop))
    while ("attach_file", "sent") not in await shop.states():
        await asyncio.sleep(0.02)
    hurrying.cancel()
    assert names(shop) == ["once.png"]
    assert len(shop.helpdesk.faults_of_files.calls) == 1


async def test_a_kill_between_fetching_and_uploading_loses_and_doubles_nothing(shop: Shop, host: FileHost) -> None:
    shop.chat.visitor_says(ANN, "hello")
    await until(shop.shown)
    shop.helpdesk.faults_of_files.held.add(shop.ticket)
    sends(shop, host, "once.png")
    await until(lambda: shop.helpdesk.faults_of_files.calls)
    await shop.kill()
    shop.helpdesk.faults_of_files.held.clear()
    await shop.start()
    hurrying = asyncio.create_task(keeps_hurrying(shop))
    await until(lambda: names(shop))
    await asyncio.sleep(0.2)
    hurrying.cancel()
    assert names(shop) == ["once.png"]
    assert host.asked == ["/file", "/file"]


async def test_a_file_follows_its_conversation_to_the_ticket_that_takes_the_place_of_a_vanished_one(
    shop: Shop, host: FileHost
) -> None:
    shop.chat.visitor_says(ANN, "hello")
    await until(shop.shown)
    shop.helpdesk.delete_ticket(shop.ticket)
    sends(shop, host, "after.png")
    hurrying = asyncio.create_task(keeps_hurrying(shop))
    await until(lambda: names(shop) == ["after.png"])
    hurrying.cancel()
    assert "after.png" in shop.shown()[0]


async def test_a_vanished_ticket_is_not_replaced_for_a_file_alone(shop: Shop, host: FileHost) -> None:
    sends(shop, host, "first.png")
    await until(lambda: names(shop))
    shop.helpdesk.faults_of_files.before.append(MissingTargetError("gone"))
    sends(shop, host, "second.png")
    while "gone" not in await reasons(shop):
        await asyncio.sleep(0.01)
    await hurry(shop)
    await until(lambda: names(shop) == ["first.png", "second.png"])
    assert len(shop.helpdesk.tickets) == 1


async def test_what_the_helpdesk_refuses_is_parked_with_one_line(shop: Shop, host: FileHost) -> None:
    shop.helpdesk.faults_of_files.before.append(RejectedError("POST answered 422"))
    sends(shop, host, "odd.png")
    await until(lambda: any("odd.png" in note and "POST answered 422" in note for note in shop.notes()))


async def test_an_agents_files_are_names_in_the_chat_and_one_note_says_so(shop: Shop) -> None:
    shop.chat.visitor_says(ANN, "hello")
    await until(shop.shown)
    files = (
        File("contract.pdf", size=9),
        File("price list.pdf", "http://10.0.0.5/p.pdf"),
        File("open.pdf", "https://files.example.com/o.pdf"),
    )
    comment = Comment(CommentId("c9"), BO, "See these", shop.helpdesk.world.happens(None), public=True, files=files)
    shop.helpdesk.world.events.append(CommentAdded(shop.ticket, comment))
    await until(lambda: shop.heard() and len(shop.notes()) == 2)
    shown = "[file: contract.pdf, 9 Bytes]\n[file: price list.pdf]\n[file: open.pdf] https://files.example.com/o.pdf"
    assert shop.heard() == [f"See these\n{shown}"]
    assert "did not get contract.pdf, price list.pdf in the chat" in shop.notes()[1]
