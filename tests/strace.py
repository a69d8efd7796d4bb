"""strace, with which tests see, and slow down, what a process asks of the kernel."""

from __future__ import annotations

import os

from tests.debian import ask, program_or_skip, skip


def strace_or_skip() -> str:
    """Give the path of a strace that works; without one the test is skipped, or fails where SYNCD_REQUIRE_LIVE is 1."""
    found = program_or_skip("strace", "strace")
    tried = ask([found, "-f", "-o", os.devnull, "true"])
    if tried.returncode:
        skip(f"strace may not trace here: {tried.stderr.strip()[-200:]}")
    return found
