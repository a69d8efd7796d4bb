from __future__ import annotations

from typing import Any

import httpx

Json = dict[str, Any]

CLIENT_KEYS = {
    *("id", "chatId", "chatLink", "groupId", "color", "ip", "browserLanguage", "chatLanguage", "browser", "os"),
    *("userAgent", "country", "city", "latestVisit", "displayedName", "basicInfo", "customFormData"),
    *("integrationData", "info", "marketingConsent", "termsOfServiceConsent"),
}
AGENT_KEYS = {"id", "name", "email", "userpic"}
VISITOR_MESSAGE_KEYS = {"id", "type", "text", "createdAt"}
AGENT_MESSAGE_KEYS = {*VISITOR_MESSAGE_KEYS, "agentId", "agentName"}
STARTED_KEYS = {"eventName", "message", "client", "hostName", "chatStartedPage"}
FRAGMENT_KEYS = {"eventName", "messages", "agents", "client"}
TRANSCRIPT_KEYS = {*FRAGMENT_KEYS, "offlineMessagesCount", "hostName", "chatStartedPage"}
DESK = {"agentEmail": "ann@desk.example.com", "agentName": "Ann", "receivedFrom": "desk"}


async def do(client: httpx.AsyncClient, path: str, **fields: object) -> Json:
    answer = await client.post(f"/stand-in/{path}", json=fields)
    assert answer.status_code == 200, answer.text
    await client.post("/stand-in/webhooks/settled")
    result: Json = answer.json()
    return result


async def says(client: httpx.AsyncClient, text: str) -> Json:
    return await do(client, "visitors/v1/says", text=text)


async def posts(client: httpx.AsyncClient, text: str) -> Json:
    answer = await client.post("/api/messages", json={"clientId": "v1", "text": text, **DESK})
    await client.post("/stand-in/webhooks/settled")
    result: Json = answer.json()
    return result


def told(bodies: list[Json]) -> list[tuple[str, list[str]]]:
    """Give each webhook's event and texts."""
    return [
        (body["eventName"], [message["text"] for message in body.get("messages", [body.get("message")])])
        for body in bodies
    ]


async def test_a_visitor_starts_a_chat(client: httpx.AsyncClient, heard: list[Json]) -> None:
    facts = {"customFormData": {"order": "#15"}, "country": "Malta", "latestVisit": None}
    visit = {
        "startedAt": 5,
        "viewedPages": [{"link": "https://a.example/", "title": "A"}, {"link": "https://b.example/b"}],
    }
    await client.put("/stand-in/visitors/v1", json={"facts": {**facts, "latestVisit": visit}})
    message = await says(client, "hello")
    started, fragment = heard
    assert set(started) == STARTED_KEYS
    assert set(started["message"]) == VISITOR_MESSAGE_KEYS
    assert started["message"] == message
    assert (started["hostName"], started["chatStartedPage"]) == ("b.example", {"link": "https://b.example/b"})
    assert set(fragment) == FRAGMENT_KEYS
    assert fragment["messages"] == [message]
    assert fragment["agents"] == []
    assert set(started["client"]) == CLIENT_KEYS
    assert started["client"] == fragment["client"]
    assert (started["client"]["country"], started["client"]["latestVisit"]) == ("Malta", visit)


async def test_an_agent_starts_a_chat(client: httpx.AsyncClient, heard: list[Json]) -> None:
    await client.put("/stand-in/visitors/v1", json={})
    message = await do(client, "chats/v1/agent-says", text="Hi there")
    started, fragment = heard
    assert set(started) == {*STARTED_KEYS, "agent"}
    assert set(started["message"]) == AGENT_MESSAGE_KEYS
    assert set(started["agent"]) == AGENT_KEYS
    assert (message["agentId"], message["agentName"]) == (started["agent"]["id"], started["agent"]["name"])
    assert fragment["agents"] == [started["agent"]]


