"""What ops configured becomes bridges: connectors with HTTP clients of their own, and policies."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx

from syncd.contract.http import Http
from syncd.contract.model import BridgeName
from syncd.contract.ports import (
    AddsNotes,
    EditsMessages,
    RaisesPriority,
    SetsStatus,
    TagsTickets,
    TellsContact,
    UpdatesRequester,
    UploadsFiles,
)
from syncd.core import contact, fields
from syncd.core.addresses import parse_hosts
from syncd.core.lifecycle import Lifecycle
from syncd.core.plan import Policy
from syncd.core.route import parse
from syncd.core.slip import markers
from syncd.core.text import Sentences
from syncd.core.thanks import phrases
from syncd.core.voice import Voices
from syncd.engine.bridge import Bridge
from syncd.engine.telling import telling
from syncd.settings.models import BridgeConfiguration

CALL_TIMEOUT = httpx.Timeout(30.0, connect=5.0, pool=5.0)
CONNECTIONS = httpx.Limits(max_connections=10, max_keepalive_connections=10, keepalive_expiry=5.0)


@asynccontextmanager
async def connected(configurations: tuple[BridgeConfiguration, ...]) -> AsyncIterator[dict[BridgeName, Bridge]]:
    """Give the configured bridges, each end with an HTTP client of its own; close the clients afterwards."""
    trusted = httpx.create_ssl_context()
    async with AsyncExitStack() as stack:
        bridges = {}
        for configured in configurations:
            clients = [
                await stack.enter_async_context(
                    httpx.AsyncClient(verify=trusted, timeout=CALL_TIMEOUT, limits=CONNECTIONS)
                )
                for _ in range(2)
            ]
            bridges[configured.name] = _bridge(configured, *map(Http, clients))
        yield bridges


def _bridge(configured: BridgeConfiguration, chat_http: Http, helpdesk_http: Http) -> Bridge:
    settings = configured.settings
    directions = contact.parse(settings.contact)
    policy = Policy(
        tag=settings.received_from or f"syncd-{configured.name}",
        sentences=Sentences(configured.templates, telling(configured.name)),
        to_helpdesk=settings.direction != "to-chat",
        to_chat=settings.direction != "to-helpdesk",
        notes=issubclass(configured.helpdesk, AddsNotes),
        uploads=issubclass(configured.helpdesk, UploadsFiles),
        routes=parse(settings.routes),
        longest_reply=configured.chat.longest_text,
        voices=_voices(configured),
        internal_markers=markers(settings.internal_markers),
        debounce_seconds=settings.debounce_seconds,
        identity=settings.identity,
        updates_requester=issubclass(configured.helpdesk, UpdatesRequester),
        lifecycle=_lifecycle(configured),
        edits=issubclass(configured.chat, EditsMessages),
        notices=settings.notices == "pushed",
        fields=fields.parse(settings.fields),
        contact=contact.fields_to("chat", directions),
        learns=contact.fields_to("helpdesk", directions),
    )
    helpdesk = configured.helpdesk(configured.helpdesk_settings, helpdesk_http)
    if isinstance(helpdesk, TellsContact) and policy.to_chat:
        helpdesk.want_contact(policy.contact)
    return Bridge(
        name=configured.name,
        chat=configured.chat(configured.chat_settings, chat_http),
        helpdesk=helpdesk,
        secret=settings.webhook_secret.get_secret_value(),
        policy=policy,
        doubt_seconds=settings.doubt_minutes * 60,
        on_doubt=settings.on_doubt,
        trusted_hosts=parse_hosts(settings.attachment_hosts),
    )


def _voices(configured: BridgeConfiguration) -> Voices:
    if not configured.chat.default_agent:
        return "named"
    return "made" if configured.settings.dummy_agents == "yes" else "known"


def _lifecycle(configured: BridgeConfiguration) -> Lifecycle:
    settings = configured.settings
    return Lifecycle(
        reopen=settings.reopen,
        reopen_seconds=settings.reopen_days * 86400,
        thanks_reopen=settings.thanks == "reopen",
        phrases=phrases(settings.thanks_phrases.split(",")),
        chat_end=settings.chat_end,
        missed_priority=settings.missed_priority,
        sets_status=issubclass(configured.helpdesk, SetsStatus),
        raises_priority=issubclass(configured.helpdesk, RaisesPriority),
        tags=issubclass(configured.helpdesk, TagsTickets),
    )
