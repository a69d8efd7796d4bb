from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest

from syncd.testing.chatra import ChatraStandIn, Fault, Options, RefusedError, serve

Json = dict[str, Any]

DESK = {"agentEmail": "ann@desk.example.com", "agentName": "Ann", "receivedFrom": "desk"}
KEYS = {"Authorization": "Chatra.Simple public:secret"}


async def order(client: httpx.AsyncClient, **fault: object) -> None:
    answer = await client.post("/stand-in/faults", json=fault)
    assert answer.status_code == 200, answer.text


async def says(client: httpx.AsyncClient, text: str = "hello", visitor: str = "v1") -> None:
    await client.post(f"/stand-in/visitors/{visitor}/says", json={"text": text})


async def settled(client: httpx.AsyncClient) -> list[Json]:
    await client.post("/stand-in/webhooks/settled")
    log: list[Json] = (await client.get("/stand-in/webhooks")).json()
    return log


async def posts(client: httpx.AsyncClient, text: str = "Hi") -> httpx.Response:
    return await client.post("/api/messages", json={"clientId": "v1", "text": text, **DESK})


async def texts(client: httpx.AsyncClient) -> list[str]:
    return [message["text"] for message in (await client.get("/stand-in/chats/v1/messages")).json()]


async def calls(client: httpx.AsyncClient) -> list[Json]:
    log: list[Json] = (await client.get("/stand-in/calls")).json()
    return log


async def test_the_connection_is_cut_before_the_message_is_taken(client: httpx.AsyncClient) -> None:
    await says(client)
    await order(client, kind="cut_before", times=2)
    for _ in range(2):
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await posts(client)
    assert await texts(client) == ["hello"]
    assert (await posts(client)).status_code == 200
    assert [(call["status"], call["fault"]) for call in await calls(client)] == [
        (None, "cut_before"),
        (None, "cut_before"),
        (200, ""),
    ]


async def test_the_connection_is_cut_after_the_message_is_taken(client: httpx.AsyncClient, heard: list[Json]) -> None:
    await says(client)
    await order(client, kind="cut_after")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await posts(client)
    assert await texts(client) == ["hello", "Hi"]
    await settled(client)
    assert heard[-1]["messages"][0]["receivedFrom"] == "desk"
    assert [(call["status"], call["fault"]) for call in await calls(client)] == [(None, "cut_after")]


async def test_a_cut_is_a_closed_socket_and_not_one_byte(client: httpx.AsyncClient) -> None:
    await order(client, kind="cut_before")
    reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
    writer.write(b"GET /api/clients/v1 HTTP/1.1\r\nHost: x\r\nAuthorization: Chatra.Simple public:secret\r\n\r\n")
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()


async def test_429_comes_with_the_ordered_retry_after(client: httpx.AsyncClient) -> None:
    await says(client)
    await order(client, kind="too_many_requests", retry_after=12)
    answer = await posts(client)
    assert (answer.status_code, answer.headers["Retry-After"], answer.json()["status"]) == (429, "12", 429)
    assert await texts(client) == ["hello"]
    (call,) = await calls(client)
    assert (call["status"], call["retry_after"], call["path"]) == (429, 12, "/api/messages")


async def test_server_errors_before_and_after_the_message_is_taken(client: httpx.AsyncClient) -> None:
    await says(client)
    await order(client, kind="server_error")
    await order(client, kind="server_error", status=502, taken=True)
    first, second = await posts(client, "lost"), await posts(client, "taken")
    assert (first.status_code, second.status_code) == (500, 502)
    assert set(first.json()) == {"status", "message"}
    assert await texts(client) == ["hello", "taken"]


async def test_a_garbage_answer_is_200_and_no_json(client: httpx.AsyncClient) -> None:
    await says(client)
    await order(client, kind="garbage")
    answer = await posts(client)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match="Expecting value"):
        answer.json()
    assert await texts(client) == ["hello", "Hi"]


async def test_a_slow_call_is_taken_all_the_same(client: httpx.AsyncClient) -> None:
    await says(client)
    await order(client, kind="slow", seconds=0.2)
    begun = time.monotonic()
    assert (await posts(client)).status_code == 200
    assert 0.2 <= time.monotonic() - begun < 2


async def test_a_fault_can_wait_for_a_method(client: httpx.AsyncClient) -> None:
    await says(client)
    await order(client, kind="server_error", method="POST")
    assert (await client.get("/api/clients/v1")).status_code == 200
    assert (await posts(client)).status_code == 500


