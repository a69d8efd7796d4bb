"""The connector writes to a real Request Tracker: tickets, comments, notes, and finding them again."""

from __future__ import annotations

from uuid import uuid4

import pytest

from connectors.request_tracker import RequestTracker
from connectors.request_tracker.writing import write_address
from syncd.contract.errors import AuthError, MissingTargetError, RejectedError
from syncd.contract.model import DeliveryKey, Receipt, TicketId, Visitor
from tests.live.request_tracker.drafts import Connect, a_draft, a_ticket, new_key, ticket_of
from tests.live.request_tracker.server import RequestTrackerServer

pytestmark = pytest.mark.live


class TestOpensTickets:
    async def test_a_visitor_without_address_is_a_named_requester(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer, asked: list[str]
    ) -> None:
        key = new_key()
        receipt = await connector.open_ticket(
            a_draft("Chat 😀\nwith Jane", text="مرحبا", id="v-1", name="Jane 😀"), key=key
        )
        ticket = ticket_of(receipt)
        assert asked == ["POST /REST/2.0/ticket"]
        shown = request_tracker.ticket(ticket)
        assert shown["Subject"] == "Chat 😀 with Jane"
        assert {one["name"]: one["values"] for one in shown["CustomFields"]}["ExternalId"] == [key]
        [requester] = request_tracker.requesters(ticket)
        assert (requester["RealName"], requester["EmailAddress"]) == ("Jane 😀", "visitor-v-1@chat.invalid")
        assert request_tracker.history(ticket)[0].text == "مرحبا"

    async def test_the_requester_is_never_mailed(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer
    ) -> None:
        told, untold = f"told-{uuid4().hex}@example.org", f"Untold-{uuid4().hex}@Example.ORG"
        body = {"Queue": "Support", "Subject": "by hand", "Requestor": told}
        by_hand = request_tracker.ask("POST", "ticket", body, by="agent1").json()["id"]
        ticket = await a_ticket(connector, email=untold)
        await connector.add_comment(ticket, "Jane: hello", key=new_key())
        await connector.add_note(ticket, "a note", key=new_key())
        for one in (by_hand, ticket):
            request_tracker.reply(one, "an answer")
            request_tracker.change(one, Status="resolved")
        assert len(request_tracker.mails_to(told)) == 3
        assert request_tracker.mails_to(untold) == []
        [requester] = request_tracker.requesters(ticket)
        assert (requester["RealName"], requester["EmailAddress"]) == ("Jane Doe", untold)

    async def test_nobody_is_merged_and_nobody_doubled(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer
    ) -> None:
        some = uuid4().hex
        ids = [f"{some}ab", f"{some}AB", f"{some}aB", f"{some}/ab", f"{some}ab"]
        logins = []
        for one in ids:
            ticket = await a_ticket(connector, id=one)
            logins += [person["Name"].lower() for person in request_tracker.requesters(ticket)]
        assert len(logins) == len(ids)
        assert logins[0] == logins[-1]
        assert len(set(logins)) == len(set(ids))

    @pytest.mark.parametrize(
        ("name", "kept"),
        [
            ('Jane" <evil@example.org>, "', "Jane evil@example.org ,"),
            ("Zoë (x), group: a;\r\nBcc: evil@example.org", "Zoë (x), group: a; Bcc: evil@example.org"),
            ("0", "0"),
            ("", "Visitor"),
            ("\u202eعلي 😀\x00" + "n" * 200, "علي 😀\ufffd" + "n" * 94),
        ],
    )
    async def test_whatever_the_name_is_there_is_one_requester(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer, name: str, kept: str
    ) -> None:
        address = f"{uuid4().hex}@example.org"
        ticket = await a_ticket(connector, name=name, email=address)
        [requester] = request_tracker.requesters(ticket)
        assert (requester["RealName"], requester["EmailAddress"]) == (kept, address)

    @pytest.mark.parametrize(
        "email",
        [
            "a@b.example>, evil@example.org, <x",
            "a@b.example\nBcc: evil@example.org",
            "a@b.example, evil@example.org",
            "jane",
            "jane@localhost",
            "jane@-b.example",
            "j" * 65 + "@b.example",
            "j@" + "b." * 60 + "example",
            "visitor-v2@chat.invalid",
            '"j d"@b.example',
            "jäne@b.example",
        ],
    )
    def test_an_unusable_address_is_no_address(self, email: str) -> None:
        assert write_address(Visitor("v1", email=email), "chat.invalid") == "visitor-v1@chat.invalid"

    async def test_a_wrong_queue(self, connect: Connect) -> None:
        with pytest.raises(RejectedError, match="queue 'Nowhere'"):
            await connect().open_ticket(a_draft(queue="Nowhere"), key=new_key())
        with pytest.raises(AuthError, match="queue 'Closed'"):
            await connect(queue="Closed").open_ticket(a_draft(), key=new_key())


