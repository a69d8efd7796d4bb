"""Which addresses and URLs are in the public internet, and which hosts ops trust although they are not."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

PORTS = frozenset({None, 80, 443})

_GLOBAL_V6 = ipaddress.ip_network("2000::/3")
_SPECIAL = tuple(
    # What the tables of older Pythons call global although it is none of anybody's hosts.
    ipaddress.ip_network(network)
    for network in ("192.0.0.0/24", "192.88.99.0/24", "2002::/16", "3fff::/20")
)
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_AT_HOME = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "test", "invalid", "home.arpa")


def is_public(address: str) -> bool:
    """Say whether a numeric address is one of the public internet: never one that leads to another inside it.

    Mapped, compatible and translated IPv4 (NAT64, 6to4, Teredo) are not, whatever they hold.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if not ip.is_global or ip.is_multicast or ip.is_reserved:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and (ip not in _GLOBAL_V6 or ip.teredo is not None):
        return False
    return not any(ip in network for network in _SPECIAL if network.version == ip.version)


def is_for_everybody(url: str) -> bool:
    """Say whether a URL may be told to a visitor: http(s), with no login in it and no address or name of a private net.

    Names are judged by what they are, not by where they lead, and as a browser reads them: it knows digits and dots of
    many scripts, so that what is no plain name after that is told to nobody.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if ":" not in host:
            host = host.encode("idna").decode("ascii").lower().rstrip(".")
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or parts.username is not None or not host:
        return False
    last = host.rpartition(".")[2]
    if ":" in host or not last.strip("0123456789") or last.startswith("0x"):
        return is_public(host)
    if not _NAME.fullmatch(host):
        return False
    return "." in host and not any(host == name or host.endswith(f".{name}") for name in _AT_HOME)


def parse_hosts(listed: str) -> frozenset[str]:
    """Read `files.example.internal, 10.0.0.5, ::1`. Raises ValueError that says what to write instead."""
    hosts = [host.strip().lower().rstrip(".") for host in listed.split(",") if host.strip()]
    for host in hosts:
        if not (_NAME.fullmatch(host) or _is_address(host)):
            raise ValueError("write hosts alone, with commas between them, like files.example.internal,10.0.0.5")
    return frozenset(hosts)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
