"""A shop whose chat takes changes, and what is seen in it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Literal

from syncd.contract.model import Author, ConversationId, Role

from .conftest import ANN, Shop, until
from .faulty_ends import TAG

BO = Author(Role.AGENT, "Bo", "bo@example.com")
CONVERSATION = ConversationId(ANN.id)


async def begin(
    shop: Shop,
    *,
    notices: bool = False,
    doubt_seconds: float = 0.3,
    on_doubt: Literal["park", "resend"] = "park",
) -> Shop:
    """Let the chat take changes, and Ann say something that Bo may answer."""
    await shop.stop()
    shop.policy = replace(shop.policy, edits=True, notices=notices, longest_reply=60)
    shop.doubt_seconds, shop.on_doubt = doubt_seconds, on_doubt
    await shop.start()
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: shop.shown() and shop.notes())
    return shop


def seen(shop: Shop) -> list[str]:
    """Give what Ann sees of our messages now."""
    return [message.text for message in shop.chat.seen(CONVERSATION) if message.tag == TAG]


def told(shop: Shop, words: str) -> int:
    """Count the notes with these words."""
    return sum(words in note for note in shop.notes())


async def quiet(shop: Shop) -> None:
    """Wait until nothing is on its way."""
    while any(state in {"waiting", "sending", "in_doubt"} for _, state in await shop.states()):
        await asyncio.sleep(0.01)
