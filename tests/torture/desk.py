"""The helpdesk's side: a real Request Tracker or a stand-in, with what agents do and what they see."""

from __future__ import annotations

from typing import Any, Protocol

from tests.live.request_tracker.server import Line, RequestTrackerServer


class Desk(Protocol):
    """What the torture needs of a helpdesk."""

    url: str

    @property
    def token(self) -> str:
        """The bridge's own key."""

    def reply(self, ticket: str, text: str, *, by: str) -> str:
        """Reply in public; give the transaction's id."""

    def note(self, ticket: str, text: str, *, by: str) -> str:
        """Comment in private; give the transaction's id."""

    def history(self, ticket: str) -> list[Line]:
        """Give everything that happened on a ticket, oldest first."""

    def tickets(self) -> set[str]:
        """Give the ids of all tickets."""


class RealDesk:
    """A real Request Tracker; its lists come in pages of 100."""

    def __init__(self, server: RequestTrackerServer) -> None:
        self._server = server
        self.url = server.url

    @property
    def token(self) -> str:
        return self._server.tokens["syncd"]

    def reply(self, ticket: str, text: str, *, by: str) -> str:
        return self._server.reply(ticket, f"<p>{text}</p>", by=by, html=True)

    def note(self, ticket: str, text: str, *, by: str) -> str:
        return self._server.note(ticket, text, by=by)

    def history(self, ticket: str) -> list[Line]:
        texts: dict[str, str] = {}
        for part in self._all(f"ticket/{ticket}/attachments", fields="TransactionId,Content"):
            texts.setdefault(part["TransactionId"], part["Content"] or "")
        rows = self._all(f"ticket/{ticket}/history", fields="Type,Creator")
        lines = [Line(row["id"], row["Type"], row["Creator"]["id"], texts.get(row["id"], "")) for row in rows]
        return sorted(lines, key=lambda line: int(line.id))

    def tickets(self) -> set[str]:
        return {str(row["id"]) for row in self._all("tickets", query="id > 0")}

    def _all(self, path: str, **params: str) -> list[Any]:
        found: list[Any] = []
        for page in range(1, 1000):
            answer = self._server.ask("GET", path, page=str(page), per_page="100", **params).json()
            found += answer["items"]
            if len(found) >= int(answer["total"] or 0) or not answer["items"]:
                break
        return found
