"""Long replies come in parts, whole and in order."""

import re

from hypothesis import given
from hypothesis import strategies as st

from syncd.core.split import parts
from syncd.core.text import SHIPPED, Sentences

NUMBER = re.compile(r"\n\((\d+)/(\d+)\)$")


def test_what_is_short_stays_as_it_is() -> None:
    assert parts("short", 5000, SHIPPED.part) == ("short",)
    assert parts("x" * 9000, None, SHIPPED.part) == ("x" * 9000,)


def test_twelve_thousand_characters_are_cut_at_paragraphs_and_numbered() -> None:
    paragraphs = [f"Paragraph {number}. " + "word " * 150 for number in range(16)]
    found = parts("\n\n".join(paragraph.strip() for paragraph in paragraphs), 5000, SHIPPED.part)
    assert [part.rpartition("\n")[2] for part in found] == ["(1/3)", "(2/3)", "(3/3)"]
    assert all(part.startswith("Paragraph ") for part in found)


@given(st.text(alphabet=st.sampled_from("ab \n.👍"), max_size=600), st.integers(20, 100))
def test_no_part_is_too_long_and_no_word_is_lost(words: str, longest: int) -> None:
    found = parts(words, longest, SHIPPED.part)
    assert all(0 < len(part) <= longest for part in found) or found == (words,)
    bare = "".join(NUMBER.sub("", part) for part in found) if len(found) > 1 else words
    assert re.sub(r"\s", "", bare) == re.sub(r"\s", "", words)


def test_the_room_for_a_template_of_ops_is_counted() -> None:
    own = Sentences({"part": "Teil {{ number }} von {{ count }} dieser langen Antwort:\n{{ text }}"})
    found = parts("word " * 500, 200, own.part)
    assert all(len(part) <= 200 for part in found)
    assert found[0].startswith(f"Teil 1 von {len(found)} dieser")
