"""An agent in Request Tracker's own pages, over HTTP: logs in, fills the forms as the browser got them, reads."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

import httpx
from selectolax.lexbor import LexborHTMLParser, LexborNode

Fields = dict[str, str | list[str]]


class AgentDesk(AbstractContextManager["AgentDesk"]):
    """One agent who has logged in."""

    def __init__(self, url: str, login: str, password: str) -> None:
        # Without the page that a form came from Request Tracker asks whether somebody else made the browser send it.
        self._client = httpx.Client(base_url=url, timeout=60, follow_redirects=True, headers={"Referer": f"{url}/"})
        self._client.post("/NoAuth/Login.html", data={"user": login, "pass": password, "next": ""}).raise_for_status()

    def history(self, ticket: str) -> str:
        """Give the ticket's history as a browser gets it, which asks for it once it shows the rest of the page."""
        return self._client.get("/Helpers/TicketHistory", params={"id": ticket}).raise_for_status().text

    def reply(
        self, ticket: str, html: str, *, quoting: str | None = None, files: Mapping[str, bytes] | None = None
    ) -> None:
        """Reply above what the editor has put there: the agent's signature, and a transaction quoted."""
        self._update(ticket, html, "Respond", {"QuoteTransaction": quoting} if quoting else {}, files or {})

    def note(self, ticket: str, html: str) -> None:
        """Comment, which is private."""
        self._update(ticket, html, "Comment", {}, {})

    def solve(self, ticket: str) -> None:
        """Set the status as the page's menu does."""
        self._client.get("/Ticket/Display.html", params={"id": ticket, "Status": "resolved"}).raise_for_status()

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def _update(self, ticket: str, html: str, action: str, more: Mapping[str, str], files: Mapping[str, bytes]) -> None:
        path = "/Ticket/Update.html"
        answer = self._client.get(path, params={"id": ticket, "Action": action, **more}).raise_for_status()
        form = LexborHTMLParser(answer.text).css_first("form[name=TicketUpdate]")
        assert form is not None, answer.text
        fields = read_form(form)
        fields["UpdateContent"] = f"{html}{fields['UpdateContent']}"
        attached = [("Attach", (name, content)) for name, content in files.items()]
        sent = self._client.post(path, data={**fields, "SubmitTicket": "Update Ticket"}, files=attached or None)
        assert "Ticket/Display.html" in str(sent.raise_for_status().url), text_of(sent.text)


def read_form(form: LexborNode) -> Fields:
    """Give what a browser would send of a form that nobody has touched, without its buttons."""
    fields: Fields = {}
    for field in form.css("input, select, textarea"):
        name, kind = field.attributes.get("name"), field.attributes.get("type")
        if not name or kind in {"submit", "file", "button", "reset"}:
            continue
        if kind in {"checkbox", "radio"} and "checked" not in field.attributes:
            continue
        fields[name] = _values(field)
    return fields


def _values(field: LexborNode) -> str | list[str]:
    if field.tag == "textarea":
        return field.text()
    if field.tag == "select":
        return [option.attributes.get("value") or "" for option in field.css("option[selected]")]
    return field.attributes.get("value") or ""


def text_of(html: str) -> str:
    """Give what is read on a page, with one blank between words."""
    body = LexborHTMLParser(html).body
    assert body is not None
    for unread in body.css("script, style"):
        unread.decompose()
    return " ".join(body.text(separator=" ").split())
