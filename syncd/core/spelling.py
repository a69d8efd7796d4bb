"""Words without emoji and without characters that take four bytes in UTF-8, for an end that does not take these."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from syncd.contract.deliveries import AddComment, AddNote, Delivery, EditMessage, OpenTicket, PostMessage, PushNotice

_SIGN = re.compile(
    "([\U00010000-\U0010ffff\u231a-\u231b\u23e9-\u23fa\u2600-\u27bf\u2b05-\u2b55])[\ufe0e\ufe0f\u200d\U0001f3fb-\U0001f3ff]*"
)
"""One such character, with what joins it to the next and changes its look; nothing of that means anything alone."""


def spelled(delivery: Delivery) -> Delivery:
    """Give a delivery with each such character as `:its_name:`; the same where it has none."""
    match delivery:
        case AddComment() | AddNote() | EditMessage():
            return replace(delivery, text=in_names(delivery.text))
        case PostMessage(reply=reply) | PushNotice(reply=reply):
            author = replace(reply.author, name=in_names(reply.author.name))
            return replace(delivery, reply=replace(reply, author=author, text=in_names(reply.text)))
        case OpenTicket(requester=requester):
            named = replace(requester, name=in_names(requester.name))
            return replace(delivery, subject=in_names(delivery.subject), requester=named)
        case _:
            return delivery


def in_names(words: str) -> str:
    """Spell each emoji and each character outside of the first 65,536 by its Unicode name, else by its number.

    One that only is a letter in another dress becomes that letter.
    """
    return _SIGN.sub(lambda found: _name(found[1]), words)


def _name(sign: str) -> str:
    plain = unicodedata.normalize("NFKC", sign)
    if not _SIGN.search(plain):
        return plain
    name = unicodedata.name(sign, "")
    return f":{name.lower().replace(' ', '_')}:" if name else f"U+{ord(sign):04X}"
