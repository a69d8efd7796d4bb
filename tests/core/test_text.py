"""What agents and visitors read."""

import time
from datetime import datetime, timedelta, timezone

import pytest

from syncd.contract.model import Author, ChatContext, File, Message, MessageId, Page, Role, Visitor
from syncd.core import text
from syncd.core.html import as_text

CEST = timezone(timedelta(hours=2))


def message(words: str, *files: File, role: Role = Role.VISITOR, name: str = "Ann") -> Message:
    return Message(MessageId("1"), Author(role, name), words, datetime(2026, 3, 1, 14, 0, 5, tzinfo=CEST), files)


def test_a_line_has_its_author_and_its_time_in_utc() -> None:
    assert text.line(message("hi")) == "Ann (visitor) · 2026-03-01 12:00:05 UTC\nhi"


def test_a_nameless_author_is_called_by_the_part_they_play() -> None:
    assert text.line(message("hi", name="", role=Role.AUTOMATIC)).startswith("Automatic message · ")


def test_no_line_is_ever_empty_and_files_are_named() -> None:
    assert text.body(message("")) == "(a message without text)"
    assert (
        text.body(message("", File("a.png", "https://x.example/a", 12)))
        == "[file: a.png, 12 bytes] https://x.example/a"
    )
    assert text.reply("  ", (File("b.pdf"),)) == "[file: b.pdf]"


def test_visitors_words_are_never_a_template() -> None:
    assert text.line(message("{{ 7 * 7 }} {% for x in y %}")).endswith("\n{{ 7 * 7 }} {% for x in y %}")


def test_a_subject_is_one_line_whatever_the_name_holds() -> None:
    context = ChatContext(Visitor("v", "Ann\r\nBcc: all@example.com " + "x" * 300), host="shop.example")
    shown = text.subject(text.SUBJECT, context)
    assert "\n" not in shown
    assert "\r" not in shown
    assert len(shown) == 150


def test_a_missing_name_renders_empty_and_a_failing_template_falls_back() -> None:
    context = ChatContext(Visitor("v"))
    assert text.subject("x{{ nothing.at.all }}y{{ context.page.title }}z", context) == "xyz"
    assert text.subject("Hello {{ nothing }}!", context) == "Hello !"
    assert text.subject("{{ 1 / 0 }}", context) == "Chat with a visitor"
    assert "class" not in text.subject("{{ ''.__class__.__mro__ }}", context)


def test_a_template_that_does_not_compile_says_where() -> None:
    with pytest.raises(ValueError, match="line 1 of the template"):
        text.compiled("{% if %}")


def test_the_context_lists_what_is_known_one_fact_a_line() -> None:
    known = ChatContext(
        Visitor("v", "Ann", phone="+1\n2"),
        page=Page("https://shop.example/jeans", "Jeans"),
        country="Ireland",
        city="Dublin",
        browser="Chrome",
        details=(("Order", "151"), ("Empty", "")),
    )
    assert text.context(known).splitlines() == [
        "Name: Ann",
        "Phone: +1 2",
        "Page: Jeans https://shop.example/jeans",
        "Place: Dublin, Ireland",
        "Browser: Chrome",
        "Order: 151",
    ]


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>One</p><p>Two&nbsp;&amp; three</p>", "One\n\nTwo & three"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<ul><li>x</li><li>y</li></ul>z", "- x\n- y\n\nz"),
        ('see <a href="https://e.example/a">here</a>', "see here (https://e.example/a)"),
        ('<a href="https://e.example/">https://e.example</a>', "https://e.example"),
        ('<a href="javascript:alert(1)">x</a>', "x"),
        ('<a href="mailto:a@e.example">write</a>', "write (a@e.example)"),
        ("<style>p{}</style><script>1</script>ok", "ok"),
        ("<pre>  a\n    b</pre>", "  a\n    b"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"),
        ("<p>a</p>\n\n\n<p></p><p>b</p>", "a\n\nb"),
        ("5 < 6 & 7", "5 < 6 & 7"),
        ("<b>unclosed", "unclosed"),
        ("👩‍👩‍👧 שלום é", "👩‍👩‍👧 שלום é"),
    ],
)
def test_html_becomes_what_a_reader_sees(html: str, shown: str) -> None:
    assert as_text(html) == shown


@pytest.mark.parametrize("hostile", ["<a " * 30_000, "<p>" * 60_000, "<b x='" * 30_000, "&#x0;" * 30_000])
def test_no_html_keeps_the_database_waiting(hostile: str) -> None:
    began = time.process_time()
    as_text(hostile)
    assert time.process_time() - began < 2
