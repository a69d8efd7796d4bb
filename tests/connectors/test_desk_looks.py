"""How the pages of the embedded helpdesk look and are built: for every browser, eye and hand."""

from __future__ import annotations

from tests.connectors.desk_pages import MOUNT, DeskPages, Office, text_of


async def test_every_page_can_be_used_with_a_keyboard_and_a_screen_reader(office: Office) -> None:
    await office.pages.post(office.ticket, act="reply", text="Yes")
    for page in (await office.pages.ticket(office.ticket), await office.pages.see(MOUNT)):
        assert len(page.css("main")) == len(page.css("h1")) == len(page.css("html[lang]")) == 1
        assert text_of(page, "title")
        labelled = {label.attributes["for"] for label in page.css("label")}
        fields = page.css("input:not([type=hidden]), select, textarea")
        assert [one.attributes.get("id") for one in fields if one.attributes.get("id") not in labelled] == []
        assert [
            one.html for one in page.css("nav, section, aside, form.write") if not one.attributes.get("aria-label")
        ] == []
        ids = [one.attributes["id"] for one in page.css("[id]")]
        assert len(set(ids)) == len(ids)


async def test_all_that_a_page_loads_is_served_by_the_daemon(office: Office) -> None:
    for start in (f"{MOUNT}tickets/{office.ticket}", MOUNT):
        page = await office.pages.see(start)
        loaded = [str(link.attributes["href"]) for link in page.css("link")]
        loaded += [str(script.attributes["src"]) for script in page.css("script")]
        answers = [await DeskPages(office.desk, office.pages.at).get(link) for link in loaded]
        kinds = [answer.headers["content-type"].split(";")[0] for answer in answers]
        assert kinds == ["image/svg+xml", "text/css", "text/css", "text/css", "text/javascript"]
        assert not [answer.url for answer in answers if "url(" in answer.text or "@import" in answer.text]
