"""What the helpdesk sends by itself, and what others than agents write on a ticket."""

from __future__ import annotations

import asyncio

import pytest

from syncd.contract.errors import RetryableError
from syncd.contract.model import Author, Role

from .conftest import ANN, Shop, until
from .edited_talk import BO, CONVERSATION, begin, quiet, told
from .faulty_ends import TAG

OTTO = Author(Role.OTHER, "Otto", "otto@example.net")
CUT = RetryableError("reset", certain=False)


@pytest.fixture
async def pushing(shop: Shop) -> Shop:
    return await begin(shop, notices=True, doubt_seconds=600.0)


def seen(shop: Shop) -> list[tuple[str, Role]]:
    """Give what Ann sees of what others said."""
    said = shop.chat.seen(CONVERSATION)
    return [(message.text, message.author.role) for message in said if message.author.role is not Role.VISITOR]


async def test_a_notice_is_pushed_in_its_place_and_its_echo_is_no_line_on_the_ticket(pushing: Shop) -> None:
    pushing.helpdesk.agent_replies(pushing.ticket, BO, "hi")
    notice = pushing.helpdesk.automation_says(pushing.ticket, "on its way")
    pushing.helpdesk.automation_says(pushing.ticket, "PRIVATE", public=False)
    pushing.helpdesk.agent_replies(pushing.ticket, BO, "bye")
    wanted = [("hi", Role.AGENT), ("on its way", Role.AUTOMATIC), ("bye", Role.AGENT)]
    await until(lambda: seen(pushing) == wanted)
    pushing.chat.visitor_says(ANN, "thanks a lot for that")
    await until(lambda: len(pushing.shown()) > 1)
    assert sum("on its way" in text for text in pushing.shown()) == 1
    pushing.helpdesk.agent_edits(notice, "there")
    await until(lambda: seen(pushing)[1] == ("there", Role.AUTOMATIC))
    pushing.helpdesk.agent_deletes(notice)
    await until(lambda: seen(pushing) == [wanted[0], wanted[2]])


async def test_without_the_setting_nothing_automatic_reaches_the_chat(shop: Shop) -> None:
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    shop.helpdesk.automation_says(shop.ticket, "on its way")
    shop.helpdesk.agent_replies(shop.ticket, BO, "hi")
    await until(lambda: seen(shop) == [("hi", Role.AGENT)])
    await quiet(shop)
    assert len(shop.notes()) == 1


@pytest.mark.parametrize("taken", [True, False])
async def test_a_notice_whose_call_was_cut_off_is_parked_with_a_note_at_once_and_holds_up_no_reply(
    pushing: Shop, taken: bool
) -> None:
    (pushing.chat.faults.after if taken else pushing.chat.faults.before).append(CUT)
    pushing.helpdesk.automation_says(pushing.ticket, "on its way")
    pushing.helpdesk.agent_replies(pushing.ticket, BO, "hi")
    await until(lambda: ("hi", Role.AGENT) in seen(pushing))
    await until(lambda: told(pushing, "on its way") == 1)
    assert ("push_notice", "parked") in await pushing.states()
    assert len(seen(pushing)) == 1 + taken
    # What nobody can recognise is on the ticket as what it is: an automatic message.
    await until(lambda: sum("automatic message" in text for text in pushing.shown()) == taken)


async def test_a_kill_while_a_notice_is_under_way_holds_up_no_reply_either(pushing: Shop) -> None:
    pushing.chat.faults.held.add(CONVERSATION)
    pushing.helpdesk.automation_says(pushing.ticket, "on its way")
    await until(lambda: pushing.chat.faults.calls)
    await pushing.kill()
    pushing.chat.faults.held.clear()
    await pushing.start()
    pushing.helpdesk.agent_replies(pushing.ticket, BO, "hi")
    await until(lambda: seen(pushing) == [("hi", Role.AGENT)])
    await until(lambda: told(pushing, "on its way") == 1)


async def test_the_echo_of_a_reply_never_settles_a_notice(pushing: Shop) -> None:
    pushing.chat.faults.before.append(CUT)
    pushing.helpdesk.automation_says(pushing.ticket, "on its way")
    await until(lambda: told(pushing, "on its way"))
    pushing.chat.agent_says_as_syncd("ann", BO, "an answer whose row is long gone")
    pushing.chat.visitor_says(ANN, "and then?")
    await until(lambda: any("and then?" in text for text in pushing.shown()))
    assert ("push_notice", "parked") in await pushing.states()
    assert not any(message.tag == TAG and "way" in message.text for message in pushing.chat.seen(CONVERSATION))


async def test_of_somebody_who_is_no_agent_the_ticket_has_one_note_and_of_the_visitor_none(shop: Shop) -> None:
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    shop.helpdesk.agent_replies(shop.ticket, Author(Role.VISITOR, "Ann", "ann@example.com"), "it is me")
    for number in range(3):
        shop.helpdesk.agent_replies(shop.ticket, OTTO, f"I am Otto {number}")
    shop.helpdesk.agent_replies(shop.ticket, BO, "hi")
    await until(lambda: told(shop, "What Otto wrote did not go into the chat") == 1)
    await until(lambda: seen(shop) == [("hi", Role.AGENT)])
    await shop.stop()
    await shop.start()
    shop.helpdesk.agent_replies(shop.ticket, OTTO, "still me")
    shop.helpdesk.agent_replies(shop.ticket, BO, "still here")
    await until(lambda: len(seen(shop)) == 2)
    await quiet(shop)
    await asyncio.sleep(0.1)
    assert told(shop, "did not go into the chat") == 1
