"""The pages of the embedded helpdesk, as agents find them in a browser."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from connectors.desk import Desk
from connectors.desk.database import Database
from syncd.contract.deliveries import Upload
from syncd.contract.errors import UnavailableError
from syncd.contract.http import Http
from syncd.contract.model import CommentAdded, StatusClass, TicketStatusChanged
from syncd.testing.suite_ends import draft, new_key
from tests.connectors.desk_pages import MOUNT, URL, Office, text_of, texts

SCRIPT = Upload("C:\\temp\\run\n.html", "text/html", b"<script>alert(1)</script>")


async def test_a_reply_of_the_chosen_agent_is_on_the_page_told_once_and_the_agent_stays_chosen(office: Office) -> None:
    page = await office.pages.post(office.ticket, act="reply", agent="Ann Lee", text="On its\r\nway")
    assert texts(page, ".line.reply .text") == ["On its\nway"]
    assert texts(page, "option[selected]") == ["Ann Lee", "open"]
    [event] = await office.told()
    assert isinstance(event, CommentAdded)
    assert (event.comment.author.name, event.comment.author.email, event.comment.public) == ("Ann Lee", "", True)
    listed = await office.pages.see(page.css("header nav a")[0].attributes["href"] or "")
    back = await office.pages.see(listed.css(".tickets a")[0].attributes["href"] or "")
    assert texts(back, "option[selected]") == ["Ann Lee", "open"]


async def test_a_form_that_is_sent_twice_does_it_once_and_the_same_words_later_again(office: Office) -> None:
    await office.pages.ticket(office.ticket)
    for _ in range(2):
        await office.pages.send((), {"seen": "1", "act": "reply", "text": "Yes"})
    assert await office.replies() == ["Yes"]
    await office.pages.post(office.ticket, act="reply", text="Yes")
    assert await office.replies() == ["Yes", "Yes"]


async def test_nothing_is_said_that_has_no_words_and_by_nobody_who_is_not_configured(office: Office) -> None:
    await office.pages.post(office.ticket, act="reply", text=" \r\n ")
    await office.pages.post(office.ticket, act="shout", text="Hello")
    await office.pages.post(office.ticket, act="status", status="lost")
    assert await office.told() == ()
    page = await office.pages.post(office.ticket, act="note", agent="Eve", text="Hm")
    assert texts(page, ".line.note .by bdi") == ["Bo Berg"]


async def test_an_agents_file_is_a_download_for_visitors_only_of_a_public_reply(
    office: Office,
) -> None:
    await office.pages.post(office.ticket, SCRIPT, act="reply", text="See")
    await office.pages.post(office.ticket, SCRIPT, act="note", text="Hm")
    reply, note = (one.comment for one in await office.told() if isinstance(one, CommentAdded))
    [file] = reply.files
    assert (file.name, file.size, note.files[0].url) == ("run%0A.html", 25, "")
    path = file.url.removeprefix(f"{URL}/")
    assert path.startswith(office.desk.open_path)
    got = await office.pages.file(MOUNT + path)
    assert got == Upload("run%0A.html", "application/octet-stream", SCRIPT.content)
    assert (await office.pages.get(f"{MOUNT}{office.desk.open_path}1")).status_code == 404


async def test_a_status_of_an_agents_is_told_with_the_time_that_the_page_shows(office: Office) -> None:
    before = (await office.desk.read_status(office.ticket)).since
    page = await office.pages.post(office.ticket, act="status", status="pending")
    [event] = await office.told()
    assert isinstance(event, TicketStatusChanged)
    assert (event.ticket, event.status) == (office.ticket, StatusClass.PENDING)
    assert event.at > before
    assert page.css("aside time")[0].attributes["datetime"] == event.at.isoformat(timespec="milliseconds")[:-6] + "Z"


async def test_no_word_opens_a_visitors_file_or_a_notes(office: Office, tmp_path: Path) -> None:
    await office.pages.post(office.ticket, SCRIPT, act="note", text="Hm")
    await office.desk.upload_file(office.ticket, "lid.png", Upload("lid.png", "image/png", b"x"), key=new_key())
    with closing(sqlite3.connect(tmp_path / "desk.db")) as database:
        words = [word for (word,) in database.execute("SELECT word FROM file")]
    assert len(words) == 2
    for word in ("", "1", "lid.png", "%", *words):
        assert (await office.pages.get(f"{MOUNT}{office.desk.open_path}{word}")).status_code == 404


async def test_the_list_has_the_latest_first_by_status_and_in_pages(office: Office) -> None:
    tickets = [await office.open(replace(draft("Hi"), subject=f"Number {number}")) for number in range(30)]
    await office.desk.set_status(tickets[3], StatusClass.SOLVED)
    await office.desk.add_comment(tickets[5], "More", key=new_key())
    first = await office.pages.see(MOUNT)
    older = await office.pages.see(first.css(".pages a")[-1].attributes["href"] or "")
    shown = [*texts(first, ".subject"), *texts(older, ".subject")]
    assert len(texts(first, ".subject")) == 25
    assert [text_of(older, ".pages a"), len(older.css(".pages a"))] == ["Newer", 1]
    assert shown[:3] == ["Number 5", "Number 29", "Number 28"]
    assert len(set(shown)) == 31
    links = {link.text(): link.attributes["href"] or "" for link in first.css(".filter a")}
    assert texts(await office.pages.see(links["solved"]), ".subject") == ["Number 3"]
    assert texts(await office.pages.see(links["pending"]), "p.card") == ["No tickets here."]


@pytest.mark.parametrize("path", ["tickets/", "tickets/nothing", "files/7", "files/x", "nothing", "desk.html", "open"])
async def test_what_is_not_there_is_not_found(office: Office, path: str) -> None:
    assert (await office.pages.get(MOUNT + path)).status_code == 404
    assert (await office.pages.submit((), {"act": "status", "status": "solved"})).status_code == 404


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=x", "page=99999999999999999999", "status=lost", "agent=%00"]
)
async def test_a_query_that_nobody_links_to_is_no_failure(office: Office, query: str) -> None:
    assert (await office.pages.get(f"{MOUNT}?{query}")).status_code == 200


async def test_a_follow_up_leads_to_the_ticket_that_it_goes_on_with(office: Office) -> None:
    ticket = await office.open(replace(draft("And now?"), follows=office.ticket))
    link = (await office.pages.ticket(ticket)).css("dd a[href]")[-1]
    page = await office.pages.see(link.attributes["href"] or "")
    assert texts(page, ".line .text") == ["Where is my parcel?"]


async def test_bridges_that_share_a_file_show_the_same_tickets(office: Office, tmp_path: Path) -> None:
    other = Desk(Desk.Settings(database=tmp_path / "desk.db"), Http(httpx.AsyncClient()))
    await other.add_comment(office.ticket, "From the other bridge", key=new_key())
    assert texts(await office.pages.ticket(office.ticket), ".text")[1:] == ["From the other bridge"]
    assert await other.check() == await office.desk.check() == f"1 tickets in {tmp_path}/desk.db"


async def test_a_file_that_somebody_has_locked_has_certainly_taken_nothing(office: Office, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "desk.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableError, match="database is locked") as away:
            await office.desk.add_comment(office.ticket, "Hello", key=new_key())
    assert away.value.certain


async def test_a_commit_that_failed_is_in_doubt(office: Office, tmp_path: Path) -> None:
    def insert(db: sqlite3.Connection) -> None:
        db.execute("PRAGMA defer_foreign_keys = ON")
        new = "INSERT INTO comment (ticket, key, text, name, public, ours) VALUES ('nowhere', 'k', 'Hello', '', 1, 1)"
        db.execute(new)

    with pytest.raises(UnavailableError, match="FOREIGN KEY") as away:
        await Database(tmp_path / "desk.db").run(insert)
    assert not away.value.certain
    assert (await office.desk.check()).startswith("1 tickets")


async def test_a_file_that_is_no_database_is_an_outage_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "desk.db").write_text("something else " * 100)
    office = Office(tmp_path)
    with pytest.raises(UnavailableError, match=r"desk\.db: file is not a database"):
        await office.open(draft("Hi"))
    (tmp_path / "desk.db").unlink()
    assert await office.desk.check() == f"no tickets yet: {tmp_path}/desk.db is made with the first"
    assert await office.open(draft("Hi"))


@pytest.mark.parametrize(
    "settings",
    [{"agents": ""}, {"agents": "Bo, Bo"}, {"agents": "Bo <b@example.com>, Bo <c@example.com>"}],
)
def test_a_setting_that_makes_no_sense_is_refused(settings: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="write"):
        Desk.Settings.model_validate(settings)


def test_the_tickets_are_beside_the_daemons_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    assert Desk(Desk.Settings(), Http(httpx.AsyncClient())).account == str(tmp_path / "desk.db")
