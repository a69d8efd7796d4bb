"""What is said where, through a real SQLite file: kept back, or in ops' own words."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import ClassVar

import httpx
import pytest

from connectors.memory.world import MemorySettings
from syncd.contract.errors import MissingTargetError, RejectedError, UnavailableError
from syncd.contract.http import Http
from syncd.contract.model import Author, ConversationId, DeliveryKey, Receipt, Reply, Role
from syncd.core.plan import Policy
from syncd.core.sentences import SENTENCES
from syncd.core.text import Sentences

from .conftest import ANN, Shop, until
from .faulty_ends import TAG, FaultyChat

BO = Author(Role.AGENT, "Bo", "bo@example.com")


async def with_policy(shop: Shop, policy: Policy) -> None:
    """Start the shop again with another policy, and let the visitor speak."""
    await shop.stop()
    shop.policy = policy
    await shop.start()
    shop.chat.visitor_says(ANN, "Do you ship to Cork?")
    await until(lambda: shop.shown() and shop.notes())


def marked() -> Sentences:
    """Give sentences of nothing but their names and values."""
    values = {name: " ".join(f"{{{{ {value} }}}}" for value in one.samples[0]) for name, one in SENTENCES.items()}
    own = {name: f"<{name}>{shown}</{name}>" for name, shown in values.items()}
    return Sentences({**own, "time": "<time/>"}, failed=must_not_fail)


def must_not_fail(name: str, failure: Exception) -> None:
    raise AssertionError(name) from failure


async def test_all_that_people_read_is_in_ops_words(shop: Shop) -> None:
    await with_policy(shop, Policy(tag=TAG, sentences=marked(), longest_reply=60))
    assert shop.shown() == ["<line><author>Ann visitor</author> <time/> Do you ship to Cork?</line>"]
    assert shop.notes() == ["<context>[('name', 'Ann'), ('email', 'ann@example.com')] []</context>"]
    shop.chat.faults.before = [RejectedError("POST answered 400")]
    shop.helpdesk.agent_replies(shop.ticket, BO, "No.")
    await until(lambda: len(shop.notes()) == 2)
    shop.helpdesk.agent_replies(
        shop.ticket, BO, "<p>Here: <img src='cid:1' alt='a plan'></p>" + "word " * 10, html=True
    )
    await until(lambda: len(shop.heard()) > 1)
    assert shop.notes()[1] == "<parked><reason_refused>POST answered 400</reason_refused> No.</parked>"
    assert shop.heard()[0].startswith("<part>Here: <image>a plan</image>")


async def test_an_agent_whom_the_chat_does_not_have_any_more_is_told_of_once_and_then_named(shop: Shop) -> None:
    await with_policy(shop, Policy(tag=TAG, voices="known"))
    shop.chat.agent_says(ConversationId(ANN.id), replace(BO, email="Bo@Example.com", id="a1"), "typed here")
    await until(lambda: len(shop.shown()) == 2)
    shop.chat.faults.before = [MissingTargetError("POST answered 404")]
    shop.helpdesk.agent_replies(shop.ticket, BO, "first")
    await until(lambda: len(shop.notes()) == 2)
    shop.helpdesk.agent_replies(shop.ticket, BO, "second")
    await until(lambda: shop.heard() == ["Bo: second"])


class OldChat(FaultyChat):
    """Takes no emoji, and keeps what it was asked to say."""

    asked: ClassVar[list[str]] = []
    hangs = False

    async def post_message(self, conversation: ConversationId, reply: Reply, *, key: DeliveryKey) -> Receipt:
        self.asked.append(reply.text)
        while self.hangs:
            await asyncio.sleep(0.005)
        if any(ord(char) > 0xFFFF for char in reply.text):
            raise RejectedError("POST answered 400", of_text=True)
        return await super().post_message(conversation, reply, key=key)


async def with_old_chat(shop: Shop) -> OldChat:
    """Start the shop again with a chat that takes no emoji."""
    await shop.stop()
    chat = OldChat(MemorySettings(poll_seconds=0.02), Http(httpx.AsyncClient()))
    chat.asked.clear()
    shop.chat = chat
    await shop.start()
    chat.visitor_says(ANN, "Do you ship to Cork?")
    await until(lambda: shop.shown() and shop.notes())
    return chat


async def test_a_reply_with_emoji_that_the_chat_refuses_is_said_once_whole_and_in_order(shop: Shop) -> None:
    chat = await with_old_chat(shop)
    shop.helpdesk.agent_replies(shop.ticket, BO, "Yes 👍 we ship 👩‍💻s")
    shop.helpdesk.agent_replies(shop.ticket, BO, "Tomorrow.")
    spelled = "Yes :thumbs_up_sign: we ship :woman::personal_computer:s"
    await until(lambda: shop.heard() == [spelled, "Tomorrow."])
    assert chat.asked == ["Yes 👍 we ship 👩‍💻s", spelled, "Tomorrow."]
    assert len(shop.notes()) == 1


async def test_what_was_spelled_stays_so_after_a_kill(shop: Shop) -> None:
    chat = await with_old_chat(shop)
    chat.faults.before = [UnavailableError("away", certain=True)] * 50
    shop.helpdesk.agent_replies(shop.ticket, BO, "Yes 👍")
    await until(lambda: "Yes :thumbs_up_sign:" in chat.asked)
    while ("post_message", "waiting") not in await shop.states():
        await asyncio.sleep(0.01)
    await shop.kill()
    chat.faults.before = []
    await shop.start()
    await until(lambda: shop.heard() == ["Yes :thumbs_up_sign:"])
    assert chat.asked.count("Yes 👍") == 1


async def test_a_refusal_that_stays_parks_what_was_spelled_with_one_note(shop: Shop) -> None:
    await with_policy(shop, Policy(tag=TAG))
    shop.chat.faults.before = [RejectedError("POST answered 400", of_text=True)] * 2
    shop.helpdesk.agent_replies(shop.ticket, BO, "Yes 👍")
    await until(lambda: len(shop.notes()) == 2)
    assert len(shop.chat.faults.calls) == 2
    assert shop.notes()[1].endswith("The reply was: Yes :thumbs_up_sign:")
    assert shop.heard() == []


@pytest.mark.parametrize("words", ["", "No 👎"])
async def test_what_is_changed_while_the_chat_refuses_its_emoji_is_never_said_as_it_was(shop: Shop, words: str) -> None:
    shop.policy = Policy(tag=TAG, edits=True)
    chat = await with_old_chat(shop)
    chat.hangs = True
    reply = shop.helpdesk.agent_replies(shop.ticket, BO, "Yes 👍")
    await until(lambda: chat.asked)
    shop.helpdesk.agent_edits(reply, words or "Yes 👍", public=bool(words))
    await shop.comes_to("edit_message" if words else "delete_message", "waiting")
    chat.hangs = False
    shop.helpdesk.agent_replies(shop.ticket, BO, "later")
    await until(lambda: "later" in shop.heard())
    assert chat.asked == ["Yes 👍", *(["No :thumbs_down_sign:"] if words else []), "later"]


async def test_lines_with_emoji_that_the_helpdesk_refuses_are_on_the_ticket_once(shop: Shop) -> None:
    await with_policy(shop, Policy(tag=TAG))
    shop.helpdesk.faults.before = [RejectedError("POST answered 400", of_text=True)]
    shop.chat.visitor_says(ANN, "Thanks 🎉")
    await until(lambda: len(shop.shown()) == 2)
    assert shop.shown()[1].endswith("Thanks :party_popper:")
    assert len(shop.notes()) == 1


async def test_a_reply_that_begins_with_an_internal_marker_is_not_sent_and_noted_once(shop: Shop) -> None:
    await with_policy(shop, Policy(tag=TAG, internal_markers=("#internal",)))
    shop.helpdesk.agent_replies(shop.ticket, BO, "<p>&nbsp;</p><p><b>#Internal</b>: she never pays</p>", html=True)
    shop.helpdesk.agent_replies(shop.ticket, BO, "Yes, we do.")
    await until(lambda: shop.heard() == ["Yes, we do."] and len(shop.notes()) == 2)
    await asyncio.sleep(0.1)
    assert shop.heard() == ["Yes, we do."]
    _, warning = shop.notes()
    assert warning.startswith("This reply did not go to the visitor: it begins with #internal")
