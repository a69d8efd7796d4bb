"""What agents and visitors read: the shipped sentences, or those that ops put in their places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from syncd.contract.deliveries import AddTag, RaisePriority, SetStatus, TicketChange, UpdateRequester
from syncd.contract.errors import ConnectorError
from syncd.contract.model import Author, ChatContext, Contact, File, Message, Visitor
from syncd.core.links import is_on
from syncd.core.sentences import SENTENCES
from syncd.core.template import compiled, judge

_LONGEST_SUBJECT = 150


class Reason(str):
    """Why something was not done, in the shipped words; a bridge may have its own for its `name` and `values`."""

    __slots__ = ("name", "values")
    name: str
    values: Mapping[str, object]


def because(name: str, /, **values: object) -> Reason:
    """Give the reason `reason_NAME`."""
    reason = Reason(_shipped(f"reason_{name}", values))
    reason.name, reason.values = f"reason_{name}", values
    return reason


def reason_of(error: ConnectorError) -> str:
    """Give why a call failed: a `Reason` where the error has one."""
    given = error.args[0] if error.args else ""
    return given if isinstance(given, Reason) else str(error)


def _shipped(name: str, values: Mapping[str, object]) -> str:
    return compiled(SENTENCES[name].template).render(values)


def _pass_over(_name: str, _failure: Exception) -> None:
    pass


@dataclass(frozen=True)
class Sentences:
    """The sentences of a bridge. `own` are ops' templates by name, each of them checked.

    One that fails all the same on somebody's data, or shows nothing, is told to `failed`, and the shipped one is said.
    """

    own: Mapping[str, str] = field(default_factory=dict)
    failed: Callable[[str, Exception], None] = _pass_over

    def _say(self, name: str, /, **values: object) -> str:
        if name in self.own:
            try:
                words = compiled(self.own[name]).render(values)
                judge(words, SENTENCES[name], values)
            except Exception as failure:  # noqa: BLE001  (a template may raise anything, and no line is lost by that)
                self.failed(name, failure)
            else:
                return words
        return _shipped(name, values)

    def subject(self, context: ChatContext) -> str:
        """Give a ticket's subject: one line of at most 150 characters; a name that is missing renders empty."""
        return _one_line(self._say("subject", visitor=context.visitor, context=context))[:_LONGEST_SUBJECT]

    def nameless(self) -> str:
        """Name a visitor who gave no name, as the requester of a ticket."""
        return self._say("nameless")

    def line(self, message: Message) -> str:
        """Give a chat line as the ticket shows it: who, when in the chat, and what."""
        return self._say("line", author=self.author(message.author), at=self.time(message.at), text=self.body(message))

    def author(self, who: Author) -> str:
        """Name an author with the part they play."""
        return self._say("author", name=_one_line(who.name), role=who.role.value)

    def time(self, at: datetime) -> str:
        """Write a time, as shipped to the second and with its zone."""
        return self._say("time", at=at.astimezone(UTC))

    def body(self, message: Message) -> str:
        """Give a message's words and files; a placeholder where it has neither, so that nothing is ever empty."""
        return self._words(message.text, message.files)

    def reply(self, words: str, files: tuple[File, ...]) -> str:
        """Give an agent's words and the names of the files beside them; never empty."""
        return self._words(words.strip(), files)

    def _words(self, words: str, files: tuple[File, ...]) -> str:
        parts = [words] if words.strip() else []
        return "\n".join([*parts, *map(self._file, files)]) or self._say("no_words")

    def _file(self, file: File) -> str:
        return self._say("file", name=_one_line(file.name), size=file.size, url=file.url).rstrip()

    def image(self, name: str) -> str:
        """Stand for an image in a reply that cannot be shown in the chat."""
        return self._say("image", name=name)

    def spoken(self, name: str, words: str) -> str:
        """Give what one agent says under another's name; with no name there is nothing to add."""
        return self._say("spoken", name=name, text=words) if (name := _one_line(name)) else words

    def part(self, words: str, number: int, count: int) -> str:
        """Give one of several parts of a long reply."""
        return self._say("part", text=words, number=number, count=count)

    def context(self, known: ChatContext, tags: tuple[str, ...] = (), *, unverified: bool = False) -> str:
        """Give what the chat knows, one fact a line; `unverified`: the e-mail is the visitor's word alone."""
        facts = {
            "name": known.visitor.name,
            "unverified_email" if unverified else "email": known.visitor.email,
            "phone": known.visitor.phone,
            "chat": known.chat_link,
            "page": f"{known.page.title} {known.page.link}" if known.page else "",
            "site": "" if known.page and is_on(known.page.link, known.host) else known.host,
            "place": ", ".join(part for part in (known.city, known.country) if part),
            "language": known.language,
            "browser": ", ".join(part for part in (known.browser, known.os) if part),
            "group": known.group,
            "tags": ", ".join(tags),
        }
        return self._say("context", facts=_told(facts.items()), details=_told(known.details)).strip()

    def parked_reply(self, reason: str, text: str | None) -> str:
        """Tell the agent that a reply, None for one that cannot be read, did not reach the visitor."""
        return self._say("parked", reason=self.why(reason), text=self._say("lost_words") if text is None else text)

    def parked_comment(self, reason: str, key: str) -> str:
        """Tell the agent that a chat line is missing on the ticket."""
        return self._say("parked_comment", reason=self.why(reason), key=key)

    def uncorrected(self, contact: Contact, reason: str) -> str:
        """Tell the agent that the chat does not have contact data that was corrected in the helpdesk."""
        return self._say("uncorrected", fields=list(contact.told()), reason=self.why(reason))

    def refused_fields(self, names: Iterable[str]) -> str:
        """Tell agents which fields of a new ticket are empty although the chat knows what belongs there."""
        return self._say("refused_fields", names=list(names))

    def attached(self, name: str, size: int) -> str:
        """Say what the comment is that holds a file."""
        return self._say("attached", name=name, size=size)

    def unattached(self, file: File, reason: str, ticket: str | None) -> str:
        """Tell the agent that a file of the chat is not on the ticket, or on a former one that its line is on."""
        return self._say("unattached", name=_one_line(file.name), reason=self.why(reason), ticket=ticket)

    def attached_there(self, file: File, ticket: str) -> str:
        """Tell the agent that a file of the chat came late, to a former ticket."""
        return self._say("attached_there", name=_one_line(file.name), ticket=ticket)

    def unsent(self, files: Iterable[File]) -> str:
        """Tell the agent that the visitor did not get files that were beside a reply."""
        return self._say("unsent", names=[_one_line(file.name) for file in files])

    def stale(self, reason: str, text: str | None = "") -> str:
        """Tell the agent that the visitor may not see what became of a reply; without a text it was removed.

        None is for a text that cannot be read.
        """
        return self._say("stale", reason=self.why(reason), text=self._say("lost_words") if text is None else text)

    def not_passed(self, who: Author) -> str:
        """Tell agents that somebody's words are on the ticket only."""
        return self._say("not_passed", author=_one_line(who.name))

    def slipped(self, marker: str) -> str:
        """Tell the agent that a reply was kept back, since it is marked as internal."""
        return self._say("slipped", marker=marker)

    def arrived(self, at: datetime) -> str:
        """Tell the agent that a reply that was given up has reached the visitor."""
        return self._say("arrived", at=self.time(at))

    def merged(self) -> str:
        """Tell agents that a ticket holds two chats, and whom their replies reach."""
        return self._say("merged")

    def follows(self, ticket: str, *, overtaken: bool) -> str:
        """Name the ticket that a new one goes on with; `overtaken`: words that nobody may have read stand on that."""
        return self._say("follows", ticket=ticket, overtaken=overtaken)

    def goes_on(self, ticket: str) -> str:
        """Name the ticket that a new one goes on with because the helpdesk did not reopen it."""
        return self._say("goes_on", ticket=ticket)

    def followed(self, ticket: str) -> str:
        """Name the ticket that goes on with one."""
        return self._say("followed", ticket=ticket)

    def ended(self, at: float, *, missed: int, waits: bool) -> str:
        """Tell agents that a chat ended, how many of its lines nobody saw, and whether the visitor waits."""
        when = self.time(datetime.fromtimestamp(at, UTC)) if at else ""
        return self._say("ended", at=when, missed=missed, waits=waits)

    def missed(self, who: Author) -> str:
        """Tell agents that a visitor wrote while nobody was there."""
        return self._say("missed", author=_one_line(who.name))

    def unseen(self, message: Message) -> str:
        """Tell agents which of their answers the visitor did not see."""
        return self._say("unseen", at=self.time(message.at), text=self.body(message))

    def renamed(self, visitor: Visitor) -> str:
        """Tell agents whom a visitor gives themselves as, where the helpdesk's requester cannot follow."""
        return self._say("renamed", name=_one_line(visitor.name), email=_one_line(visitor.email))

    def claimed(self, email: str) -> str:
        """Tell agents of an e-mail that is not believed."""
        return self._say("claimed", email=_one_line(email))

    def unchanged(self, change: TicketChange, reason: str) -> str:
        """Tell agents that a ticket's status, priority, tag or requester is not what it should be."""
        status = change.status.value if isinstance(change, SetStatus) else ""
        priority = change.priority if isinstance(change, RaisePriority) else None
        tag = change.tag if isinstance(change, AddTag) else ""
        who = change.requester if isinstance(change, UpdateRequester) else None
        requester = _one_line(who.email or who.name) if who else ""
        what = {"status": status, "priority": priority, "tag": tag, "requester": requester}
        return self._say("unchanged", **what, reason=self.why(reason))

    def why(self, reason: str) -> str:
        """Give a reason in the bridge's words; what is no `Reason` are those of an end."""
        if not isinstance(reason, Reason):
            return self._say("reason_refused", words=reason) if reason else ""
        values = dict(reason.values)
        if isinstance(behind := values.get("reason"), str):
            values["reason"] = self.why(behind)
        return self._say(reason.name, **values)


def _told(facts: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(_one_line(label), _one_line(value)) for label, value in facts if value.strip()]


def _one_line(value: str) -> str:
    return " ".join(value.split())


SHIPPED = Sentences()
"""The sentences of a bridge whose ops have none of their own."""
