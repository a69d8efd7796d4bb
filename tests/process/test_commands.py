"""The commands as ops type them: words, exit codes, and no traceback ever."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import httpx
import pytest

from syncd import registry
from tests.process.programs import SECRET, ChatProcess, DaemonProcess, nobody_there, syncd, until

BAD = {"BRIDGE_CHAT": "chatrra", "CHATRA_SECRET_KEY": SECRET, "SYNCD_LISTEN": "nowhere"}


@pytest.mark.parametrize("command", ["run", "check", "status"])
def test_a_configuration_mistake_is_exit_78_with_every_mistake_and_no_traceback(command: str) -> None:
    done = syncd(command, **BAD)
    assert done.returncode == 78
    assert "Traceback" not in done.stderr
    assert "SYNCD_LISTEN: write HOST:PORT" in done.stderr
    assert SECRET not in done.stderr + done.stdout


def test_wrong_usage_is_exit_2() -> None:
    assert syncd("--nonsense").returncode == 2
    assert syncd("check", "--nonsense").returncode == 2


@pytest.mark.parametrize("command", ["run", "check", "status", "init", "templates", "demo"])
def test_every_command_says_what_it_does(command: str) -> None:
    done = syncd(command, "--help")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) > 3


@pytest.mark.parametrize(
    ("chat", "helpdesk"), list(itertools.product(registry.names("chat"), registry.names("helpdesk")))
)
def test_what_init_prints_passes_check_once_it_is_filled_in(chat: str, helpdesk: str, tmp_path: Path) -> None:
    printed = syncd("init", "--chat", chat, "--helpdesk", helpdesk)
    assert printed.returncode == 0
    filled = re.sub(r"^(\w+_URL)=$", r"\1=https://desk.example.com", printed.stdout, flags=re.MULTILINE)
    filled = re.sub(r"^(\w+)=$", r"\1=something", filled, flags=re.MULTILINE)
    (tmp_path / "shop.env").write_text(filled)
    done = syncd("check", "--offline", SYNCD_BRIDGES_DIR=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")


def test_check_prints_the_url_to_paste_and_asks_both_ends(tmp_path: Path) -> None:
    with ChatProcess(tmp_path, "http://127.0.0.1:9/") as chat:
        settings = {**chat.bridge, "BRIDGE_HELPDESK": "memory", "BRIDGE_WEBHOOK_SECRET": SECRET}
        done = syncd("check", SYNCD_PUBLIC_URL="https://sync.example.com", **settings)
        assert done.returncode == 0
        assert f"https://sync.example.com/hooks/default/chat/{SECRET}" in done.stdout
        assert "default: chat: ok" in done.stdout
        assert "default: helpdesk: ok" in done.stdout
        refused = syncd("check", **{**settings, "CHATRA_SECRET_KEY": "wrong"})
        assert refused.returncode == 69
        assert "chat: Auth" in refused.stdout


def test_a_daemon_behind_a_proxy_without_a_token_is_warned_of_by_check_and_in_the_log(tmp_path: Path) -> None:
    settings = {**nobody_there(), "SYNCD_PUBLIC_URL": "https://sync.example.com"}
    token = {"SYNCD_ADMIN_TOKEN": "long enough for a token"}
    warned = syncd("check", "--offline", BRIDGE_WEBHOOK_SECRET=SECRET, **settings)
    assert (warned.returncode, "SYNCD_ADMIN_TOKEN is not set" in warned.stderr) == (0, True)
    assert syncd("check", "--offline", BRIDGE_WEBHOOK_SECRET=SECRET, **settings, **token).stderr == ""
    with DaemonProcess(tmp_path, settings) as daemon:
        until(lambda: "SYNCD_ADMIN_TOKEN is not set" in daemon.log.read_text())


@pytest.mark.parametrize(("command", "code"), [("/nowhere/notify", 78), ("/etc/passwd", 78), ("true", 0)])
def test_check_tells_of_a_command_for_alerts_that_may_not_be_run(command: str, code: int) -> None:
    settings = {**nobody_there(), "BRIDGE_WEBHOOK_SECRET": SECRET, "SYNCD_ALERT_COMMAND": f"{command} --key canary"}
    done = syncd("check", "--offline", **settings)
    assert done.returncode == code
    assert (f"SYNCD_ALERT_COMMAND: {command} is not there" in done.stdout) == bool(code)
    assert "canary" not in done.stdout + done.stderr


def test_check_of_an_end_that_is_away_is_exit_69() -> None:
    done = syncd("check", **nobody_there(), BRIDGE_WEBHOOK_SECRET=SECRET)
    assert done.returncode == 69
    assert "chat: Unavailable" in done.stdout


def state_of_chat(daemon: DaemonProcess) -> str:
    """Give the chat's state once it is known."""
    while True:
        report = json.loads(daemon.command("status", "--json").stdout)
        if report["bridges"]["default"]["chat"]["state"] != "unknown":
            return str(report["bridges"]["default"]["chat"]["state"])


def test_status_tells_of_both_ends_for_people_and_programs(tmp_path: Path) -> None:
    chat = ChatProcess(tmp_path, "http://127.0.0.1:9/")
    with chat, DaemonProcess(tmp_path, {**chat.bridge, "BRIDGE_HELPDESK": "memory"}) as daemon:
        assert state_of_chat(daemon) == "ok"
        report = json.loads(daemon.command("status", "--json").stdout)
        assert report["well"]
        assert report["bridges"]["default"]["inbox"] == {"unplanned": 0, "quarantined": 0}
        assert "the daemon runs" in daemon.command("status").stdout
        assert daemon.end() == 0
        stopped = daemon.command("status")
        assert stopped.returncode == 1
        assert "the daemon does not run" in stopped.stdout


def test_a_refused_key_is_said_once_in_the_log_and_seen_in_status_and_readyz(tmp_path: Path) -> None:
    chat = ChatProcess(tmp_path, "http://127.0.0.1:9/")
    settings = {**chat.bridge, "CHATRA_SECRET_KEY": "wrong", "BRIDGE_HELPDESK": "memory"}
    with chat, DaemonProcess(tmp_path, settings) as daemon:
        assert state_of_chat(daemon) == "refused"
        ready = httpx.get(f"{daemon.url}/readyz")
        assert ready.status_code == 503
        assert ready.json()["bridges"]["default"]["chat"]["state"] == "refused"
        assert httpx.post(daemon.hook, json={"eventName": "x"}).status_code == 200
        assert daemon.log.read_text().count("chat is refused") == 1
