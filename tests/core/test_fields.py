"""Facts of a chat become fields of its ticket, as ops mapped them."""

from __future__ import annotations

import pytest

from syncd.contract.model import ChatContext, Page, Visitor
from syncd.core.fields import Mapped, parse, values

KNOWN = ChatContext(
    Visitor("ann", "Ann", "ann@example.com"),
    page=Page("https://shop.example.com/lids", "Lids"),
    country="Ireland",
    language="de",
    details=(("Chat id", "c1"), ("Order number", "#151254")),
)


def test_facts_go_into_their_fields_and_what_nobody_knows_into_none() -> None:
    table = parse("page -> Seen page; title -> Title\ncity->City;  detail.Order number -> Order;detail.Cart -> Cart ;")
    assert values(table, KNOWN) == (
        ("Seen page", "https://shop.example.com/lids"),
        ("Title", "Lids"),
        ("Order", "#151254"),
    )
    assert values(parse("name -> Who; language -> Language"), KNOWN) == (("Who", "Ann"), ("Language", "de"))
    assert parse("") == ()
    assert parse("os -> a -> b") == (Mapped("os", "a -> b"),)


@pytest.mark.parametrize(
    "table", ["page", "page ->", "-> Page", "colour -> Colour", "detail. -> Order", "page - > Page"]
)
def test_a_typo_is_named_with_what_to_write(table: str) -> None:
    with pytest.raises(ValueError, match=r"write FACT -> FIELD, where FACT is detail.LABEL or one of name, email"):
        parse(f"country -> Country; {table}")


def test_two_facts_for_one_field_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="'Place' gets two facts"):
        parse("country -> Place; city -> Place")
