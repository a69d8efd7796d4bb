"""What agents and visitors read."""

from datetime import datetime, timedelta, timezone

import pytest

from syncd.contract.errors import RejectedError
from syncd.contract.model import Author, ChatContext, File, Message, MessageId, Page, Role, Visitor
from syncd.core.retry import given_up
from syncd.core.sentences import SENTENCES
from syncd.core.template import check
from syncd.core.text import SHIPPED, Sentences, because, reason_of

CEST = timezone(timedelta(hours=2))


def message(words: str, *files: File, role: Role = Role.VISITOR, name: str = "Ann") -> Message:
    return Message(MessageId("1"), Author(role, name), words, datetime(2026, 3, 1, 14, 0, 5, tzinfo=CEST), files)


def test_a_line_has_its_author_and_its_time_in_utc() -> None:
    assert SHIPPED.line(message("hi")) == "Ann (visitor) · 2026-03-01 12:00:05 UTC\nhi"


def test_a_nameless_author_is_called_by_the_part_they_play() -> None:
    assert SHIPPED.line(message("hi", name="", role=Role.AUTOMATIC)).startswith("Automatic message · ")


def test_no_line_is_ever_empty_and_files_are_named() -> None:
    assert SHIPPED.body(message("")) == "(a message without text)"
    assert (
        SHIPPED.body(message("", File("a.png", "https://x.example/a", 12)))
        == "[file: a.png, 12 Bytes] https://x.example/a"
    )
    assert SHIPPED.reply("  ", (File("b.pdf"),)) == "[file: b.pdf]"


def test_visitors_words_are_never_a_template() -> None:
    assert SHIPPED.line(message("{{ 7 * 7 }} {% for x in y %}")).endswith("\n{{ 7 * 7 }} {% for x in y %}")


def test_a_subject_is_one_line_whatever_the_name_holds() -> None:
    context = ChatContext(Visitor("v", "Ann\r\nBcc: all@example.com " + "x" * 300), host="shop.example")
    shown = SHIPPED.subject(context)
    assert "\n" not in shown
    assert "\r" not in shown
    assert len(shown) == 150


def test_a_missing_name_renders_empty_and_a_failing_template_falls_back() -> None:
    context = ChatContext(Visitor("v"))

    def subject(template: str) -> str:
        return Sentences({"subject": template}).subject(context)

    assert subject("x{{ nothing.at.all }}y{{ context.page.title }}z") == "xyz"
    assert subject("Hello {{ nothing }}!") == "Hello !"
    assert subject("{{ visitor.phone }}") == subject("{{ 1 / 0 }}") == "Chat with a visitor"
    assert "class" not in subject("{{ ''.__class__.__mro__ }}")


def test_every_sentence_is_fit_for_its_own_samples() -> None:
    for sentence in SENTENCES.values():
        check(sentence.template, sentence)


