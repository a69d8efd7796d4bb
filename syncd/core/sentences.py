"""Every sentence that an agent or a visitor reads, as a Jinja2 template with the values that it is given.

Ops replace one by a file of its name; see `syncd.core.text` for what makes them words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from syncd.contract.model import ChatContext, Page, Visitor
from syncd.core.reasons import REASONS


@dataclass(frozen=True, slots=True)
class Sentence:
    """A shipped sentence. `samples` are values as they may come, in the first of them all there are.

    `keeps` must be shown whole: without it somebody's words would be lost.
    """

    template: str
    samples: tuple[Mapping[str, object], ...] = ({},)
    keeps: str = ""
    may_be_blank: bool = False


_TEXT = "\n".join(f"These are words of line {number}, as long as people write them." for number in range(20))
_AT = "2026-03-01 12:00:05 UTC"
_CONTEXT = ChatContext(
    Visitor("v1", "Ann", "ann@example.com", "+353 1 2"),
    chat_link="https://chat.example.com/v1",
    page=Page("https://shop.example.com/jeans", "Jeans"),
    host="shop.example.com",
    country="Ireland",
    city="Dublin",
    language="en",
    browser="Firefox",
    os="Linux",
    group="sales",
    details=(("Order", "151"),),
)
_FACTS = (
    "name",
    "email",
    "unverified_email",
    "phone",
    "chat",
    "page",
    "site",
    "place",
    "language",
    "browser",
    "group",
    "tags",
)

SENTENCES: Mapping[str, Sentence] = {
    "subject": Sentence(
        "Chat with {{ visitor.name or 'a visitor' }}{% if context.host %} on {{ context.host }}{% endif %}",
        (
            {"visitor": _CONTEXT.visitor, "context": _CONTEXT},
            {"visitor": Visitor("v1"), "context": ChatContext(Visitor("v1"))},
        ),
    ),
    "line": Sentence(
        "{{ author }} · {{ at }}\n{{ text }}", ({"author": "Ann (visitor)", "at": _AT, "text": _TEXT},), keeps="text"
    ),
    "author": Sentence(
        """\
{% set part = {"visitor": "visitor", "agent": "agent, in the chat", "automatic": "automatic message",
  "other": "other"}[role] %}\
{% if name %}{{ name }} ({{ part }}){% else %}{{ part|capitalize }}{% endif %}""",
        tuple(
            {"name": name, "role": role} for name in ("Ann", "") for role in ("visitor", "agent", "automatic", "other")
        ),
    ),
    "time": Sentence(
        "{{ at.strftime('%Y-%m-%d %H:%M:%S') }} UTC", ({"at": datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)},)
    ),
    "file": Sentence(
        "[file: {{ name }}{% if size is not none %}, {{ size|filesizeformat }}{% endif %}] {{ url }}",
        (
            {"name": "a.png", "size": 120, "url": "https://files.example.com/a.png"},
            {"name": "a.png", "size": None, "url": ""},
        ),
        keeps="name",
    ),
    "image": Sentence("[image{% if name %}: {{ name }}{% endif %}]", ({"name": "a plan"}, {"name": ""}), keeps="name"),
    "nameless": Sentence("Visitor"),
    "no_words": Sentence("(a message without text)"),
    "lost_words": Sentence("(it cannot be read any more, the helpdesk still shows it)"),
    "spoken": Sentence("{{ name }}: {{ text }}", ({"name": "Bo", "text": _TEXT},), keeps="text"),
    "part": Sentence(
        "{{ text }}\n({{ number }}/{{ count }})", ({"text": _TEXT, "number": 1, "count": 3},), keeps="text"
    ),
    "context": Sentence(
        """\
{% set labels = {"name": "Name", "email": "E-mail", "unverified_email": "E-mail (unverified)",
  "phone": "Phone", "chat": "Chat", "page": "Page", "site": "Site",
  "place": "Place", "language": "Language", "browser": "Browser", "tags": "Tags"} -%}
{% for fact, value in facts if fact in labels %}{{ labels[fact] }}: {{ value }}
{% endfor %}{% for label, value in details %}{{ label }}: {{ value }}
{% endfor %}""",
        (
            {"facts": [(fact, "x") for fact in _FACTS], "details": [("Order", "151")]},
            {"facts": [], "details": []},
        ),
        may_be_blank=True,
    ),
    "parked": Sentence(
        """\
This reply did not reach the visitor in the chat, as far as syncd knows: {{ reason }}.
The reply was: {{ text }}""",
        ({"reason": "it was refused", "text": _TEXT},),
    ),
    "arrived": Sentence(
        "The reply that was put aside did reach the visitor after all: it was delivered at {{ at }}.",
        ({"at": _AT},),
    ),
    "merged": Sentence(
        "The ticket of another chat was merged into this one. What its visitor says comes here too; replies on this"
        " ticket go only to the visitor of the chat that it was opened for."
    ),
    "parked_comment": Sentence(
        "A message from the chat could not be put on this ticket: {{ reason }}. syncd keeps it as delivery {{ key }}.",
        ({"reason": "it was refused", "key": "syncd-0123456789abcdef0123"},),
    ),
    "follows": Sentence(
        """\
