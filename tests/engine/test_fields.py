"""A new ticket has the fields that ops mapped, and a follow-up and a successor have them too."""

from __future__ import annotations

from syncd.core import fields
from syncd.core.plan import Policy
from tests.engine.conftest import ANN, Shop, until
from tests.engine.faulty_ends import TAG


async def test_what_the_helpdesk_does_not_take_is_one_note_and_the_others_are_there(shop: Shop) -> None:
    await shop.stop()
    shop.policy = Policy(tag=TAG, fields=fields.parse("name -> Country; email -> Mail; host -> Page"))
    await shop.start()
    shop.chat.visitor_says(ANN, "hello")
    await until(lambda: len(shop.notes()) == 2)
    told = "The helpdesk did not take what the chat knows into Mail: it stands in the note about the visitor."
    assert shop.notes().count(told) == 1
    assert shop.helpdesk.tickets[shop.ticket].fields == {"Country": "Ann"}
    first = shop.ticket
    shop.helpdesk.delete_ticket(first)
    shop.chat.visitor_says(ANN, "again")
    await until(lambda: shop.helpdesk.tickets and shop.helpdesk.tickets[shop.ticket].fields == {"Country": "Ann"})
