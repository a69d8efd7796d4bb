"""As whom an agent speaks in the chat."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from syncd.contract.model import Author

Voices = Literal["named", "made", "known"]
"""named: the chat shows whatever name a reply has. made: it shows agents by their addresses, and makes one for an
address that it does not know. known: the same, and none is to be made."""


def voice(author: Author, chat_agent: str, voices: Voices) -> tuple[Author, str]:
    """Give whom the chat shows, and the name that so must stand in the text; empty where it is shown.

    `chat_agent` is the chat's id of the agent with this address, empty where it has none. Nobody's name and address
    stand for the default agent.
    """
    if voices == "named" or (voices == "made" and author.email):
        return author, ""
    if voices == "known" and chat_agent:
        return replace(author, id=chat_agent), ""
    return Author(author.role), author.name or author.email.partition("@")[0]
