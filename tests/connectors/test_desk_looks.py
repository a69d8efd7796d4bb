"""How the pages of the embedded helpdesk look and are built: for every browser, eye and hand."""

from __future__ import annotations

import re

from tests.connectors.desk_pages import MOUNT, DeskPages, Office, text_of


async def test_every_page_can_be_used_with_a_keyboard_and_a_screen_reader(office: Office) -> None:
    await office.pages.post(office.ticket, act="reply", text="Yes")
    for page in (await office.pages.ticket(office.ticket), await office.pages.see(MOUNT)):
        assert len(page.css("main")) == len(page.css("h1")) == len(page.css("html[lang]")) == 1
        assert text_of(page, "title")
        labelled = {label.attributes["for"] for label in page.css("label")}
        fields = page.css("input:not([type=hidden]), select, textarea")
        assert [one.attributes.get("id") for one in fields if one.attributes.get("id") not in labelled] == []
        assert [one.html for one in page.css("nav, section, aside") if not one.attributes.get("aria-label")] == []
        ids = [one.attributes["id"] for one in page.css("[id]")]
        assert len(set(ids)) == len(ids)


async def test_all_that_a_page_loads_is_served_by_the_desk_itself(office: Office) -> None:
    for start in (f"{MOUNT}tickets/{office.ticket}", MOUNT):
        page = await office.pages.see(start)
        loaded = [page.css("link")[0].attributes["href"], page.css("script")[0].attributes["src"]]
        answers = [await DeskPages(office.desk, office.pages.at).get(str(link)) for link in loaded]
        assert [answer.media_type.split(";")[0] for answer in answers] == ["text/css", "text/javascript"]
        assert b"url(" not in answers[0].body


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


async def test_words_stand_out_from_what_is_behind_them_by_day_and_by_night(office: Office) -> None:
    style = (await office.pages.get(f"{MOUNT}desk.css")).body.decode()
    schemes = [
        dict(re.findall(r"--([a-z-]+): (#\w{6})", block)) for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    ]
    assert len(schemes) == 2
    papers = {
        "ink": ("paper", "card", "reply", "note"),
        "soft": ("paper", "card", "reply"),
        "note-ink": ("note", "card"),
    }
    papers |= {"accent": ("paper", "card", "reply", "note"), "on-accent": ("accent",), "danger": ("paper", "card")}
    for colours in schemes:
        for words, behind in papers.items():
            for paper in behind:
                dark, light = sorted(luminance(colours[name]) for name in (words, paper))
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (words, paper)
