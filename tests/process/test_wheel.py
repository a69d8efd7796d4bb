"""The wheel, in a virtual environment of its own: all that syncd needs is in it or named by it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

PROJECT = Path(__file__).parents[2]


def run(*command: str | Path, folder: Path) -> str:
    """Run a command to its end, away from the project's own code; give what it says."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("SYNCD_")}
    done = subprocess.run(command, cwd=folder, env=ours, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the programs of an environment with the wheel and what it names, at the locked versions."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    run(*pip, "wheel", "--no-deps", "--wheel-dir", folder, PROJECT, folder=folder)
    (wheel,) = folder.glob("syncd-*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "environment", folder=folder)
    python = folder / "environment" / "bin" / "python"
    run(*pip, "--python", python, "install", "--constraint", PROJECT / "requirements.lock", wheel, folder=folder)
    return python.parent


def test_it_writes_settings_that_it_finds_in_order(programs: Path, tmp_path: Path) -> None:
    settings = tmp_path / "shop.env"
    settings.write_text(run(programs / "syncd", "init", "--chat", "memory", "--helpdesk", "memory", folder=tmp_path))
    told = run(programs / "syncd", "check", "--offline", "--env-file", settings, folder=tmp_path)
    assert "/hooks/default/chat/" in told


def test_it_shows_both_sides_in_the_browser(programs: Path, tmp_path: Path) -> None:
    command = [str(programs / "syncd"), "demo", "--no-browser", "--port", "0"]
    demo = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert demo.stdout is not None
    line = demo.stdout.readline()
    address = re.search(r"http://\S+(?=/demo)", line)
    assert address, line
    for path in ("/demo", "/demo/static/demo.js", "/bridges/shop/helpdesk/", "/", "/static/syncd.css"):
        assert httpx.get(address[0] + path, timeout=60).status_code == 200
    demo.terminate()
    assert demo.wait(60) == 0
    demo.stdout.close()