class TestComments:
    async def test_texts_arrive_as_they_are(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer
    ) -> None:
        texts = [
            "  two spaces before\n\n\nblank lines, two behind  ",
            "From: x\nStatus: resolved\n\n.\n--\nend\n",
            "Status: resolved",
            "😀 \u202eسلم\u202c עברית e\u0301 \u2028 \U0010fffd",
            "<b>not bold</b> &amp; \\n %s \x1b[1m \x01 \x7f \t \x0c tab",
            "0\n",
            "word " * 20_000,
        ]
        ticket = await a_ticket(connector)
        receipts = [await connector.add_comment(ticket, text, key=new_key()) for text in texts]
        lines = [line for line in request_tracker.history(ticket) if line.type == "Comment"]
        assert [line.text for line in lines] == texts
        assert [Receipt(id=line.id, ticket=ticket) for line in lines] == receipts
        assert {line.creator for line in lines} == {"syncd"}
        assert request_tracker.ticket(ticket)["Status"] == "new"

    async def test_what_would_be_destroyed_is_replaced(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer
    ) -> None:
        ticket = await a_ticket(connector)
        for text in ("a\0b\ud800c\ufffe\U0001ffffd", "0", "a\r\nb\rc"):
            await connector.add_comment(ticket, text, key=new_key())
        assert request_tracker.comments(ticket) == ["a\ufffdb\ufffdc\ufffd\ufffdd", "0\n", "a\nb\rc"]

    @pytest.mark.parametrize("text", ["", " \n\t"])
    async def test_a_blank_one_is_never_sent(self, connector: RequestTracker, asked: list[str], text: str) -> None:
        with pytest.raises(RejectedError, match="blank"):
            await connector.add_comment(TicketId("1"), text, key=new_key())
        with pytest.raises(RejectedError, match="blank"):
            await connector.add_note(TicketId("1"), text, key=new_key())
        assert asked == []

    @pytest.mark.parametrize("ticket", ["999999", "no-number", "1/2"])
    async def test_a_missing_ticket(self, connector: RequestTracker, ticket: str) -> None:
        with pytest.raises(MissingTargetError):
            await connector.add_comment(TicketId(ticket), "hello", key=new_key())

    @pytest.mark.parametrize(("queue", "right"), [("General", "ShowTicket"), ("Closed", "CommentOnTicket")])
    async def test_a_ticket_moved_out_of_reach_is_not_missing(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer, queue: str, right: str
    ) -> None:
        ticket = await a_ticket(connector)
        request_tracker.change(ticket, Queue=queue)
        with pytest.raises(RejectedError, match=right) as refused:
            await connector.add_comment(ticket, "hello", key=new_key())
        assert not isinstance(refused.value, MissingTargetError)

    async def test_a_merged_ticket_is_followed(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer
    ) -> None:
        loser = await a_ticket(connector)
        winner = await a_ticket(connector)
        before, after = new_key(), new_key()
        first = await connector.add_comment(loser, "before", key=before)
        request_tracker.change(loser, MergeInto=winner)
        second = await connector.add_comment(loser, "after", key=after)
        assert request_tracker.comments(winner) == ["before", "after"]
        assert await connector.find_delivery(before, loser) == first
        assert await connector.find_delivery(after, loser) == second


