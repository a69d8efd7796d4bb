"""Changes of replies of which nobody knows yet, or will ever know, whether the chat has them; and calls of changes."""

from __future__ import annotations

import asyncio

import pytest

from syncd.contract.errors import RejectedError, RetryableError

from .conftest import ANN, Shop, until
from .edited_talk import BO, begin, quiet, seen, told

CUT = RetryableError("reset", certain=False)


@pytest.fixture
async def talking(shop: Shop) -> Shop:
    return await begin(shop)


@pytest.mark.parametrize("removed", [True, False])
async def test_a_change_of_what_is_in_doubt_is_made_once_its_echo_is_seen(shop: Shop, removed: bool) -> None:
    talking = await begin(shop, doubt_seconds=5.0)
    talking.chat.faults.after.append(CUT)
    talking.chat.poll_is_empty = True
    reply = talking.helpdesk.agent_replies(talking.ticket, BO, "A")
    while ("post_message", "in_doubt") not in await talking.states():
        await asyncio.sleep(0.01)
    if removed:
        talking.helpdesk.agent_deletes(reply)
    else:
        talking.helpdesk.agent_edits(reply, "B")
    await asyncio.sleep(0.1)
    assert seen(talking) == ["A"]
    talking.chat.poll_is_empty = False
    await until(lambda: seen(talking) == ([] if removed else ["B"]))
    assert talking.heard() == ["A"]
    assert told(talking, "did not reach") == 0


@pytest.mark.parametrize("removed", [True, False])
async def test_a_change_of_what_nobody_knows_is_one_note_and_made_when_the_echo_comes_at_last(
    talking: Shop, removed: bool
) -> None:
    talking.chat.faults.before.append(CUT)
    reply = talking.helpdesk.agent_replies(talking.ticket, BO, "A")
    await until(lambda: told(talking, "did not reach"))
    if removed:
        talking.helpdesk.agent_deletes(reply)
    else:
        talking.helpdesk.agent_edits(reply, "B")
    words = "may still be in the chat" if removed else "may still read what it said before"
    await until(lambda: told(talking, words))
    await asyncio.sleep(0.3)
    assert told(talking, words) == 1
    talking.chat.agent_says_as_syncd("ann", BO, "A")
    await until(lambda: seen(talking) == ([] if removed else ["B"]))


async def test_words_that_were_taken_back_are_never_said_again_by_hand_or_by_policy(shop: Shop) -> None:
    await begin(shop, on_doubt="resend")
    shop.chat.faults.before.append(CUT)
    reply = shop.helpdesk.agent_replies(shop.ticket, BO, "SECRET")
    await until(lambda: shop.chat.faults.calls)
    shop.helpdesk.agent_edits(reply, "SECRET", public=False)
    await until(lambda: told(shop, "may still be in the chat"))
    await asyncio.sleep(0.4)
    assert shop.heard() == []


async def test_a_parked_reply_is_changed_where_it_is_and_a_removed_one_is_dropped(talking: Shop) -> None:
    talking.chat.faults.before += [RejectedError("no"), RejectedError("no")]
    kept = talking.helpdesk.agent_replies(talking.ticket, BO, "A")
    gone = talking.helpdesk.agent_replies(talking.ticket, BO, "B")
    await until(lambda: told(talking, "did not reach") == 2)
    talking.helpdesk.agent_edits(kept, "A better")
    talking.helpdesk.agent_deletes(gone)
    while ("post_message", "dropped") not in await talking.states():
        await asyncio.sleep(0.01)
    assert ("post_message", "parked") in await talking.states()
    await quiet(talking)
    assert talking.heard() == []
    assert told(talking, "may still") == 0


async def test_a_chat_that_takes_no_changes_gets_none_and_the_agent_is_told_once_for_each(shop: Shop) -> None:
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    reply = shop.helpdesk.agent_replies(shop.ticket, BO, "A")
    await until(lambda: seen(shop) == ["A"])
    shop.helpdesk.agent_edits(reply, "B")
    await until(lambda: told(shop, "the chat takes no changes"))
    shop.helpdesk.agent_deletes(reply)
    await until(lambda: told(shop, "the chat takes no changes") == 2)
    assert seen(shop) == ["A"]


async def test_a_call_of_a_change_that_was_cut_off_is_made_again_and_is_never_in_doubt(talking: Shop) -> None:
    reply = talking.helpdesk.agent_replies(talking.ticket, BO, "A")
    await until(lambda: seen(talking) == ["A"])
    talking.chat.faults.after.append(CUT)
    talking.helpdesk.agent_edits(reply, "B")
    talking.helpdesk.agent_replies(talking.ticket, BO, "next")
    await until(lambda: seen(talking) == ["B", "next"])
    assert talking.chat.edit_calls == ["B", "B"]
    talking.chat.faults.after.append(CUT)
    talking.helpdesk.agent_deletes(reply)
    await until(lambda: seen(talking) == ["next"])
    await quiet(talking)
    assert told(talking, "may still") == 0


async def test_a_kill_while_a_change_is_under_way_makes_it_again_at_once(talking: Shop) -> None:
    talking.doubt_seconds = 600.0
    reply = talking.helpdesk.agent_replies(talking.ticket, BO, "A")
    await until(lambda: seen(talking) == ["A"])
    talking.chat.faults.held.add("edit")
    talking.helpdesk.agent_edits(reply, "B")
    await until(lambda: talking.chat.faults.calls[-1][0] == "edit")
    await talking.kill()
    talking.chat.faults.held.clear()
    await talking.start()
    await until(lambda: seen(talking) == ["B"])
