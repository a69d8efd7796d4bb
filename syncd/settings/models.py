"""The settings as values: the daemon's, a bridge's, and the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from syncd.contract.model import BridgeName
from syncd.contract.ports import ChatConnector, HelpdeskConnector
from syncd.contract.settings import ConnectorSettings, HttpUrl, state_folder
from syncd.core import contact, fields
from syncd.core.addresses import parse_hosts
from syncd.core.lifecycle import ChatEnd, Reopen
from syncd.core.requester import Identity
from syncd.core.route import parse
from syncd.core.sentences import SENTENCES
from syncd.core.slip import MARKERS, markers
from syncd.core.template import check
from syncd.logs import LogFormat
from syncd.settings.alerting import AlertSettings

SQLITE = "sqlite:///"


def _compiles(template: str) -> str:
    check(template, SENTENCES["subject"])
    return template


def _is_sqlite(url: str) -> str:
    if url and (not url.startswith(SQLITE) or url == SQLITE):
        raise ValueError("write sqlite:///PATH, with four slashes for a path from the root")
    return url


def _is_table(table: str) -> str:
    parse(table)
    return table


def _are_markers(listed: str) -> str:
    markers(listed)
    return listed


def _are_directions(table: str) -> str:
    contact.parse(table)
    return table


def _are_fields(table: str) -> str:
    fields.parse(table)
    return table


def _are_hosts(listed: str) -> str:
    parse_hosts(listed)
    return listed


def _is_address(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not (host and colon and port.isdigit() and int(port) < 65536):
        raise ValueError("write HOST:PORT, like 127.0.0.1:8020")
    return value


def _is_long(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < 16:
        raise ValueError("write at least 16 characters; `openssl rand -hex 24` makes a good one")
    return secret


def _is_url_safe(secret: SecretStr) -> SecretStr:
    value = secret.get_secret_value()
    if len(value) < 16 or not all(c.isascii() and (c.isalnum() or c in "-._~") for c in value):
        raise ValueError("write at least 16 letters, digits, - . _ or ~; `openssl rand -hex 24` makes a good one")
    return secret


class DaemonSettings(AlertSettings):
    """The daemon's own settings."""

    model_config = SettingsConfigDict(env_prefix="SYNCD_")

    database_url: Annotated[str, AfterValidator(_is_sqlite)] = Field(
        "", description="sqlite:///PATH; by default syncd.db in the state folder"
    )
    listen: Annotated[str, AfterValidator(_is_address)] = Field("127.0.0.1:8020", description="HOST:PORT for HTTP")
    public_url: HttpUrl | None = Field(None, description="Where the chat reaches this daemon from outside")
    bridges_dir: Path | None = Field(None, description="A folder in which every NAME.env is the bridge NAME")
    admin_token: Annotated[SecretStr, AfterValidator(_is_long)] | None = Field(
        None, description="What the status pages ask for; without one they are shown on the machine itself only"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="The least that is logged")
    log_format: LogFormat = Field("text", description="text, json, or journal (systemd's priorities)")

    def database_path(self) -> Path:
        """Give the database file: as configured, or in the state folder."""
        return Path(self.database_url.removeprefix(SQLITE)) if self.database_url else state_folder() / "syncd.db"

    @property
    def warning(self) -> str:
        """What is allowed and may be a mistake; empty where nothing is."""
        if self.public_url is None or self.admin_token is not None:
            return ""
        return (
            "SYNCD_ADMIN_TOKEN is not set: behind a proxy everybody may look like this machine, and see the status "
            "pages: set one, or let the proxy pass on /hooks/ alone"
        )


