"""Whatever agents do to their replies, through kills and calls that are cut off, the chat ends as the helpdesk does."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

from syncd.contract.errors import ConnectorError, RateLimitedError, RetryableError
from syncd.contract.model import CommentId

from .conftest import Shop, until
from .edited_talk import BO, begin, quiet, seen

ACTS = 40
CUT = RetryableError("reset", certain=False)
FAULTS: tuple[ConnectorError, ...] = (
    CUT,
    RetryableError("refused", certain=True),
    RateLimitedError("slow down", retry_after=0.05),
)


class Agents:
    """What agents do by chance; each text is theirs alone, and those that nobody may read say so."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self._shop, self._chance = shop, random.Random(seed)
        self._number = 0
        self._comments: list[CommentId] = []

    async def act(self) -> None:
        what = self._chance.choices(["say", "change", "hide", "show", "remove", "fail", "kill"], [5, 6, 2, 2, 2, 3, 1])[
            0
        ]
        desk, one = self._shop.helpdesk, self._one()
        if what == "say" or one is None:
            self._comments.append(desk.agent_replies(self._shop.ticket, BO, self._words("public")))
        elif what in {"change", "show"}:
            desk.agent_edits(one, self._words("public"))
        elif what == "hide":
            desk.agent_edits(one, self._words("SECRET"), public=False)
        elif what == "remove":
            self._comments.remove(one)
            desk.agent_deletes(one)
        elif what == "fail":
            # Who says that nothing happened has not done it.
            fault, faults = self._chance.choice(FAULTS), self._shop.chat.faults
            (faults.after if fault is CUT and self._chance.random() < 0.5 else faults.before).append(fault)
        else:
            await self._shop.kill()
            await self._shop.start()
        await asyncio.sleep(self._chance.choice([0.0, 0.0, 0.02, 0.1]))

    def _one(self) -> CommentId | None:
        return self._chance.choice(self._comments) if self._comments else None

    def _words(self, kind: str) -> str:
        self._number += 1
        return f"{kind} {self._number}"


def wanted(shop: Shop) -> list[str]:
    comments = shop.helpdesk.tickets[shop.ticket].comments
    return [one.text for one in comments if one.public and one.author == BO]


@pytest.mark.parametrize("seed", range(6))
async def test_the_chat_ends_as_the_helpdesk_does(shop: Shop, seed: int) -> None:
    await begin(shop)
    agents = Agents(shop, seed)
    for _ in range(ACTS):
        await agents.act()
    shop.chat.faults.before.clear()
    shop.chat.faults.after.clear()
    shop.helpdesk.agent_replies(shop.ticket, BO, "public, the last")
    await until(lambda: seen(shop)[-1:] == ["public, the last"], 30)
    await quiet(shop)
    parked = sum(state == "parked" for kind, state in await shop.states() if kind == "post_message")
    missing, more = Counter(wanted(shop)) - Counter(seen(shop)), Counter(seen(shop)) - Counter(wanted(shop))
    assert (missing.total() <= parked, more) == (True, Counter())
    assert not any("SECRET" in text for text in shop.heard())
    assert parked <= sum("did not reach" in note or "may still" in note for note in shop.notes())
