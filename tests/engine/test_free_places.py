"""A lane that waits for a free place goes out as soon as a call under way has ended."""

from __future__ import annotations

from syncd.contract.model import Visitor
from syncd.engine.dispatch import LANES_AT_A_TIME

from .conftest import Shop, until
from .test_flow import fragment


async def test_the_lane_that_waits_goes_when_the_first_of_those_under_way_has_ended(shop: Shop) -> None:
    visitors = [Visitor(f"visitor{number}") for number in range(LANES_AT_A_TIME + 1)]
    for number, visitor in enumerate(visitors):
        await shop.webhook(fragment("hello", first_id=number, visitor=visitor))
    await until(lambda: len(shop.helpdesk.tickets) == len(visitors))
    shop.helpdesk.faults.held.update(shop.helpdesk.tickets)
    for number, visitor in enumerate(visitors):
        await shop.webhook(fragment("go on", first_id=100 + number, visitor=visitor))
    calls = shop.helpdesk.faults.calls
    await until(lambda: len(calls) == LANES_AT_A_TIME)
    shop.helpdesk.faults.held.discard(calls[0][0])
    await until(lambda: len(calls) == LANES_AT_A_TIME + 1)
    shop.helpdesk.faults.held.clear()
