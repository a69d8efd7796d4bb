"""Calls that were cut off, crashes between any two steps, and what the chat's echo says of them."""

from __future__ import annotations

import asyncio

import pytest

from syncd.contract.errors import RetryableError
from syncd.contract.model import Author, Role

from .conftest import ANN, Shop, until

BO = Author(Role.AGENT, "Bo", "bo@example.com")


@pytest.fixture
async def talking(shop: Shop) -> Shop:
    """Give a shop in which Ann has said something and Bo may answer."""
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    return shop


async def test_a_reply_cut_after_the_chat_took_it_is_settled_by_its_echo(talking: Shop) -> None:
    talking.chat.faults.after.append(RetryableError("reset", certain=False))
    talking.helpdesk.agent_replies(talking.ticket, BO, "ok")
    while ("post_message", "sent") not in await talking.states():
        await asyncio.sleep(0.01)
    talking.helpdesk.agent_replies(talking.ticket, BO, "ok")
    await until(lambda: talking.heard() == ["ok", "ok"])
    await asyncio.sleep(0.4)
    assert talking.heard() == ["ok", "ok"]
    assert not any("did not reach" in text for text in talking.notes())


async def test_a_reply_cut_before_the_chat_took_it_is_parked_with_one_note_and_holds_up_no_later_one(
    talking: Shop,
) -> None:
    talking.chat.faults.before.append(RetryableError("reset", certain=False))
    talking.helpdesk.agent_replies(talking.ticket, BO, "lost on its way")
    talking.helpdesk.agent_replies(talking.ticket, BO, "the next one")
    await until(lambda: talking.heard() == ["the next one"])
    await until(lambda: sum("did not reach" in text for text in talking.notes()) == 1)
    assert ("post_message", "parked") in await talking.states()
    note = next(c for c in talking.helpdesk.tickets[talking.ticket].comments if "did not reach" in c.text)
    assert note.public is False
    assert "lost on its way" in note.text


async def test_killed_while_the_helpdesk_takes_a_line_it_is_there_once_after_the_restart(talking: Shop) -> None:
    talking.helpdesk.faults.held.add(talking.ticket)
    talking.chat.visitor_says(ANN, "one more thing")
    await until(lambda: talking.helpdesk.faults.calls)
    await talking.kill()
    talking.helpdesk.faults.held.clear()
    (key,) = {key for _, key, _ in talking.helpdesk.faults.calls}
    await talking.helpdesk.add_comment(talking.ticket, "Ann: one more thing", key=key)
    await talking.start()
    await until(lambda: len(talking.shown()) == 2)
    while [state for _, state in await talking.states()].count("sent") < 4:
        await asyncio.sleep(0.01)
    assert len(talking.helpdesk.faults.calls) == 2


async def test_killed_before_the_helpdesk_took_a_line_it_is_sent_after_the_restart(talking: Shop) -> None:
    talking.helpdesk.faults.held.add(talking.ticket)
    talking.chat.visitor_says(ANN, "one more thing")
    await until(lambda: talking.helpdesk.faults.calls)
    await talking.kill()
    talking.helpdesk.faults.held.clear()
    await talking.start()
    await until(lambda: "one more thing" in "".join(talking.shown()))
    assert "".join(talking.shown()).count("one more thing") == 1


async def test_killed_after_the_chat_took_a_reply_its_echo_settles_it_and_nothing_is_said_twice(talking: Shop) -> None:
    talking.chat.faults.held.add("ann")
    talking.helpdesk.agent_replies(talking.ticket, BO, "on its way")
    await until(lambda: talking.chat.faults.calls)
    await talking.kill()
    talking.chat.faults.held.clear()
    talking.chat.agent_says_as_syncd("ann", BO, "on its way")
    await talking.start()
    while ("post_message", "sent") not in await talking.states():
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.4)
    assert talking.heard() == ["on its way"]


async def test_our_own_message_is_never_put_on_the_ticket(talking: Shop) -> None:
    talking.helpdesk.agent_replies(talking.ticket, BO, "from the ticket")
    await until(talking.heard)
    await asyncio.sleep(0.2)
    assert "".join(talking.shown()).count("from the ticket") == 1


async def test_a_clean_stop_settles_what_is_under_way(talking: Shop) -> None:
    talking.helpdesk.faults.held.add(talking.ticket)
    talking.chat.visitor_says(ANN, "just now")
    await until(lambda: talking.helpdesk.faults.calls)
    asyncio.get_running_loop().call_later(0.1, talking.helpdesk.faults.held.clear)
    await talking.stop()
    await talking.start()
    assert "sending" not in [state for _, state in await talking.states()]
    assert "".join(talking.shown()).count("just now") == 1
