"""The desk's pages with any words in every place: these are shown as words, and change nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, urljoin

import httpx
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from connectors.desk import Desk
from syncd.contract.deliveries import Upload
from syncd.contract.http import Http
from syncd.contract.model import TicketId, Visitor
from syncd.core.text import SHIPPED
from syncd.testing.suite_ends import draft, new_key
from tests.connectors.desk_pages import MOUNT, DeskPages
from tests.connectors.hostile import ADDRESSES, HOSTILE, contexts, words
from tests.markup import Page, held, must_be_words_only, shown

LINKS = st.sampled_from(
    ["https://shop.example/?a=1&b='\"><x>", "mailto:ann@example.com", "www.shop.example", "http://[::1", "data:,x"]
)
drawn = words | LINKS | st.sampled_from(ADDRESSES)
agents = drawn.map(lambda name: name.translate(str.maketrans(",<\0", "   ")).strip()).filter(bool)


@dataclass(frozen=True)
class Words:
    """What stands on a ticket, and in its list."""

    subject: str = "word"
    former: str = "word"
    name: str = "word"
    email: str = "word"
    phone: str = "word"
    id: str = "word"
    line: str = "word"
    facts: str = "word"
    reply: str = "word"
    file: str = "word"
    agent: str = "word"

    def plain(self) -> Words:
        """Give the same with a harmless word wherever there is one."""
        return Words(**{field.name: "word" if getattr(self, field.name) else "" for field in fields(self)})


def everywhere(word: str) -> Words:
    """Put a word into every place but the agent's name, which ops choose."""
    return replace(Words(*[word] * 11), agent="Bo")


@dataclass(frozen=True)
class Seen:
    """What a browser got."""

    list: Page
    ticket: Page


async def looked_at(folder: Path, said: Words) -> Seen:
    """Let everybody say it, and look at the pages."""
    desk = Desk(Desk.Settings(database=folder / "desk.db", agents=said.agent), Http(httpx.AsyncClient()))
    pages = DeskPages(desk)
    visitor = Visitor(said.id, said.name, said.email, said.phone)
    former = await desk.open_ticket(replace(draft("x"), subject=said.former), key=new_key())
    wanted = replace(draft(said.line), subject=said.subject, requester=visitor, follows=former.ticket)
    ticket = (await desk.open_ticket(wanted, key=new_key())).ticket
    assert ticket
    await desk.add_note(ticket, said.facts, key=new_key())
    await desk.upload_file(ticket, "a file", Upload(said.file, "text/html", b"<script>"), key=new_key())
    await act(pages, ticket, said)
    await look_aside(pages, said)
    got = [await pages.get(f"{MOUNT}tickets/{ticket}"), await pages.get(MOUNT)]
    ticket_page, list_page = (Page(answer.text) for answer in got)
    assert (await pages.file(urljoin(f"{MOUNT}tickets/", ticket_page.values(".file a", "href")[0]))).name == said.file
    return Seen(list_page, ticket_page)


async def act(pages: DeskPages, ticket: TicketId, said: Words) -> None:
    """Answer as an agent, and see that one is led back to the ticket."""
    await pages.get(f"{MOUNT}tickets/{ticket}?agent={quote(said.agent)}")
    answer = await pages.submit((), {"agent": said.agent, "act": "reply", "text": said.reply})
    assert answer.status_code == 303
    assert urljoin(pages.at, answer.headers["location"]).startswith(f"{MOUNT}tickets/{ticket}?agent=")


async def look_aside(pages: DeskPages, said: Words) -> None:
    """Ask for what is not there under a name of somebody's."""
    for start in ("tickets/", "files/", "open/", "no-such-page/", f"?status={quote(said.name, safe='')}&agent="):
        answer = await pages.get(f"{MOUNT}{start}{quote(said.subject, safe='')}")
        if "html" in answer.headers.get("content-type", ""):
            assert Page(answer.text).scripts == [("/static/pages.js", "")]


def both(said: Words) -> tuple[Seen, Seen]:
    """Look at the pages with the words, and with harmless ones."""
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        return asyncio.run(_both(lambda: looked_at(Path(one), said), lambda: looked_at(Path(other), said.plain())))


async def _both(one: Callable[[], Awaitable[Seen]], other: Callable[[], Awaitable[Seen]]) -> tuple[Seen, Seen]:
    return await one(), await other()


# To make a failing example smaller takes minutes, and says little more.
@settings(deadline=None, max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@example(said=everywhere("javascript:alert(1)"), facts=None)
@example(said=everywhere(HOSTILE[0]), facts=None)
@example(said=everywhere(" \t a\r\n\r\nb  c \0\xa0"), facts=None)
@given(
    said=st.builds(
        Words,
        subject=drawn,
        former=drawn.filter(bool),
        name=drawn,
        email=drawn,
        phone=drawn,
        id=drawn.filter(bool),
        line=drawn.filter(bool),
        reply=drawn.filter(lambda text: bool(text.strip())),
        file=drawn.filter(bool),
        agent=agents,
    ),
    facts=contexts.map(SHIPPED.context),
)
def test_any_words_stay_words_on_the_list_and_on_a_ticket(said: Words, facts: str | None) -> None:
    said = replace(said, facts=facts or said.line)
    seen, plain = both(said)
    must_be_words_only(seen.list, plain.list)
    must_be_words_only(seen.ticket, plain.ticket)
    ticket = seen.ticket
    assert ticket.words("h1 bdi") == [shown(said.subject)]
    assert ticket.words("title") == [f"#2 {held(said.subject)} · syncd"]
    reply = said.reply.replace("\r\n", "\n").strip()
    assert ticket.words(".line .text") == [shown(text) for text in (said.line, said.facts, "a file", reply)]
    assert ticket.words(".line.reply .by bdi") == [shown(said.agent)]
    assert ticket.words(".file a") == [shown(said.file)]
    facts_shown = [shown(text) for text in (said.name, said.email, said.phone, said.id) if text]
    assert ticket.words("dd > bdi") == facts_shown
    assert ticket.words("dd > a bdi") == [shown(said.former)]
    assert ticket.words("option[selected]")[0] == shown(said.agent)
    assert ticket.values("input[name=agent]", "value") == [held(said.agent)]
    assert seen.list.words(".subject bdi") == [shown(said.subject), shown(said.former)]
    assert seen.list.words(".tickets .faint bdi")[0] == shown(said.name or said.email or "a visitor")
    last = seen.list.words(".last bdi")[0]
    assert shown(reply).startswith(last.removesuffix("..."))
