"""How commands show rows and times to people."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.clock import iso


def as_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Give rows under a header, each column as wide as it must be."""
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    shown = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(line.rstrip() for line in shown)


def time(seconds: float | None) -> str:
    """Give a time to the second, UTC; empty for none."""
    return "" if seconds is None else iso(seconds)