This goes on with ticket {{ ticket }}, which was done already.\
{% if overtaken %} The visitor's last words stand there: they came in while it was being closed.{% endif %}""",
        ({"ticket": "7", "overtaken": True}, {"ticket": "7", "overtaken": False}),
    ),
    "goes_on": Sentence(
        "This goes on with ticket {{ ticket }}, which could not be reopened: the visitor's words so far stand there.",
        ({"ticket": "7"},),
    ),
    "followed": Sentence(
        "The visitor wrote again after this ticket was done: the chat goes on in ticket {{ ticket }}.",
        ({"ticket": "8"},),
    ),
    "ended": Sentence(
        """\
The chat ended{% if at %}; its last words are of {{ at }}{% endif %}.\
{% if missed %} {{ missed }} of the visitor's messages {{ "was" if missed == 1 else "were" }} seen by nobody.\
{% endif %}\
{% if waits %} The visitor still waits for an answer.{% endif %}""",
        ({"at": _AT, "missed": 2, "waits": True}, {"at": "", "missed": 0, "waits": False}),
    ),
    "missed": Sentence(
        "Nobody was in the chat when the visitor wrote this: {{ author or 'the visitor' }} waits for an answer.",
        ({"author": "Ann"}, {"author": ""}),
    ),
    "unseen": Sentence("The visitor left before this answer of {{ at }}: {{ text }}", ({"at": _AT, "text": _TEXT},)),
    "renamed": Sentence(
        """\
The visitor is known by another name or address since: {{ name or "a visitor" }}\
{% if email %}, {{ email }}{% endif %}.""",
        ({"name": "Ann", "email": "ann@example.com"}, {"name": "", "email": ""}),
    ),
    "claimed": Sentence(
        "The visitor gives the e-mail {{ email }}. Nobody has verified it, so its owner is not the requester.",
        ({"email": "ann@example.com"},),
    ),
    "unchanged": Sentence(
        """\
syncd could not change this ticket as it should \
({% if status %}status {{ status }}{% elif tag %}tag {{ tag }}{% elif requester %}requester {{ requester }}\
{% else %}priority {{ priority }}{% endif %}): {{ reason }}.""",
        tuple(
            {"status": "", "priority": None, "tag": "", "requester": "", "reason": "it was refused", **what}
            for what in ({"status": "solved"}, {"priority": 50}, {"tag": "missed"}, {"requester": "ann@example.com"})
        ),
    ),
    "uncorrected": Sentence(
        """\
The corrected {{ fields|join(" and ") }} did not reach the chat, where the visitor keeps the former: {{ reason }}.""",
        ({"fields": ["name", "phone"], "reason": "it was refused"},),
    ),
    "refused_fields": Sentence(
        """\
The helpdesk did not take what the chat knows into {{ names|join(", ") }}: it stands in the note about the visitor.""",
        ({"names": ["Page", "Country"]},),
    ),
    "attached": Sentence("{{ name }}, {{ size|filesizeformat }}, from the chat", ({"name": "a.png", "size": 120},)),
    "unattached": Sentence(
        """\
The file {{ name }} from the chat could not be attached to \
{% if ticket %}ticket {{ ticket }}{% else %}this ticket{% endif %}: {{ reason }}.""",
        (
            {"name": "a.png", "reason": "it is empty", "ticket": "7"},
            {"name": "a.png", "reason": "it is empty", "ticket": None},
        ),
        keeps="name",
    ),
    "attached_there": Sentence(
        "The file {{ name }} from the chat is on ticket {{ ticket }}, beside the line that it came with.",
        ({"name": "a.png", "ticket": "7"},),
        keeps="name",
    ),
    "stale": Sentence(
        """\
{% if text %}This change of a reply did not reach the visitor, who may still read what it said before: {{ reason }}.
The reply is: {{ text }}{% else %}A reply that was removed here may still be in the chat: {{ reason }}.{% endif %}""",
        ({"reason": "it was refused", "text": _TEXT}, {"reason": "it was refused", "text": ""}),
    ),
    "not_passed": Sentence(
        """\
What {{ author or "somebody" }} wrote did not go into the chat, and neither will what else comes here that way:
the helpdesk does not show that an agent wrote it. Reply in the helpdesk itself, as an agent, to answer the visitor.""",
        ({"author": "Cy"}, {"author": ""}),
    ),
    "slipped": Sentence(
        """\
This reply did not go to the visitor: it begins with {{ marker }}, which marks what only agents may read.
If it is for the visitor, send it again without that. If it is not, write such words as a private comment.""",
        ({"marker": "#internal"},),
    ),
    "unsent": Sentence(
        """\
The visitor did not get {{ names|join(", ") }} in the chat, only the name: files here cannot be read from outside.
Send a link that works without a login, or an e-mail.""",
        ({"names": ["a.png", "b.pdf"]},),
    ),
    **{name: Sentence(template, (values,)) for name, (template, values) in REASONS.items()},
}
