"""What becomes of the parts of a reply that is changed or removed, and where each change goes."""

from datetime import UTC, datetime

import pytest

from syncd.contract.deliveries import AddNote, DeleteMessage, EditMessage, PostMessage
from syncd.contract.model import (
    Author,
    Comment,
    CommentDeleted,
    CommentEdited,
    CommentId,
    DeliveryKey,
    File,
    Reply,
    Role,
    TicketId,
)
from syncd.core.edit import aim
from syncd.core.plan import Known, Plan, Policy, plan
from syncd.core.verdict import Rewrite, Said, Step

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BO = Author(Role.AGENT, "Bo", "bo@example.com")
C1, TICKET = CommentId("c1"), TicketId("7")
POLICY = Policy("syncd-shop", edits=True, longest_reply=30)
REMOVED = CommentDeleted(TICKET, C1)


def edited(text: str, *, public: bool = True, role: Role = Role.AGENT, files: tuple[File, ...] = ()) -> CommentEdited:
    comment = Comment(C1, Author(role, "Bo"), text, AT, public, ours=False, files=files)
    return CommentEdited(TICKET, comment, "v2", AT)


def saying(text: str, *, withdrawn: bool = False) -> PostMessage:
    return PostMessage(Reply(BO, text, "syncd-shop"), C1, withdrawn=withdrawn)


def said(key: str, text: str, *, is_there: bool = True, withdrawn: bool = False) -> Said:
    return Said(DeliveryKey(key), saying(text, withdrawn=withdrawn), 5.0, is_there)


def known(*parts: Said) -> Known:
    return Known(linked=True, heard=True, said=parts)


def change(key: str, text: str) -> Step:
    return Step("chat", EditMessage(C1, DeliveryKey(key), text), 5.0)


def removal(key: str) -> Step:
    return Step("chat", DeleteMessage(C1, DeliveryKey(key)), 5.0)


def test_what_has_left_is_changed_in_the_chat_and_what_waits_where_it_waits() -> None:
    made = plan(edited("new"), known(said("a", "old")), POLICY)
    assert (made.steps, made.rewrites) == ((change("a", "new"),), (Rewrite(DeliveryKey("a"), saying("new")),))
    made = plan(edited("new"), known(said("a", "old", is_there=False)), POLICY)
    assert (made.steps, made.rewrites) == ((), (Rewrite(DeliveryKey("a"), saying("new")),))


def test_the_same_words_are_no_change() -> None:
    assert plan(edited("old"), known(said("a", "old")), POLICY) == Plan("edited", enter=True)


@pytest.mark.parametrize(
    ("words", "steps"),
    [
        ("short", [change("a", "short"), removal("b")]),
        (
            "bbbbbbbbbbbbbb. ccccccccccccccc",
            [change("a", "bbbbbbbbbbbbbb.\n(1/2)"), change("b", "ccccccccccccccc\n(2/2)")],
        ),
    ],
)
def test_parts_are_matched_by_their_places(words: str, steps: list[Step]) -> None:
    before = known(said("a", "first\n(1/2)"), said("b", "second\n(2/2)"))
    assert list(plan(edited(words), before, POLICY).steps) == steps


def test_a_part_more_goes_behind_the_others_as_near_as_it_can() -> None:
    made = plan(edited("bbbbbbbbbbbbbb. ccccccccccccccc"), known(said("a", "old")), POLICY)
    assert made.steps == (
        change("a", "bbbbbbbbbbbbbb.\n(1/2)"),
        Step("chat", saying("ccccccccccccccc\n(2/2)"), 5.0),
    )


@pytest.mark.parametrize("event", [REMOVED, edited("old", public=False), edited(" ")])
def test_what_is_removed_private_or_empty_is_taken_back_whole(event: CommentEdited | CommentDeleted) -> None:
    made = plan(event, known(said("a", "old"), said("b", "waits", is_there=False)), POLICY)
    assert (made.verdict, made.steps) == ("withdrawn", (removal("a"),))
    assert [rewrite.saying.withdrawn for rewrite in made.rewrites] == [True, True]


def test_a_reply_of_which_only_a_file_is_left_names_that() -> None:
    made = plan(edited("", files=(File("a.pdf"),)), known(said("a", "old")), POLICY)
    assert made.steps == (change("a", "[file: a.pdf]"),)


def test_what_was_taken_back_is_not_touched_again() -> None:
    gone = known(said("a", "old", withdrawn=True))
    assert plan(REMOVED, gone, POLICY) == Plan("withdrawn", enter=True)
    assert plan(edited("new"), gone, POLICY) == Plan("edited", enter=True)


def test_what_was_said_as_an_agents_stays_when_its_author_is_none_any_more() -> None:
    assert plan(edited("old", role=Role.OTHER), known(said("a", "old")), POLICY).steps == ()


def test_nothing_of_ours_and_nothing_that_is_known_or_was_never_told_leads_to_anything() -> None:
    for event in (edited("new"), REMOVED):
        assert plan(event, Known(seen=True), POLICY) == Plan("duplicate")
        assert plan(event, Known(linked=True, heard=True, ours=True), POLICY) == Plan("echo")
        assert plan(event, Known(), POLICY).verdict == "foreign"
        assert plan(event, Known(maybe_ours=True), POLICY).verdict == "wait"
    assert plan(edited("new"), Known(linked=True), POLICY) == Plan("former")


def test_a_chat_that_takes_no_changes_leaves_one_note_and_what_waits_is_changed_all_the_same() -> None:
    before = known(said("a", "old (1/2)"), said("b", "old (2/2)"), said("c", "waits", is_there=False))
    cannot = Policy("syncd-shop")
    for event in (edited("new"), REMOVED):
        made = plan(event, before, cannot)
        assert [type(step.delivery) for step in made.steps] == [AddNote]
        assert DeliveryKey("c") in [rewrite.key for rewrite in made.rewrites]
        assert plan(event, before, Policy("syncd-shop", notes=False)).steps == ()


def test_a_bridge_that_says_nothing_in_the_chat_changes_nothing_there_and_tells_the_agent() -> None:
    silent = Policy("syncd-shop", edits=True, to_chat=False)
    for event in (edited("new"), REMOVED):
        assert [type(step.delivery) for step in plan(event, known(said("a", "old")), silent).steps] == [AddNote]
    assert plan(edited("b" * 31), known(said("a", "old", is_there=False)), silent).steps == ()


def test_where_a_change_goes() -> None:
    assert aim("sent", "m1", may_be_there=True) == "call"
    assert aim("parked", None, may_be_there=True) == "unknown"
    assert aim("sent", None, may_be_there=False) == "unknown"
    assert aim("dropped", None, may_be_there=False) == "moot"
    assert aim("parked", None, may_be_there=False) == "moot"
