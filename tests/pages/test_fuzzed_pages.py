"""The status pages with any words in every place: these are shown as words, and change nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from tests.connectors.hostile import HOSTILE, words
from tests.markup import held, must_be_words_only, shown
from tests.pages.fuzzed_site import NOT_JSON, TOKEN, FuzzedSite, Seen, Words

names = words.filter(lambda name: name not in {"", ".", ".."} and "/" not in name)
ids = words.map(lambda word: word.strip()[:200].strip()).filter(bool)
paths = words | words.map("/{}".format)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FuzzedSite]:
    site = FuzzedSite(tmp_path_factory.mktemp("fuzzed"))
    yield site
    site.close()


async def both(fuzzed: FuzzedSite, said: Words) -> tuple[Seen, Seen]:
    """Look at the pages with the words, and with harmless ones."""
    return await fuzzed.look(said), await fuzzed.look(said.plain())


# To make a failing example smaller takes minutes, and says little more.
@settings(deadline=None, max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@example(said=Words(*["javascript:alert(1)"] * 11))
@example(said=Words(*[HOSTILE[1]] * 11))
@example(said=replace(Words(*[" \t a\r\n\r\nb  c \0\xa0"] * 11), conversation="a\r\n\r\nb  c"))
@given(
    said=st.builds(
        Words,
        bridge=names,
        conversation=ids,
        ticket=words,
        native=words.filter(bool),
        failure=words,
        reason=words,
        visitor=words,
        text=words,
        unknown=words,
        who=words,
        then=paths,
    )
)
def test_any_words_stay_words_on_every_status_page(fuzzed: FuzzedSite, said: Words) -> None:
    seen, plain = asyncio.run(both(fuzzed, said))
    for name, page in seen.pages.items():
        must_be_words_only(page, plain.pages[name])
    must_show_the_bridge(seen, said)
    must_show_what_is_parked(seen, said)
    must_show_what_was_asked_for(seen, said)


def must_show_the_bridge(seen: Seen, said: Words) -> None:
    page = seen.pages["overview"]
    assert page.words("h2") == [shown(said.bridge)]
    assert page.words("caption")[0] == f"Both ends of {shown(said.bridge)}"
    assert page.words(".trouble") == [
        f"Memory Chat cannot be reached: {shown(said.failure)}",
        f"Memory Helpdesk refuses our key: {shown(said.failure)}",
        "2 parked on the way to Memory Helpdesk",
    ]
    assert seen.pages["pause"].words("h1") == [f"Pause {shown(said.bridge)}?"]
    who = "".join(filter(str.isprintable, " ".join(said.who.split())[:60])) or "somebody"
    assert seen.pages["pause"].values("#who", "value") == [held(who)]


def must_show_what_is_parked(seen: Seen, said: Words) -> None:
    page = seen.pages["parked"]
    cells = page.words("td")[:5]
    assert [cells[at] for at in (0, 2, 3, 4)] == [
        shown(one) for one in (said.bridge, said.conversation, said.ticket or "–", said.reason)
    ]
    one = seen.pages["delivery"]
    assert one.words("dd")[1:4] == [
        shown(word) for word in (said.bridge, said.conversation, said.ticket or "not opened")
    ]
    assert one.words(".trouble") == [f"Parked: {shown(said.reason)}"]
    assert one.words("pre") == [shown(json.dumps(said.body, indent=2, ensure_ascii=False))]
    assert seen.pages["damaged"].words("pre") == [shown(f"{NOT_JSON}{said.text}")]
    for link in (page.values("td a", "href")[0], one.values("dd a", "href")[0]):
        assert parse_qs(urlsplit(link).query, keep_blank_values=True) == {"id": [said.conversation]}


def must_show_what_was_asked_for(seen: Seen, said: Words) -> None:
    page = seen.pages["trace"]
    assert page.words("title") == [f"Trace of {held(said.conversation)} · syncd"]
    assert page.words("p code") == [shown(said.conversation)]
    assert page.words("p strong") == [shown(said.bridge)]
    assert page.words(".timeline span") == [shown(what) for what in seen.told]
    assert page.values("#id", "value") == [held(said.conversation)]
    assert seen.pages["unknown"].words("q") == [shown(said.nobody)]
    (then,) = seen.pages["login"].values("[name=next]", "value")
    assert then in {held(said.then), "/"}
    assert then.startswith("/")
    assert not then.startswith("//")


ANSWERS = [
    *[("GET", path, 200) for path in ("/", "/parked", "/trace", "/static/syncd.css", "/static/pages.js")],
    *[("GET", path, 404) for path in ("/nowhere", "/static/nothing.css", "/parked/x", "/bridges/shop/helpdesk/x")],
    ("GET", "/bridges/shop/helpdesk", 303),
    ("POST", "/logout", 303),
    ("DELETE", "/", 405),
    ("POST", "/", 405),
]


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
async def test_each_answer_is_guarded_whatever_it_is(fuzzed: FuzzedSite, method: str, path: str, status: int) -> None:
    async with fuzzed.browser("shop") as one:
        assert (await one.request(method, path)).status_code == status


async def test_each_refusal_is_guarded(fuzzed: FuzzedSite) -> None:
    async with fuzzed.browser("shop") as one:
        assert (await one.post("/logout", headers={"sec-fetch-site": "cross-site"})).status_code == 403
        assert (await one.post("/logout", content=_in_parts())).status_code == 413
        assert (await one.get("/", headers={"via": "proxy"})).status_code == 403
    async with fuzzed.browser("shop", TOKEN) as stranger:
        assert (await stranger.get("/")).status_code == 303
        assert (await stranger.post("/bridges/shop/pause")).status_code == 403
        assert (await stranger.post("/login", data={"token": TOKEN})).status_code == 303


async def _in_parts() -> AsyncIterator[bytes]:
    yield b"x"
