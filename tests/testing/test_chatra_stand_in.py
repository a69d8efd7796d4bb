from __future__ import annotations

import base64
import re
import time
from typing import Any

import httpx
import pytest

Json = dict[str, Any]

API_MESSAGE_KEYS = {"id", "type", "text", "clientId", "agentId", "createdAt"}
CLIENT_KEYS = {
    *("id", "chatId", "chatLink", "groupId", "color", "ip", "browserLanguage", "chatLanguage", "browser", "os"),
    *("userAgent", "country", "city", "latestVisit", "displayedName", "basicInfo", "integrationData", "info"),
}
DESK = {"agentEmail": "ann@desk.example.com", "agentName": "Ann", "receivedFrom": "desk"}


async def says(client: httpx.AsyncClient, text: str = "hello", visitor: str = "v1") -> Json:
    answer = await client.post(f"/stand-in/visitors/{visitor}/says", json={"text": text})
    assert answer.status_code == 200, answer.text
    message: Json = answer.json()
    return message


async def posts(client: httpx.AsyncClient, **fields: object) -> httpx.Response:
    return await client.post("/api/messages/", json={"clientId": "v1", "text": "Hi", **DESK, **fields})


async def push(client: httpx.AsyncClient, **fields: object) -> httpx.Response:
    return await client.post("/api/pushedMessages/", json={"clientId": "v1", "text": "Shipped", **fields})


def refused(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"status", "message"}
    assert body["status"] == status
    assert body["message"]


async def test_a_wrong_key_is_401(client: httpx.AsyncClient) -> None:
    await says(client)
    del client.headers["Authorization"]
    refused(await client.get("/api/clients/v1"), 401)
    basic = "Basic " + base64.b64encode(b"public:wrong").decode()
    simple = ("Chatra.Simple public:wrong", "Chatra.Simple public")
    for given in (*simple, basic, "Basic %%%", "Bearer public:secret"):
        refused(await client.get("/api/clients/v1", headers={"Authorization": given}), 401)


async def test_basic_authentication_is_the_alternative(client: httpx.AsyncClient) -> None:
    await says(client)
    del client.headers["Authorization"]
    assert (await client.get("/api/clients/v1", auth=("public", "secret"))).status_code == 200


async def test_a_posted_message_is_answered_as_documented(client: httpx.AsyncClient) -> None:
    await says(client)
    before = int(time.time() * 1000)
    body = (await posts(client, text="Good morning")).json()
    assert set(body) == {*API_MESSAGE_KEYS, "receivedFrom"}
    assert re.fullmatch("[2-9A-HJ-NP-TW-Za-km-z]{17}", body["id"])
    assert body["createdAt"] == pytest.approx(before, abs=5000)
    assert (body["type"], body["text"], body["clientId"]) == ("agent", "Good morning", "v1")
    assert (await client.get(f"/api/messages/{body['id']}")).json() == body


async def test_an_agent_id_needs_no_received_from(client: httpx.AsyncClient) -> None:
    await says(client)
    agent = (await client.get("/stand-in/agents")).json()[0]
    posted = await client.post("/api/messages", json={"clientId": "v1", "text": "Hi", "agentId": agent["id"]})
    assert set(posted.json()) == API_MESSAGE_KEYS
    assert posted.json()["agentId"] == agent["id"]
    refused(await client.post("/api/messages", json={"clientId": "v1", "text": "Hi", "agentId": "nobody"}), 404)


async def test_an_unknown_email_makes_one_dummy_agent(client: httpx.AsyncClient) -> None:
    await says(client)
    first, second = await posts(client), await posts(client, agentName="Annie")
    assert first.json()["agentId"] == second.json()["agentId"]
    dummies = [agent for agent in (await client.get("/stand-in/agents")).json() if agent["dummy"]]
    assert [(dummy["name"], dummy["email"]) for dummy in dummies] == [("Ann", "ann@desk.example.com")]


async def test_a_known_email_is_that_agent(client: httpx.AsyncClient) -> None:
    await says(client)
    agent = (await client.get("/stand-in/agents")).json()[0]
    assert (await posts(client, agentEmail=agent["email"])).json()["agentId"] == agent["id"]


async def test_a_message_that_is_not_as_documented_is_400(client: httpx.AsyncClient) -> None:
    await says(client)
    for name in ("clientId", "text", "agentEmail", "agentName", "receivedFrom"):
        for wrong in (None, 5, ""):
            refused(await posts(client, **{name: wrong}), 400)
    refused(await posts(client, text="x" * 5001), 400)
    agents = (await client.get("/stand-in/agents")).json()
    assert not any(agent["dummy"] for agent in agents)


async def test_5000_characters_are_taken(client: httpx.AsyncClient) -> None:
    await says(client)
    assert (await posts(client, text="x" * 5000)).status_code == 200


async def test_what_is_no_json_object_is_400(client: httpx.AsyncClient) -> None:
    json_type = {"Content-Type": "application/json; charset=utf-8"}
    for body in (b"", b"{", b"[]", b'"x"', b'{"a": "\xff"}', b'{"text": "\\ud83d"}', b"[" * 100000):
        answer = await client.post("/api/messages", content=body, headers=json_type)
        refused(answer, 400)
        assert answer.json()["message"] == "Invalid data format"


async def test_another_content_type_is_refused(client: httpx.AsyncClient) -> None:
    refused(await client.post("/api/messages", content=b"{}", headers={"Content-Type": "text/plain"}), 415)
    refused(await client.put("/api/clients/v1", content=b"{}"), 415)


