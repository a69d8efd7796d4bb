"""What the embedded helpdesk wants configured."""

from __future__ import annotations

from email.utils import parseaddr
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import SettingsConfigDict

from syncd.contract.model import Author, Role
from syncd.contract.settings import ConnectorSettings, HttpUrl, state_folder


def read_agents(line: str) -> dict[str, Author]:
    """Read `Bo <bo@example.com>, Ann`, by the names. Raises ValueError that says what to write instead."""
    written = [one.strip() for one in line.split(",") if one.strip()]
    found = [parseaddr(one) if "<" in one else (one, "") for one in written]
    agents = {name: Author(Role.AGENT, name, email) for name, email in found if name}
    if not agents or len(agents) < len(found):
        msg = "write names with or without addresses, each once: Bo Berg <bo@example.com>, Ann Lee"
        raise ValueError(msg)
    return agents


def _are_agents(line: str) -> str:
    read_agents(line)
    return line


class DeskSettings(ConnectorSettings):
    """Where the tickets are, and who answers them."""

    model_config = SettingsConfigDict(env_prefix="DESK_")

    database: Path | None = Field(
        default=None, description="the SQLite file with the tickets; by default desk.db in the state folder"
    )
    agents: Annotated[str, AfterValidator(_are_agents)] = Field(
        default="Support",
        description="who may be chosen as the writing agent, by commas: Bo Berg <bo@example.com>, Ann Lee",
    )
    url: HttpUrl | None = Field(
        default=None,
        description="where these pages are reached from outside, https://…/bridges/NAME/helpdesk: visitors get the"
        " files of agents from there; without it they get their names only",
    )
    poll_seconds: float = Field(default=0.5, gt=0, description="seconds between two looks for replies")

    def path(self) -> Path:
        """Give the file: as configured, or beside the daemon's own."""
        return self.database or state_folder() / "desk.db"
