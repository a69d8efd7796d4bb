"""A program that tries to get out of the sandbox it runs in, and prints what came of each attempt as JSON.

It is run by the machine's own Python. Nothing that it does changes anything where it succeeds.
"""

from __future__ import annotations

import ctypes
import errno
import json
import mmap
import os
import platform
import signal
import socket
import stat
from collections.abc import Callable
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
# What the C library has no function for.
CALLS = {
    "x86_64": {"settimeofday": 164, "kexec_load": 246, "perf_event_open": 298, "bpf": 321, "userfaultfd": 323},
    "aarch64": {"settimeofday": 170, "kexec_load": 104, "perf_event_open": 241, "bpf": 280, "userfaultfd": 282},
}
NEW_MOUNTS = 0x20000
NEW_HOSTNAME = 0x4000000
NEW_USERS = 0x10000000
NEW_PROCESSES = 0x20000000
NEW_NETWORK = 0x40000000
SEIZE = 0x4206
READ_ALL = 3
A_32_BIT_LINUX = 8
IN_TMP = Path("/tmp/escape")  # noqa: S108 - its own folder, or nobody else's in a machine that is thrown away


def asked(result: int) -> int:
    """Give what a function of the C library gave, or raise its error."""
    if result == -1:
        raise OSError(ctypes.get_errno(), "refused")
    return result


def call(name: str, *arguments: object) -> int:
    return asked(LIBC.syscall(CALLS[platform.machine()][name], *arguments))


def written(place: str) -> None:
    path = Path(place)
    path.write_text("")
    path.unlink()


def journal() -> str:
    """Give where what every service said is kept."""
    return f"/var/log/journal/{Path('/etc/machine-id').read_text().strip()}/system.journal"


def opened(place: str, flags: int = os.O_RDONLY) -> None:
    os.close(os.open(place, flags))


def new_socket(family: int, kind: int, protocol: int = 0) -> None:
    socket.socket(family, kind, protocol).close()


def talk_to_the_manager() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as manager:
        manager.connect("/run/systemd/private")


