"""The REST API's routes: messages, pushedMessages, clients. Bodies and answers are those of Chatra's documents."""

from __future__ import annotations

import json
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from syncd.testing.chatra.account import LONGEST_TEXT, Account
from syncd.testing.chatra.message import Agent, Message
from syncd.testing.chatra.refusal import Json, RefusedError, invalid

Deed = Callable[[Account, str, Json], Json]
"""Does one call: the id out of the path (empty where it has none) and the body's object, to the answer's object."""


def api_routes(account: Account) -> Starlette:
    """Make the application that stands under `/api`."""
    routes = [
        *_collection("messages", account, _post_message),
        *_collection("pushedMessages", account, _post_pushed),
        *_resource("messages", account, {"GET": _get_message, "PUT": _put_message, "DELETE": _delete_message}),
        *_resource("pushedMessages", account, {"GET": _get_pushed, "PUT": _put_pushed, "DELETE": _delete_pushed}),
        *_resource("clients", account, {"GET": _get_client, "PUT": _put_client}),
    ]
    app = Starlette(routes=routes, exception_handlers={RefusedError: _refuse, HTTPException: _no_such_route})
    app.router.redirect_slashes = False
    return app


def _collection(name: str, account: Account, post: Deed) -> list[Route]:
    endpoint = _endpoint(account, {"POST": post})
    return [Route(path, endpoint, methods=["POST"]) for path in (f"/{name}", f"/{name}/")]


def _resource(name: str, account: Account, deeds: dict[str, Deed]) -> list[Route]:
    return [Route(f"/{name}/{{id}}", _endpoint(account, deeds), methods=list(deeds))]


def _endpoint(account: Account, deeds: dict[str, Deed]) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        fields = await read_object(request) if method in {"POST", "PUT"} else {}
        return JSONResponse(deeds[method](account, request.path_params.get("id", ""), fields))

    return endpoint


async def read_object(request: Request) -> Json:
    """Read the body as the one supported format. Raises RefusedError: 415 for another type, 400 for no JSON object."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RefusedError(415, "Content-Type must be application/json")
    try:
        value = json.loads((await request.body()).decode())
        # A lone surrogate passes as JSON and could never be written again.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise invalid() from None
    if not isinstance(value, dict):
        raise invalid()
    return value


async def _refuse(_request: Request, refusal: Exception) -> Response:
    body = refusal.body if isinstance(refusal, RefusedError) else {}
    return JSONResponse(body, status_code=body["status"])


async def _no_such_route(_request: Request, wrong: Exception) -> Response:
    status = wrong.status_code if isinstance(wrong, HTTPException) else 404
    message = "Method not allowed" if status == 405 else "Not found"
    return JSONResponse(RefusedError(status, message).body, status_code=status)


def _text(fields: Json, name: str) -> str:
    """Read a required string that is not empty. Raises RefusedError."""
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise invalid(f"{name} is required and must be a string")
    return value


def _optional_text(fields: Json, name: str) -> str:
    return "" if fields.get(name) is None else _text(fields, name)


def _message_text(fields: Json) -> str:
    text = _text(fields, "text")
    if len(text) > LONGEST_TEXT:
        raise invalid(f"text must have 1 to {LONGEST_TEXT} characters")
    return text


def _speaker(account: Account, fields: Json) -> Agent:
    if fields.get("agentId") is not None:
        return account.agent(_text(fields, "agentId"))
    if fields.get("agentEmail") is None:
        raise invalid("agentId or agentEmail is required")
    email, name = _text(fields, "agentEmail"), _text(fields, "agentName")
    _text(fields, "receivedFrom")
    return account.agent_by_email(email, name)


def _post_message(account: Account, _id: str, fields: Json) -> Json:
    visitor_id, text = _text(fields, "clientId"), _message_text(fields)
    received_from = _optional_text(fields, "receivedFrom")
    chat = account.chat_of_visitor(visitor_id)
    return account.api_says(chat, text, _speaker(account, fields), received_from).for_api()


def _post_pushed(account: Account, _id: str, fields: Json) -> Json:
    visitor_id, text = _text(fields, "clientId"), _message_text(fields)
    agent_id, group = _optional_text(fields, "agentId"), _optional_text(fields, "groupId")
    chat = account.chat_of_visitor(visitor_id)
    agent = account.agent(agent_id) if agent_id else account.any_agent(group or None)
    return account.automatic(chat, text, "pushed", agent).for_api()


def _get_message(account: Account, message_id: str, _fields: Json) -> Json:
    return account.message(message_id).for_api()


def _put_message(account: Account, message_id: str, fields: Json) -> Json:
    return _edited(account, account.message(message_id), fields)


def _delete_message(account: Account, message_id: str, _fields: Json) -> Json:
    return account.delete(account.message(message_id)).for_api()


def _get_pushed(account: Account, message_id: str, _fields: Json) -> Json:
    return account.message(message_id, pushed=True).for_api()


def _put_pushed(account: Account, message_id: str, fields: Json) -> Json:
    return _edited(account, account.message(message_id, pushed=True), fields)


def _delete_pushed(account: Account, message_id: str, _fields: Json) -> Json:
    return account.delete(account.message(message_id, pushed=True)).for_api()


def _edited(account: Account, message: Message, fields: Json) -> Json:
    return account.edit(message, _message_text(fields)).for_api()


def _get_client(account: Account, visitor_id: str, _fields: Json) -> Json:
    return account.chat_of_visitor(visitor_id).visitor.described_to_api()


def _put_client(account: Account, visitor_id: str, fields: Json) -> Json:
    visitor = account.chat_of_visitor(visitor_id).visitor
    visitor.edit_basic_info(fields)
    return visitor.described_to_api()
