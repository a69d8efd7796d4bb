"""The sender of webhooks: one background worker per chat and target, no retry, and a log of all that was sent."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import httpx

from syncd.testing.chatra.faults import Faults
from syncd.testing.chatra.refusal import Json, invalid

AT_ONCE = 50
"""How many webhooks are on their way at the same moment, at most."""


@dataclass(slots=True)
class SentWebhook:
    """One webhook to one target. Times are monotonic; `status` is None where no answer came, `error` then says why.

    `copy` counts from 0; all copies of one webhook share `number`, which is the same for every target.
    """

    number: int
    chat_id: str
    url: str
    event: str
    message_ids: list[str]
    copy: int
    queued_at: float
    fate: Literal["waiting", "sent", "lost"] = "waiting"
    sent_at: float | None = None
    status: int | None = None
    seconds: float | None = None
    error: str = ""


@dataclass(slots=True)
class _Waiting:
    sent: SentWebhook
    body: bytes
    late: float
    shuffle_after: float | None


class WebhookSender:
    """Sends what is published to every target: one after the other within a chat, `AT_ONCE` chats beside each other."""

    def __init__(self, faults: Faults, targets: Sequence[str] = (), timeout: float = 10.0) -> None:
        self._faults = faults
        # A kept connection that its target closes at this very moment would be a loss that nobody ordered.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._client = httpx.AsyncClient(timeout=timeout, limits=limits, trust_env=False)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._lanes: dict[tuple[str, str], deque[_Waiting]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._count = 0
        self.targets: list[str] = []
        self.log: list[SentWebhook] = []
        self.aim(targets)

    def aim(self, targets: Sequence[str]) -> None:
        """Set the target URLs for what is published from now on. Raises RefusedError for what is no http(s) URL."""
        for target in targets:
            try:
                whole = httpx.URL(target).scheme in {"http", "https"} and httpx.URL(target).host
            except httpx.InvalidURL:
                whole = False
            if not whole:
                raise invalid(f"{target} is not an http(s) URL")
        self.targets = list(targets)

    def publish(self, chat_id: str, event: Json) -> None:
        """Queue a webhook for every target, as it reads now; needs a running event loop."""
        self._count += 1
        for url in self.targets:
            self._queue(chat_id, url, event)

    async def settled(self) -> None:
        """Return when nothing waits to be sent and no answer is awaited."""
        while self._workers:
            await asyncio.wait(self._workers)

    async def close(self) -> None:
        """Drop what waits and close all connections."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        await self._client.aclose()

    def _queue(self, chat_id: str, url: str, event: Json) -> None:
        if self._faults.draw("lost"):
            self._note(chat_id, url, event, 0).fate = "lost"
            return
        doubled = self._faults.draw("doubled")
        late = self._faults.draw("late")
        shuffled = self._faults.draw("shuffled")
        body = json.dumps(event, ensure_ascii=False).encode()
        for copy in range(1 + (doubled.copies if doubled else 0)):
            sent = self._note(chat_id, url, event, copy)
            waiting = _Waiting(sent, body, late.seconds if late else 0.0, shuffled.seconds if shuffled else None)
            self._lane(chat_id, url).append(waiting)

    def _note(self, chat_id: str, url: str, event: Json, copy: int) -> SentWebhook:
        messages = event["messages"] if "messages" in event else [event["message"]]
        sent = SentWebhook(
            number=self._count,
            chat_id=chat_id,
            url=url,
            event=event["eventName"],
            message_ids=[message["id"] for message in messages],
            copy=copy,
            queued_at=time.monotonic(),
        )
        self.log.append(sent)
        return sent

    def _lane(self, chat_id: str, url: str) -> deque[_Waiting]:
        key = (chat_id, url)
        if key not in self._lanes:
            self._lanes[key] = deque()
            worker = asyncio.create_task(self._work(key))
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        return self._lanes[key]

    async def _work(self, key: tuple[str, str]) -> None:
        lane = self._lanes[key]
        while lane:
            batch = [lane.popleft()]
            if batch[0].shuffle_after is not None:
                await asyncio.sleep(batch[0].shuffle_after)
                batch = self._shuffled([*batch, *lane])
                lane.clear()
            for waiting in batch:
                await self._send(waiting)
        del self._lanes[key]

    def _shuffled(self, batch: list[_Waiting]) -> list[_Waiting]:
        other = list(batch)
        self._faults.rng.shuffle(other)
        return [*other[1:], *other[:1]] if other == batch else other

    async def _send(self, waiting: _Waiting) -> None:
        await asyncio.sleep(waiting.late)
        async with self._turns:
            await self._post(waiting.sent, waiting.body)

    async def _post(self, sent: SentWebhook, body: bytes) -> None:
        sent.sent_at, sent.fate = time.monotonic(), "sent"
        try:
            headers = {"Content-Type": "application/json"}
            response = await self._client.post(sent.url, content=body, headers=headers)
        except httpx.HTTPError as failure:
            sent.error = type(failure).__name__
        else:
            sent.status = response.status_code
        finally:
            sent.seconds = time.monotonic() - sent.sent_at
