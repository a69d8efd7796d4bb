"""What of an agent's HTML is chat text."""

import subprocess
import sys
import time

import pytest

from syncd.core.html import as_text


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>One</p><p>Two&nbsp;&amp; three</p>", "One\n\nTwo & three"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<ul><li>x</li><li>y</li></ul>z", "- x\n- y\n\nz"),
        ("<ol start=3><li>x<ul><li>y<li>z</ul><li value=9>w</ol>", "3. x\n   - y\n   - z\n9. w"),
        ("<ul><li>a</li><ul><li>b</li></ul></ul>", "- a\n  - b"),
        ('see <a href="https://e.example/a">here</a>', "see here (https://e.example/a)"),
        ('<a href="https://e.example/">https://e.example</a>', "https://e.example"),
        ('<a href="https://www.e.example/">www.e.example</a>', "www.e.example"),
        ('<a href="javascript:alert(1)">x</a>', "x"),
        ('<a href="mailto:a@e.example?subject=x">write</a>', "write (a@e.example)"),
        ('<a href="mailto:a@e.example">a@e.example</a>', "a@e.example"),
        ('<a href="mailto:a@e.example%00%0D%0A">write</a>', "write (a@e.example)"),
        (
            '<a href="https://e.example/a"><img src="https://e.example/i.png" alt="Shop"></a>',
            "Shop (https://e.example/a)",
        ),
        ('<a href="https://e.example/a"><img src="https://e.example/i.png"></a>', "https://e.example/a"),
        ('<a name="top"></a><a href="https://e.example/a"></a>x', "x"),
        ('see<img src="https://e.example/i.png" alt="map">there', "see map (https://e.example/i.png) there"),
        ('<img src="cid:1" alt="map.png"> <img src="data:image/png;base64,AAAA">', "[image: map.png] [image]"),
        ('ok<img src="https://e.example/t.gif" width=1 height=1>', "ok"),
        ('fine <img class="emoji" alt="🎉" src="https://e.example/1f389.png">!', "fine 🎉!"),
        ("<pre>  a\n\n\n    b</pre>", "  a\n\n\n    b"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 | 2\n3"),
        ("<table><tr><td></td><td>2</td></tr><tr><td></td><td><p>3</p></td></tr></table>", "| 2\n| 3"),
        ("<table><tr><th>Order</th><td>1</td></tr><tr><td>Paid:</td><td>2</td></tr></table>", "Order: 1\nPaid: 2"),
        ("<table><tr><td><table><tr><td>a</td></tr></table></td><td>b</td></tr></table>", "a\n\nb"),
        ("<p>a</p>\n\n\n<p></p><p>b</p>", "a\n\nb"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("<p>a</p><blockquote><p>b</p><p>c</p></blockquote><p>d</p>", "a\n\n> b\n>\n> c\n\nd"),
        ("5 < 6 & 7", "5 < 6 & 7"),
        ("<p>if a<b then stop</p><p>next</p>", "if a\n\nnext"),
        ("<b>unclosed", "unclosed"),
        ("👩‍👩‍👧 שלום é", "👩‍👩‍👧 שלום é"),
        ("so\xadft\ufeff z\u200bw", "soft zw"),
        ("a&#13;&#10;b&#0;c", "a b\ufffdc"),
        ("<pre>a&#13;b\0</pre>", "a\nb"),
    ],
)
def test_html_becomes_what_a_reader_sees(html: str, shown: str) -> None:
    assert as_text(html) == shown


@pytest.mark.parametrize(
    "html",
    [
        "<!-- <p>SECRET: do not refund him</p> -->",
        "<!-- SECRET a < b -->",
        "<!--[if mso]><p>SECRET</p><![endif]-->",
        "<!--[if gte mso 9]><xml><w:View>SECRET</w:View></xml><![endif]-->",
        '<!--> <img alt="x < y" <!-- SECRET -->',
        "<style><!-- p > a { content: 'SECRET' } --></style>",
        "<script>SECRET</script>",
        "<svg><title>SECRET</title><desc>SECRET</desc></svg>",
        "<template><p>SECRET</p></template>",
        "<noscript>SECRET</noscript>",
        "<div hidden>SECRET</div>",
        '<div style="display:none !important">SECRET</div>',
        '<div style="display:none!important;display:block">SECRET</div>',
        '<style>.x{display:none !important}</style><div class="x" style="display:block">SECRET</div>',
        '<div style="DISPLAY: NONE">a<p>SECRET</p></div>',
        '<span style="visibility:hidden">SECRET</span>',
        '<span style="font-size:0px">SECRET <b>SECRET</b></span>',
        '<div style="max-height:0;overflow:hidden">SECRET</div>',
        '<div style="width:0;height:0;overflow:hidden">SECRET</div>',
        '<div style="opacity:0">SECRET</div>',
        '<div style="position:absolute;left:-9999px">SECRET</div>',
        '<style>.note{color:red} .pre, p.gone { display:none }</style><p class="x gone">SECRET</p>',
        '<img src="https://SECRET.example/t.gif" width="1" height="1">',
        '<img src="https://SECRET.example/t.gif" style="display:none">',
        '<img src="data:image/png;base64,SECRET">',
        '<a href="https://SECRET.example/" style="display:none">x</a>',
        "<iframe>SECRET</iframe>",
    ],
)
def test_what_a_browser_does_not_show_is_not_in_the_chat(html: str) -> None:
    shown = as_text(f"<p>Hi</p>{html}<p>Bye</p>")
    assert "SECRET" not in shown
    assert shown.startswith("Hi")
    assert shown.endswith("Bye")


