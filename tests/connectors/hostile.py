"""Words as bad as people can make them, and each call of the contract made with them."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from syncd.contract import ports
from syncd.contract.model import (
    Author,
    ChatContext,
    Contact,
    ConversationId,
    DeliveryKey,
    File,
    Message,
    MessageId,
    Page,
    Reply,
    Role,
    StatusClass,
    TicketDraft,
    TicketId,
    Visitor,
)
from syncd.core.files import upload
from syncd.core.text import SHIPPED
from tests.simulation.times import BEGIN

KEY = DeliveryKey("syncd-0123456789abcdef0123")
TICKET = TicketId("7")
FORMER = Visitor("former", "Former Name")
"""Who asks in the ticket until now."""
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% for x in y %}{{ config }}{% endfor %}",
    "Ann\r\nBcc: everybody@example.com\r\n\r\nhello",
    'Ann" <root@example.com>, "Eve" <eve@example.com',
    "ann@example.com,eve@example.com",
    "ann@example.com&id=8&Status=resolved",
    "Status: resolved\nOwner: root",
    "' OR '1'='1",
    "=?utf-8?q?=0D=0ABcc=3A_eve?=",
    "../../etc/passwd",
    "..",
    ".",
    "7/comment?x=#y",
    "$(reboot) `reboot` ; reboot",
    "[file: invoice.pdf] https://evil.example",
    "javascript:alert(1)",
    "</title></script><!-- <svg onload=alert(1)> & &lt; &amp;quot; -->",
    "x onmouseover=alert(1) y='",
    "\u202eecho\u202c \u0000",
]
ADDRESSES = ["ann@example.com", "{{7*7}}@example.com", "`reboot`+o'x&id=8@example.com"]
words = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=60), st.lists(st.sampled_from(HOSTILE), max_size=3).map(" ".join)
)
visitors = st.builds(Visitor, id=words.filter(bool), name=words, email=words | st.sampled_from(ADDRESSES), phone=words)
contexts = st.builds(
    ChatContext,
    visitor=visitors,
    chat_link=words,
    page=st.builds(Page, link=words, title=words),
    host=words,
    country=words,
    city=words,
    language=words,
    browser=words,
    group=words,
    details=st.lists(st.tuples(words, words), max_size=2).map(tuple),
)
files = st.builds(File, name=words, url=words)
messages = st.builds(
    Message,
    id=st.just(MessageId("m1")),
    author=st.builds(Author, st.sampled_from(Role), name=words, email=words),
    text=words,
    at=st.just(BEGIN),
    files=st.lists(files, max_size=2).map(tuple),
)


@dataclass(frozen=True, slots=True)
class Hostile:
    """All that people can choose of a call. `word` stands for what has no better place here."""

    context: ChatContext
    message: Message
    file: File
    word: str
    name: str
    notice: bool
    is_same_person: bool

    @property
    def line(self) -> str:
        """Give a chat line as the ticket shows it."""
        return SHIPPED.line(self.message)

    @property
    def facts(self) -> str:
        """Give the note about the visitor, or another with their words where that would be blank."""
        return SHIPPED.context(self.context) or SHIPPED.parked_reply(self.word, self.word)

    @property
    def attached(self) -> str:
        """Give the comment beside a file."""
        return SHIPPED.attached(self.file.name, 1)

    @property
    def said(self) -> str:
        """Give an agent's words, and the names of his files."""
        return SHIPPED.reply(self.word, self.message.files)

    @property
    def asking(self) -> Visitor:
        """Give who asks in the ticket from here on: the one who did, under another name, or somebody else."""
        visitor = self.context.visitor
        return Visitor(FORMER.id, visitor.name) if self.is_same_person else visitor

    @property
    def id(self) -> str:
        """Give an id of the chat's, which websites may choose."""
        return self.context.visitor.id


hostiles = st.builds(
    Hostile, contexts, messages, files, words, words, notice=st.booleans(), is_same_person=st.booleans()
)


def _ticket(h: Hostile) -> TicketDraft:
    fields = (("Seen page", h.word), ("Title", h.name))
    subject, visitor = SHIPPED.subject(h.context), h.context.visitor
    return TicketDraft(subject, visitor, ConversationId(h.id), h.line, "", ("chat", h.word), 5, TicketId("6"), fields)


def _reply(h: Hostile) -> Reply:
    return Reply(Author(Role.AGENT, h.name), h.said, "syncd-shop")


CALLS: Mapping[str, Callable[[Any, Hostile], Awaitable[object]]] = {
    "check": lambda end, _: end.check(),
    "poll": lambda end, _: end.poll(None),
    "fields_of": lambda end, _: end.fields_of(""),
    "find_delivery": lambda end, h: end.find_delivery(KEY, TICKET if h.notice else None),
    "open_ticket": lambda end, h: end.open_ticket(_ticket(h), key=KEY),
    "add_comment": lambda end, h: end.add_comment(TICKET, h.line, key=KEY),
    "add_note": lambda end, h: end.add_note(TICKET, h.facts, key=KEY),
    "upload_file": lambda end, h: end.upload_file(TICKET, h.attached, upload(h.file, h.word, b"x"), key=KEY),
    "read_status": lambda end, _: end.read_status(TICKET),
    "set_status": lambda end, _: end.set_status(TICKET, StatusClass.SOLVED),
    "raise_priority": lambda end, _: end.raise_priority(TICKET, 9),
    "add_tag": lambda end, h: end.add_tag(TICKET, h.word),
    "update_requester": lambda end, h: end.update_requester(TICKET, h.asking, [FORMER]),
    "post_message": lambda end, h: end.post_message(ConversationId(h.id), _reply(h), key=KEY),
    "push_notice": lambda end, h: end.push_notice(ConversationId(h.id), h.said, key=KEY),
    "edit_message": lambda end, h: end.edit_message(MessageId(h.id), h.said, notice=h.notice),
    "delete_message": lambda end, h: end.delete_message(MessageId(h.id), notice=h.notice),
    "update_visitor": lambda end, h: end.update_visitor(ConversationId(h.id), Contact(h.name, h.word, "")),
}
"""Each call of the contract that may make requests, by its name."""


def calls_of(connector: type) -> list[str]:
    """Name the contract's calls that a connector has."""
    kinds = [kind for kind in connector.__mro__ if kind.__module__ == ports.__name__]
    names = {name for kind in kinds for name, one in vars(kind).items() if inspect.iscoroutinefunction(one)}
    return sorted(names)
