"""Which deliveries go out together."""

from syncd.contract.deliveries import AddComment, AddNote, Delivery, OpenTicket, PostMessage
from syncd.contract.model import Author, Reply, Role, Visitor
from syncd.core.batch import LONGEST_TEXT, MOST_LINES, joined, together

OPENING = OpenTicket("s", Visitor("v"))
REPLY = PostMessage(Reply(Author(Role.AGENT), "x", "t"))


def test_lines_that_wait_go_together_in_order() -> None:
    lines: list[Delivery] = [AddComment("a"), AddComment("b")]
    assert together(lines) == 2
    assert joined(lines) == "a\n\nb"


def test_an_opening_takes_the_lines_behind_it_up_to_the_note() -> None:
    assert together([OPENING, AddComment("a"), AddNote("n"), AddComment("b")]) == 2


def test_anything_else_goes_alone() -> None:
    assert together([AddNote("n"), AddComment("a")]) == 1
    assert together([REPLY, REPLY]) == 1
    assert together([AddComment("a"), OPENING]) == 1
    assert together([]) == 0


def test_a_comment_has_its_bounds() -> None:
    assert together([AddComment("x")] * (MOST_LINES + 9)) == MOST_LINES + 1
    assert together([AddComment("x" * LONGEST_TEXT), AddComment("y")]) == 1
    assert together([AddComment("x" * (LONGEST_TEXT + 1))]) == 1
