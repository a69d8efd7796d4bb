"""The settings as values: the daemon's, a bridge's, and the whole."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from syncd.contract.model import BridgeName
from syncd.contract.ports import ChatConnector, HelpdeskConnector
from syncd.contract.settings import ConnectorSettings, HttpUrl
from syncd.core import text
from syncd.core.route import parse
from syncd.logs import LogFormat

SQLITE = "sqlite:///"


def _compiles(template: str) -> str:
    text.compiled(template)
    return template


def _is_sqlite(url: str) -> str:
    if url and (not url.startswith(SQLITE) or url == SQLITE):
        raise ValueError("write sqlite:///PATH, with four slashes for a path from the root")
    return url


def _is_table(table: str) -> str:
    parse(table)
    return table


def _is_address(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not (host and colon and port.isdigit() and int(port) < 65536):
        raise ValueError("write HOST:PORT, like 127.0.0.1:8020")
    return value


def _is_url_safe(secret: SecretStr) -> SecretStr:
    value = secret.get_secret_value()
    if len(value) < 16 or not all(c.isascii() and (c.isalnum() or c in "-._~") for c in value):
        raise ValueError("write at least 16 letters, digits, - . _ or ~; `openssl rand -hex 24` makes a good one")
    return secret


class DaemonSettings(ConnectorSettings):
    """The daemon's own settings."""

    model_config = SettingsConfigDict(env_prefix="SYNCD_")

    database_url: Annotated[str, AfterValidator(_is_sqlite)] = Field(
        "", description="sqlite:///PATH; by default syncd.db in the state folder"
    )
    listen: Annotated[str, AfterValidator(_is_address)] = Field("127.0.0.1:8020", description="HOST:PORT for HTTP")
    public_url: HttpUrl | None = Field(None, description="Where the chat reaches this daemon from outside")
    bridges_dir: Path | None = Field(None, description="A folder in which every NAME.env is the bridge NAME")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="The least that is logged")
    log_format: LogFormat = Field("text", description="text, json, or journal (systemd's priorities)")

    def database_path(self) -> Path:
        """Give the database file: as configured, or in the state folder (systemd's `StateDirectory=`, else XDG's)."""
        if self.database_url:
            return Path(self.database_url.removeprefix(SQLITE))
        given = os.environ.get("STATE_DIRECTORY")
        if given:
            return Path(given.split(":")[0]) / "syncd.db"
        return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "syncd" / "syncd.db"


class BridgeSettings(ConnectorSettings):
    """What ops choose for a bridge."""

    model_config = SettingsConfigDict(env_prefix="BRIDGE_")

    chat: str = Field(description="The chat's connector")
    helpdesk: str = Field(description="The helpdesk's connector")
    webhook_secret: Annotated[SecretStr, AfterValidator(_is_url_safe)] = Field(
        description="The last part of the webhook's URL: what proves the sender. `openssl rand -hex 24` makes one"
    )
    received_from: str = Field("", description="The tag on our messages in the chat; by default syncd-NAME")
    direction: Literal["both", "to-helpdesk", "to-chat"] = Field(
        "both", description="both, to-helpdesk, or to-chat (only into chats that have a ticket already)"
    )
    doubt_minutes: float = Field(10.0, gt=0, description="How long a reply whose call was cut off waits for its echo")
    on_doubt: Literal["park", "resend"] = Field("park", description="What happens to it after that: park or resend")
    routes: Annotated[str, AfterValidator(_is_table)] = Field(
        "",
        description="Which chats go where, the first rule that fits: group, host, page, language (with * and ?) -> "
        "queue, tags, priority",
        examples=["'language=de -> queue=Support-DE; page=*/checkout* -> priority=50 tags=checkout'"],
    )
    subject: Annotated[str, AfterValidator(_compiles)] = Field(
        text.SUBJECT, description="The ticket's subject, a Jinja2 template over `visitor` and `context`"
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


@dataclass(frozen=True)
class Configuration:
    """Everything that ops configured."""

    daemon: DaemonSettings
    bridges: tuple[BridgeConfiguration, ...]
