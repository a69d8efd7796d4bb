"""The stand-in's abilities over HTTP, for tests in another process: JSON both ways, no login, loopback only.

Every route is a method of the stand-in; its arguments come from the path, the query and the body's object, by name.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pydantic
from pydantic_core import to_jsonable_python
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from syncd.testing.chatra.api import read_object
from syncd.testing.chatra.faults import Fault
from syncd.testing.chatra.refusal import Json, RefusedError

if TYPE_CHECKING:
    # The stand-in serves these routes itself.
    from syncd.testing.chatra.stand_in import ChatraStandIn

Ability = Callable[..., Awaitable[Any]]

FAULT = pydantic.TypeAdapter(Fault)


def control_routes(stand_in: ChatraStandIn) -> Starlette:
    """Make the application that stands under `/stand-in`."""

    async def order_fault(**fault: Any) -> Fault:
        return await stand_in.order_fault(FAULT.validate_python(fault))

    table: list[tuple[str, str, Ability]] = [
        ("POST", "/visitors", stand_in.visitor),
        ("PUT", "/visitors/{visitor_id}", stand_in.visitor),
        ("POST", "/visitors/{visitor_id}/says", stand_in.visitor_says),
        ("POST", "/visitors/{visitor_id}/attaches", stand_in.visitor_attaches),
        ("GET", "/chats", stand_in.chats),
        ("GET", "/chats/{chat_id}/messages", stand_in.messages),
        ("POST", "/chats/{chat_id}/agent-says", stand_in.agent_says),
        ("POST", "/chats/{chat_id}/agent-attaches", stand_in.agent_attaches),
        ("POST", "/chats/{chat_id}/trigger", stand_in.trigger),
        ("POST", "/chats/{chat_id}/push", stand_in.push),
        ("POST", "/chats/{chat_id}/end", stand_in.end_chat),
        ("GET", "/files", stand_in.fetched_files),
        ("POST", "/files", stand_in.keep_file),
        ("DELETE", "/files", stand_in.forget_file),
        ("GET", "/agents", stand_in.agents),
        ("POST", "/agents", stand_in.add_agent),
        ("GET", "/faults", stand_in.faults),
        ("POST", "/faults", order_fault),
        ("DELETE", "/faults", stand_in.clear_faults),
        ("GET", "/calls", stand_in.calls),
        ("GET", "/webhooks", stand_in.webhooks),
        ("POST", "/webhooks", stand_in.send_webhooks_to),
        ("GET", "/webhooks/targets", stand_in.targets),
        ("POST", "/webhooks/settled", stand_in.settled),
        ("PUT", "/options", stand_in.set_options),
    ]
    routes = [Route(path, _endpoint(ability), methods=[method]) for method, path, ability in table]
    return Starlette(routes=routes, exception_handlers={RefusedError: _refuse, pydantic.ValidationError: _refuse})


def _endpoint(ability: Ability) -> Callable[[Request], Awaitable[Response]]:
    checked = pydantic.validate_call(ability)

    async def endpoint(request: Request) -> Response:
        if request.client is None or not ipaddress.ip_address(request.client.host).is_loopback:
            raise RefusedError(403, "Only over loopback")
        fields: Json = await read_object(request) if await request.body() else {}
        result = await checked(**{**fields, **request.query_params, **request.path_params})
        return JSONResponse(to_jsonable_python(result))

    return endpoint


async def _refuse(_request: Request, refusal: Exception) -> Response:
    if isinstance(refusal, RefusedError):
        return JSONResponse(refusal.body, status_code=refusal.status)
    problems = refusal.errors() if isinstance(refusal, pydantic.ValidationError) else []
    told = "; ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in problems)
    return JSONResponse(RefusedError(400, told).body, status_code=400)