def memory_that_is_written_and_run() -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def memory_that_is_run_once_written() -> None:
    LIBC.mmap.restype = ctypes.c_void_p
    page = LIBC.mmap(None, 4096, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
    asked(LIBC.mprotect(ctypes.c_void_p(page), 4096, mmap.PROT_READ | mmap.PROT_EXEC))


def a_program_for_everybody_with_its_rights() -> None:
    IN_TMP.write_text("")
    IN_TMP.chmod(0o4755)


def a_device_of_its_own() -> None:
    os.mknod(IN_TMP, stat.S_IFCHR | 0o600, os.makedev(1, 3))


def a_control_group_of_its_own() -> None:
    group = Path("/sys/fs/cgroup/escape")
    group.mkdir()
    group.rmdir()


def a_namespace(kind: int) -> Callable[[], object]:
    return lambda: asked(LIBC.unshare(kind))


def a_namespace_of_another() -> None:
    place = os.open("/proc/self/ns/net", os.O_RDONLY)
    asked(LIBC.setns(place, 0))


def mounted() -> None:
    asked(LIBC.mount(b"tmpfs", b"/mnt", b"tmpfs", 0, None))
    asked(LIBC.umount2(b"/mnt", 0))


def sent(address: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"", (address, 9))


def a_garbled_module() -> None:
    asked(LIBC.init_module(b"\0" * 64, 64, b""))


FILES: dict[str, Callable[[], object]] = {
    "write a program": lambda: written("/usr/bin/escape"),
    "write its own code": lambda: written("/usr/lib/syncd/escape.py"),
    "write its own settings": lambda: written("/etc/syncd/bridges/escape.env"),
    "write a unit": lambda: written("/run/systemd/system/escape.service"),
    "write another's state": lambda: written("/var/lib/escape"),
    "read the passwords": lambda: opened("/etc/shadow"),
    "read somebody's diary": lambda: opened("/home/somebody/diary"),
    "read root's diary": lambda: opened("/root/diary"),
    "read another's scratch file": lambda: opened("/tmp/of-another"),  # noqa: S108
    "read the journal": lambda: opened(journal()),
    "read another's credentials": lambda: opened("/run/credentials/other.service/word"),
    "open a device": lambda: opened("/dev/of-another"),
    "make a device": a_device_of_its_own,
    "make a setuid program": a_program_for_everybody_with_its_rights,
    "make a control group": a_control_group_of_its_own,
    "set the kernel's values": lambda: opened("/proc/sys/net/ipv4/ip_forward", os.O_WRONLY),
    "look at the kernel's values": lambda: opened("/proc/sys/kernel/osrelease"),
    "read the kernel's modules": lambda: opened("/usr/lib/modules/of-another"),
}

PROCESSES: dict[str, Callable[[], object]] = {
    "see another process": lambda: opened("/proc/1/status"),
    "read another's environment": lambda: opened("/proc/1/environ"),
    "reach the files of another": lambda: opened("/proc/1/root/etc/shadow"),
    "signal another": lambda: os.kill(1, 0),
    "trace another": lambda: asked(LIBC.ptrace(SEIZE, 1, None, None)),
    "ask the manager": talk_to_the_manager,
}

RIGHTS: dict[str, Callable[[], object]] = {
    "become root": lambda: os.setresuid(0, 0, 0),
    "join root's group": lambda: os.setresgid(0, 0, 0),
    "join groups": lambda: os.setgroups([0]),
    "run what it writes": memory_that_is_written_and_run,
    "write, then run": memory_that_is_run_once_written,
    "be another Linux": lambda: asked(LIBC.personality(A_32_BIT_LINUX)),
    "have all of a core": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
    "go before others": lambda: os.setpriority(os.PRIO_PROCESS, 0, -5),
    "make a user namespace": a_namespace(NEW_USERS),
    "make a mount namespace": a_namespace(NEW_MOUNTS),
    "make a network namespace": a_namespace(NEW_NETWORK),
    "make a process namespace": a_namespace(NEW_PROCESSES),
    "make a host namespace": a_namespace(NEW_HOSTNAME),
    "enter a namespace": a_namespace_of_another,
}

KERNEL: dict[str, Callable[[], object]] = {
    "mount": mounted,
    "unmount": lambda: asked(LIBC.umount2(b"/mnt", 0)),
    "change its root": lambda: os.chroot("/"),
    "exchange its root": lambda: asked(LIBC.pivot_root(b"/", b"/")),
    "load a module": a_garbled_module,
    "load a kernel": lambda: call("kexec_load", 0, 0, None, 1 << 14),
    "load a BPF program": lambda: call("bpf", 5, None, 0),
    "count the kernel's events": lambda: call("perf_event_open", None, 0, -1, -1, 0),
    "handle page faults": lambda: os.close(call("userfaultfd", os.O_CLOEXEC)),
    "read the kernel's log": lambda: asked(LIBC.klogctl(READ_ALL, ctypes.create_string_buffer(64), 64)),
    "set the clock": lambda: call("settimeofday", None, None),
    "name the host": lambda: socket.sethostname(socket.gethostname()),
    "restart the machine": lambda: asked(LIBC.reboot(1)),
    "swap to a file": lambda: asked(LIBC.swapon(b"/etc/passwd", 0)),
    "account processes": lambda: asked(LIBC.acct(b"/")),
    "open a raw socket": lambda: new_socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
    "open a packet socket": lambda: new_socket(socket.AF_PACKET, socket.SOCK_RAW),
    "open a netlink socket": lambda: new_socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "send to an address not listed": lambda: sent("192.0.2.1"),
    "take a low port": lambda: socket.create_server(("127.0.0.1", 81)).close(),
}

ESCAPES = FILES | PROCESSES | RIGHTS | KERNEL
NEEDS: dict[str, Callable[[], object]] = {
    "write its state": lambda: written(f"{os.environ.get('STATE_DIRECTORY', '/tmp')}/escape"),  # noqa: S108
    "write a scratch file": lambda: written("/tmp/escape"),  # noqa: S108
    "read its settings": lambda: opened("/etc/syncd/syncd.env"),
    "send to an address listed": lambda: sent("127.0.0.1"),
    "listen": lambda: socket.create_server(("127.0.0.1", 0)).close(),
}


def result(attempt: Callable[[], object]) -> str:
    """Give `done`, or the name of the error."""
    try:
        attempt()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, repr(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is no refusal, and is shown
        return repr(error)
    return "done"


def apart(attempt: Callable[[], object]) -> str:
    """Make an attempt in a process of its own, which what succeeds changes alone; give what came of it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, result(attempt).encode())
        os.kill(os.getpid(), signal.SIGKILL)
    os.close(writer)
    with os.fdopen(reader) as told:
        came = told.read()
    os.waitpid(child, 0)
    IN_TMP.unlink(missing_ok=True)
    return came


if __name__ == "__main__":
    print(json.dumps({name: apart(attempt) for name, attempt in (ESCAPES | NEEDS).items()}), flush=True)
