"""The ability to show pages of its own, and what goes in and out: what a browser asks for, and what it gets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from syncd.contract.deliveries import Upload


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What a browser asks for, once the daemon has let it in.

    `path` is below where the pages are mounted, without a slash at its start: `""` is the first page. `form` and
    `files` are what a POST brought; of a name that comes twice the last value counts.
    """

    method: Literal["GET", "POST"]
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Upload, ...] = ()


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """What it gets. `location`: a redirect (303), relative to the page; `file_name` makes it a download."""

    body: bytes = b""
    media_type: str = "text/html; charset=utf-8"
    status: int = 200
    location: str = ""
    file_name: str = ""


class ServesPages(ABC):
    """Has pages of its own, which the daemon mounts at `/bridges/{bridge}/{end}/` for whoever may see its own.

    They name everything by relative URLs and have no script or style but those that they serve as files: the daemon's
    Content-Security-Policy forbids the others. Below `open_path` nobody is asked who they are: what is there is
    protected by names that cannot be guessed.
    """

    open_path: ClassVar[str]

    @abstractmethod
    async def answer_page(self, request: PageRequest) -> PageAnswer:
        """Answer a browser; what is not there with 404. A POST comes from these pages: the daemon sees to it."""