async def test_triggers_and_pushed_messages_come_with_the_next_fragment(
    client: httpx.AsyncClient, heard: list[Json]
) -> None:
    await client.put("/stand-in/visitors/v1", json={})
    await do(client, "chats/v1/trigger", text="May I help?")
    await do(client, "chats/v1/push", text="Shipped")
    await client.post("/api/pushedMessages", json={"clientId": "v1", "text": "Arrived"})
    await client.post("/stand-in/webhooks/settled")
    assert heard == []
    await says(client, "yes")
    assert told(heard) == [("chatStarted", ["yes"]), ("chatFragment", ["May I help?", "Shipped", "Arrived", "yes"])]
    trigger, pushed, arrived, _ = heard[1]["messages"]
    assert set(trigger) == {*AGENT_MESSAGE_KEYS, "isTrigger"}
    assert set(pushed) == set(arrived) == {*AGENT_MESSAGE_KEYS, "isPushed"}
    assert {agent["id"] for agent in heard[1]["agents"]} >= {trigger["agentId"], pushed["agentId"]}


async def test_each_message_fires_a_fragment_of_what_is_new(client: httpx.AsyncClient, heard: list[Json]) -> None:
    await says(client, "one")
    await do(client, "chats/v1/agent-says", text="two")
    posted = await posts(client, "three")
    assert told(heard)[1:] == [("chatFragment", ["one"]), ("chatFragment", ["two"]), ("chatFragment", ["three"])]
    (message,) = heard[-1]["messages"]
    assert set(message) == {*AGENT_MESSAGE_KEYS, "receivedFrom"}
    assert (message["id"], message["receivedFrom"], message["agentName"]) == (posted["id"], "desk", "Ann")


async def test_api_messages_can_wait_for_the_next_fragment(client: httpx.AsyncClient, heard: list[Json]) -> None:
    await says(client, "one")
    await client.put("/stand-in/options", json={"api_messages_fire": False})
    await posts(client, "two")
    assert len(heard) == 2
    await says(client, "three")
    assert told(heard)[2:] == [("chatFragment", ["two", "three"])]


async def test_an_api_message_can_start_a_session(client: httpx.AsyncClient, heard: list[Json]) -> None:
    await client.put("/stand-in/visitors/v1", json={})
    await posts(client, "Still there?")
    assert told(heard) == [("chatStarted", ["Still there?"]), ("chatFragment", ["Still there?"])]
    assert heard[0]["message"]["receivedFrom"] == "desk"


async def test_the_end_tells_the_whole_session(client: httpx.AsyncClient, heard: list[Json]) -> None:
    await client.put("/stand-in/visitors/v1", json={"facts": {"customFormData": {"order": "#15"}}})
    await do(client, "chats/v1/trigger", text="May I help?")
    await says(client, "one")
    unseen = await do(client, "chats/v1/agent-says", text="two")
    missed = await says(client, "three")
    transcript = await do(client, "chats/v1/end", missed=[unseen["id"], missed["id"]])
    assert heard[-1] == transcript
    assert set(transcript) == TRANSCRIPT_KEYS
    assert set(transcript["client"]) == CLIENT_KEYS
    assert set(transcript["client"]["latestVisit"]) == {"startedAt", "finishedAt", "viewedPages"}
    assert [set(agent) for agent in transcript["agents"]] == [AGENT_KEYS] * len(transcript["agents"])
    assert told([transcript]) == [("chatTranscript", ["May I help?", "one", "two", "three"])]
    _, seen, agents, visitors = transcript["messages"]
    assert set(seen) == VISITOR_MESSAGE_KEYS
    assert (set(agents) - AGENT_MESSAGE_KEYS, agents["isMissedByClient"]) == ({"isMissedByClient"}, True)
    assert (set(visitors) - VISITOR_MESSAGE_KEYS, visitors["isMissed"]) == ({"isMissed"}, True)
    assert transcript["offlineMessagesCount"] == 1


