"""A Request Tracker of the tests' own, and what agents and customers do in it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from syncd.contract.deliveries import Upload
from syncd.contract.model import Contact

HERE = Path(__file__).parent
CANNOT_BE_HAD = 3
PEOPLE = ("admin", "syncd", "agent1", "agent2")


class UnavailableHereError(Exception):
    """This machine cannot run a Request Tracker; the message says why."""


def _script(name: str, folder: Path, *arguments: str, site: str = "rt.test") -> str:
    environment = {**os.environ, "RT_DIR": str(folder), "RT_NAME": site}
    done = subprocess.run(
        [HERE / name, *arguments], env=environment, capture_output=True, text=True, timeout=900, check=False
    )
    if done.returncode == CANNOT_BE_HAD:
        raise UnavailableHereError(done.stderr.strip())
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr.strip()[-2000:]}")
    return done.stdout.strip()


def seeded_folder() -> Path:
    """Give a folder with a fresh database, made once for each version of these scripts."""
    version = hashlib.sha256(
        b"".join((HERE / name).read_bytes() for name in ("up.sh", "seed.initialdata", "mktoken.pl"))
    )
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "syncd-tests" / f"request-tracker-{version.hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    _script("up.sh", folder, "--seed-only")
    return folder


@dataclass(frozen=True)
class Line:
    """One transaction of a ticket, with the text of its first attachment."""

    id: str
    type: str
    creator: str
    text: str


class RequestTrackerServer:
    """A running server on a copy of the seeded folder. Raises UnavailableHereError where there can be none.

    `site` is the name that its pages and mails call it by.
    """

    def __init__(self, folder: Path, site: str = "rt.test") -> None:
        shutil.copytree(seeded_folder(), folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("lock", "mail"))
        self.folder = folder
        self.url = _script("up.sh", folder, site=site).splitlines()[-1]
        self.tokens = {name: (folder / f"token.{name}").read_text() for name in PEOPLE}

    def stop(self) -> None:
        self._client.close()
        _script("down.sh", self.folder)

    @property
    def bridge(self) -> dict[str, str]:
        """The settings with which a bridge reaches this server."""
        return {
            "BRIDGE_HELPDESK": "request_tracker",
            "RT_URL": self.url,
            "RT_TOKEN": self.tokens["syncd"],
            "RT_QUEUE": "Support",
        }

    @cached_property
    def _client(self) -> httpx.Client:
        return httpx.Client(base_url=f"{self.url}/REST/2.0/", timeout=30)

    def ask(self, method: str, path: str, body: object = None, *, by: str = "agent1", **params: str) -> httpx.Response:
        headers = {"Authorization": f"token {self.tokens[by]}"}
        return self._client.request(method, path, json=body, params=params or None, headers=headers).raise_for_status()

    def reply(
        self,
        ticket: str,
        text: str,
        *,
        by: str = "agent1",
        html: bool = False,
        files: Mapping[str, bytes] | None = None,
    ) -> str:
        """Reply in public; give the transaction's id."""
        return self._say("correspond", ticket, text, by=by, html=html, files=files or {})

    def note(self, ticket: str, text: str, *, by: str = "agent1") -> str:
        """Comment; give the transaction's id."""
        return self._say("comment", ticket, text, by=by, html=False, files={})

    def _say(self, kind: str, ticket: str, text: str, *, by: str, html: bool, files: Mapping[str, bytes]) -> str:
        body: dict[str, Any] = {"Content": text, "ContentType": "text/html" if html else "text/plain"}
        body["Attachments"] = [
            {"FileName": name, "FileType": "application/pdf", "FileContent": base64.b64encode(content).decode()}
            for name, content in files.items()
        ]
        answer = self.ask("POST", f"ticket/{ticket}/{kind}", body, by=by)
        return answer.headers["location"].rpartition("/")[2]

    def change(self, ticket: str, *, by: str = "agent1", **values: str) -> None:
        """Set fields of a ticket: Status="resolved", Queue="General", MergeInto="5"."""
        self.ask("PUT", f"ticket/{ticket}", values, by=by)

    def shred(self, ticket: str) -> None:
        """Remove a ticket with all that belongs to it."""
        self._administer("rt-shredder-5", "--force", "--no-sqldump", "--plugin", f"Tickets=query,id = {ticket}")

    def _administer(self, program: str, *arguments: str) -> None:
        command = [f"/usr/sbin/{program}", *arguments]
        subprocess.run(command, env=self._environment, check=True, capture_output=True, timeout=60)

    @property
    def _environment(self) -> dict[str, str]:
        config = {"RT_SITE_CONFIG": "RT_SiteConfig.pm", "RT_SITE_CONFIG_DIR": "empty.d"}
        return {**os.environ, **{name: str(self.folder / file) for name, file in config.items()}}

    def rewrite(self, ticket: str, words: str, other: str) -> None:
        """Replace words in all that was said on a ticket, as an administrator does who has to."""
        self._administer("rt-munge-attachments-5", "--tickets", ticket, "--search", words, "--replacement", other)

    def automate(self, condition: str, code: str) -> None:
        """Let a scrip of the queue Support run code, in Perl, under a condition."""
        make = (
            "my ($done, $said) = RT::Scrip->new(RT->SystemUser)->Create(Queue => 'Support', ScripCondition => $ARGV[0],"
            " ScripAction => 'User Defined', Template => 'Blank', CustomPrepareCode => 'return 1;',"
            " CustomCommitCode => $ARGV[1]); $done or die $said;"
        )
        use = ["-I/usr/share/request-tracker5/lib", "-MRT=-init", "-e", make]
        subprocess.run(["perl", *use, condition, code], env=self._environment, check=True, timeout=60)

    def mail_in(self, sender: str, subject: str, text: str, html: str = "", queue: str = "Support") -> None:
        """Bring a mail in as a mail server does; `[rt.test #5]` in the subject makes it a reply on ticket 5."""
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"], mail["To"], mail["Subject"] = sender, f"{queue.lower()}@rt.test", subject
        mail["Message-ID"] = f"<{hashlib.sha256(os.urandom(8)).hexdigest()[:20]}@example.org>"
        mail.set_content(text)
        if html:
            mail.add_alternative(html, subtype="html")
        self.take_in(mail, queue)

    def take_in(self, mail: EmailMessage, queue: str = "Support") -> None:
        """Bring a mail in as it is."""
        gate = ["/usr/bin/rt-mailgate-5", "--action", "correspond", "--queue", queue, "--url", self.url]
        subprocess.run(gate, input=mail.as_bytes(), check=True, capture_output=True, timeout=60)

    def ticket(self, ticket: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"ticket/{ticket}").json()
        return found

    def values(self, ticket: str, field: str) -> list[str]:
        """Give the values of a ticket's custom field."""
        [values] = [one["values"] for one in self.ticket(ticket)["CustomFields"] if one["name"] == field]
        return [str(value) for value in values]

    def links(self, ticket: str) -> set[tuple[str, str]]:
        """Give a ticket's links to other tickets: how it hangs together with which."""
        shown = self.ticket(ticket)["_hyperlinks"]
        return {(one["ref"], str(one["id"])) for one in shown if one.get("type") == "ticket" and one["ref"] != "self"}

    def hire(self, login: str) -> str:
        """Make an agent; give the address."""
        address = f"{hashlib.sha256(login.encode()).hexdigest()[:12]}@rt.test"
        agent = {"Name": login, "EmailAddress": address, "Privileged": 1}
        self.ask("POST", "user", agent, by="admin")
        return address

    def number_of(self, login: str) -> str:
        """Give a user's number."""
        limit = json.dumps([{"field": "Name", "value": login}])
        [user] = self.ask("GET", "users", by="admin", query=limit, fields="id").json()["items"]
        return str(user["id"])

    def requesters(self, ticket: str) -> list[dict[str, Any]]:
        """Give the users who ask in a ticket: Name, RealName, EmailAddress."""
        logins = [person["id"] for person in self.ticket(ticket)["Requestor"]]
        return [self.ask("GET", f"user/{login}", by="admin").json() for login in logins]

    def fields(self, ticket: str) -> dict[str, str]:
        """Give the custom fields of a ticket that have something in them."""
        return {one["name"]: one["values"][0] for one in self.ticket(ticket)["CustomFields"] if one["values"]}

    def correct(self, ticket: str, contact: Contact, *, by: str = "agent1") -> None:
        """Set fields of the one person who asks in a ticket, on that person's page."""
        [person] = self.ticket(ticket)["Requestor"]
        columns = {"name": "RealName", "email": "EmailAddress", "phone": "MobilePhone"}
        values = {columns[field]: value for field, value in contact.told().items()}
        self.ask("PUT", f"user/{self.number_of(person['id'])}", values, by=by)

    def history(self, ticket: str) -> list[Line]:
        """Give what happened on a ticket, oldest first, as an agent may see it."""
        parts = self.ask("GET", f"ticket/{ticket}/attachments", fields="TransactionId,Content", per_page="100").json()
        texts: dict[str, str] = {}
        for part in sorted(parts["items"], key=lambda part: int(part["id"])):
            # A message with files begins with an empty container.
            texts[part["TransactionId"]] = texts.get(part["TransactionId"]) or part["Content"]
        rows = self.ask("GET", f"ticket/{ticket}/history", fields="Type,Creator", per_page="100").json()["items"]
        lines = [Line(row["id"], row["Type"], row["Creator"]["id"], texts.get(row["id"], "")) for row in rows]
        return sorted(lines, key=lambda line: int(line.id))

    def comments(self, ticket: str) -> list[str]:
        """Give the texts of a ticket's comments, oldest first."""
        return [line.text for line in self.history(ticket) if line.type == "Comment"]

    def files(self, ticket: str) -> list[Upload]:
        """Give the files on a ticket as an agent gets them, oldest first."""
        fields = {"fields": "Filename,ContentType", "per_page": "100"}
        listed = self.ask("GET", f"ticket/{ticket}/attachments", **fields).json()["items"]
        named = sorted((int(part["id"]), part) for part in listed if part["Filename"])
        whole = {number: self.ask("GET", f"attachment/{number}").json()["Content"] for number, _ in named}
        return [
            Upload(part["Filename"], part["ContentType"], base64.b64decode(whole[number])) for number, part in named
        ]

    def mails_to(self, address: str) -> list[EmailMessage]:
        """Give the mails that went out to an address."""
        mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in self._mails()]
        return [mail for mail in mails if address.lower() in f"{mail['to']} {mail['cc']} {mail['bcc']}".lower()]

    def _mails(self) -> list[Path]:
        return sorted((self.folder / "mail").glob("*.eml"))
