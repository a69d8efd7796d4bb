"""Who a ticket is from: Chatra's stand-in, a real Request Tracker, and what `BRIDGE_IDENTITY` makes of an e-mail."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.live.conftest import Shop
from tests.live.request_tracker.server import RequestTrackerServer
from tests.process.programs import ChatProcess, DaemonProcess, until

pytestmark = pytest.mark.live


class Desk(Shop):
    """A shop that tells who its tickets are from."""

    def tells(self, visitor: str, **facts: str) -> None:
        """Let a visitor fill in the form of the chat."""
        self.chat.ask("PUT", f"/visitors/{visitor}", facts={"basicInfo": facts})

    def claims(self, visitor: str, email: str) -> None:
        """Let the website's code, which anybody can change, give an e-mail."""
        self.chat.ask("PUT", f"/visitors/{visitor}", facts={"integrationData": {"email": email}})

    def asking(self, ticket: str) -> list[str]:
        """Give everybody who asks in a ticket: for a moment the former and the new one do."""
        return [str(person["EmailAddress"]) for person in self.desk.requesters(ticket)]

    def requester(self, ticket: str) -> str:
        (email,) = self.asking(ticket)
        return email

    def tickets(self, visitor: str) -> list[str]:
        query = "SELECT link_ticket.ticket FROM link_ticket JOIN link ON link_id = id WHERE conversation = ?"
        return sorted((str(row[0]) for row in self.daemon.rows(query, visitor)), key=int)

    def added(self, ticket: str) -> int:
        """Count how often somebody was made a requester after the ticket was opened."""
        return len([line for line in self.desk.history(ticket) if line.type == "AddWatcher"])

    def settles(self) -> None:
        """Wait until nothing that came in is under way."""
        self.chat.ask("POST", "/webhooks/settled")
        query = "SELECT 1 FROM outbox WHERE state IN ('waiting', 'sending', 'in_doubt')"
        until(lambda: not self.daemon.rows("SELECT 1 FROM inbox WHERE state = 'new'") and not self.daemon.rows(query))


@contextmanager
def between(request_tracker: RequestTrackerServer, folder: Path, **chosen: str) -> Iterator[Desk]:
    chat = ChatProcess(folder, "http://127.0.0.1:9/", rate=600)
    settings = {**chat.bridge, **request_tracker.bridge, "BRIDGE_DOUBT_MINUTES": "0.02", **chosen}
    with chat, DaemonProcess(folder, settings) as daemon:
        chat.ask("POST", "/webhooks", urls=[daemon.hook])
        until(lambda: httpx.get(f"{daemon.url}/readyz").is_success)
        yield Desk(chat, request_tracker, daemon)


