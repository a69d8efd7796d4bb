"""The package's service under a booted systemd: started, watched, stopped, started again and given up."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from tests.booted.machine import Machine
from tests.booted.service import BRIDGE, Service
from tests.process.programs import SECRET, nobody_there, until

pytestmark = pytest.mark.torture

HOOK = f"/hooks/shop/chat/{SECRET}"
WATCHDOG_SECONDS = 30.0
NOISE_SECONDS = 10.0
"""What a start, and a machine that does other things besides, may need more."""


def test_the_package_starts_nothing_unasked(machine: Machine) -> None:
    for unit in ("syncd.service", "syncd.socket"):
        assert machine.run("systemctl", "show", "--value", "--property=ActiveState", unit) == "inactive\n"
        assert machine.run("systemctl", "show", "--value", "--property=UnitFileState", unit) == "disabled\n"


def test_once_it_is_started_it_serves_and_starts_with_the_machine(service: Service) -> None:
    assert service.get("/healthz").status_code == 200
    assert service.post(HOOK).status_code == 200
    for unit in ("syncd.service", "syncd.socket"):
        assert service.machine.run("systemctl", "is-enabled", unit) == "enabled\n"


def test_systemd_holds_the_start_until_it_is_ready(service: Service) -> None:
    service.ctl("stop")
    service.ctl("start")
    assert service.has("ActiveState") == "active"
    assert service.has_said("Started syncd.service")


def test_the_control_one_that_never_gets_ready_is_no_service_that_started(service: Service) -> None:
    service.add("ExecStart=\nExecStart=/bin/sleep infinity\nTimeoutStartSec=2\nRestart=no")
    with pytest.raises(subprocess.CalledProcessError):
        service.ctl("restart")


def test_it_is_a_user_of_its_own_with_one_folder(service: Service) -> None:
    run = service.machine.run
    (user,) = {line.split()[1] for line in run("grep", "^Uid", f"/proc/{service.pid}/status").splitlines()}
    assert user != "0"
    assert run("readlink", "/var/lib/syncd") == "private/syncd\n"
    assert run("stat", "--format=%u %a", "/var/lib/private/syncd") == f"{user} 750\n"
    assert run("stat", "--format=%u %a", "/var/lib/private/syncd/syncd.db") == f"{user} 600\n"


def test_ops_see_it_from_outside_its_sandbox(service: Service) -> None:
    told = service.machine.run("syncd", "status", "--json", "--env-file", "/etc/syncd/syncd.env")
    assert '"shop"' in told


def test_a_secret_may_be_a_credential(service: Service) -> None:
    service.machine.write("/etc/syncd/secrets/shop", "comes-as-a-credential", mode=0o600)
    service.configure({"BRIDGE_CHAT": "memory", "BRIDGE_HELPDESK": "memory"})
    service.add("LoadCredential=shop.BRIDGE_WEBHOOK_SECRET:/etc/syncd/secrets/shop")
    service.ctl("restart")
    assert service.post("/hooks/shop/chat/comes-as-a-credential").status_code == 200
    assert service.post(HOOK).status_code == 404


def test_the_journal_knows_how_weighty_each_line_is(service: Service) -> None:
    service.configure(nobody_there() | {"BRIDGE_WEBHOOK_SECRET": SECRET})
    service.ctl("restart")
    until(lambda: service.has_said("bridge shop: chat is down"))
    weights = {entry["MESSAGE"].partition(":")[2][:13]: entry["PRIORITY"] for entry in service.said()}
    assert weights[" chat is down"] == "3"
    assert weights[" helpdesk ans"] == "6"


def test_a_stop_is_within_20_seconds_and_orderly(service: Service) -> None:
    took = service.ctl("stop")
    print(f"\nstopped within {took:.1f} s")
    assert took < 20
    assert (service.has("Result"), service.has("ExecMainStatus")) == ("success", "0")


def test_after_a_stop_the_next_connection_starts_it(service: Service) -> None:
    service.ctl("stop")
    assert service.has("ActiveState") == "inactive"
    assert service.get("/healthz").status_code == 200
    assert service.has("ActiveState") == "active"


def test_one_that_was_killed_is_started_again(service: Service) -> None:
    before = service.pid
    service.kill("-KILL")
    until(lambda: service.pid not in {0, before} and service.has("ActiveState") == "active")
    assert service.get("/healthz").status_code == 200


@pytest.mark.alone
def test_one_that_hangs_is_killed_and_started_again_within_the_watchdogs_time(service: Service) -> None:
    before = service.pid
    service.kill("-STOP")
    began = time.monotonic()
    until(lambda: service.pid not in {0, before} and service.has("ActiveState") == "active", 2 * WATCHDOG_SECONDS)
    took = time.monotonic() - began
    print(f"\nserving again after {took:.1f} s (WatchdogSec=30)")
    assert took <= WATCHDOG_SECONDS + NOISE_SECONDS
    assert service.has_said("Watchdog timeout (limit 30s)!")
    assert service.has("NRestarts") == "1"
    assert service.get("/healthz").status_code == 200


def test_a_configuration_mistake_is_not_tried_again_whoever_connects(service: Service) -> None:
    service.configure({"BRIDGE_CHAT": "nobody"})
    service.ctl("stop")
    with service.machine.network(), socket.create_connection(("127.0.0.1", 8020)):
        until(lambda: service.has("ActiveState") == "failed")
    assert (service.has("ActiveState"), service.has("ExecMainStatus")) == ("failed", "78")
    assert service.has_said("no chat connector is called 'nobody'")
    with pytest.raises(httpx.ConnectError):
        service.get("/healthz")
    tried = service.starts
    time.sleep(3)
    assert service.starts == tried


def test_once_it_is_mended_a_start_is_enough(service: Service) -> None:
    service.configure({"BRIDGE_CHAT": "nobody"})
    with pytest.raises(subprocess.CalledProcessError) as failure:
        service.ctl("restart")
    assert "exited with error code" in failure.value.stdout
    service.configure(BRIDGE)
    service.ctl("start")
    assert service.get("/healthz").status_code == 200


def test_a_database_that_is_locked_is_tried_until_it_is_free(service: Service) -> None:
    service.ctl("stop")
    script = "import sqlite3, time; c = sqlite3.connect('/var/lib/syncd/syncd.db', isolation_level=None); "
    lock = f"{script}c.execute('BEGIN EXCLUSIVE'); time.sleep(3600)"
    service.machine.write("/run/systemd/system/lock.service", f'[Service]\nExecStart=/usr/bin/python3 -c "{lock}"\n')
    service.machine.run("systemctl", "daemon-reload")
    service.machine.run("systemctl", "start", "lock")
    service.machine.run("systemctl", "start", "--no-block", "syncd.service")
    until(lambda: int(service.has("NRestarts")) >= 2, 60)
    service.machine.run("systemctl", "stop", "lock")
    until(lambda: service.has("ActiveState") == "active")
    assert service.get("/healthz").status_code == 200


def test_its_removal_ends_it(service: Service, package: Path) -> None:
    service.machine.run("dpkg", "--remove", "syncd")
    left = service.machine.run("systemctl", "list-units", "--all", "--plain", "--no-legend", "syncd*")
    assert left == ""
    with pytest.raises(httpx.ConnectError):
        service.get("/healthz")
    service.machine.install(package)


def test_the_package_over_itself_starts_it_again_and_keeps_it_enabled(service: Service, package: Path) -> None:
    before = service.pid
    service.machine.install(package)
    assert service.has("ActiveState") == "active"
    assert service.pid != before
    assert service.has("UnitFileState") == "enabled"
