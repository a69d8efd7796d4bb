"""Which queue, tags and priority a new ticket gets: a small table, the first rule that fits."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from syncd.contract.model import ChatContext

CONDITIONS = ("group", "host", "page", "language")
OUTCOMES = ("queue", "tags", "priority")


@dataclass(frozen=True, slots=True)
class Route:
    """Where a ticket goes; what is empty is left to the helpdesk's own default."""

    queue: str = ""
    tags: tuple[str, ...] = ()
    priority: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """Patterns (`*` and `?`, without regard to case), all of which must fit, and where it then goes."""

    patterns: tuple[tuple[str, str], ...]
    route: Route


def parse(table: str) -> tuple[Rule, ...]:
    """Read `group=sales host=*.de -> queue=Sales tags=chat,de priority=50; …`; quotes as in a shell.

    Raises ValueError that names the rule and what to write instead.
    """
    lines = [line.strip() for part in table.splitlines() for line in part.split(";")]
    return tuple(_rule(line) for line in lines if line)


def choose(rules: Sequence[Rule], context: ChatContext) -> Route:
    """Give the route of the first rule that fits, or the default."""
    known = {
        "group": context.group,
        "host": context.host,
        "page": context.page.link if context.page else "",
        "language": context.language,
    }
    for rule in rules:
        if all(fnmatchcase(known[name].lower(), pattern.lower()) for name, pattern in rule.patterns):
            return rule.route
    return Route()


def _rule(line: str) -> Rule:
    conditions, arrow, outcomes = line.partition("->")
    if not arrow:
        raise ValueError(f"{line!r}: write CONDITIONS -> OUTCOMES, like group=sales -> queue=Sales")
    chosen = dict(_pairs(outcomes, OUTCOMES, line))
    priority = chosen.get("priority", "")
    if priority and not priority.isdecimal():
        raise ValueError(f"{line!r}: write a whole number for priority")
    tags = tuple(tag.strip() for tag in chosen.get("tags", "").split(",") if tag.strip())
    route = Route(chosen.get("queue", ""), tags, int(priority) if priority else None)
    return Rule(_pairs(conditions, CONDITIONS, line), route)


def _pairs(words: str, names: Sequence[str], line: str) -> tuple[tuple[str, str], ...]:
    pairs = tuple((name, value) for name, _, value in (word.partition("=") for word in shlex.split(words)))
    if not pairs or any(name not in names or not value for name, value in pairs):
        raise ValueError(f"{line!r}: write NAME=VALUE, where NAME is one of {', '.join(names)}")
    return pairs