class TestFindsDeliveries:
    @pytest.mark.parametrize("queue", ["Support", "Plain"])
    async def test_with_and_without_fields(self, connect: Connect, queue: str) -> None:
        connector = connect(queue=queue)
        opened, said, noted = new_key(), DeliveryKey("k" * 32 + uuid4().hex), new_key()
        assert await connector.find_delivery(opened, None) is None
        receipt = await connector.open_ticket(a_draft(), key=opened)
        ticket = ticket_of(receipt)
        assert await connector.find_delivery(said, ticket) is None
        comment = await connector.add_comment(ticket, "hello", key=said)
        note = await connector.add_note(ticket, "a note", key=noted)
        assert await connector.find_delivery(opened, None) == receipt
        assert await connector.find_delivery(said, ticket) == comment
        assert await connector.find_delivery(noted, ticket) == note
        assert await connector.find_delivery(DeliveryKey(said[:-1]), ticket) is None

    @pytest.mark.parametrize("message_field", ["ExternalMessageId", "Nothing"])
    async def test_on_a_ticket_that_was_merged_meanwhile(
        self, connect: Connect, request_tracker: RequestTrackerServer, message_field: str
    ) -> None:
        connector = connect(message_field=message_field)
        loser, winner, last = [await a_ticket(connector) for _ in range(3)]
        key = new_key()
        receipt = await connector.add_comment(loser, "only once", key=key)
        for ticket, into in ((loser, winner), (winner, last)):
            request_tracker.change(ticket, MergeInto=into)
            for one in (ticket, into):
                assert await connector.find_delivery(key, one) == Receipt(id=receipt.id, ticket=one)
        assert await connector.find_delivery(new_key(), last) is None

    async def test_one_call_finds_a_key_in_the_field(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer, asked: list[str]
    ) -> None:
        opened, key = new_key(), new_key()
        merged = ticket_of(await connector.open_ticket(a_draft(), key=opened))
        ticket = await a_ticket(connector)
        request_tracker.change(merged, MergeInto=ticket)
        asked.clear()
        assert await connector.find_delivery(opened, None) == Receipt(ticket=merged)
        assert asked == ["GET /REST/2.0/tickets"]
        await connector.add_comment(ticket, "hello", key=key)
        asked.clear()
        assert await connector.find_delivery(key, ticket)
        assert asked == ["GET /REST/2.0/transactions"]

    async def test_a_message_whose_field_was_never_set(self, connect: Connect, connector: RequestTracker) -> None:
        key = new_key()
        ticket = await a_ticket(connector)
        receipt = await connect(message_field="Nothing").add_comment(ticket, "hello", key=key)
        assert await connector.find_delivery(key, ticket) == receipt

    async def test_neither_another_case_nor_another_creator(
        self, connector: RequestTracker, request_tracker: RequestTrackerServer
    ) -> None:
        shouted, copied = new_key(), new_key()
        ticket = ticket_of(await connector.open_ticket(a_draft(), key=DeliveryKey(shouted.upper())))
        await connector.add_comment(ticket, "hello", key=DeliveryKey(shouted.upper()))
        body = {"Queue": "Support", "Subject": "copied", "CustomFields": {"ExternalId": copied}}
        request_tracker.ask("POST", "ticket", body, by="admin")
        assert await connector.find_delivery(shouted, None) is None
        assert await connector.find_delivery(shouted, ticket) is None
        assert await connector.find_delivery(copied, None) is None

    async def test_nothing_on_a_missing_ticket(self, connector: RequestTracker) -> None:
        assert await connector.find_delivery(new_key(), TicketId("999999")) is None
