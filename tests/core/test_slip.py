"""What marks a public reply as internal, and what does not."""

import pytest

from syncd.core.slip import MARKERS, markers, slipped

LISTED = markers(MARKERS)


@pytest.mark.parametrize(
    "words",
    [
        "#internal he is a reseller",
        "#INTERNAL",
        "\n\n  #Internal: ask Bo",
        "\u00a0\u3000#internal",
        "\ufeff\u200b#int\u00aderna\u200dl",
        "＃ｉｎｔｅｒｎａｌ he is",
        "# internal",
        "**#internal** he is",
        "_#internal_ he is",
        "(#internal)",
        "- note: he is",
        "NOTE: he is",
        "Note : he is",
        "Ｎｏｔｅ： he is",
        "### Note: he is",
        "> note: it does not start\n> at all\n\n#internal he lies",
    ],
)
def test_what_begins_with_an_internal_marker_however_it_is_written(words: str) -> None:
    assert slipped(words, LISTED) in LISTED


@pytest.mark.parametrize(
    "words",
    [
        "",
        "#internally we call it so",
        "internal",
        "notes: one, two",
        "Please note: we are closed",
        "Hi Ann,\nnote: we are closed",
        "> note: it does not start\n\nThen plug it in",
        "footnote: 7",
        "Notebook: 7",
    ],
)
def test_what_does_not_begin_with_one_is_a_reply(words: str) -> None:
    assert slipped(words, LISTED) == ""


def test_no_markers_keep_nothing_back() -> None:
    assert markers(" ") == ()
    assert slipped("#internal", markers("")) == ""


def test_a_marker_of_several_words_and_of_another_language() -> None:
    listed = markers("nur intern, 内部:")
    assert slipped("NUR  Intern: er", listed) == "nur intern"
    assert slipped("内部：他", listed) == "内部:"


@pytest.mark.parametrize("listed", ["note:,", ",", "#", "note:,, x"])
def test_markers_that_are_none_are_refused_with_what_to_write(listed: str) -> None:
    with pytest.raises(ValueError, match="in quotes where one begins with #"):
        markers(listed)
