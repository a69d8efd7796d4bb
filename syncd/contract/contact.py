"""Contact data as values: what an end knows of the person who chats. The rest of syncd takes these from `model`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from syncd.contract.ticket import TicketId

ContactField = Literal["name", "email", "phone"]
CONTACT_FIELDS: tuple[ContactField, ...] = ("name", "email", "phone")


@dataclass(frozen=True, slots=True)
class Contact:
    """Some of a person's contact data: None says nothing of a field, an empty one is removed."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None

    def told(self) -> dict[ContactField, str]:
        """Give the fields of which something is said."""
        values: dict[ContactField, str | None] = {"name": self.name, "email": self.email, "phone": self.phone}
        return {field: value for field, value in values.items() if value is not None}


def contact_of(values: Mapping[ContactField, str]) -> Contact:
    """Make what `Contact.told` gives into a `Contact` again."""
    return Contact(values.get("name"), values.get("email"), values.get("phone"))


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """Somebody else than our own account corrected who asks in a ticket, or put another person there.

    `contact` has the fields that were touched, with what the helpdesk held when it was read: what was changed twice in
    between is told with its last value. `id` belongs to this change of this ticket alone.
    """

    ticket: TicketId
    id: str
    contact: Contact
    at: datetime
    kind: Literal["contact_changed"] = "contact_changed"
