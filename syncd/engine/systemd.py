"""The two things that systemd hands over and wants to hear.

Both protocols are a line each (sd_notify(3), sd_listen_fds(3)); the libraries for them need headers or are abandoned.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress

FIRST_SOCKET = 3


def notify(state: str, *, flags: int = 0) -> None:
    """Tell systemd a state such as `READY=1`; without systemd this does nothing."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        sender.connect("\0" + address[1:] if address.startswith("@") else address)
        sender.sendall(state.encode(), flags)


def beat() -> None:
    """Tell systemd that all is well. Where it does not listen right now, that is no reason for the loop to wait."""
    with suppress(OSError):
        notify("WATCHDOG=1", flags=socket.MSG_DONTWAIT)


def watchdog_seconds() -> float | None:
    """Give how often systemd wants to hear `WATCHDOG=1`: half of WatchdogSec; None where it does not."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    return int(microseconds) / 2_000_000 if microseconds.isdigit() else None


def listening_socket() -> socket.socket | None:
    """Give the socket that systemd listens on for us; None where it hands none over."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS", "0") == "0":
        return None
    return socket.socket(fileno=FIRST_SOCKET)
