"""The walk as a page of Markdown: what the story says, with the pictures that were taken of it."""

from __future__ import annotations

from pathlib import Path

from tests.walk.story import SCENES, Scene, Step

HERE = Path(__file__).parent
PAGE = HERE / "WALK.md"
PICTURES = HERE / "pictures"
SIDES = {"visitor": ("The visitor's chat", 330), "agent": ("Request Tracker", 640)}
"""Whose screens there are: what to call them, and how wide they are shown."""

HEAD = """\
# One conversation, from both sides

A visitor of a shop's website has bought a lamp that flickers. The visitor is in the chat; Priya and Tomás, who answer,
are in Request Tracker and nowhere else. syncd is between them, with its defaults but for short waits
([stage.py](stage.py)).

Request Tracker, syncd and the browser are real ones. The chat is a stand-in for Chatra's service, made from its
documents; it has no page of its own, so the visitor's screen is [a small one](visitor.html) of what the stand-in holds.

This page and its pictures are made by `make walk`, which plays the conversation and looks at both screens after each
step; `test_both_screens_show_the_whole_story` plays it too.
{taken}
"""
TAIL = """\
## The ticket's page at the end

![The top of the ticket's page: status, people, dates and attachments](pictures/{ticket})
"""


def picture_name(scene: Scene, side: str) -> str:
    """Give the file of a scene's picture of one side's screen."""
    return f"{scene.name}-{side}.png"


TICKET_PICTURE = "6-ticket-agent.png"


def picture_names() -> set[str]:
    """Give all the files that the page shows."""
    return {TICKET_PICTURE, *(picture_name(scene, side) for scene in SCENES for side in SIDES)}


def write_page(taken: str) -> str:
    """Write the page; `taken` says when and with what its pictures were taken."""
    scenes = [_scene(number, scene) for number, scene in enumerate(SCENES, 1)]
    return "\n".join([HEAD.format(taken=taken), *scenes, TAIL.format(ticket=TICKET_PICTURE)])


def _scene(number: int, scene: Scene) -> str:
    steps = "\n".join(map(_step, scene.steps))
    heads = " | ".join(title for title, _ in SIDES.values())
    shown = " | ".join(
        f'<img src="pictures/{picture_name(scene, side)}" width="{width}" alt="{title}">'
        for side, (title, width) in SIDES.items()
    )
    return f"## {number}. {scene.title}\n\n{steps}\n\n| {heads} |\n|---|---|\n| {shown} |\n"


def _step(step: Step) -> str:
    told = f"* **{step.who}** {step.tells}."
    both = [line for line in step.on_ticket if line in step.in_chat]
    places = {
        "At both ends": both,
        "In the chat": [line for line in step.in_chat if line not in both],
        "On the ticket": [line for line in step.on_ticket if line not in both],
    }
    for place, lines in places.items():
        if lines:
            told += f"\n  *{place}:* {' · '.join(map(_quoted, lines))}"
    return told + (f"\n  *The ticket is {step.status}.*" if step.status else "")


def _quoted(line: str) -> str:
    return f"“{' '.join(line.split())}”"
