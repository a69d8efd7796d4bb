"""What ops may do on the pages: retry and drop what was parked, pause and resume a bridge. Each is confirmed first."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from syncd.contract.model import BridgeName
from syncd.engine.admin import Admin
from syncd.pages.access import comes_from
from syncd.pages.show import missing, show
from syncd.store import operations
from syncd.store.database import Database
from syncd.store.operations import Drop, Operation, Parked, Pause, Resume, Retry

ALL = "all"
LONGEST_NAME = 60


@dataclass(frozen=True)
class Deed:
    """What is about to be done: the question, the word on the button, what it leads to, and where one goes then."""

    question: str
    button: str
    leads_to: str
    back: str
    operation: Callable[[str], Operation]


class Deeds:
    """Shows what is parked, asks whether it is meant, and does it as the commands do."""

    def __init__(self, readers: Database, admin: Admin, bridges: Sequence[BridgeName]) -> None:
        self._readers = readers
        self._admin = admin
        self._bridges = bridges

    async def parked(self, request: Request) -> Response:
        """List everything that is parked, without anybody's words."""
        return show(request, "parked.html", parked=await self._readers.run(operations.parked))

    async def delivery(self, request: Request) -> Response:
        """Show one parked delivery, the words in it too."""
        found = await self._chosen(request.path_params["key"])
        if len(found) != 1:
            return missing(request)
        return show(request, "delivery.html", one=found[0], body=_readable(found[0]))

    async def ask(self, request: Request) -> Response:
        """Ask whether it is meant."""
        deed = await self._deed(request)
        if deed is None:
            return missing(request)
        return show(request, "confirm.html", deed=deed, who=request.session.get("who", ""))

    async def do(self, request: Request) -> Response:
        """Do it, and say in the log who did."""
        deed = await self._deed(request)
        if deed is None:
            return missing(request)
        async with request.form(max_files=0, max_fields=4) as form:
            name = " ".join(str(form.get("who", "")).split())[:LONGEST_NAME]
        who = "".join(filter(str.isprintable, name)) or "somebody"
        request.session["who"] = who
        by = f"{who} on the pages"
        await self._admin.carry_out(deed.operation(by), f"{by}, from {comes_from(request)}")
        return RedirectResponse(deed.back, 303)

    async def _deed(self, request: Request) -> Deed | None:
        which = request.path_params["deed"]
        if "bridge" in request.path_params:
            bridge = BridgeName(request.path_params["bridge"])
            return _to_bridge(which, bridge) if bridge in self._bridges else None
        found = await self._chosen(request.path_params["key"])
        return _to_parked(which, found) if found else None

    async def _chosen(self, key: str) -> list[Parked]:
        found = await self._readers.run(operations.parked)
        return [row for row in found if key in {row.key, ALL}]


def _to_parked(which: str, rows: Sequence[Parked]) -> Deed | None:
    keys = tuple(row.key for row in rows)
    what = f"delivery {keys[0]}" if len(keys) == 1 else f"all {len(keys)} parked deliveries"
    match which:
        case "retry":
            leads_to = (
                "It goes again, in its place in the conversation. If the other end has it after all, it may show twice."
            )
            return Deed(f"Retry {what}?", "Retry", leads_to, "/parked", lambda _: Retry(keys))
        case "drop":
            leads_to = "It is given up for good. The row stays and says who did it."
            return Deed(f"Drop {what}?", "Drop", leads_to, "/parked", lambda who: Drop(keys, who))
        case _:
            return None


def _to_bridge(which: str, bridge: BridgeName) -> Deed | None:
    match which:
        case "pause":
            leads_to = "What comes in is stored; nothing is delivered until the bridge is resumed."
            return Deed(f"Pause {bridge}?", "Pause", leads_to, "/", lambda _: Pause(bridge))
        case "resume":
            leads_to = "Everything that has waited is delivered now, in order."
            return Deed(f"Resume {bridge}?", "Resume", leads_to, "/", lambda _: Resume(bridge))
        case _:
            return None


def _readable(one: Parked) -> str:
    content = one.content()
    return content if isinstance(content, str) else json.dumps(content, indent=2, ensure_ascii=False)