async def test_faults_are_listed_cleared_and_checked(client: httpx.AsyncClient) -> None:
    await order(client, kind="server_error", times=3)
    assert [fault["kind"] for fault in (await client.get("/stand-in/faults")).json()] == ["server_error"]
    await client.delete("/stand-in/faults")
    assert (await client.get("/stand-in/faults")).json() == []
    for wrong in ({"kind": "none"}, {"kind": "lost", "probability": 2}, {"kind": "lost", "time": 3}, {}):
        answer = await client.post("/stand-in/faults", json=wrong)
        assert (answer.status_code, set(answer.json())) == (400, {"status", "message"}), wrong


async def chances(seed: int) -> list[int]:
    stand_in = ChatraStandIn(Options("public", "secret", seed=seed))
    await stand_in.order_fault(Fault("server_error", probability=0.5))
    transport = httpx.ASGITransport(stand_in.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x", headers=KEYS) as client:
        return [(await client.get("/api/clients/v1")).status_code for _ in range(40)]


async def test_chances_are_repeatable_by_their_seed() -> None:
    first = await chances(1)
    assert first == await chances(1) != await chances(2)
    assert 10 < first.count(500) < 30


async def test_the_rate_limit_counts_all_endpoints_together() -> None:
    options = Options("public", "secret", rate=4, window=1.0)
    async with (
        serve(ChatraStandIn(options)) as url,
        httpx.AsyncClient(base_url=url, headers=KEYS, trust_env=False) as client,
    ):
        await says(client)
        answers = [await posts(client), await client.get("/api/clients/v1")]
        answers += [await client.get("/api/messages/none") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 404, 404, 429]
        assert answers[-1].headers["Retry-After"] == "1"
        assert set(answers[-1].json()) == {"status", "message"}
        assert (await client.get("/api/clients/v1", headers={"Authorization": "x"})).status_code == 401
        await asyncio.sleep(1)
        assert (await posts(client)).status_code == 200
        log = await calls(client)
    assert [call["status"] for call in log] == [200, 200, 404, 404, 429, 401, 200]
    assert [call["retry_after"] for call in log if call["status"] == 429] == [1]
    assert log[-1]["at"] - log[0]["at"] >= 1
    assert (log[0]["method"], log[1]["path"]) == ("POST", "/api/clients/v1")


async def test_sixty_calls_a_minute_are_the_default(client: httpx.AsyncClient) -> None:
    statuses = [(await client.get("/api/clients/none")).status_code for _ in range(61)]
    assert statuses == [404] * 60 + [429]


async def test_webhooks_are_doubled(client: httpx.AsyncClient, heard: list[Json]) -> None:
    await order(client, kind="doubled", copies=2)
    await says(client)
    log = await settled(client)
    assert [body["eventName"] for body in heard] == ["chatStarted"] * 3 + ["chatFragment"]
    assert [(sent["number"], sent["copy"]) for sent in log] == [(1, 0), (1, 1), (1, 2), (2, 0)]
    assert heard[0] == heard[1] == heard[2]


async def test_webhooks_are_lost(client: httpx.AsyncClient, heard: list[Json]) -> None:
    await order(client, kind="lost")
    await says(client)
    log = await settled(client)
    assert [body["eventName"] for body in heard] == ["chatFragment"]
    assert [(sent["fate"], sent["status"]) for sent in log] == [("lost", None), ("sent", 200)]


async def test_a_late_webhook_holds_its_chat_and_no_other(client: httpx.AsyncClient, heard: list[Json]) -> None:
    await order(client, kind="late", seconds=0.3)
    await says(client, visitor="v1")
    await says(client, visitor="v2")
    log = await settled(client)
    assert [(body["client"]["id"], body["eventName"]) for body in heard] == [
        ("v2", "chatStarted"),
        ("v2", "chatFragment"),
        ("v1", "chatStarted"),
        ("v1", "chatFragment"),
    ]
    assert log[0]["sent_at"] - log[0]["queued_at"] >= 0.3


async def test_webhooks_come_in_another_order(client: httpx.AsyncClient, heard: list[Json]) -> None:
    await order(client, kind="shuffled", seconds=0.2)
    for text in "abcd":
        await says(client, text)
    await settled(client)
    await says(client, "e")
    await settled(client)
    came = [body["messages"][0]["text"] if "messages" in body else "start" for body in heard]
    assert sorted(came[:5]) == ["a", "b", "c", "d", "start"]
    assert came[:5] != ["start", "a", "b", "c", "d"]
    assert came[5:] == ["e"]


async def test_without_faults_a_chats_webhooks_keep_their_order(client: httpx.AsyncClient, heard: list[Json]) -> None:
    for number in range(20):
        await says(client, str(number))
    await settled(client)
    assert [body["messages"][0]["text"] for body in heard[1:]] == [str(number) for number in range(20)]


async def test_what_the_service_cannot_do_is_refused_in_process_too() -> None:
    stand_in = ChatraStandIn(Options("public", "secret"))
    with pytest.raises(RefusedError, match="not found"):
        await stand_in.agent_says("nobody", "Hi")
