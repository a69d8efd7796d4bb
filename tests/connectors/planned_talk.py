"""A chat as `plan` would have it: what it says of each comment of a helpdesk, sent at once or only in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from syncd.contract.deliveries import DeleteMessage, EditMessage, PostMessage, PushNotice, Saying
from syncd.contract.model import CommentAdded, CommentDeleted, CommentEdited, CommentId, DeliveryKey, Event
from syncd.core.plan import Known, Policy, plan
from syncd.core.verdict import Said

Comments = CommentAdded | CommentEdited | CommentDeleted


@dataclass
class Part:
    """A part of a comment: what it is to say, whether it has left, and what the chat shows of it."""

    saying: Saying
    is_sent: bool
    shown: str | None


@dataclass
class PlannedTalk:
    """Feeds events to `plan` and does what it says. `leaves` tells for each message whether it leaves at once."""

    policy: Policy
    leaves: Callable[[], bool] = lambda: True
    parts: dict[DeliveryKey, Part] = field(default_factory=dict)
    heard: set[CommentId] = field(default_factory=set)
    left: list[str] = field(default_factory=list)

    def feed(self, events: Iterable[Event]) -> None:
        """Let comments be added, changed and removed."""
        for event in events:
            if isinstance(event, Comments):
                self._feed(event)

    def end(self) -> list[str]:
        """Let all leave that waits; give what the chat shows."""
        for part in self.parts.values():
            if not part.is_sent and not part.saying.withdrawn:
                self._send(part)
        return [part.shown for part in self.parts.values() if part.shown is not None]

    def _feed(self, event: Comments) -> None:
        comment = event.comment if isinstance(event, CommentDeleted) else event.comment.id
        of_it = tuple(
            Said(key, part.saying, 0.0, part.is_sent)
            for key, part in self.parts.items()
            if part.saying.comment == comment
        )
        made = plan(event, Known(linked=True, heard=comment in self.heard, said=of_it), self.policy)
        if made.enter:
            self.heard.add(comment)
        for key, saying in made.rewrites:
            self.parts[key].saying = saying
        for step in made.steps:
            match step.delivery:
                case PostMessage() | PushNotice():
                    self._say(step.delivery)
                case EditMessage():
                    self.left.append(step.delivery.text)
                    self.parts[step.delivery.said].shown = step.delivery.text
                case DeleteMessage():
                    self.parts[step.delivery.said].shown = None
                case _:
                    assert step.lane == "helpdesk"

    def _say(self, saying: Saying) -> None:
        part = Part(replace(saying), is_sent=False, shown=None)
        self.parts[DeliveryKey(f"key-{len(self.parts)}")] = part
        if self.leaves():
            self._send(part)

    def _send(self, part: Part) -> None:
        part.is_sent, part.shown = True, part.saying.reply.text
        self.left.append(part.saying.reply.text)
