"""The walk's story: who does what, and what both ends then show. The page, its pictures and the test are made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.walk.stage import Stage, until

LAMP = Path(__file__).parent / "lamp.png"
PICTURE_NAME = "Fuß der Lampe.png"
LABEL = b"%PDF-1.4\n" + b"% the label's drawing would be here\n" * 1200 + b"trailer<</Root 1 0 R>>\n"


@dataclass(frozen=True)
class Step:
    """Somebody does something. `tells` says it on the page; then the lines are to be seen, in order and as they stand.

    Of `stays` nothing is ever in the chat.
    """

    who: str
    tells: str
    act: Callable[[Stage], None]
    on_ticket: tuple[str, ...] = ()
    in_chat: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    status: str = ""

    def play(self, stage: Stage) -> None:
        """Do it, and wait until both ends show what they should."""
        self.act(stage)
        until(stage.is_settled, f"what was said is delivered: {self.tells}")
        until(lambda: not missing(self.in_chat, stage.visitors_screen()), f"{self.in_chat} in the chat")
        until(lambda: not missing(self.on_ticket, stage.agents_screen()), f"{self.on_ticket} on the ticket")
        until(stage.is_settled, f"what follows is delivered: {self.tells}")
        if self.status:
            until(lambda: stage.status() == self.status, f"status {self.status}")


def missing(lines: Iterable[str], screen: str) -> list[str]:
    """Give the lines that do not stand on a screen, in this order."""
    at, missed = 0, []
    for line in lines:
        found = screen.find(" ".join(line.split()), at)
        missed += [line] if found < 0 else []
        at = max(at, found + 1)
    return missed


@dataclass(frozen=True)
class Scene:
    """Some steps that one pair of pictures shows."""

    name: str
    title: str
    steps: tuple[Step, ...]


def visitor(tells: str, *lines: str, status: str = "") -> Step:
    """Let the visitor say lines, which both ends then show."""
    return Step("Visitor", tells, lambda stage: stage.visitor_says(*lines), lines, lines, status=status)


NOTE = "Order 20817 is from the batch with the loose switch. Do not promise a date before stock answers."
ADVICE = """\
<p>Hello, I am sorry about that. Please try two things:</p>
<ol><li>Unplug the lamp for a minute.</li><li>Turn the bulb a quarter further in.</li></ol>
<p>The <a href="https://shop.example.com/help/anker">guide to the Anker</a> has pictures of both.</p>
"""
TABLE = """\
<p>Hello Noa, that switch is broken: we send you a new lamp.</p>
<table><tbody>
<tr><th>Parcel</th><th>Leaves</th><th>Arrives</th></tr>
<tr><td>New lamp</td><td>today</td><td>Thursday</td></tr>
<tr><td>Return label</td><td>today</td><td>by e-mail</td></tr>
</tbody></table>
"""
GERMAN = "Der Schalter am Fuß knistert auch. Könntet ihr ihn tauschen? 🔌"
HEBREW = "The new one goes to my mother, please write it like this:\nנועה וייס\nרחוב הרצל 12, חיפה"


def _note(stage: Stage) -> None:
    stage.agents["priya"].note(stage.ticket, f"<p>{NOTE}</p>")


def _advise(stage: Stage) -> None:
    stage.agents["priya"].reply(stage.ticket, ADVICE)


def _introduce(stage: Stage) -> None:
    stage.visitor_fills(name="Noa Weiß", email="noa.weiss@example.org")
    stage.visitor_says("I did both, it still flickers 😕")


def _reply_with_quote(stage: Stage) -> None:
    stage.agents["tomas"].reply(stage.ticket, TABLE, quoting=stage.last_line("knistert"))


def _reply_with_label(stage: Stage) -> None:
    html = "<p>It is, from 10 to 100 per cent. Here is the label for the old one.</p>"
    stage.agents["tomas"].reply(stage.ticket, html, files={"Return label 20817.pdf": LABEL})


def _miss(stage: Stage) -> None:
    stage.visitor_says("I cannot open the label, can you send a link?")
    until(stage.is_settled)
    stage.chat_ends(missed=1)


def _lose(stage: Stage) -> None:
    stage.next_reply_is_cut_off()
    stage.agents["priya"].reply(stage.ticket, "<p>Of course: https://shop.example.com/returns/20817</p>")


def _retry(stage: Stage) -> None:
    assert stage.daemon.command("failed", "retry", "--all").returncode == 0


def _solve(stage: Stage) -> None:
    stage.agents["tomas"].solve(stage.ticket)


START = Scene(
    "1-start",
    "A visitor starts, without a name",
    (
        visitor(
            "asks in the chat; a ticket opens, with a note of what Chatra knows, which calls strangers by a colour",
            "Hi! My Anker lamp came today and it flickers 💡",
            status="new",
        ),
        visitor(
            "goes on in a burst: three lines, which are one comment with the time of each",
            "It is the brass one",
            "order 20817, I think",
            "and I have tried another bulb and another socket",
        ),
    ),
)
ANSWER = Scene(
    "2-answer",
    "An agent answers in Request Tracker's editor",
    (
        Step("Priya", "writes a private note, which stays on the ticket", _note, (NOTE,), (), (NOTE,)),
        Step(
            "Priya",
            "replies with a list and a link; her signature stays behind",
            _advise,
            (),
            (
                "Hello, I am sorry about that. Please try two things:",
                "1. Unplug the lamp for a minute. 2. Turn the bulb a quarter further in.",
                "guide to the Anker",
                "https://shop.example.com/help/anker",
            ),
            ("Harbour Lights Support", "--"),
        ),
        Step(
            "Visitor",
            "gives a name and an address in the chat's form, and writes on",
            _introduce,
            ("Noa Weiß (visitor)", "I did both, it still flickers 😕"),
            ("I did both, it still flickers 😕",),
        ),
    ),
)
PICTURE = Scene(
    "3-picture",
    "A picture, three scripts and a table",
    (
        visitor("writes German", GERMAN),
        Step(
            "Visitor",
            "sends a picture, which is attached to the ticket as it is",
            lambda stage: stage.visitor_sends(PICTURE_NAME, LAMP, 480, 360),
            (PICTURE_NAME,),
            (PICTURE_NAME,),
        ),
        visitor("gives an address in Hebrew", HEBREW),
        Step(
            "Tomás",
            "replies with a table and the visitor's words quoted; the quote stays behind",
            _reply_with_quote,
            (),
            ("Hello Noa, that switch is broken: we send you a new lamp.", "New lamp", "Thursday", "Return label"),
            ("wrote:", "Tomás Ferreira Harbour"),
        ),
    ),
)
SOLVED = Scene(
    "4-solved",
    "The chat ends, the ticket is solved, and a question opens it again",
    (
        visitor("says thanks", "Prima, vielen Dank! 🙏"),
        Step("Visitor", "leaves; a private note says so", lambda stage: stage.chat_ends(), ("The chat ended",)),
        Step("Tomás", "solves the ticket", _solve, status="resolved"),
        visitor("says thanks again, which opens nothing", "Thanks again, bye! 😊", status="resolved"),
        visitor("asks something, and the ticket is open", "One more thing: is the new lamp dimmable?", status="open"),
    ),
)
LOST = Scene(
    "5-lost",
    "What cannot be delivered is said",
    (
        Step(
            "Tomás",
            "attaches a file, which the chat cannot take: the visitor gets its name, he a private note",
            _reply_with_label,
            ("The visitor did not get Return label 20817.pdf in the chat",),
            ("It is, from 10 to 100 per cent. Here is the label for the old one.", "Return label 20817.pdf"),
            ("did not get",),
        ),
        Step(
            "Visitor",
            "writes while nobody is there, and leaves: a private note, and a priority of 50",
            _miss,
            ("I cannot open the label, can you send a link?", "1 of the visitor's messages was seen by nobody"),
            ("I cannot open the label, can you send a link?",),
            ("seen by nobody",),
        ),
        Step(
            "Priya",
            "replies, and the connection to the chat is cut: the reply is parked and she gets a private note",
            _lose,
            ("This reply did not reach the visitor in the chat",),
            (),
            ("did not reach",),
        ),
        Step(
            "Ops",
            "run `syncd failed retry --all`: the reply is in the chat, and a private note says when",
            _retry,
            ("did reach the visitor after all",),
            ("Of course: https://shop.example.com/returns/20817",),
            ("after all",),
        ),
        visitor("is content, and so are we", "Got it ❤️"),
    ),
)
SCENES = (START, ANSWER, PICTURE, SOLVED, LOST)
