"""A bridge at run time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from syncd.contract.model import BridgeName, End
from syncd.contract.ports import ChatConnector, Connector, HelpdeskConnector
from syncd.core.plan import Policy

ENDS: tuple[End, End] = ("chat", "helpdesk")


@dataclass(frozen=True, slots=True)
class Bridge:
    """One chat account joined to one helpdesk account, with what ops chose for it.

    `doubt_seconds` are for the chat; files may be fetched from `trusted_hosts` wherever these are.
    """

    name: BridgeName
    chat: ChatConnector
    helpdesk: HelpdeskConnector
    secret: str
    policy: Policy
    doubt_seconds: float
    on_doubt: Literal["park", "resend"]
    trusted_hosts: frozenset[str] = frozenset()

    def connector(self, end: End) -> Connector:
        """Give the connector of an end."""
        return self.chat if end == "chat" else self.helpdesk
