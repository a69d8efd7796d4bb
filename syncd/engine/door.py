"""Who may see the pages: whoever knows the admin token; where there is none, who sits at the machine itself."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from ipaddress import ip_address

from loguru import logger

LOOPBACK = "localhost"


class Door:
    """Keeps the admin token, empty where there is none, and counts those who came with a wrong one."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()
        self._refused = 0
        self.seal = hmac.new(self._token or secrets.token_bytes(32), b"syncd pages", hashlib.sha256).hexdigest()
        """What cookies are signed with: another token makes all of them worthless, a restart does not."""

    @property
    def has_lock(self) -> bool:
        """Whether a token is asked for."""
        return bool(self._token)

    def opens(self, token: str, address: str) -> bool:
        """Say whether this is the token, in the same time whatever is wrong with it; the log has the first failure."""
        if self.has_lock and hmac.compare_digest(token.encode(), self._token):
            after = f" after {self._refused} wrong tokens" if self._refused else ""
            logger.info("pages: a login from {}{}", address, after)
            self._refused = 0
            return True
        if not self._refused:
            logger.warning("pages: a wrong token from {}: more of them are counted, not logged", address)
        self._refused += 1
        return False


def is_here(host: str) -> bool:
    """Say whether an address, or a name as in a Host header without its port, is this machine's loopback."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == LOOPBACK
