"""What of each comment was to be said in the chat: found by the comment, changed where it waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, LargeBinary, bindparam, cast, select

from syncd.contract.deliveries import Change, PostMessage, PushNotice, Saying
from syncd.contract.model import CommentId, DeliveryKey, MessageId
from syncd.store.codec import read_delivery, write_delivery
from syncd.store.tables import IS_PARKED, outbox

WITHDRAWN = "it was withdrawn in the helpdesk"

_HERE = (outbox.c.link_id == bindparam("link")) & (outbox.c.comment == bindparam("about"))
_IS_SAYING = outbox.c.kind.in_(("post_message", "push_notice"))
_IS_CHANGE = outbox.c.kind.in_(("edit_message", "delete_message"))
_OF = (
    select(outbox.c.key, cast(outbox.c.body, LargeBinary), outbox.c.at, outbox.c.state, outbox.c.batch, outbox.c.native)
    .where(_HERE, _IS_SAYING)
    .order_by(outbox.c.id)
)
_THIS = _HERE & (outbox.c.key == bindparam("said"))
_REWRITE = outbox.update().where(_THIS).values(body=bindparam("to_body"))
_DROP = (
    outbox.update()
    .where(_THIS, outbox.c.batch.is_(None), outbox.c.state.in_(("waiting", "held", "parked")))
    .values(state="dropped", reason=WITHDRAWN, done_at=bindparam("now"))
)
_TARGET = select(outbox.c.state, outbox.c.batch, outbox.c.native, outbox.c.kind).where(_THIS)
_FREE = (
    outbox.update()
    .where(outbox.c.link_id == bindparam("link"), _IS_CHANGE, IS_PARKED)
    .where(outbox.c.comment.in_(select(outbox.c.comment).where(outbox.c.id.in_(bindparam("rows", expanding=True)))))
    .values(state="waiting", created_at=bindparam("now"))
)


class Part(NamedTuple):
    """A delivery of a comment, as it should be, and its place in its lane.

    `may_be_there`: it is in the chat, or nobody knows that it is not.
    """

    key: DeliveryKey
    saying: Saying
    at: float
    may_be_there: bool


class Target(NamedTuple):
    """The delivery whose message is to be changed: its state, and its message where that is known."""

    state: str
    native: MessageId | None
    may_be_there: bool
    is_notice: bool


def of_comment(connection: Connection, link_id: int, comment: CommentId) -> list[Part]:
    """Give the deliveries that say a comment, in order, without those that ops dropped. Raises ValueError."""
    found = []
    for key, body, at, state, batch, native in connection.execute(_OF, {"link": link_id, "about": comment}):
        saying = read_delivery(body)
        assert isinstance(saying, PostMessage | PushNotice)  # noqa: S101  (the query finds no other kinds)
        if state != "dropped" or saying.withdrawn:
            found.append(Part(key, saying, at, native is not None or batch is not None))
    return found


def rewrite(
    connection: Connection, link_id: int, comment: CommentId, key: DeliveryKey, saying: Saying, now: float
) -> None:
    """Let a delivery say something else from now on; one that is not to be said and surely was not is dropped."""
    this = {"link": link_id, "about": comment, "said": key}
    connection.execute(_REWRITE, {**this, "to_body": write_delivery(saying)})
    if saying.withdrawn:
        connection.execute(_DROP, {**this, "now": now})


def target(connection: Connection, link_id: int, change: Change) -> Target:
    """Find the delivery whose message a change is about."""
    this = {"link": link_id, "about": change.comment, "said": change.said}
    state, batch, native, kind = connection.execute(_TARGET, this).one()
    return Target(state, native, batch is not None, kind == "push_notice")


def free_changes(connection: Connection, link_id: int, rows: Sequence[int], now: float) -> bool:
    """Let changes go again that were put aside, now that it is known where what these rows said is; say if any."""
    return bool(connection.execute(_FREE, {"link": link_id, "rows": rows, "now": now}).rowcount)