@pytest.mark.parametrize(
    "html",
    [
        "<html><head><meta charset=utf-8><title>x</title><body><p>SEEN</p></body></html>",
        "<html><head><meta charset=utf-8><p>SEEN</p>",
        '<td style="font-size:0"><div style="font-size:14px">SEEN</div></td>',
        '<div style="visibility:hidden">x<span style="visibility:visible">SEEN</span></div>',
        "<style>@media (max-width:600px){.wide{display:none}}</style><p class=wide>SEEN</p>",
        "<style>.a{display:none}.a{display:block}</style><p class=a>SEEN</p>",
        '<div style="max-height:0">SEEN</div>',
        "<p hidden>x<p>SEEN</p>",
        "<![if !mso]>SEEN<![endif]>",
        "</div></p>SEEN",
    ],
)
def test_what_a_browser_shows_is_in_the_chat(html: str) -> None:
    assert "SEEN" in as_text(html)


def test_what_only_browsers_without_scripts_show_is_not_in_the_chat() -> None:
    assert as_text("<style>p{}</style><noscript>SECRET</noscript><p>Hello</p>") == "Hello"


@pytest.mark.parametrize("swallower", ["<title>", "<template>", "<style>", "<!--"])
def test_what_a_browser_reads_as_hidden_to_the_end_is_hidden(swallower: str) -> None:
    assert as_text(f"<p>Hello</p>{swallower}<p>hidden</p>") == "Hello"


def test_a_long_answer_arrives_whole_and_an_inline_image_takes_no_room() -> None:
    words = "".join(f"<p>line {number}</p>" for number in range(50_000))
    image = f'<img src="data:image/png;base64,{"A" * 400_000}">'
    shown = as_text(f"<!-- {'x' * 400_000} --><p>See</p>{image}{words}<p>The answer is 42</p>")
    assert shown.startswith("See\n\n[image]\n\nline 0\n\nline 1\n")
    assert shown.endswith("line 49999\n\nThe answer is 42")


@pytest.mark.alone
@pytest.mark.parametrize(
    "hostile",
    [
        "<a " * 30_000,
        "<p>" * 60_000,
        "<b x='" * 30_000,
        "&#x0;" * 30_000,
        "<div>" * 100_000 + "x",
        "<span>" * 20_000 + "<div>" * 20_000,
        "<ul><li>" * 50_000,
        "<table><tr><td>" * 30_000,
        "<blockquote>" * 30_000 + "x",
        "".join(f"<b id={number}><p>" for number in range(20_000)),
        "<p>" + "".join(f"<b id={number}>" for number in range(60)) + "<p>x" * 60_000,
        "<div style='" + "a:b;" * 100_000 + "'>x",
        "<style>" + "{" * 100_000 + "</style>x",
        "<p>hello <b>world</b> &amp; more</p>" * 60_000,
    ],
    ids=lambda html: html[:24],
)
def test_no_html_keeps_the_database_waiting(hostile: str) -> None:
    began = time.process_time()
    as_text(hostile)
    assert time.process_time() - began < 6


def test_words_in_html_that_no_one_nests_so_deep_arrive_and_stay_hidden() -> None:
    shown = as_text("<div>" * 100_000 + "<p>one</p><p style='display:none'>SECRET</p><template>SECRET</template><p>two")
    assert shown == "one\n\ntwo"


def test_a_start_waits_for_no_parser_and_no_pattern() -> None:
    loaded = "import sys, syncd.core.plan; print({'selectolax', 'syncd.core.quote'} & sys.modules.keys())"
    assert (
        subprocess.run([sys.executable, "-c", loaded], check=True, capture_output=True, text=True).stdout == "set()\n"
    )
