"""The strict reader of pages finds what is not strict."""

from __future__ import annotations

import pytest

from tests.markup import MarkupError, Page, scheme_of

WHOLE = "<html><head></head><body>{}</body></html>"


def test_a_strict_page_is_read() -> None:
    page = Page(WHOLE.format('<p class="a &lt;b&gt;">1 &lt; 2<br></p><svg viewBox="0 0"><line/></svg>'))
    assert page.words("p") == ["1 < 2"]
    assert page.values("p", "class") == ["a <b>"]
    assert [tag for tag, *_ in page.shape] == ["html", "head", "body", "p", "br", "svg", "line"]


@pytest.mark.parametrize(
    "broken",
    [
        *("<p class=a>x</p>", "<p class='a'>x</p>", '<p id="a" id="b">x</p>', '<p title="a & b">x</p>'),
        *("<p>1 < 2</p>", "<p>1 > 2</p>", "<p>a & b</p>", "<p>x", "x</p>", "<p>x</b></p>", "<p/>", "<b><p>x</b></p>"),
        *("<!-- x -->", "<?x?>", "<![CDATA[x]]>", "<p><p>x</p></p>", "<table><tr><td>x</td></tr></table>"),
    ],
)
def test_a_page_that_leaves_anything_to_browsers_is_refused(broken: str) -> None:
    with pytest.raises(MarkupError):
        Page(WHOLE.format(broken))


@pytest.mark.parametrize(
    ("link", "scheme"),
    [
        ("javascript:x", "javascript"),
        (" \x01java\nscript:x", "javascript"),
        ("HTTPS://x", "https"),
        *(("../a:b", ""), ("?a=b:c", ""), ("", "")),
    ],
)
def test_a_scheme_is_found_as_browsers_find_it(link: str, scheme: str) -> None:
    assert scheme_of(link) == scheme
