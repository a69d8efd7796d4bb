"""The Debian package: installed, used, removed and purged in a Debian of its own."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.process.brittle_desk import install
from tests.process.debian_root import PROJECT, DebianRoot
from tests.process.programs import SECRET, START_SECONDS, free_port

pytestmark = pytest.mark.torture

BRIDGE = f"BRIDGE_CHAT=memory\nBRIDGE_HELPDESK=memory\nBRIDGE_WEBHOOK_SECRET={SECRET}\n"
SETTINGS = "/etc/syncd/syncd.env"


@pytest.fixture
def debian(package: Path, tmp_path: Path) -> DebianRoot:
    """Give a Debian with the package, one bridge between two ends in memory, and a port of its own."""
    root = DebianRoot(tmp_path / "debian")
    root.install(package)
    root.run("sh", "-c", f"echo '{BRIDGE}' >/etc/syncd/bridges/shop.env")
    root.run("sed", "-i", f"s/8020/{free_port()}/", SETTINGS)
    return root


@contextmanager
def running(debian: DebianRoot) -> Iterator[str]:
    """Run the daemon as the user of the service, with its state folder; give its URL."""
    debian.run("install", "-d", "-o", "syncd", "/var/lib/syncd")
    settings = (debian.folder / SETTINGS.lstrip("/")).read_text()
    listen = re.search("^SYNCD_LISTEN=(.*)", settings, flags=re.MULTILINE)
    assert listen is not None
    command = ["chroot", "--userspec=syncd:syncd", str(debian.folder), "/usr/bin/syncd", "run", "--env-file", SETTINGS]
    with subprocess.Popen(command, env={"PATH": "/usr/sbin:/usr/bin"}) as daemon:
        try:
            yield f"http://{listen[1]}"
        finally:
            daemon.terminate()
    assert daemon.returncode == 0


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").is_success
    except httpx.TransportError:
        return False


def test_what_is_installed_works_with_the_machines_own_python(debian: DebianRoot) -> None:
    assert f"/hooks/shop/chat/{SECRET}" in debian.run("syncd", "check", "--offline", "--env-file", SETTINGS)
    with running(debian) as url:
        deadline = time.monotonic() + START_SECONDS
        while not is_up(url):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert httpx.post(f"{url}/hooks/shop/chat/{SECRET}", json={"eventName": "x"}).is_success
        assert '"shop"' in debian.run("syncd", "status", "--json", "--env-file", SETTINGS)


def test_settings_are_for_the_service_alone(debian: DebianRoot) -> None:
    for place in ("", "/bridges", "/syncd.env", "/bridges/shop.env"):
        assert debian.run("stat", "-c", "%G", f"/etc/syncd{place}") == "syncd\n"
    assert debian.run("stat", "-c", "%a", "/etc/syncd", SETTINGS) == "750\n640\n"
    with pytest.raises(subprocess.CalledProcessError):
        debian.run("setpriv", "--reuid=nobody", "--clear-groups", "cat", "/etc/syncd/bridges/shop.env")


def test_a_connector_of_ones_own_is_found_in_its_folder(debian: DebianRoot) -> None:
    chosen = install(debian.folder / "usr/local/lib/syncd")
    lines = [f"{name}={value}" for name, value in chosen.items() if name != "PYTHONPATH"]
    bridge = debian.folder / "etc/syncd/bridges/shop.env"
    bridge.write_text("\n".join(["BRIDGE_CHAT=memory", f"BRIDGE_WEBHOOK_SECRET={SECRET}", *lines]))
    assert SECRET in debian.run("syncd", "check", "--offline", "--env-file", SETTINGS)


def test_every_package_in_it_is_at_its_locked_version(debian: DebianRoot) -> None:
    found = (debian.folder / "usr/lib/syncd").glob("*.dist-info")
    inside = {path.stem.lower().replace("_", "-") for path in found} - {"syncd-0.1.0"}
    lines = (PROJECT / "requirements.lock").read_text().lower().replace("_", "-").splitlines()
    assert "httpx-0.28.1" in inside
    assert inside <= {line.replace("==", "-") for line in lines}


def test_removal_keeps_the_settings_and_purge_keeps_the_state(debian: DebianRoot) -> None:
    debian.run("systemctl", "enable", "syncd")
    debian.run("install", "-D", "/dev/null", "/var/lib/syncd/syncd.db")
    debian.run("dpkg", "--remove", "syncd")
    assert debian.has("/etc/syncd/bridges/shop.env")
    assert debian.has(SETTINGS)
    for place in ("/usr/bin/syncd", "/usr/lib/syncd", "/etc/systemd/system/multi-user.target.wants/syncd.service"):
        assert not debian.has(place)
    assert "kept /var/lib/syncd" in debian.run("dpkg", "--purge", "syncd")
    assert not debian.has("/etc/syncd")
    assert debian.has("/var/lib/syncd/syncd.db")


def test_the_package_over_itself_keeps_what_ops_wrote(debian: DebianRoot, package: Path) -> None:
    before = debian.run("sh", "-c", "cd /etc/syncd && cat syncd.env bridges/shop.env && stat -c '%a %U %G' . * */*")
    debian.install(package)
    assert debian.run("sh", "-c", "cd /etc/syncd && cat syncd.env bridges/shop.env && stat -c '%a %U %G' . * */*") == (
        before
    )
