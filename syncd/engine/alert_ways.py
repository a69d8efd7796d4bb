"""The two ways to tell an alert: a webhook, and a command of the operator's."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from typing import Protocol

from pydantic import SecretStr

from syncd import clock
from syncd.contract.errors import ConnectorError
from syncd.contract.http import Http
from syncd.core.alarm import Message

WEBHOOK_SECONDS = 15.0
COMMAND_SECONDS = 30.0
MOST_COMMANDS = 4
"""At one moment."""
PASSED_ON = ("PATH", "HOME", "LANG", "TZ")
"""All that a command gets of the daemon's environment, which may hold secrets."""


class UntoldError(Exception):
    """Whether the receiver has got the message is not known: it is told again. Its words hold no secret."""


class Way(Protocol):
    """How the receiver is told."""

    async def tell(self, message: Message) -> None:
        """Tell one message. Raises UntoldError."""


class AlertWebhook:
    """POSTs each message as a JSON object and takes any 2xx for an answer; redirects are not followed."""

    def __init__(self, url: SecretStr, http: Http) -> None:
        self._url = url
        self._http = http

    async def tell(self, message: Message) -> None:
        """Tell one message within 15 seconds. Raises UntoldError."""
        body = {**message._asdict(), "since": clock.iso(message.since)}
        try:
            async with asyncio.timeout(WEBHOOK_SECONDS):
                await self._http.call("POST", self._url.get_secret_value(), json=body)
        except TimeoutError:
            raise UntoldError(f"the webhook did not answer within {WEBHOOK_SECONDS:.0f} seconds") from None
        except ConnectorError as failure:
            raise UntoldError(f"the webhook: {failure}") from None


class AlertCommand:
    """Runs a command for each message, without a shell: the sentence is its input, the rest in its environment."""

    def __init__(self, command: str, seconds: float = COMMAND_SECONDS) -> None:
        self._words = shlex.split(command)
        self._seconds = seconds
        self._places = asyncio.Semaphore(MOST_COMMANDS)

    async def tell(self, message: Message) -> None:
        """Tell one message. Raises UntoldError, also where the command fails or is killed after its `seconds`."""
        async with self._places:
            code = await self._run(message)
        if code:
            raise UntoldError(f"the command ended with exit code {code}")

    async def _run(self, message: Message) -> int | None:
        try:
            process = await asyncio.create_subprocess_exec(
                *self._words,
                stdin=PIPE,
                stdout=DEVNULL,
                stderr=DEVNULL,
                env=_environment(message),
                start_new_session=True,
            )
        except OSError as failure:
            raise UntoldError(f"the command cannot be run: {failure.strerror}") from None
        try:
            async with asyncio.timeout(self._seconds):
                await process.communicate(f"{message.text}\n".encode())
        except TimeoutError:
            raise UntoldError(f"the command took more than {self._seconds:.0f} seconds and was killed") from None
        finally:
            await _end(process)
        return process.returncode


def _environment(message: Message) -> dict[str, str]:
    told = {**message._asdict(), "since": clock.iso(message.since)}
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return passed_on | {f"ALERT_{name.upper()}": value for name, value in told.items()}


async def _end(process: Process) -> None:
    """Kill what still runs, with all that it has started."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