@pytest.mark.parametrize(
    ("name", "template", "words"),
    [
        ("line", "{{ text }}\n{% if %}", "line 2 of the template: Expected an expression"),
        ("line", "{{ text }}\n\n{{ tixt }}", "line 3 of the template: no value is called tixt: write one of: author"),
        ("merged", "{{ text }}", "line 1 of the template: no value is called text: there are no values here"),
        ("line", "{{ text }}\n{{ at.year }}", "line 2 of the template fails: 'str object' has no attribute 'year'"),
        ("file", "{{ name }}\n{{ 1 / size }}", "line 2 of the template fails: unsupported operand"),
        ("line", "{{ text }}{% include 'passwd' %}", "line 1 of the template fails: no loader"),
        ("line", "{{ text }}{{ author.__class__ }}", "line 1 of the template fails: access to attribute '__class__'"),
        ("subject", "{{ visitor.nmae }}", "line 1 of the template fails: .* has no attribute 'nmae'"),
        ("line", "{{ author }}", "loses words: write {{ text }}"),
        ("line", "{{ text|truncate(100) }}", "loses words: write {{ text }}"),
        ("unsent", "{# nothing #}", "shows nothing: write some words"),
    ],
)
def test_a_template_that_is_not_fit_says_where_and_why(name: str, template: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check(template, SENTENCES[name])


def test_a_template_that_fails_on_somebodys_data_or_drops_words_is_told_and_the_shipped_one_is_said() -> None:
    told: list[tuple[str, str]] = []
    own = {
        "line": "{% if 'hi' not in text %}{{ text }}{% endif %}.",
        "author": "{{ 1 / (name|length) }}",
        "missed": "{% macro again(x) %}{{ again(x) }}{% endmacro %}{{ again(author) if author }}",
    }
    sentences = Sentences(own, lambda name, failure: told.append((name, type(failure).__name__)))
    assert sentences.line(message("hi", name="")) == SHIPPED.line(message("hi", name=""))
    assert sentences.line(message("bye")) == "bye."
    assert sentences.missed(Author(Role.VISITOR, "Ann")) == SHIPPED.missed(Author(Role.VISITOR, "Ann"))
    assert told == [("author", "ZeroDivisionError"), ("line", "ValueError"), ("missed", "RecursionError")]


def test_reasons_are_said_in_a_bridges_words_and_kept_in_the_shipped_ones() -> None:
    german = Sentences(
        {
            "reason_given_up": "nach {{ hours }} Stunden aufgegeben: {{ reason }}",
            "reason_file_empty": "sie ist leer",
            "reason_refused": "die Gegenseite sagt: {{ words }}",
        }
    )
    empty = reason_of(RejectedError(because("file_empty")))
    assert empty == "it is empty"
    assert german.why(empty) == "sie ist leer"
    assert given_up(86400, empty) == "given up after 24 hours: it is empty"
    assert german.why(given_up(86400, empty)) == "nach 24 Stunden aufgegeben: sie ist leer"
    away = given_up(86400, reason_of(RejectedError("POST answered 400")))
    assert german.why(away) == "nach 24 Stunden aufgegeben: die Gegenseite sagt: POST answered 400"


def test_the_context_lists_what_is_known_one_fact_a_line() -> None:
    known = ChatContext(
        Visitor("v", "Ann", phone="+1\n2"),
        page=Page("https://shop.example/jeans", "Jeans"),
        host="shop.example",
        country="Ireland",
        city="Dublin",
        browser="Chrome",
        group="z2o3F8GDkNpKD4BYt",
        details=(("Order", "151"), ("Empty", "")),
    )
    assert SHIPPED.context(known).splitlines() == [
        "Name: Ann",
        "Phone: +1 2",
        "Page: Jeans https://shop.example/jeans",
        "Place: Dublin, Ireland",
        "Browser: Chrome",
        "Order: 151",
    ]


@pytest.mark.parametrize(
    ("page", "is_told"),
    [
        ("https://shop.example/jeans?a=b", False),
        ("https://SHOP.example", False),
        ("https://checkout.shop.example/", True),
        ("https://shop.example.evil/", True),
        ("https://elsewhere.example/?from=//shop.example/", True),
        ("", True),
    ],
)
def test_the_site_is_told_where_the_page_does_not_tell_it(page: str, is_told: bool) -> None:
    known = ChatContext(Visitor("v"), page=Page(page, "Jeans"), host="shop.example")
    assert ("Site: shop.example" in SHIPPED.context(known).splitlines()) == is_told


def test_a_template_of_ops_may_show_what_the_shipped_note_leaves_out() -> None:
    own = Sentences({"context": "{% for fact, value in facts %}{{ fact }}={{ value }} {% endfor %}"})
    assert own.context(ChatContext(Visitor("v"), group="g1")) == "group=g1"
    assert SHIPPED.context(ChatContext(Visitor("v"), group="g1")) == ""