@pytest.fixture(scope="module")
def trusting(request_tracker: RequestTrackerServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with between(request_tracker, tmp_path_factory.mktemp("trusting")) as desk:
        yield desk


@pytest.fixture(scope="module")
def strict(request_tracker: RequestTrackerServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with between(request_tracker, tmp_path_factory.mktemp("strict"), BRIDGE_IDENTITY="strict") as desk:
        yield desk


def new_address() -> str:
    return f"{uuid4().hex[:12]}@example.org"


def a_customer(desk: Desk) -> str:
    """Make a customer who has a ticket already; give the address."""
    email = new_address()
    desk.desk.mail_in(email, "my invoices", "secret matters")
    return email


def test_the_same_visitor_with_another_e_mail_stays_one_ticket(trusting: Desk) -> None:
    first, second = new_address(), new_address()
    trusting.meet("ida", basicInfo={"name": "Ida", "email": first})
    trusting.says("ida", "one")
    ticket = trusting.ticket("ida")
    assert trusting.requester(ticket) == first
    trusting.tells("ida", name="Ida", email=second)
    for text in ("two", "three"):
        trusting.says("ida", text)
    until(lambda: trusting.asking(ticket) == [second] and "three" in trusting.shown("ida"))
    trusting.settles()
    assert trusting.tickets("ida") == [ticket]
    assert all(text in trusting.shown("ida") for text in ("one", "two"))


def test_two_visitors_of_whom_nothing_is_known_are_two_requesters(trusting: Desk) -> None:
    for visitor in ("noa", "nob"):
        trusting.meet(visitor)
        trusting.says(visitor, "hello")
    requesters = [trusting.requester(trusting.ticket(visitor)) for visitor in ("noa", "nob")]
    assert requesters == ["visitor-noa@chat.invalid", "visitor-nob@chat.invalid"]


def test_an_e_mail_given_while_they_chat_changes_the_requester_once_and_nobody_is_mailed(trusting: Desk) -> None:
    trusting.meet("lia")
    trusting.says("lia", "hello")
    ticket, email = trusting.ticket("lia"), new_address()
    trusting.tells("lia", name="Lia", email=email)
    for number in range(4):
        trusting.says("lia", f"line {number}")
    until(lambda: "line 3" in trusting.shown("lia") and trusting.asking(ticket) == [email])
    trusting.settles()
    (person,) = trusting.desk.requesters(ticket)
    assert person["RealName"] == "Lia"
    assert trusting.added(ticket) == 1
    trusting.desk.reply(ticket, "here you are")
    until(lambda: trusting.replies("lia") == ["here you are"])
    trusting.desk.change(ticket, Status="resolved")
    assert trusting.desk.mails_to(email) == []
    assert email not in trusting.daemon.log.read_text()


def test_whom_an_agent_chose_is_not_overwritten(trusting: Desk) -> None:
    trusting.meet("ben")
    trusting.says("ben", "hello")
    ticket, chosen = trusting.ticket("ben"), new_address()
    trusting.desk.change(ticket, Requestor=chosen)
    for email in (new_address(), new_address()):
        trusting.tells("ben", name="Ben", email=email)
        trusting.says("ben", f"I am {email}")
        trusting.settles()
    assert trusting.shown("ben").count("I am ") == 2
    assert trusting.requester(ticket) == chosen


def test_a_kill_around_the_change_loses_and_doubles_nothing(trusting: Desk) -> None:
    for kill, wait in enumerate((0.3, 0.9)):
        visitor, email = f"kay{kill}", new_address()
        trusting.meet(visitor)
        trusting.says(visitor, "hello")
        ticket = trusting.ticket(visitor)
        trusting.settles()
        trusting.tells(visitor, email=email)
        trusting.says(visitor, "it is me")
        until(
            lambda: trusting.daemon.rows("SELECT 1 FROM outbox WHERE kind = 'update_requester' AND state = 'sending'")
        )
        time.sleep(wait)
        trusting.daemon.kill()
        trusting.daemon.start()
        trusting.settles()
        assert trusting.requester(ticket) == email
        assert trusting.added(ticket) == 1
        assert trusting.shown(visitor).count("it is me") == 1


def test_strict_keeps_a_claimed_e_mail_from_the_customer_who_has_it(strict: Desk) -> None:
    email = a_customer(strict)
    strict.meet("eve", basicInfo={"name": "Eve"})
    strict.claims("eve", email)
    strict.says("eve", "send me the invoices")
    ticket = strict.ticket("eve")
    until(lambda: f"E-mail (unverified): {email}" in strict.shown("eve"))
    assert "Tags: unverified" in strict.shown("eve")
    assert strict.requester(ticket) == "visitor-eve@chat.invalid"
    # Request Tracker's times are whole seconds: an agent who is as fast as that has not seen the line.
    time.sleep(1.1)
    strict.desk.change(ticket, Status="rejected")
    until(lambda: strict.daemon.rows("SELECT 1 FROM talk JOIN link ON link_id = id WHERE status = 'closed'"))
    strict.says("eve", "another matter")
    until(lambda: len(strict.tickets("eve")) == 2 and "another matter" in strict.shown("eve"))
    until(lambda: "Tags: unverified" in strict.shown("eve"))
    follow_up = strict.tickets("eve")[1]
    assert strict.requester(follow_up) == "visitor-eve@chat.invalid"
    strict.desk.change(follow_up, Requestor=email)
    strict.says("eve", "thank you for looking")
    until(lambda: "thank you for looking" in strict.shown("eve"))
    strict.settles()
    assert strict.requester(follow_up) == email


def test_strict_shows_an_e_mail_that_comes_later_and_changes_nobody(strict: Desk) -> None:
    email = a_customer(strict)
    strict.meet("max")
    strict.says("max", "hello")
    strict.tells("max", name="Max", email=email)
    for text in ("it is me", "really"):
        strict.says("max", text)
    until(lambda: "really" in strict.shown("max") and email in strict.shown("max"))
    strict.settles()
    assert strict.requester(strict.ticket("max")) == "visitor-max@chat.invalid"
    assert strict.shown("max").count("Nobody has verified it") == 1
