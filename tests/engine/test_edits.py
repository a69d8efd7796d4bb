"""What becomes of a reply in the chat when it is changed or removed in the helpdesk."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from syncd.contract.model import ChatMessageAdded

from .conftest import ANN, Shop, until
from .edited_talk import BO, CONVERSATION, begin, quiet, seen
from .faulty_ends import TAG


@pytest.fixture
async def talking(shop: Shop) -> Shop:
    return await begin(shop)


async def test_a_change_reaches_the_message_in_its_place_and_a_removal_removes_it(talking: Shop) -> None:
    first = talking.helpdesk.agent_replies(talking.ticket, BO, "frist")
    talking.helpdesk.agent_replies(talking.ticket, BO, "second")
    await until(lambda: seen(talking) == ["frist", "second"])
    talking.helpdesk.agent_edits(first, "first")
    await until(lambda: seen(talking) == ["first", "second"])
    talking.helpdesk.agent_deletes(first)
    await until(lambda: seen(talking) == ["second"])
    await quiet(talking)
    assert len(talking.notes()) == 1


async def test_what_is_made_private_is_removed_and_said_again_when_it_is_public_again(talking: Shop) -> None:
    reply = talking.helpdesk.agent_replies(talking.ticket, BO, "see you")
    await until(lambda: seen(talking) == ["see you"])
    for _ in range(2):
        talking.helpdesk.agent_edits(reply, "see you", public=False)
        await until(lambda: seen(talking) == [])
        talking.helpdesk.agent_edits(reply, "see you again", public=True)
        await until(lambda: seen(talking) == ["see you again"])


async def test_a_note_that_is_made_public_is_said_and_one_that_is_changed_is_not(talking: Shop) -> None:
    note = talking.helpdesk.agent_notes(talking.ticket, BO, "hm")
    talking.helpdesk.agent_edits(note, "hm, hm", public=False)
    talking.helpdesk.agent_replies(talking.ticket, BO, "hello Ann")
    await until(lambda: seen(talking) == ["hello Ann"])
    talking.helpdesk.agent_edits(note, "it is on its way", public=True)
    await until(lambda: seen(talking) == ["hello Ann", "it is on its way"])


async def test_back_and_forth_ends_where_the_helpdesk_ends(talking: Shop) -> None:
    reply = talking.helpdesk.agent_replies(talking.ticket, BO, "A")
    await until(lambda: seen(talking) == ["A"])
    for words in "BABABCA":
        talking.helpdesk.agent_edits(reply, words)
    talking.helpdesk.agent_replies(talking.ticket, BO, "later")
    await until(lambda: seen(talking)[1:] == ["later"])
    await quiet(talking)
    assert seen(talking) == ["A", "later"]


@pytest.mark.parametrize("many", [1, 2, 5])
async def test_a_reply_in_parts_gets_as_many_as_it_needs(talking: Shop, many: int) -> None:
    reply = talking.helpdesk.agent_replies(talking.ticket, BO, "\n\n".join(["a" * 40] * 3))
    await until(lambda: len(seen(talking)) == 3)
    talking.helpdesk.agent_replies(talking.ticket, BO, "later")
    await until(lambda: len(seen(talking)) == 4)
    talking.helpdesk.agent_edits(reply, "\n\n".join(["b" * 40] * many))
    numbers = [f"({number}/{many})" for number in range(1, many + 1)] if many > 1 else ["b"]
    await until(lambda: [text.split("\n")[-1].strip("b") or "b" for text in seen(talking) if "b" in text] == numbers)
    await quiet(talking)
    assert [text[0] for text in seen(talking)] == [*"b" * min(3, many), "l", *"b" * (many - 3)]


async def test_what_has_not_left_is_changed_or_dropped_where_it_waits(talking: Shop) -> None:
    talking.chat.faults.held.add(CONVERSATION)
    blocker = talking.helpdesk.agent_replies(talking.ticket, BO, "blocker")
    await until(lambda: talking.chat.faults.calls)
    changed = talking.helpdesk.agent_replies(talking.ticket, BO, "wrong")
    removed = talking.helpdesk.agent_replies(talking.ticket, BO, "SECRET")
    hidden = talking.helpdesk.agent_replies(talking.ticket, BO, "SECRET too")
    talking.helpdesk.agent_replies(talking.ticket, BO, "last")
    await asyncio.sleep(0.1)
    talking.helpdesk.agent_edits(changed, "right")
    talking.helpdesk.agent_deletes(removed)
    talking.helpdesk.agent_edits(hidden, "SECRET too", public=False)
    talking.helpdesk.agent_edits(blocker, "blocker")
    await until(lambda: len(talking.helpdesk.world.events) > 7)
    await asyncio.sleep(0.2)
    talking.chat.faults.held.clear()
    await until(lambda: seen(talking) == ["blocker", "right", "last"])
    await quiet(talking)
    assert "SECRET" not in str(talking.heard())
    assert not any(kind in {"edit_message", "delete_message"} for kind, _ in await talking.states())


@pytest.mark.parametrize("removed", [True, False])
async def test_a_change_while_the_call_is_under_way_follows_it(talking: Shop, removed: bool) -> None:
    talking.chat.faults.held.add(CONVERSATION)
    reply = talking.helpdesk.agent_replies(talking.ticket, BO, "A")
    await until(lambda: talking.chat.faults.calls)
    if removed:
        talking.helpdesk.agent_deletes(reply)
    else:
        talking.helpdesk.agent_edits(reply, "B")
    await asyncio.sleep(0.2)
    talking.chat.faults.held.clear()
    await until(lambda: talking.heard() == ["A"])
    await until(lambda: seen(talking) == ([] if removed else ["B"]))


async def test_a_comment_of_ours_that_an_agent_changes_stays_on_the_ticket(talking: Shop) -> None:
    [line] = [one for one in talking.helpdesk.tickets[talking.ticket].comments if one.public]
    talking.helpdesk.agent_edits(line.id, "hello, said Ann")
    talking.helpdesk.agent_replies(talking.ticket, BO, "hi")
    await until(lambda: seen(talking) == ["hi"])


async def test_a_comment_that_was_never_told_is_not_said_when_it_is_changed(talking: Shop) -> None:
    reply = talking.helpdesk.agent_replies(talking.ticket, BO, "before")
    event = talking.helpdesk.world.events.pop()
    talking.helpdesk.agent_edits(reply, "before, changed")
    talking.helpdesk.agent_replies(talking.ticket, BO, "after")
    await until(lambda: seen(talking) == ["after"])
    assert event
    talking.helpdesk.agent_replies(talking.ticket, BO, "at last")
    await until(lambda: seen(talking) == ["after", "at last"])


async def test_a_changed_message_that_comes_back_under_its_id_is_no_line_on_the_ticket(talking: Shop) -> None:
    reply = talking.helpdesk.agent_replies(talking.ticket, BO, "A")
    await until(lambda: seen(talking) == ["A"])
    talking.helpdesk.agent_edits(reply, "B")
    await until(lambda: seen(talking) == ["B"])
    last = talking.chat.world.events[-1]
    assert isinstance(last, ChatMessageAdded)
    for tag in (TAG, ""):
        changed = replace(last.message, text="B", tag=tag)
        talking.chat.world.events.append(replace(last, message=changed, repaired=True))
    talking.chat.visitor_says(ANN, "and now?")
    await until(lambda: any("and now?" in text for text in talking.shown()))
    assert len(talking.shown()) == 3
    await quiet(talking)
    assert talking.chat.edit_calls == ["B"]


async def test_the_same_change_read_again_does_nothing(talking: Shop) -> None:
    reply = talking.helpdesk.agent_replies(talking.ticket, BO, "A")
    talking.helpdesk.agent_edits(reply, "B")
    again = talking.helpdesk.world.events[-1]
    talking.helpdesk.agent_edits(reply, "C")
    await until(lambda: seen(talking) == ["C"])
    talking.helpdesk.world.events += [again, again]
    talking.helpdesk.agent_replies(talking.ticket, BO, "later")
    await until(lambda: seen(talking)[1:] == ["later"])
    await quiet(talking)
    assert seen(talking) == ["C", "later"]
