"""Every sentence that an agent or a visitor reads, made from Jinja2 templates in a sandbox."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from jinja2 import ChainableUndefined, Template, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from syncd.contract.model import Author, ChatContext, File, Message, Role

SUBJECT = "Chat with {{ visitor.name or 'a visitor' }}{% if context.host %} on {{ context.host }}{% endif %}"
LINE = """\
{{ author }} · {{ at }}
{{ text }}"""
CONTEXT = """\
{% for label, value in facts %}{{ label }}: {{ value }}
{% endfor %}"""
PARKED = """\
This reply did not reach the visitor in the chat: {{ reason }}.
The reply was: {{ text }}"""
ARRIVED = "The reply that did not seem to reach the visitor did reach the chat after all."
PARKED_COMMENT = (
    "A message from the chat could not be put on this ticket: {{ reason }}. syncd keeps it as delivery {{ key }}."
)

_LONGEST_SUBJECT = 150
_SAYS = {Role.VISITOR: "visitor", Role.AGENT: "agent, in the chat", Role.AUTOMATIC: "automatic message"}

_environment = ImmutableSandboxedEnvironment(undefined=ChainableUndefined)


@lru_cache(maxsize=256)
def compiled(template: str) -> Template:
    """Compile a template once. Raises ValueError that says what is wrong and in which line."""
    try:
        return _environment.from_string(template)
    except TemplateSyntaxError as error:
        raise ValueError(f"line {error.lineno} of the template: {error.message}") from None


def _render(template: str, **values: object) -> str:
    return compiled(template).render(values)


def subject(template: str, context: ChatContext) -> str:
    """Give a ticket's subject: one line of at most 150 characters, never empty; a name that is missing renders empty.

    A template that compiles may still fail on some visitor's data: the subject is then the default one.
    """
    values = {"visitor": context.visitor, "context": context}
    try:
        shown = _render(template, **values)
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError):
        shown = _render(SUBJECT, **values)
    return _one_line(shown)[:_LONGEST_SUBJECT] or "Chat"


def line(message: Message) -> str:
    """Give a chat line as the ticket shows it: who, when in the chat, and what."""
    return _render(LINE, author=author(message.author), at=timestamp(message.at), text=body(message))


def author(who: Author) -> str:
    """Name an author with the part they play."""
    return f"{_one_line(who.name)} ({_SAYS[who.role]})" if who.name else _SAYS[who.role].capitalize()


def timestamp(at: datetime) -> str:
    """Write a time to the second, with its zone."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def body(message: Message) -> str:
    """Give a message's words and files; a placeholder where it has neither, so that nothing is ever empty."""
    return _words(message.text, message.files)


def reply(words: str, files: tuple[File, ...]) -> str:
    """Give an agent's words and the names of the files beside them; never empty."""
    return _words(words.strip(), files)


def _words(words: str, files: tuple[File, ...]) -> str:
    parts = [words] if words.strip() else []
    return "\n".join([*parts, *map(_file, files)]) or "(a message without text)"


def _file(file: File) -> str:
    size = "" if file.size is None else f", {file.size} bytes"
    return f"[file: {_one_line(file.name)}{size}] {file.url}".rstrip()


def context(known: ChatContext, tags: tuple[str, ...] = ()) -> str:
    """Give what the chat knows about the visitor, one fact a line; empty where it knows nothing."""
    place = ", ".join(part for part in (known.city, known.country) if part)
    page = f"{known.page.title} {known.page.link}".strip() if known.page else ""
    facts = [
        ("Name", known.visitor.name),
        ("E-mail", known.visitor.email),
        ("Phone", known.visitor.phone),
        ("Chat", known.chat_link),
        ("Page", page),
        ("Site", known.host),
        ("Place", place),
        ("Language", known.language),
        ("Browser", ", ".join(part for part in (known.browser, known.os) if part)),
        ("Chat group", known.group),
        ("Tags", ", ".join(tags)),
        *known.details,
    ]
    return _render(CONTEXT, facts=[(_one_line(label), _one_line(value)) for label, value in facts if value]).strip()


def parked_reply(reason: str, text: str) -> str:
    """Tell the agent that a reply did not reach the visitor."""
    return _render(PARKED, reason=reason, text=text)


def parked_comment(reason: str, key: str) -> str:
    """Tell the agent that a chat line is missing on the ticket."""
    return _render(PARKED_COMMENT, reason=reason, key=key)


def arrived() -> str:
    """Tell the agent that a reply that was given up has reached the visitor."""
    return _render(ARRIVED)


def _one_line(value: str) -> str:
    return " ".join(value.split())
