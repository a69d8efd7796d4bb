"""A throw-away Debian of this machine's release, in which a package is installed as ops would."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
from pathlib import Path

from tests.debian import ask, program_or_skip, skip

PROJECT = Path(__file__).parents[2]
PACKAGES = "python3,adduser,systemd,systemd-sysv"
MINUTES = 60.0


class DebianRoot:
    """A copy of a fresh Debian; without root or Debian's servers the test is skipped."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ask(["cp", "--archive", str(_fresh()), str(folder)]).check_returncode()

    def run(self, *command: str) -> str:
        """Run a command in there, with nothing of systemd's running; give what it says. Raises CalledProcessError."""
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LANG": "C.UTF-8"}
        return subprocess.run(
            ["chroot", str(self.folder), *command],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=5 * MINUTES,
            check=True,
        ).stdout

    def install(self, package: Path) -> None:
        shutil.copy(package, self.folder / "root")
        self.run("dpkg", "--install", f"/root/{package.name}")

    def has(self, place: str) -> bool:
        """Say whether there is anything at a path."""
        return os.path.lexists(self.folder / place.lstrip("/"))


def built_package(folder: Path) -> Path:
    """Build the package from the code as it is, as `make deb` does."""
    program_or_skip("dpkg-deb", "dpkg")
    pip = PROJECT / ".venv" / "bin" / "pip"
    environment = {**os.environ, "PIP": str(pip), "OUT": str(folder)}
    build = PROJECT / "systemd" / "debian" / "build.sh"
    subprocess.run([build], env=environment, stdout=subprocess.DEVNULL, timeout=10 * MINUTES, check=True)
    (package,) = folder.glob("syncd_*.deb")
    return package


def _fresh() -> Path:
    """Give a Debian that nothing was done to, made once for each list of packages."""
    if os.geteuid() != 0:
        skip("only root can make a Debian of its own")
    release = platform.freedesktop_os_release()
    if release["ID"] != "debian":
        skip("not a Debian")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "syncd-tests"
    suite = release["VERSION_CODENAME"]
    folder = cache / f"debian-{suite}-{hashlib.sha256(PACKAGES.encode()).hexdigest()[:12]}"
    if not folder.exists():
        _make(folder, suite)
    return folder


def _make(folder: Path, suite: str) -> None:
    half = folder.with_name(f"{folder.name}.{os.getpid()}")
    debootstrap = program_or_skip("debootstrap", "debootstrap")
    done = ask([debootstrap, "--variant=minbase", f"--include={PACKAGES}", suite, str(half)], 10 * MINUTES)
    if done.returncode:
        shutil.rmtree(half, ignore_errors=True)
        skip(f"debootstrap cannot make a Debian here: {done.stdout[-200:]}")
    for archive in (half / "var/cache/apt/archives").glob("*.deb"):
        archive.unlink()
    half.rename(folder)
