"""Events and deliveries as JSON, and back."""

from __future__ import annotations

from pydantic import TypeAdapter

from syncd.contract.deliveries import Delivery
from syncd.contract.model import Event, Visitor

_DELIVERY: TypeAdapter[Delivery] = TypeAdapter(Delivery)
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)
_VISITOR: TypeAdapter[Visitor] = TypeAdapter(Visitor)


def write_delivery(delivery: Delivery) -> bytes:
    """Write a delivery as JSON. Raises ValueError for one with a value of the wrong type."""
    return _DELIVERY.dump_json(delivery, warnings="error")


def read_delivery(body: bytes) -> Delivery:
    """Read what `write_delivery` wrote. Raises ValueError for a row that is damaged."""
    return _DELIVERY.validate_json(body)


def is_readable(body: bytes) -> bool:
    """Say whether `read_delivery` can read it."""
    try:
        read_delivery(body)
    except ValueError:
        return False
    return True


def write_event(event: Event) -> bytes:
    """Write an event as JSON. Raises ValueError for one with a value of the wrong type."""
    return _EVENT.dump_json(event, warnings="error")


def read_event(body: bytes) -> Event:
    """Read what `write_event` wrote."""
    return _EVENT.validate_json(body)


def write_visitor(visitor: Visitor) -> bytes:
    """Write a visitor as JSON."""
    return _VISITOR.dump_json(visitor, warnings="error")


def read_visitor(body: bytes) -> Visitor:
    """Read what `write_visitor` wrote."""
    return _VISITOR.validate_json(body)
