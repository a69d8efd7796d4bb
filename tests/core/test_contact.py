"""Contact data comes to rest: at most one update for each correction, and both ends agree where they are to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.contract.contact import CONTACT_FIELDS
from syncd.contract.model import Contact, Visitor
from syncd.core.contact import DIRECTIONS, Direction, Ends, corrected, fields_to, heard, meant, parse, settled

ANN = Visitor("ann", "Ann", "ann@example.com", "")


def test_a_table_says_where_each_field_goes_and_leaves_the_chat_alone_where_it_says_nothing() -> None:
    directions = parse("name=to-chat email=both phone=none")
    assert fields_to("chat", directions) == {"name", "email"}
    assert fields_to("helpdesk", directions) == {"email"}
    assert fields_to("chat", parse("")) == frozenset()
    assert fields_to("helpdesk", parse("name=none")) == {"email", "phone"}


@pytest.mark.parametrize(
    "table", ["name", "name=", "nmae=both", "name=chat", "name=both name=both", "name=to-chat,both"]
)
def test_a_table_with_a_typo_says_what_to_write(table: str) -> None:
    with pytest.raises(ValueError, match="write FIELD=DIRECTION, FIELD once and one of name, email, phone, DIRECTION"):
        parse(table)


def test_only_what_was_corrected_and_is_wanted_goes_to_the_chat() -> None:
    known = heard({}, ANN, {"name", "phone"})
    update, after = corrected(known, Contact("Jane", "jane@example.com"), {"name", "phone"})
    assert update == Contact("Jane")
    assert after["name"] == Ends("Jane", "Ann", "Jane")
    assert after["phone"] == Ends(None, "")
    assert "email" not in after


@pytest.mark.parametrize(("told", "update"), [("Ann", None), (" Ann ", None), ("", ""), ("Jane", "Jane")])
def test_what_the_chat_has_already_is_not_sent_and_what_is_gone_is_removed(told: str, update: str | None) -> None:
    assert corrected(heard({}, ANN, {"name"}), Contact(told), {"name"})[0] == Contact(update)


def test_the_same_correction_told_again_is_none() -> None:
    _, after = corrected({}, Contact("Jane"), {"name"})
    assert corrected(after, Contact("Jane"), {"name"})[0] == Contact()


def test_an_update_that_was_overtaken_is_not_meant_any_more() -> None:
    first, known = corrected({}, Contact("Jane", "jane@example.com"), CONTACT_FIELDS)
    _, known = corrected(known, Contact("Janet"), CONTACT_FIELDS)
    assert meant(known, first) == Contact(email="jane@example.com")


def test_a_webhook_that_is_older_than_an_update_on_its_way_lets_no_later_one_be_left_out() -> None:
    known = heard({}, ANN, {"name"})
    _, known = corrected(known, Contact("Jane"), {"name"})
    known = heard(known, ANN, {"name"})
    assert corrected(known, Contact("Ann"), {"name"})[0] == Contact("Ann")


def test_a_correction_back_to_what_it_was_before_the_visitor_changed_it_goes_to_the_chat() -> None:
    update, known = corrected(heard({}, ANN, {"name"}), Contact("Jane"), {"name"})
    known = heard(settled(known, update, taken=True), Visitor("ann", "Janet"), {"name"})
    assert corrected(known, Contact("Jane"), {"name"})[0] == Contact("Jane")


def test_what_was_given_up_leaves_the_chat_unknown_until_it_tells() -> None:
    update, known = corrected(heard({}, ANN, {"name"}), Contact("Jane"), {"name"})
    assert settled(known, update, taken=True)["name"] == Ends("Jane", "Jane", None, "Jane")
    assert settled(known, update, taken=False)["name"] == Ends("Jane", None, None, "Jane")


def test_what_the_chat_tells_after_an_update_may_be_older_than_that_and_leaves_no_correction_out() -> None:
    update, known = corrected(heard({}, ANN, {"name"}), Contact("Jane"), {"name"})
    known = heard(settled(known, update, taken=True), ANN, {"name"})
    assert corrected(known, Contact("Ann"), {"name"})[0] == Contact("Ann")


class World:
    """Two ends with one field each, what is on its way between them, and syncd's knowledge in the middle.

    The chat tells its whole state with every webhook; a helpdesk's change is told with what it has when it is read. For
    the direction `both`, another part of syncd takes to the helpdesk what the visitor changed, under our own account.
    """

    def __init__(self, direction: Direction) -> None:
        directions = parse(f"name={direction}")
        self.to_chat, self.to_helpdesk = fields_to("chat", directions), "name" in fields_to("helpdesk", directions)
        self.chat = self.helpdesk = "old"
        self.known = heard({}, Visitor("v", "old"), self.to_chat)
        self.webhooks: list[str] = []
        self.unread = False
        self.updates: list[Contact] = []
        self.corrections = self.puts = 0

    def visitor_sets(self, value: str) -> None:
        self.chat = value
        self.webhooks.append(value)

    def anybody_speaks(self, _: str) -> None:
        self.webhooks.append(self.chat)

    def agent_sets(self, value: str) -> None:
        if value != self.helpdesk:
            self.helpdesk, self.unread = value, True
            self.corrections += 1

    def webhook_arrives(self, _: str) -> None:
        if not self.webhooks:
            return
        told = self.webhooks.pop(0)
        before = self.known.get("name", Ends())
        self.known = heard(self.known, Visitor("v", told), self.to_chat)
        if self.to_helpdesk and self.to_chat and before.sent is None and before.chat != told:
            self.helpdesk = told

    def poll_reads(self, _: str) -> None:
        if self.unread and self.to_chat:
            update, self.known = corrected(self.known, Contact(self.helpdesk), self.to_chat)
            self.updates += [update] if update != Contact() else []
        self.unread = False

    def call_is_made(self, how: str) -> None:
        """Make the first update's call: it may be cut off after its effect, and then is made again."""
        if not self.updates:
            return
        left = meant(self.known, self.updates[0])
        if left.name is not None:
            self.chat = left.name
            self.puts += how != "a"
        if left.name is None or how != "a":
            self.known = settled(self.known, left, taken=True)
            self.updates.pop(0)

    def comes_to_rest(self) -> None:
        while self.unread or self.updates or self.webhooks:
            self.webhook_arrives("")
            self.poll_reads("")
            self.call_is_made("")
        self.anybody_speaks("")
        self.webhook_arrives("")


