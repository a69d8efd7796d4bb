"""The store of files that visitors and agents send: each under a URL of its own, which has no name in it."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncd.testing.chatra.refusal import not_found


@dataclass(frozen=True, slots=True)
class KeptFile:
    """What is stored, and the media type that it is served with."""

    content: bytes
    kind: str


class Files:
    """Keeps files and serves them to everybody who has the URL, as the store does that the documents name."""

    def __init__(self, ids: random.Random) -> None:
        self._ids = ids
        self._kept: dict[str, KeptFile] = {}
        self.fetched: list[str] = []
        self.app = Starlette(routes=[Route("/{id}/", self._serve)])

    def keep(self, file: KeptFile) -> str:
        """Store a file; give the path that it is served under."""
        name = str(uuid.UUID(int=self._ids.getrandbits(128), version=4))
        self._kept[name] = file
        return f"/files/{name}/"

    def forget(self, path: str) -> None:
        """Remove a file. Raises RefusedError where there is none."""
        if self._kept.pop(path.strip("/").rpartition("/")[2], None) is None:
            raise not_found("File")

    async def _serve(self, request: Request) -> Response:
        self.fetched.append(request.url.path)
        file = self._kept.get(request.path_params["id"])
        if file is None:
            return Response("File not found", 404)
        return Response(file.content, headers={"Content-Type": file.kind})
