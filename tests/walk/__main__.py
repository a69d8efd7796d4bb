"""`make walk`: plays the story, takes a picture of both screens after each scene, and writes the page about it."""

from __future__ import annotations

import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests import browser
from tests.live.request_tracker.server import RequestTrackerServer, UnavailableHereError
from tests.walk.page import PAGE, PICTURES, TICKET_PICTURE, picture_name, picture_names, write_page
from tests.walk.stage import PASSWORD, Stage, stage
from tests.walk.story import SCENES, Scene
from tests.walk.visitor_page import visitor_page

AGENT = "priya"
SHOP_NAME = "harbour-lights"


class Photographer:
    """Takes both screens of what has happened since the last time."""

    def __init__(self, on_stage: Stage, camera: browser.Browser, folder: Path) -> None:
        self._stage = on_stage
        self._page = folder / "visitor.html"
        self._camera = camera
        self._messages = 0
        self._lines = 0
        camera.log_in(on_stage.desk.url, user=AGENT, **{"pass": PASSWORD})

    def take(self, scene: Scene) -> None:
        self._visitors_screen(picture_name(scene, "visitor"))
        self._agents_screen(picture_name(scene, "agent"))

    def take_ticket(self) -> None:
        """Take the top of the ticket's page, down to where its history begins."""
        self._open_ticket()
        self._keep(TICKET_PICTURE, "#rt-header-container, #main-navigation, #header, .summary")

    def _visitors_screen(self, name: str) -> None:
        messages = self._stage.messages()
        self._page.write_text(visitor_page(messages, self._messages))
        self._messages = len(messages)
        self._camera.open(self._page.as_uri())
        self._keep(name, ".widget", 16)

    def _agents_screen(self, name: str) -> None:
        lines = self._stage.desk.history(self._stage.ticket)
        new = lines[self._lines :]
        self._lines = len(lines)
        self._open_ticket()
        self._keep(name, ", ".join(f'[data-transaction-id="{line.id}"]' for line in new))

    def _open_ticket(self) -> None:
        self._camera.open(f"{self._stage.desk.url}/Ticket/Display.html?id={self._stage.ticket}", ".transaction")

    def _keep(self, name: str, selector: str, margin: int = 0) -> None:
        (PICTURES / name).write_bytes(self._camera.picture(selector, margin))
        print(f"  {name}, {(PICTURES / name).stat().st_size // 1000} kB")


def walk(desk: RequestTrackerServer, folder: Path) -> None:
    """Play everything and keep the pictures."""
    with stage(desk, folder) as on_stage, browser.Browser() as camera:
        photographer = Photographer(on_stage, camera, folder)
        for scene in SCENES:
            print(scene.title)
            for step in scene.steps:
                step.play(on_stage)
            photographer.take(scene)
        photographer.take_ticket()


def taken() -> str:
    """Say when and with what."""
    version = subprocess.run(["chromium", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    with_what = f"Request Tracker 5 of Debian and Chromium {version.partition('.')[0]}"
    return f"The pictures are of {datetime.now(UTC):%-d %B %Y}, with {with_what}."


def main() -> None:
    browser.install()
    PICTURES.mkdir(exist_ok=True)
    for old in PICTURES.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory(prefix="syncd-walk-") as folder:
        try:
            desk = RequestTrackerServer(Path(folder) / "rt", SHOP_NAME)
        except UnavailableHereError as reason:
            raise SystemExit(f"the walk needs a Request Tracker: {reason}") from None
        try:
            walk(desk, Path(folder))
        finally:
            desk.stop()
    assert {picture.name for picture in PICTURES.iterdir()} == picture_names()
    PAGE.write_text(write_page(taken()))


if __name__ == "__main__":
    main()