async def test_what_is_unknown_is_404(client: httpx.AsyncClient) -> None:
    refused(await posts(client), 404)
    refused(await push(client), 404)
    for path in ("messages/none", "pushedMessages/none", "clients/none", "chats/none"):
        refused(await client.get(f"/api/{path}"), 404)
    for path in ("messages/none", "pushedMessages/none", "clients/none"):
        refused(await client.put(f"/api/{path}", json={"text": "x"}), 404)
    refused(await client.delete("/api/messages/none"), 404)
    refused(await client.get("/api/messages"), 405)
    refused(await client.get("/api/messages/none/"), 404)


async def test_a_chat_id_is_no_client_id(client: httpx.AsyncClient) -> None:
    await says(client)
    chat_id = (await client.get("/api/clients/v1")).json()["chatId"]
    refused(await posts(client, clientId=chat_id), 404)


async def test_an_agents_message_can_be_edited_and_deleted(client: httpx.AsyncClient) -> None:
    await says(client)
    posted = (await posts(client)).json()
    path = f"/api/messages/{posted['id']}"
    refused(await client.put(path, json={"text": ""}), 400)
    edited = await client.put(path, json={"text": "Better"})
    assert edited.json() == {**posted, "text": "Better"}
    assert (await client.delete(path)).json() == edited.json()
    refused(await client.get(path), 404)
    texts = [message["text"] for message in (await client.get("/stand-in/chats/v1/messages")).json()]
    assert texts == ["hello"]


async def test_a_visitors_message_can_only_be_read(client: httpx.AsyncClient) -> None:
    path = f"/api/messages/{(await says(client))['id']}"
    read = (await client.get(path)).json()
    assert set(read) == {"id", "type", "text", "clientId", "createdAt"}
    assert read["type"] == "client"
    refused(await client.put(path, json={"text": "x"}), 400)
    refused(await client.delete(path), 400)
    assert (await client.get(path)).json() == read


async def test_pushed_messages_have_their_own_place(client: httpx.AsyncClient) -> None:
    await says(client)
    pushed = (await push(client)).json()
    assert set(pushed) == {*API_MESSAGE_KEYS, "isPushed"}
    assert pushed["isPushed"] is True
    path = f"/api/pushedMessages/{pushed['id']}"
    assert (await client.get(path)).json() == pushed
    edited = (await client.put(path, json={"text": "Sent"})).json()
    assert edited == {**pushed, "text": "Sent"}
    assert (await client.delete(path)).json() == edited
    refused(await client.get(path), 404)
    posted = (await posts(client)).json()
    refused(await client.get(f"/api/pushedMessages/{posted['id']}"), 404)


async def test_a_pushed_message_takes_its_agent_from_the_group(client: httpx.AsyncClient) -> None:
    await says(client)
    agent = (await client.post("/stand-in/agents", json={"name": "Max", "email": "m@x.example", "group": "g2"})).json()
    assert {(await push(client, groupId="g2")).json()["agentId"] for _ in range(5)} == {agent["id"]}
    assert (await push(client, agentId=agent["id"])).json()["agentId"] == agent["id"]
    refused(await push(client, groupId="none"), 404)


async def test_a_client_is_answered_as_documented(client: httpx.AsyncClient) -> None:
    integration = {"name": "Jane", "email": "jane@shop.example", "Cart": "1 hat"}
    facts = {
        "integrationData": integration,
        "customFormData": {"order": "#15"},
        "basicInfo": {"phone": "+353", "name": "Jane D"},
    }
    made = (await client.put("/stand-in/visitors/v1", json={"facts": facts})).json()
    assert made["id"] == "v1"
    body = (await client.get("/api/clients/v1")).json()
    assert set(body) == {*CLIENT_KEYS, "customFormData"}
    assert body["info"] == {"order": "#15", "phone": "+353", **integration, "name": "Jane D"}
    assert body["displayedName"] == "Jane D"
    assert set(body["latestVisit"]) == {"startedAt", "viewedPages"}
    assert [set(page) for page in body["latestVisit"]["viewedPages"]] == [{"link", "title"}]


async def test_basic_info_is_set_and_removed_field_by_field(client: httpx.AsyncClient) -> None:
    await says(client)
    everything = {"name": "Jane", "email": "j@shop.example", "phone": "+353", "notes": "jeans"}
    assert (await client.put("/api/clients/v1", json=everything)).json()["basicInfo"] == everything
    answer = (await client.put("/api/clients/v1", json={"email": None, "notes": "hats", "color": "#000000"})).json()
    assert set(answer) == CLIENT_KEYS
    assert answer["basicInfo"] == {"name": "Jane", "phone": "+353", "notes": "hats"}
    assert answer == (await client.get("/api/clients/v1")).json()
    refused(await client.put("/api/clients/v1", json={"name": 5}), 400)
    assert (await client.get("/api/clients/v1")).json() == answer


async def test_an_anonymous_visitor_is_called_by_a_colour(client: httpx.AsyncClient) -> None:
    await client.put("/stand-in/visitors/v1", json={"facts": {"color": "#ff8c00", "city": None}})
    body = (await client.get("/api/clients/v1")).json()
    assert body["displayedName"] == "Dark Orange"
    assert "city" not in body


async def test_a_stored_file_is_served_to_everybody_until_it_is_removed(client: httpx.AsyncClient) -> None:
    content = bytes(range(256))
    kept = {"content": base64.b64encode(content).decode(), "kind": "image/png"}
    path = (await client.post("/stand-in/files", json=kept)).json()
    del client.headers["Authorization"]
    answer = await client.get(path)
    assert (answer.content, answer.headers["content-type"]) == (content, "image/png")
    assert (await client.get("/stand-in/files")).json() == [path]
    await client.request("DELETE", "/stand-in/files", json={"kept": path})
    assert (await client.get(path)).status_code == 404
