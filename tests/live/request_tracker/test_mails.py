"""The connector reads what agents and visitors mail to a real Request Tracker, and who of them is which."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage
from uuid import uuid4

import pytest

from connectors.request_tracker import RequestTracker
from syncd.contract.model import Cursor, File, Role
from tests.live.request_tracker.drafts import a_ticket, from_now, replies
from tests.live.request_tracker.server import RequestTrackerServer

pytestmark = pytest.mark.live


def a_part(content: str | bytes, kind: str = "plain", name: str | None = None) -> EmailMessage:
    part = EmailMessage(policy=policy.SMTP)
    if isinstance(content, str):
        part.set_content(content, kind)
    else:
        part.set_content(content, "image", kind, disposition="inline", filename=name)
    return part


def a_mail(ticket: str, *parts: EmailMessage, kind: str = "mixed", sender: str = "agent1@rt.test") -> EmailMessage:
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, "support@rt.test", f"Re: [rt.test #{ticket}] Chat"
    mail["Message-ID"] = f"<{uuid4().hex}@example.org>"
    mail["MIME-Version"] = "1.0"
    mail.add_header("Content-Type", f"multipart/{kind}")
    mail.set_payload(list(parts))
    return mail


def a_group(kind: str, *parts: EmailMessage) -> EmailMessage:
    group = EmailMessage(policy=policy.SMTP)
    group.add_header("Content-Type", f"multipart/{kind}")
    group.set_payload(list(parts))
    return group


async def said(connector: RequestTracker, start: Cursor, ticket: str) -> list[tuple[str, Role]]:
    """Give what was said and by whom."""
    return [(one.comment.text.strip(), one.comment.author.role) for one in await replies(connector, start, ticket)]


async def test_a_mail_is_read_whole(
    connector: RequestTracker, request_tracker: RequestTrackerServer, asked: list[str]
) -> None:
    ticket = await a_ticket(connector)
    start = await from_now(connector)
    picture = a_part(b"PNG", "png", "a.png")
    inner = EmailMessage(policy=policy.SMTP)
    inner["Subject"] = "between agents"
    inner.set_content("private words")
    attached = EmailMessage(policy=policy.SMTP)
    attached.set_content(inner)
    rich = a_group("mixed", a_part("<p>See</p>", "html"), picture, a_part("<p>rich</p>", "html"))
    for mail in (
        a_mail(ticket, a_part("See the picture:\n"), picture, a_part("Press the red button.\n")),
        a_mail(ticket, a_part("plain\n"), rich, kind="alternative"),
        a_mail(ticket, a_part(" \n"), rich, kind="alternative"),
        a_mail(ticket, a_part("Look below.\n"), attached),
    ):
        request_tracker.take_in(mail)
    asked.clear()
    comments = [one.comment for one in await replies(connector, start, ticket)]
    assert [(one.text, one.html, one.files) for one in comments] == [
        ("See the picture:\nPress the red button.\n", False, (File("a.png", size=3),)),
        ("plain\n", False, (File("a.png", size=3),)),
        ("<p>See</p>\n<p>rich</p>\n", True, (File("a.png", size=3),)),
        ("Look below.\n", False, ()),
    ]
    assert asked.count("GET /REST/2.0/attachments") == 4


class TestWhoSpeaks:
    async def test_an_agent_whose_address_a_visitor_gave(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer, asked: list[str]
    ) -> None:
        ticket = await a_ticket(connector, email="agent2@rt.test")
        start = await from_now(connector)
        claims_to_be_the_web = a_mail(ticket, a_part("mailed"), sender="agent2@rt.test")
        claims_to_be_the_web["X-RT-Interface"] = "Web"
        request_tracker.reply(ticket, "in RT", by="agent2", files={"a.pdf": b"1"})
        request_tracker.take_in(claims_to_be_the_web)
        request_tracker.mail_in("agent1@rt.test", f"[rt.test #{ticket}]", "of another")
        asked.clear()
        assert await said(connector, start, ticket) == [
            ("in RT", Role.AGENT),
            ("mailed", Role.OTHER),
            ("of another", Role.AGENT),
        ]
        assert asked.count("GET /REST/2.0/attachments") == 3
        request_tracker.change(ticket, Owner="agent2", by="admin")
        assert await said(connector, start, ticket) == [
            ("in RT", Role.AGENT),
            ("mailed", Role.AGENT),
            ("of another", Role.AGENT),
        ]

    @pytest.mark.parametrize("login", ["dom/bo", "bo@rt.test", "12", "b o?x=1#%2F", "Zoë"])
    async def test_an_agent_with_an_odd_login(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer, login: str
    ) -> None:
        ticket = await a_ticket(connector)
        start = await from_now(connector)
        address = request_tracker.hire(login)
        request_tracker.mail_in(address, f"[rt.test #{ticket}]", "hello")
        [event] = await replies(connector, start, ticket)
        assert (event.comment.author.role, event.comment.author.email) == (Role.AGENT, address)
