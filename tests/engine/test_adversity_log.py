"""The log holds lines of ours alone, and none of a visitor's words."""

from __future__ import annotations

import asyncio
import logging
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from loguru import logger

from connectors.memory.world import MemorySettings
from syncd import logs
from syncd.contract.errors import PayloadError
from syncd.contract.http import Http
from syncd.contract.model import (
    Author,
    ChatContext,
    ChatMessageAdded,
    ConversationId,
    Event,
    Message,
    MessageId,
    Role,
    WebhookRequest,
)

from .conftest import ANN, Shop, until
from .faulty_ends import FaultyChat
from .test_adversity_doubt import MoodyShop, opened
from .test_flow import stored

AT = datetime(2026, 3, 1, tzinfo=UTC)


class ForgingChat(FaultyChat):
    """Puts into its reason what would pass for a line of the kernel's."""

    def read_webhook(self, request: WebhookRequest) -> Sequence[Event]:
        raise PayloadError(f"{len(request.body)} bytes of event x\n<0>kernel: panic\r\x1b[2K, run this")


class ForgingShop(Shop):
    """A shop with such a chat."""

    def __init__(self, path: Path, http: Http) -> None:
        super().__init__(path, http)
        self.chat = ForgingChat(MemorySettings(poll_seconds=0.02), http)


def to_stderr(line: str) -> None:
    """Write to what is stderr now: pytest gives each test another one."""
    sys.stderr.write(line)


@contextmanager
def logs_of_a_daemon() -> Iterator[None]:
    """Log and warn as `syncd run` does, where a library's warning goes to stderr."""
    logs.set_up("INFO", "journal")
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("default")
        yield
    for warning in warned:
        sys.stderr.write(f"{warning.message}\n")
    logger.remove()
    logger.configure(patcher=lambda _: None)
    logger.add(to_stderr)
    logging.basicConfig(handlers=[], force=True)
    logging.getLogger("apscheduler").setLevel(logging.NOTSET)


async def until_quarantined(shop: Shop) -> None:
    async with asyncio.timeout(5):
        while [row.state for row in await shop.database.run(stored)] != ["quarantined"]:
            await asyncio.sleep(0.01)


async def test_a_line_break_in_a_reason_does_not_pass_for_a_line_of_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with logs_of_a_daemon():
        async with opened(ForgingShop, tmp_path) as shop:
            await shop.webhook(b"{}")
            await until_quarantined(shop)
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "kernel" in line]
    assert line.startswith("<3>bridge shop: ")
    assert line.isprintable()


async def test_no_word_of_an_event_that_is_not_what_it_should_be_is_logged(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    name: Any = ["Ann", "ann@secret.example"]
    odd = Message(MessageId("odd"), Author(Role.VISITOR, name), "my card is 4111", AT)
    with logs_of_a_daemon():
        shop.chat.world.events.append(ChatMessageAdded(ConversationId("ann"), odd, ChatContext(ANN)))
        await until_quarantined(shop)
        shop.chat.visitor_says(ANN, "hello")
        await until(shop.shown)
    said = capsys.readouterr().err
    assert "secret" not in said
    assert "4111" not in said


async def test_a_poll_that_takes_longer_than_its_interval_is_not_complained_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with logs_of_a_daemon():
        async with opened(MoodyShop, tmp_path) as shop:
            polling = shop.helpdesk.polling
            polling.held.add("")
            polls = len(polling.calls)
            await until(lambda: len(polling.calls) > polls)
            await asyncio.sleep(0.3)
            assert len(polling.calls) == polls + 1
            polling.held.clear()
    assert "maximum number of running instances" not in capsys.readouterr().err
