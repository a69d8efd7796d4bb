"""Whatever HTML comes, what is seen arrives, what is not seen does not."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.core.answer import answer
from syncd.core.html import as_text

SEEN = st.integers(0, 10**6).map(lambda number: f"seen{number}x")
HIDDEN = st.integers(0, 10**6).map(lambda number: f"hidden{number}x")
TAGS = (
    "p div span b i u em strong h1 h3 ul ol li table tbody tr td th section center font dl dd dt code pre blockquote"
    " article nav o:p details summary figure button label sup small bdi"
)
BROKEN = (
    "<p> </p> <div> <div </div> <b> </b> <a/href='x'> </a> <table> <tr> <td> </td> </table> <li> <ul> </ul> <!-- -->"
    " <pre> </pre> <br> <img <!DOCTYPE <blockquote> </blockquote> <blockquote/type=cite> <style> </style> <title> <"
    " > & &nbsp; &#0; &#xd; &#55357; \0 \r \r\n \n \t -- <ol/start=9> <h1> word > wrote: <tr></tr> ]]> <![CDATA["
    " <svg> <math> <select> <option> <textarea> <frameset> <plaintext> <th> <caption> <dd> \ud83d 👩\u200d👧 א \ufeff"
)
AROUND = st.sampled_from(TAGS.split())
ATTRIBUTES = st.sampled_from(
    [
        "",
        ' class="MsoNormal"',
        ' style="color:red;margin:0"',
        ' dir="rtl"',
        ' style="white-space:pre-wrap"',
        ' id="x"',
        ' style="mso-list:l0 level2 lfo1"',
        ' style="max-height:0"',
        ' style="font-size:14px;visibility:visible"',
        " data-x=\"a > b\" title='<b>'",
    ]
)
HIDING = st.sampled_from(
    [
        "<!-- {} -->",
        "<!--[if mso]>{}<![endif]-->",
        "<script>{}</script>",
        "<style>{}</style>",
        "<template>{}</template>",
        "<noscript>{}</noscript>",
        "<div hidden>{}</div>",
        '<div style="display:none">{}</div>',
        "<span style='display: NONE !important'>{}</span>",
        '<span style="visibility:hidden">{}</span>',
        '<span style="font-size:0">{}</span>',
        '<div style="height:0;overflow:hidden">{}</div>',
        '<div style="opacity:0">{}</div>',
        '<div class="gone">{}</div>',
        "<svg><title>{}</title></svg>",
        "<iframe>{}</iframe>",
        '<img width="1" height="1" src="https://e.example/{}.gif">',
        '<img alt="" src="data:image/png;base64,{}">',
    ]
)


PIECE = st.recursive(
    SEEN
    | st.builds(lambda word, how: how.replace("{}", word), HIDDEN, HIDING)
    | st.sampled_from(["<br>", " ", "\n", "&nbsp;"]),
    lambda inner: st.builds(
        lambda tag, attributes, parts: f"<{tag}{attributes}>{' '.join(parts)}</{tag}>",
        AROUND,
        ATTRIBUTES,
        st.lists(inner, max_size=4),
    ),
    max_leaves=25,
)
PAGE = st.lists(PIECE, max_size=4).map(lambda parts: "<style>.gone{display:none}</style>" + " ".join(parts))
SOUP = st.lists(st.sampled_from(BROKEN.split(" ")) | st.text(max_size=5), max_size=40).map("".join)


@settings(max_examples=400, deadline=None)
@given(PAGE)
def test_what_is_seen_arrives_and_what_is_hidden_does_not(html: str) -> None:
    shown = as_text(html)
    assert re.findall("hidden[0-9]+x", shown) == []
    assert set(re.findall("seen[0-9]+x", shown)) == set(re.findall("seen[0-9]+x", html))


@settings(max_examples=400, deadline=None)
@given(SOUP, st.booleans())
def test_any_soup_becomes_clean_text(soup: str, html: bool) -> None:
    shown = answer(soup, html=html)
    assert re.search("[\r\0\ufeff\xad\ud800-\udfff]", shown) is None
    assert shown == shown.strip("\n").rstrip()
    if html and not re.search("<pre|<textarea|<plaintext", soup):
        assert "\n\n\n" not in shown
        assert "\xa0" not in shown


@settings(max_examples=200, deadline=None)
@given(st.lists(SEEN, min_size=1, max_size=5), st.lists(SEEN, max_size=5))
def test_an_answer_above_a_quotation_arrives_whole(said: list[str], quoted: list[str]) -> None:
    asked = "".join(f"> {word}?\n" for word in ["is it", *quoted])
    reply = "\n".join(said) + f"\n\nOn 3 March 2025, Ann <ann@mail.example> wrote:\n{asked}"
    assert answer(reply, html=False) == "\n".join(said)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text("abc XYZ 059 äß шы 好 ,.()/+?!\"'", max_size=90), max_size=30), st.booleans())
def test_an_answer_without_a_quotation_arrives_whole(lines: list[str], html: bool) -> None:
    reply = "".join(f"<div>{line}</div>" for line in lines) if html else "\n".join(lines)
    assert answer(reply, html=html).split() == " ".join(lines).split()
