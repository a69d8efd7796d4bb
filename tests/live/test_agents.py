"""As whom agents speak in the chat where it must not make agents, and in whose words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.live.conftest import Shop
from tests.live.request_tracker.server import RequestTrackerServer
from tests.process.programs import ChatProcess, DaemonProcess, until

pytestmark = pytest.mark.live

LIZ = "liz@agents.example.com"


@pytest.fixture(scope="module")
def shop(request_tracker: RequestTrackerServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder: Path = tmp_path_factory.mktemp("agents")
    words = folder / "words"
    words.mkdir()
    (words / "spoken.txt").write_text("{{ name }} schreibt: {{ text }}\n")
    (words / "author.txt").write_text("{{ name }} ({{ {'visitor': 'Kundin', 'agent': 'Agent'}[role] }})\n")
    (words / "part.txt").write_text("{{ text }}\n(Teil {{ number }} von {{ count }})\n")
    (words / "slipped.txt").write_text("Nicht gesendet, denn es beginnt mit {{ marker }}.\n")
    chat = ChatProcess(folder, "http://127.0.0.1:9/", rate=600)
    chosen = {"BRIDGE_DUMMY_AGENTS": "no", "CHATRA_AGENT_EMAIL": LIZ, "BRIDGE_TEMPLATES": str(words)}
    with chat, DaemonProcess(folder, {**chat.bridge, **request_tracker.bridge, **chosen}) as daemon:
        chat.ask("POST", "/webhooks", urls=[daemon.hook])
        until(lambda: httpx.get(f"{daemon.url}/readyz").is_success)
        yield Shop(chat, request_tracker, daemon)


def spoken(shop: Shop, visitor: str) -> list[tuple[str, str]]:
    """Give who is shown to have said what."""
    agents = {agent["id"]: agent["email"] for agent in shop.chat.ask("GET", "/agents")}
    messages: list[dict[str, Any]] = shop.chat.ask("GET", f"/chats/{visitor}/messages")
    return [(agents[one["agentId"]], one["text"]) for one in messages if one["type"] == "agent"]


def must_have_made_no_agent(shop: Shop) -> None:
    assert [agent for agent in shop.chat.ask("GET", "/agents") if agent["dummy"]] == []


def test_an_agent_whom_the_chat_does_not_know_is_named_in_the_text_and_one_whom_it_knows_speaks_himself(
    shop: Shop,
) -> None:
    known = shop.chat.ask("POST", "/agents", name="Agent One", email="Agent1@rt.test")
    shop.meet("ada", basicInfo={"name": "Ada"})
    shop.says("ada", "hello")
    ticket = shop.ticket("ada")
    shop.desk.reply(ticket, "first", by="agent1")
    until(lambda: spoken(shop, "ada") == [(LIZ, "Agent One schreibt: first")])
    shop.chat.ask("POST", "/chats/ada/agent-says", text="typed here", agent_id=known["id"])
    until(lambda: "Agent One (Agent) · " in shop.shown("ada"))
    shop.desk.reply(ticket, "second", by="agent1")
    until(lambda: spoken(shop, "ada")[2:] == [("Agent1@rt.test", "second")])
    shop.desk.reply(ticket, "third", by="agent2")
    until(lambda: spoken(shop, "ada")[3:] == [(LIZ, "Zoë Agent schreibt: third")])
    assert "Ada (Kundin) · " in shop.shown("ada")
    must_have_made_no_agent(shop)


def test_the_name_has_its_room_in_each_part_of_a_long_reply(shop: Shop) -> None:
    shop.meet("bea")
    shop.says("bea", "tell me everything")
    shop.desk.reply(shop.ticket("bea"), "word " * 1999 + "end", by="agent2")
    until(lambda: len(spoken(shop, "bea")) == 3)
    texts = [text for _, text in spoken(shop, "bea")]
    assert all(text.startswith("Zoë Agent schreibt: word") and len(text) <= 5000 for text in texts)
    assert [text.rpartition("\n")[2] for text in texts] == [f"(Teil {number} von 3)" for number in (1, 2, 3)]
    must_have_made_no_agent(shop)


def test_a_reply_that_is_marked_as_internal_is_told_on_the_ticket_and_not_in_the_chat(shop: Shop) -> None:
    shop.meet("cleo")
    shop.says("cleo", "hello")
    ticket = shop.ticket("cleo")
    shop.desk.reply(ticket, "<p>&#xFF03;<b>internal</b> she never pays</p>", html=True)
    shop.desk.reply(ticket, "It is on its way.", by="agent2")
    until(lambda: spoken(shop, "cleo"))
    until(lambda: "Nicht gesendet, denn es beginnt mit #internal." in shop.shown("cleo"))
    assert [text for _, text in spoken(shop, "cleo")] == ["Zoë Agent schreibt: It is on its way."]
