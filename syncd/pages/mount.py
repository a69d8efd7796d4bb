"""The pages that connectors bring: `/bridges/{bridge}/{end}/…`."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from syncd.contract.deliveries import Upload
from syncd.contract.errors import ConnectorError, MissingTargetError
from syncd.contract.model import BridgeName
from syncd.contract.pages import PageAnswer, PageMoved, PageRequest, PageShown, ServesPages
from syncd.engine.bridge import ENDS, Bridge
from syncd.pages.show import missing, show
from syncd.pages.words import vendor

PREFIX = "/bridges/"
STYLE = "style.css"
LARGEST_TEXT = 1024 * 1024


class Mounted:
    """Hands requests to the connectors that have pages."""

    def __init__(self, bridges: Mapping[BridgeName, Bridge]) -> None:
        self._pages: dict[tuple[str, str], ServesPages] = {
            (name, end): connector
            for name, bridge in bridges.items()
            for end in ENDS
            if isinstance(connector := bridge.connector(end), ServesPages)
        }
        self.routes = [
            # Relative addresses need the last slash.
            *(Route(f"{PREFIX}{{bridge}}/{end}", _with_slash) for end in ENDS),
            Route(f"{PREFIX}{{bridge}}/{{end}}/{{path:path}}", self.answer, methods=["GET", "POST"]),
        ]

    def of(self, bridge: Bridge) -> list[tuple[str, str]]:
        """Give the address and the name of each end's pages, where it has some."""
        return [
            (f"{PREFIX}{bridge.name}/{end}/", vendor(bridge.connector(end)))
            for end in ENDS
            if (bridge.name, end) in self._pages
        ]

    def is_open(self, path: str) -> bool:
        """Say whether a path is one of those that a connector keeps open for everybody."""
        bridge, _, rest = path.removeprefix(PREFIX).partition("/")
        end, _, below = rest.partition("/")
        pages = self._pages.get((bridge, end)) if path.startswith(PREFIX) else None
        return pages is not None and below.startswith(pages.open_path)

    async def answer(self, request: Request) -> Response:
        """Answer with the page of a connector."""
        parts = request.path_params
        pages = self._pages.get((parts["bridge"], parts["end"]))
        if pages is None:
            return missing(request)
        if parts["path"] == STYLE:
            return Response(pages.style, media_type="text/css")
        try:
            answer = await pages.answer_page(await _read(request, parts["path"]))
        except MissingTargetError:
            return missing(request)
        except ConnectorError as failure:
            return PlainTextResponse(f"{failure}\n", 503)
        return _answer(request, answer, f"{PREFIX}{parts['bridge']}/{parts['end']}/{STYLE}" if pages.style else "")


async def _read(request: Request, path: str) -> PageRequest:
    query = dict(request.query_params)
    if request.method != "POST":
        return PageRequest("GET", path, query)
    async with request.form(max_files=10, max_fields=50, max_part_size=LARGEST_TEXT) as form:
        words = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        return PageRequest("POST", path, query, words, await _files(form))


async def _files(form: FormData) -> tuple[Upload, ...]:
    found = [one for _, one in form.multi_items() if isinstance(one, UploadFile) and one.filename]
    return tuple([Upload(one.filename or "", one.content_type or "", await one.read()) for one in found])


def _answer(request: Request, answer: PageAnswer, style: str) -> Response:
    match answer:
        case PageShown():
            return show(request, "mounted.html", page=answer, links=answer.links, style=style)
        case PageMoved():
            return RedirectResponse(answer.location, 303)
        case Upload():
            name = f"attachment; filename*=UTF-8''{quote(answer.name, safe='')}"
            # As a header of its own, since a media type for texts would get a charset that this one need not be in.
            return Response(answer.content, 200, {"content-disposition": name, "content-type": answer.kind})


def _with_slash(request: Request) -> Response:
    return RedirectResponse(f"{request.url.path}/", 303)
