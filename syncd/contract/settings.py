"""How a connector says what it wants configured."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator
from pydantic.config import JsonDict
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict


def is_http(url: str) -> bool:
    """Say whether this is a whole http(s) URL."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _http_url(value: str) -> str:
    if not is_http(value) or (parts := urlsplit(value)).query or parts.fragment or parts.username:
        msg = "write a URL like https://desk.example.com, without user, ? or #"
        raise ValueError(msg)
    return value.rstrip("/")


HttpUrl = Annotated[str, AfterValidator(_http_url)]
"""An http(s) URL without a slash at its end."""

ASKED_FOR: JsonDict = {"is_asked_for": True}
"""Marks a setting that most people need: one of several ways to log in, say."""


def state_folder() -> Path:
    """Give the folder for what is kept on disk: systemd's `StateDirectory=`, else XDG's. It need not be there yet."""
    given = os.environ.get("STATE_DIRECTORY")
    if given:
        return Path(given.split(":")[0])
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "syncd"


class ConnectorSettings(BaseSettings):
    """A connector's settings: each field is the variable `env_prefix` + its name, with a description for `syncd init`.

    Secrets are `SecretStr`. `examples=[…]` of a field feeds the env file that `syncd init` prints, where a field with
    `json_schema_extra=ASKED_FOR` is to be filled in although it has a default. An instance is made of what it is given
    and nothing else: which variables belong to which bridge is the daemon's business.
    """

    model_config = SettingsConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read nothing but the arguments."""
        return (init_settings,)
