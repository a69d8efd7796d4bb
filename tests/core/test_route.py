"""Which queue, tags and priority a new ticket gets."""

import pytest

from syncd.contract.model import ChatContext, Page, Visitor
from syncd.core.route import Route, choose, parse

TABLE = """
    group=sales -> queue=Sales tags=chat,sales; host=*.example.de language=de -> queue="Support DE"
    page=*/checkout* -> priority=50
"""


def routed(*, group: str = "", host: str = "", page: str = "", language: str = "") -> Route:
    context = ChatContext(Visitor("v"), group=group, host=host, page=Page(page), language=language)
    return choose(parse(TABLE), context)


def test_the_first_rule_that_fits_wins() -> None:
    assert routed(group="sales", page="https://x/checkout") == Route("Sales", ("chat", "sales"))
    assert routed(page="https://x/Checkout?a=1") == Route(priority=50)


def test_all_conditions_of_a_rule_must_fit_whatever_the_case() -> None:
    assert routed(host="Shop.Example.DE", language="DE") == Route("Support DE")
    assert routed(host="shop.example.de", language="fr") == Route()


def test_nothing_fits_the_default() -> None:
    assert routed() == Route()
    assert parse("") == ()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("group=sales", "CONDITIONS -> OUTCOMES"),
        ("colour=red -> queue=X", "one of group, host, page, language"),
        ("group= -> queue=X", "NAME=VALUE"),
        ("-> queue=X", "NAME=VALUE"),
        ("group=x -> desk=Y", "one of queue, tags, priority"),
        ("group=x -> priority=high", "whole number"),
        ("group='x -> queue=Y", "quotation"),
    ],
)
def test_a_mistake_names_the_rule(table: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse(table)
