"""`syncd check`: one cheap authenticated call to each end, and the URLs to paste into the chat's dashboard."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
from itertools import chain
from typing import NamedTuple

from syncd.bridges import connected
from syncd.contract.errors import ConnectorError
from syncd.contract.ports import Connector, ReceivesWebhooks, SetsFields
from syncd.engine.bridge import ENDS, Bridge
from syncd.settings.models import Configuration

EX_UNAVAILABLE = 69


class Answer(NamedTuple):
    """What one end said."""

    line: str
    exit_code: int


def webhook_lines(configuration: Configuration) -> list[str]:
    """Give a line for each bridge's webhook URL. The URL holds the secret: it is what proves the sender."""
    public = configuration.daemon.public_url or f"http://{configuration.daemon.listen}"
    return [
        f"bridge {bridge.name}: {end} webhook: {public}/hooks/{bridge.name}/{end}/"
        f"{bridge.settings.webhook_secret.get_secret_value()}"
        for bridge in configuration.bridges
        for end, kind in (("chat", bridge.chat), ("helpdesk", bridge.helpdesk))
        if issubclass(kind, ReceivesWebhooks)
    ]


def alerting(configuration: Configuration) -> list[Answer]:
    """Say whether the command for alerts is there; nothing of it is shown but the program's name."""
    words = shlex.split(configuration.daemon.alert_command)
    if not words or shutil.which(words[0]):
        return []
    told = f"SYNCD_ALERT_COMMAND: {words[0]} is not there or may not be run: write a program's whole path"
    return [Answer(told, os.EX_CONFIG)]


async def ends(configuration: Configuration) -> list[Answer]:
    """Ask every end of every bridge at once, and then for the fields that ops named."""
    async with connected(configuration.bridges) as bridges:
        asked = [
            _ask(f"bridge {bridge.name}: {end}", bridge.connector(end)) for bridge in bridges.values() for end in ENDS
        ]
        answers = await asyncio.gather(*asked)
        if any(answer.exit_code for answer in answers):
            return answers
        unknown = await asyncio.gather(*(_unknown_fields(bridge) for bridge in bridges.values()))
        return [*answers, *chain.from_iterable(unknown)]


async def _unknown_fields(bridge: Bridge) -> list[Answer]:
    """Name the fields of `BRIDGE_FIELDS` that a queue does not have, the default one's or one of the routes."""
    wanted = {one.field for one in bridge.policy.fields}
    if not wanted or not isinstance(bridge.helpdesk, SetsFields):
        return []
    queues = sorted({"", *(rule.route.queue for rule in bridge.policy.routes)})
    return [answer for queue in queues for answer in await _missing(bridge.helpdesk, bridge.name, queue, wanted)]


async def _missing(helpdesk: SetsFields, name: str, queue: str, wanted: set[str]) -> list[Answer]:
    where = f"bridge {name}: BRIDGE_FIELDS: " + (f"queue {queue!r}" if queue else "the default queue")
    try:
        there = await helpdesk.fields_of(queue)
    except ConnectorError as failure:
        return [Answer(f"{where}: {type(failure).__name__.removesuffix('Error')}: {failure}", EX_UNAVAILABLE)]
    known = ", ".join(sorted(there)) or "none"
    missing = sorted(wanted - there)
    return [Answer(f"{where} has no field {field!r}: write one of {known}", os.EX_CONFIG) for field in missing]


async def _ask(where: str, connector: Connector) -> Answer:
    try:
        return Answer(f"{where}: ok: {await connector.check()}", 0)
    except ConnectorError as failure:
        return Answer(f"{where}: {type(failure).__name__.removesuffix('Error')}: {failure}", EX_UNAVAILABLE)
