"""The counting of the torture can fail, in each of its figures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.core.text import SHIPPED
from tests.live.request_tracker.server import Line
from tests.torture.count import MUST_BE_ZERO, SECRET, Conversation, answered, is_wrong, said, wrongs


def line(words: str, creator: str = "syncd") -> Line:
    return Line("1", "Comment", creator, words)


def agent_says(words: str) -> dict[str, str]:
    return {"type": "agent", "text": words}


GOOD = Conversation(
    visitor="anna",
    lines=3,
    replies=3,
    ticket=[
        line(f"anna (visitor)\n{said('anna', 0)}\n\nanna (visitor)\n{said('anna', 1)}"),
        line(answered("agent1", "anna", 0), "agent1"),
        line(f"{SECRET} note", "agent1"),
        line(said("anna", 2)),
        line(SHIPPED.parked_reply("cut off", answered("agent2", "anna", 1))),
    ],
    chat=[
        {"type": "client", "text": said("anna", 0)},
        agent_says(answered("agent1", "anna", 0)),
        agent_says(answered("agent1", "anna", 2)),
    ],
    parked={1},
)
NOTE = GOOD.ticket[-1]
BROKEN = {
    "lost": replace(GOOD, ticket=[*GOOD.ticket[:3], NOTE]),
    "doubled in the helpdesk": replace(GOOD, ticket=[*GOOD.ticket, line(said("anna", 0))]),
    "doubled in the chat": replace(GOOD, chat=[*GOOD.chat, GOOD.chat[-1]]),
    "out of order": replace(GOOD, chat=GOOD.chat[::-1]),
    "private notes in the chat": replace(GOOD, chat=[*GOOD.chat, agent_says(f"{SECRET} note")]),
    "echoes": replace(GOOD, ticket=[*GOOD.ticket, line(answered("agent1", "anna", 0))]),
    "parked without exactly one note": replace(GOOD, ticket=[*GOOD.ticket, NOTE]),
    "parked though in the chat": replace(GOOD, parked={1, 2}, ticket=[*GOOD.ticket, line(f"{NOTE.text[:60]} {2}")]),
}


def test_a_good_conversation_has_nothing_wrong() -> None:
    assert not is_wrong(wrongs(GOOD))
    assert wrongs(GOOD)["parked"] == 1


@pytest.mark.parametrize("name", BROKEN)
def test_each_wrong_is_counted(name: str) -> None:
    found = wrongs(BROKEN[name])
    assert found[name] >= 1
    assert is_wrong(found)


def test_every_figure_that_must_be_zero_is_shown_to_be_counted() -> None:
    of_the_whole = {"tickets too many", "parked on the way to the helpdesk", "damage in the database"}
    assert set(BROKEN) | of_the_whole == set(MUST_BE_ZERO)


def test_a_lost_reply_and_a_visitors_line_in_the_chat_are_counted() -> None:
    assert wrongs(replace(GOOD, parked=()))["lost"] == 1
    assert wrongs(replace(GOOD, chat=[*GOOD.chat, agent_says(said("anna", 1))]))["echoes"] == 1


def test_a_line_that_no_answered_webhook_told_is_not_lost_but_told() -> None:
    untold = wrongs(replace(BROKEN["lost"], untold={2}))
    assert (untold["lost"], untold["never told by the chat, transcript and all"]) == (0, 1)


def test_a_line_that_the_chat_told_late_is_not_out_of_order_but_told() -> None:
    turned = replace(GOOD, ticket=[line(said("anna", number)) for number in (0, 2, 1)] + [NOTE])
    assert wrongs(turned)["out of order"] == 1
    late = wrongs(replace(turned, told_late={(1, 2)}))
    assert (late["out of order"], late["told late by the chat, so later on the ticket"]) == (0, 1)
