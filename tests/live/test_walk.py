"""The story of tests/walk, played without a browser: what both ends' pages say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.live.request_tracker.server import RequestTrackerServer
from tests.walk.stage import stage
from tests.walk.story import LABEL, LAMP, SCENES, missing

pytestmark = pytest.mark.live


def test_both_screens_show_the_whole_story(request_tracker: RequestTrackerServer, tmp_path: Path) -> None:
    steps = [step for scene in SCENES for step in scene.steps]
    with stage(request_tracker, tmp_path) as on_stage:
        for step in steps:
            step.play(on_stage)
        agents_screen, visitors_screen = on_stage.agents_screen(), on_stage.visitors_screen()
        assert missing([line for step in steps for line in step.on_ticket], agents_screen) == []
        assert missing([line for step in steps for line in step.in_chat], visitors_screen) == []
        assert [line for step in steps for line in step.stays if line in visitors_screen] == []
        assert [file.content for file in request_tracker.files(on_stage.ticket)] == [LAMP.read_bytes(), LABEL]
        assert on_stage.status() == "open"
        assert on_stage.daemon.end() == 0