class BridgeSettings(ConnectorSettings):
    """What ops choose for a bridge."""

    model_config = SettingsConfigDict(env_prefix="BRIDGE_")

    chat: str = Field(description="The chat's connector: `syncd init --help` names all")
    helpdesk: str = Field(description="The helpdesk's connector: `syncd init --help` names all")
    webhook_secret: Annotated[SecretStr, AfterValidator(_is_url_safe)] = Field(
        description="The last part of the webhook's URL: what proves the sender. `openssl rand -hex 24` makes one"
    )
    received_from: str = Field("", description="The tag on our messages in the chat; by default syncd-NAME")
    direction: Literal["both", "to-helpdesk", "to-chat"] = Field(
        "both",
        description="Which way words go: both, to-helpdesk, or to-chat (only into chats that have a ticket already)",
    )
    doubt_minutes: float = Field(10.0, gt=0, description="How long a reply whose call was cut off waits for its echo")
    on_doubt: Literal["park", "resend"] = Field("park", description="What happens to it after that: park or resend")
    reopen: Reopen = Field(
        "reopen",
        description="When the visitor speaks on a solved ticket: reopen it, follow-up (a new one), or leave it",
    )
    reopen_days: float = Field(
        30.0, ge=0, description="A ticket that is solved for longer gets a follow-up instead; a closed one always does"
    )
    thanks: Literal["no-reopen", "reopen"] = Field(
        "no-reopen", description="Whether a line that only says thanks leaves a solved ticket as it is, or reopens it"
    )
    thanks_phrases: str = Field(
        "",
        description="What says thanks beside the usual words in English, German, French, Spanish and more",
        examples=["'ta muchly, cheers mate'"],
    )
    chat_end: ChatEnd = Field(
        "note",
        description="What the end of a chat leads to: nothing, note, solve or note+solve; a ticket is never solved "
        "while the visitor waits for an answer or a reply for its delivery",
    )
    notices: Literal["no", "pushed"] = Field(
        "no",
        description="Whether what the helpdesk sends by itself goes into the chat: no, or pushed (as automatic ones)",
    )
    missed_priority: int = Field(
        50, ge=0, description="The least priority of a ticket whose visitor wrote while nobody was there"
    )
    debounce_seconds: float = Field(
        0.0, ge=0, le=300, description="How long a line waits for more, which then go on the ticket as one comment"
    )
    identity: Identity = Field(
        "trust",
        description="Whether the e-mail that the chat tells, which nobody verifies, makes its owner the requester "
        "(trust), or is only shown, and the ticket tagged unverified (strict)",
    )
    routes: Annotated[str, AfterValidator(_is_table)] = Field(
        "",
        description="Which chats go where, the first rule that fits: group, host, page, language (with * and ?) -> "
        "queue, tags, priority",
        examples=["'language=de -> queue=Support-DE; page=*/checkout* -> priority=50 tags=checkout'"],
    )
    fields: Annotated[str, AfterValidator(_are_fields)] = Field(
        "",
        description="What of the chat goes into which field of a new ticket: FACT -> FIELD, with ; between two",
        examples=["'page -> Page; country -> Country; detail.Order -> Order number'"],
    )
    contact: Annotated[str, AfterValidator(_are_directions)] = Field(
        "",
        description="Which way contact data goes: name, email, phone = to-chat (where agents correct it), to-helpdesk "
        "(where visitors give it while they chat), both or none; to-helpdesk where a field is not named",
        examples=["'name=both email=both phone=to-chat'"],
    )
    subject: Annotated[str, AfterValidator(_compiles)] = Field(
        SENTENCES["subject"].template,
        description="The ticket's subject, a Jinja2 template over `visitor` and `context`",
    )
    dummy_agents: Literal["yes", "no"] = Field(
        "yes",
        description="Whether the chat may make an agent for the address of one whom it does not know; with no its "
        "default agent speaks for him, with his name in the text",
    )
    internal_markers: Annotated[str, AfterValidator(_are_markers)] = Field(
        MARKERS,
        description="A public reply that begins with one of these is not sent to the visitor, and a note says so; "
        "empty turns that off",
        json_schema_extra={"may_be_empty": True},
    )
    templates: Path | None = Field(
        None,
        description="A folder in which a file NAME.txt replaces the sentence NAME that agents or visitors read, a "
        "Jinja2 template: `syncd templates FOLDER` writes the shipped ones",
        examples=["/etc/syncd/german"],
    )
    attachment_hosts: Annotated[str, AfterValidator(_are_hosts)] = Field(
        "",
        description="Hosts from which a visitor's files may be fetched although they are in a private network or on a "
        "port of their own, with commas between them",
        examples=["files.example.internal,10.0.0.5"],
    )


@dataclass(frozen=True)
class BridgeConfiguration:
    """A bridge as configured."""

    name: BridgeName
    settings: BridgeSettings
    chat: type[ChatConnector]
    helpdesk: type[HelpdeskConnector]
    chat_settings: ConnectorSettings
    helpdesk_settings: ConnectorSettings
    templates: Mapping[str, str]
    """Ops' own sentences, by name."""


@dataclass(frozen=True)
class Configuration:
    """Everything that ops configured."""

    daemon: DaemonSettings
    bridges: tuple[BridgeConfiguration, ...]
