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
class PageShown:
    """A page. The daemon puts `main`, which is HTML, into the frame of its own pages and under their style sheet.

    `links` are addresses and names for the head of the page, the first of them the page that everything hangs on.
    """

    title: str
    main: str
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PageMoved:
    """A redirect (303), relative to the page."""

    location: str


PageAnswer = PageShown | PageMoved | Upload
"""What it gets; a file is a download."""


class ServesPages(ABC):
    """Has pages of its own, which the daemon mounts at `/bridges/{bridge}/{end}/` for whoever may see its own.

    They name everything by relative URLs and have no script or style within them: the daemon's Content-Security-Policy
    forbids it. The daemon's script shows what is new in each element that has an id and `data-live`, which says after
    how many seconds, and gives `time.local` the browser's time. Below `open_path` nobody is asked who they are: what is
    there is protected by names that cannot be guessed.
    """

    open_path: ClassVar[str]
    style: ClassVar[str] = ""
    """A style sheet for them, beside the daemon's, whose colours and classes it may use."""

    @abstractmethod
    async def answer_page(self, request: PageRequest) -> PageAnswer:
        """Answer a browser. A POST comes from these pages: the daemon sees to it.

        Raises MissingTargetError for what is not there.
        """
