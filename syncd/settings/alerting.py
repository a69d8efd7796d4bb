"""Whom the daemon tells when something is wrong, as settings."""

from __future__ import annotations

import shlex
from typing import Annotated, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from syncd.contract.settings import ConnectorSettings, is_http


def _is_url(secret: SecretStr) -> SecretStr:
    if not is_http(secret.get_secret_value()):
        raise ValueError("write a URL like https://hooks.example.com/T0/B0")
    return secret


def _are_words(command: str) -> str:
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if command and not words:
        raise ValueError("write a program and its arguments as for a shell; a quote has no end")
    return command


class AlertSettings(ConnectorSettings):
    """A webhook, a command or nobody; and after how long what waits is late."""

    alert_url: Annotated[SecretStr, AfterValidator(_is_url)] | None = Field(
        None, description="Where each alert is posted as a JSON object; whoever knows the URL may be let in by it"
    )
    alert_command: Annotated[str, AfterValidator(_are_words)] = Field(
        "", description="What is run for each alert instead, without a shell, the sentence on its standard input"
    )
    alert_lag_minutes: float = Field(15.0, gt=0, description="A delivery that has waited for longer is an alert")

    @model_validator(mode="after")
    def _has_one_way(self) -> Self:
        if self.alert_url and self.alert_command:
            raise ValueError("SYNCD_ALERT_URL: set beside SYNCD_ALERT_COMMAND: keep one of them")
        return self