OF_THE_HELPDESK = ["anybody_speaks", "agent_sets", "webhook_arrives", "poll_reads", "call_is_made"]


def acts_of(names: list[str]) -> st.SearchStrategy[list[tuple[str, str]]]:
    return st.lists(st.tuples(st.sampled_from(names), st.sampled_from("abc")), max_size=40)


@given(
    direction=st.sampled_from(DIRECTIONS),
    acts=acts_of([*OF_THE_HELPDESK, "visitor_sets"]),
)
def test_whatever_both_ends_change_they_come_to_rest_with_at_most_one_update_for_a_correction(
    direction: Direction, acts: list[tuple[str, str]]
) -> None:
    world = World(direction)
    for act, value in acts:
        getattr(world, act)(value)
    world.comes_to_rest()
    assert world.puts <= world.corrections
    if not world.to_chat:
        assert world.puts == 0
    if direction == "both":
        assert world.chat == world.helpdesk
    calm = (world.chat, world.helpdesk, world.puts)
    for _ in range(3):
        world.anybody_speaks("")
        world.comes_to_rest()
    assert (world.chat, world.helpdesk, world.puts) == calm


@given(acts=acts_of(OF_THE_HELPDESK), last=st.sampled_from("abc"))
def test_the_last_correction_is_what_the_chat_comes_to_rest_with(acts: list[tuple[str, str]], last: str) -> None:
    world = World("to-chat")
    for act, value in [*acts, ("agent_sets", last)]:
        getattr(world, act)(value)
    world.comes_to_rest()
    assert world.chat == world.helpdesk == last
