"""`syncd check`: one cheap authenticated call to each end, and the URLs to paste into the chat's dashboard."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from syncd.app import connected
from syncd.contract.errors import ConnectorError
from syncd.contract.ports import Connector, ReceivesWebhooks
from syncd.engine.bridge import ENDS
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


async def ends(configuration: Configuration) -> list[Answer]:
    """Ask every end of every bridge at once."""
    async with connected(configuration.bridges) as bridges:
        asked = [
            _ask(f"bridge {bridge.name}: {end}", bridge.connector(end)) for bridge in bridges.values() for end in ENDS
        ]
        return await asyncio.gather(*asked)


async def _ask(where: str, connector: Connector) -> Answer:
    try:
        return Answer(f"{where}: ok: {await connector.check()}", 0)
    except ConnectorError as failure:
        return Answer(f"{where}: {type(failure).__name__.removesuffix('Error')}: {failure}", EX_UNAVAILABLE)
