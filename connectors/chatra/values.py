"""Lenient readers of single JSON values, as Chatra's webhooks hold them. An error names the place, never the value.

`words` and what is optional never fail: they are facts for people. What a message is made of is read strictly, and
where the meaning is clear (a number as a string and the other way round) its type does not matter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.contract.errors import PayloadError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def words(value: object) -> str:
    """Write any JSON value for people: yes and no for booleans, JSON for lists and objects, no NUL characters."""
    match value:
        case None:
            return ""
        case str():
            return value.replace("\0", "")
        case bool():
            return "yes" if value else "no"
        case list() | dict():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)


def string(value: object, place: str) -> str:
    """Read a string or a number, empty where there is none. Raises PayloadError for anything else."""
    if isinstance(value, bool | list | dict):
        raise PayloadError(f"{place}: not a string but {type(value).__name__}")
    return words(value)


def an_object(value: object, place: str) -> dict[str, Any]:
    """Read an object. Raises PayloadError for anything else."""
    if not isinstance(value, dict):
        raise PayloadError(f"{place}: not an object but {type(value).__name__}")
    return value


def optional(value: object) -> dict[str, Any]:
    """Read an object without its nulls; empty for anything else."""
    return {key: part for key, part in value.items() if part is not None} if isinstance(value, dict) else {}


def objects(value: object) -> list[dict[str, Any]]:
    """Read the objects of a list; empty for anything else."""
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def count(value: Any) -> int | None:
    """Read a number of things or bytes; None where it is none."""
    try:
        number = int(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return number if number >= 0 and not isinstance(value, bool) else None


def first(raw: Mapping[str, Any], *keys: str) -> Any:
    """Give the value of the first key that has one."""
    return next((raw[key] for key in keys if raw.get(key) not in (None, "")), None)


def flag(raw: Mapping[str, Any], *keys: str) -> bool:
    """Say whether any of the keys is set: true, 1, or either of them as a string."""
    return any(words(raw.get(key)).lower() in {"yes", "true", "1"} for key in keys)


def moment(value: Any, place: str) -> datetime | None:
    """Read milliseconds since 1970, as a number or a string, or an ISO date with its zone. Raises PayloadError."""
    if value is None:
        return None
    with suppress(ValueError, TypeError, OverflowError):
        if isinstance(value, str) and not value.isdigit():
            return EPOCH + (datetime.fromisoformat(value) - EPOCH)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return EPOCH + timedelta(milliseconds=int(value))
    raise PayloadError(f"{place}: not a time")