async def test_a_new_session_of_the_same_chat_tells_only_itself(client: httpx.AsyncClient, heard: list[Json]) -> None:
    await says(client, "one")
    first = await do(client, "chats/v1/end")
    assert (await client.post("/stand-in/chats/v1/end", json={})).status_code == 409
    await says(client, "two")
    second = await do(client, f"chats/{first['client']['chatId']}/end")
    assert told(heard)[3:] == [("chatStarted", ["two"]), ("chatFragment", ["two"]), ("chatTranscript", ["two"])]
    assert first["client"]["chatId"] == second["client"]["chatId"] == heard[0]["client"]["chatId"]
    assert "finishedAt" not in heard[3]["client"]["latestVisit"]


async def test_edits_and_deletions_show_in_what_is_told_later(client: httpx.AsyncClient, heard: list[Json]) -> None:
    await says(client, "one")
    first, second = await posts(client, "two"), await posts(client, "three")
    await client.put(f"/api/messages/{first['id']}", json={"text": "2"})
    await client.delete(f"/api/messages/{second['id']}")
    await do(client, "chats/v1/end")
    assert told(heard)[3:] == [("chatFragment", ["three"]), ("chatTranscript", ["one", "2"])]


async def test_files_are_told_as_documented(client: httpx.AsyncClient, heard: list[Json]) -> None:
    url = "https://files.example.com/1/"
    image = {"name": "me.png", "size": 333, "url": url, "width": 20, "height": 10}
    await do(client, "visitors/v1/attaches", file=image)
    await do(client, "chats/v1/agent-attaches", file={"name": "bill.pdf", "size": 5, "url": url})
    (seen,), (bill,) = heard[1]["messages"], heard[2]["messages"]
    assert set(seen) == {*VISITOR_MESSAGE_KEYS, "file"}
    assert seen["text"] == "me.png"
    assert set(seen["file"]) == {"fileName", "size", "isImage", "url", "imageInfo"}
    assert set(seen["file"]["imageInfo"]) == {"width", "height", "previewUrl"}
    assert bill["file"] == {"fileName": "bill.pdf", "size": 5, "isImage": False, "url": url}
    assert set(bill) == {*AGENT_MESSAGE_KEYS, "file"}


async def test_the_text_can_stand_under_message(client: httpx.AsyncClient, heard: list[Json]) -> None:
    await client.put("/stand-in/options", json={"text_key": "message"})
    await says(client, "hello")
    assert heard[0]["message"]["message"] == heard[1]["messages"][0]["message"] == "hello"
    assert "text" not in heard[0]["message"]
    posted = await posts(client, "Hi")
    assert posted["text"] == "Hi"


async def test_every_target_is_told_and_none_is_told_again(
    client: httpx.AsyncClient, hook: str, target: str, heard: list[Json]
) -> None:
    urls = [hook, f"{target}/503/x", "http://127.0.0.1:9/"]
    refused = await client.post("/stand-in/webhooks", json={"urls": ["ftp://x", "http://"]})
    assert refused.status_code == 400
    assert (await client.post("/stand-in/webhooks", json={"urls": urls})).json() == urls
    await says(client, "hello")
    log = (await client.get("/stand-in/webhooks")).json()
    assert [(sent["url"], sent["event"], sent["status"], sent["error"]) for sent in log] == [
        (urls[0], "chatStarted", 200, ""),
        (urls[1], "chatStarted", 503, ""),
        (urls[2], "chatStarted", None, "ConnectError"),
        (urls[0], "chatFragment", 200, ""),
        (urls[1], "chatFragment", 503, ""),
        (urls[2], "chatFragment", None, "ConnectError"),
    ]
    assert all(sent["fate"] == "sent" and 0 <= sent["seconds"] < 5 for sent in log)
    assert [sent["message_ids"] for sent in log[:2]] == [[heard[0]["message"]["id"]]] * 2
    assert len((await client.get("/stand-in/webhooks", params={"after": 5})).json()) == 1
