"""Programs that tests need beside Python's packages: Debian's, installed where that can be."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import NoReturn

import pytest


def program_or_skip(name: str, package: str) -> str:
    """Give the path of a program, installed where that can be; without it `skip`."""
    return _found(name) or _installed(name, package)


def skip(reason: str) -> NoReturn:
    """Skip a test for what this machine does not have, or let it fail where SYNCD_REQUIRE_LIVE is 1."""
    if os.environ.get("SYNCD_REQUIRE_LIVE") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def ask(command: list[str], seconds: float = 300) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with nobody there to answer its questions."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=seconds, check=False)


def _found(name: str) -> str | None:
    # Some of them are for root, whose folders are in nobody else's path.
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def _installed(name: str, package: str) -> str:
    if shutil.which("apt-get") is None:
        skip(f"{name} is missing, and there is no apt-get")
    if os.geteuid() != 0:
        skip(f"{name} is missing, and only root can install it")
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", package]
    if ask(install).returncode:
        ask(["apt-get", "update", "-q"])
        done = ask(install)
        if done.returncode:
            skip(f"apt-get cannot install {package}: {done.stderr.strip()[-200:]}")
    return _found(name) or f"/usr/bin/{name}"
