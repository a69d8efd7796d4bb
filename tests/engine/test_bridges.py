"""Several bridges in one process: equal ids at their ends are never taken for each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from httpx import AsyncClient

from connectors.memory import MemoryChat, MemoryHelpdesk
from connectors.memory.world import MemorySettings
from syncd.bridges import connected
from syncd.contract.http import Http
from syncd.contract.model import Author, BridgeName, Role
from syncd.core.plan import Policy
from syncd.engine.bridge import Bridge
from syncd.engine.daemon import Daemon
from syncd.engine.metrics import Metrics
from syncd.engine.storage import Storage
from syncd.settings.load import load
from syncd.store import migrations
from syncd.store.database import opened, writer
from syncd.store.inbox import Received

from .conftest import until
from .test_flow import fragment

NAMES = (BridgeName("one"), BridgeName("two"))
BO = Author(Role.AGENT, "Bo", "bo@example.com")


def bridge(name: BridgeName, http: Http) -> Bridge:
    settings = MemorySettings(poll_seconds=0.02)
    chat, helpdesk = MemoryChat(settings, http), MemoryHelpdesk(settings, http)
    return Bridge(name, chat, helpdesk, "s" * 16, Policy(tag=f"syncd-{name}"), doubt_seconds=1.0, on_doubt="park")


def on_tickets(of: Bridge) -> str:
    assert isinstance(of.helpdesk, MemoryHelpdesk)
    return "\n".join(comment.text for ticket in of.helpdesk.tickets.values() for comment in ticket.comments)


async def test_two_accounts_with_equal_ids_share_nothing(tmp_path: Path) -> None:
    engine = writer(tmp_path / "syncd.db")
    migrations.bring_up_to_date(engine)
    async with AsyncClient() as client:
        with opened(engine) as database:
            bridges = {name: bridge(name, Http(client)) for name in NAMES}
            daemon = Daemon(bridges, Storage(database), Metrics())
            await daemon.start()
            await until(lambda: all(health.state == "ok" for health in daemon.healths.values()))
            for name in NAMES:
                body = fragment(f"words for {name}")
                await daemon.intake.receive(Received(name, "chat", "webhook", "{}", body, 0.0))
            await until(lambda: all(f"words for {name}" in on_tickets(bridges[name]) for name in NAMES))
            one, two = (bridges[name] for name in NAMES)
            assert "words for two" not in on_tickets(one)
            assert "words for one" not in on_tickets(two)
            await reply_on_the_same_ticket_id(one, two)
            await daemon.stop()


async def reply_on_the_same_ticket_id(one: Bridge, two: Bridge) -> None:
    """Let both helpdesks call their ticket by one id, and an agent of one of them reply."""
    assert isinstance(one.helpdesk, MemoryHelpdesk)
    assert isinstance(two.helpdesk, MemoryHelpdesk)
    assert isinstance(one.chat, MemoryChat)
    (ticket,) = one.helpdesk.tickets
    two.helpdesk.tickets[ticket] = next(iter(two.helpdesk.tickets.values()))
    one.chat.visitor_says(next(iter(one.helpdesk.tickets.values())).draft.requester, "still here")
    two.helpdesk.agent_replies(ticket, BO, "from the second helpdesk")
    one.helpdesk.agent_replies(ticket, BO, "from the first helpdesk")
    await until(lambda: "from the first helpdesk" in said(one))
    assert "from the second helpdesk" not in said(one)
    assert "from the second helpdesk" not in said(two)


def said(of: Bridge) -> list[str]:
    assert isinstance(of.chat, MemoryChat)
    return [event.message.text for event in of.chat.world.events if event.kind == "chat_message_added"]


@pytest.mark.parametrize(
    ("chosen", "to_chat", "to_helpdesk"),
    [
        ("name=both email=to-chat phone=none", ["email", "name"], ["name"]),
        ("", [], ["email", "name", "phone"]),
    ],
)
async def test_contact_data_goes_the_way_that_ops_chose(
    chosen: str, to_chat: list[str], to_helpdesk: list[str]
) -> None:
    ends = {"BRIDGE_CHAT": "memory", "BRIDGE_HELPDESK": "memory", "BRIDGE_WEBHOOK_SECRET": "s" * 16}
    async with connected(load({**ends, "BRIDGE_CONTACT": chosen}).bridges) as bridges:
        (only,) = bridges.values()
        assert (sorted(only.policy.contact), sorted(only.policy.learns)) == (to_chat, to_helpdesk)
