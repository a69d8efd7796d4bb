"""axe-core, which finds in a page what keeps people from using it; fetched once from npm."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from functools import cache
from pathlib import Path

from tests.browser import Browser, NoBrowserError

VERSION = "4.14.1"
SCRIPT = "package/axe.min.js"
LOOK = "return (await axe.run(document, {resultTypes: ['violations'], iframes: false})).violations.map(%s)"
TOLD = "(one) => `${one.id}: ${one.help} at ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`"


@cache
def script() -> str:
    """Give the script. Raises NoBrowserError where npm is missing or cannot fetch it."""
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "syncd-tests" / f"axe-core-{VERSION}.js"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(_fetched())
    return kept.read_text()


def _fetched() -> bytes:
    npm = shutil.which("npm")
    if npm is None:
        raise NoBrowserError("npm is missing, which fetches axe-core")
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", f"axe-core@{VERSION}", "--silent"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            raise NoBrowserError(f"npm cannot fetch axe-core: {done.stderr.strip()[-200:]}")
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as packed:
            member = packed.extractfile(SCRIPT)
            assert member is not None
            return member.read()


def violations(browser: Browser) -> list[str]:
    """Give what is wrong in the page that the browser shows, each with the place."""
    browser.load(script())
    found: list[str] = browser.run(LOOK % TOLD)
    return found
