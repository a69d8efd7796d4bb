"""What `plan` is told and what it answers, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from syncd.contract.contact import CONTACT_FIELDS
from syncd.contract.deliveries import (
    AttachFile,
    Delivery,
    LaneName,
    OpenTicket,
    Saying,
    UpdateRequester,
    UpdateVisitor,
)
from syncd.contract.model import ContactField, DeliveryKey, End, TicketId
from syncd.core import contact
from syncd.core.fields import Mapped
from syncd.core.lifecycle import Lifecycle, Talk
from syncd.core.requester import Identity, Requester
from syncd.core.route import Rule
from syncd.core.text import Sentences
from syncd.core.voice import Voices

OPENING, ORDINARY = 0, 1

Verdict = Literal[
    "wait",
    "planned",
    "repaired",
    "held",
    "duplicate",
    "echo",
    "settled",
    "private",
    "not_an_agent",
    "slipped",
    "edited",
    "withdrawn",
    "foreign",
    "unclear",
    "one_way",
    "ended",
    "missed",
    "status",
    "contact",
    "merged",
    "deleted",
    "former",
    "unknown",
]


@dataclass(frozen=True, slots=True)
class Policy:
    """What ops chose for a bridge, and what its ends can do.

    `edits`: the chat takes changes. `notices`: what the helpdesk sends by itself goes out as a notice. `fields`: what
    of the chat becomes a field of a new ticket. `contact`: what contact data goes to the chat where agents correct it,
    `learns`: what goes to the helpdesk where visitors give it later.
    """

    tag: str
    sentences: Sentences = field(default_factory=Sentences)
    to_helpdesk: bool = True
    to_chat: bool = True
    notes: bool = True
    uploads: bool = False
    routes: tuple[Rule, ...] = ()
    longest_reply: int | None = None
    internal_markers: tuple[str, ...] = ()
    voices: Voices = "named"
    debounce_seconds: float = 0.0
    identity: Identity = "trust"
    updates_requester: bool = False
    lifecycle: Lifecycle = field(default_factory=Lifecycle)
    edits: bool = False
    notices: bool = False
    fields: tuple[Mapped, ...] = ()
    contact: frozenset[ContactField] = frozenset()
    learns: frozenset[ContactField] = frozenset(CONTACT_FIELDS)


@dataclass(frozen=True, slots=True)
class Said:
    """A delivery that said a part of a comment, or is to say it, as it should be by all that was planned.

    `at` is its place in its lane. `may_be_there`: it is in the chat, or nobody knows that it is not.
    """

    key: DeliveryKey
    saying: Saying
    at: float
    may_be_there: bool


class Rewrite(NamedTuple):
    """What a delivery is to say from now on."""

    key: DeliveryKey
    saying: Saying


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows about the conversation or ticket that an event is about.

    `seen`: the ledger has this id. `linked`: the ticket belongs to a conversation. `opening`: an `OpenTicket` is not
    done yet. `maybe_ours`: some ticket of the bridge may exist whose id is not stored yet; `unclear`: that is so until
    ops decide about an opening that is put aside. `sending`: the event's own end is taking a delivery of this
    conversation right now, or for the helpdesk, may have taken one. `unsettled`: nobody knows whether that end took
    one. `shared`: the ticket was merged into one that belongs to another conversation. `deleted`: the ticket was, and
    the next line is to open another. `lines_wait`, `lines_go`: lines of the chat are to be put on the ticket, or being
    put there. `home` is its ticket, `opened` how that was opened, `requester` whom syncd made its requester.
    `contact`: what both ends have of the visitor's contact data. `unseen_told`: agents know that the visitor did not
    see this answer. `outsider_told`: they know that what somebody wrote on the ticket who is no agent did not go into
    the chat. `chat_agent` is the chat's id of the comment's author, where he is one of its agents. `now` is our clock's
    time.

    Of a comment that is changed or removed: `heard` says that it was told before, `ours` that it is our own, `said`
    what of it was to be said in the chat, in order, without what ops gave up.
    """

    seen: bool = False
    linked: bool = False
    ticket: bool = False
    opening: bool = False
    maybe_ours: bool = False
    unclear: bool = False
    sending: bool = False
    unsettled: bool = False
    shared: bool = False
    deleted: bool = False
    lines_wait: bool = False
    lines_go: bool = False
    home: TicketId | None = None
    opened: OpenTicket | None = None
    requester: Requester | None = None
    unseen_told: bool = False
    chat_agent: str = ""
    talk: Talk = field(default_factory=Talk)
    contact: contact.Known = field(default_factory=dict)
    now: float = 0.0
    heard: bool = False
    ours: bool = False
    said: tuple[Said, ...] = ()
    outsider_told: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One delivery that an event leads to. `at` (seconds) and `rank` are its place in its lane.

    A held one goes nowhere until something opens the ticket.
    """

    end: End
    delivery: Delivery
    at: float
    rank: int = ORDINARY
    is_held: bool = False

    @property
    def lane(self) -> LaneName:
        """The name of its lane: files, requesters and contact data have their own, so that none holds up a text."""
        match self.delivery:
            case AttachFile() | UpdateRequester():
                return "files"
            case UpdateVisitor():
                return "contact"
            case _:
                return self.end


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do about an event. `enter` puts its id into the ledger; `release` lets go what is held in the lane.

    `talk` is how the conversation stands after it, `requester` whom syncd made its ticket's then, `contact` what both
    ends have of the visitor; None where that does not change. `pause` is how many seconds a lane that is idle waits for
    more. `tells_unseen`: agents are told that the visitor did not see this answer. `tells_outsider`: they are told that
    somebody's words did not go into the chat. `rewrites` change deliveries.

    The verdict `wait` says that it cannot be judged while a delivery is under way: plan it again after that.
    """

    verdict: Verdict
    steps: tuple[Step, ...] = ()
    enter: bool = False
    release: bool = False
    talk: Talk | None = None
    requester: Requester | None = None
    pause: float = 0.0
    contact: contact.Known | None = None
    tells_unseen: bool = False
    tells_outsider: bool = False
    rewrites: tuple[Rewrite, ...] = ()
