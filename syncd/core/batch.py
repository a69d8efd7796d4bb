"""Which waiting deliveries of a lane go out in one call."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.contract.deliveries import AddComment, Delivery, OpenTicket

MOST_LINES = 50
LONGEST_TEXT = 60_000


def together(waiting: Sequence[Delivery]) -> int:
    """Give how many deliveries from the front go out as one: lines that wait anyway become one comment.

    An `OpenTicket` takes the lines behind it as its first comment. Anything else goes alone.
    """
    count = length = 0
    for delivery in waiting[: MOST_LINES + 1]:
        if isinstance(delivery, OpenTicket) and count == 0:
            count = 1
            continue
        if not isinstance(delivery, AddComment):
            break
        length += len(delivery.text)
        if count and length > LONGEST_TEXT:
            break
        count += 1
    return max(count, min(1, len(waiting)))


def joined(deliveries: Sequence[Delivery]) -> str:
    """Give the text of lines that go out together, in order, a blank line between two."""
    return "\n\n".join(delivery.text for delivery in deliveries if isinstance(delivery, AddComment))
