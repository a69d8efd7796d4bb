"""What Request Tracker wants configured."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from syncd.contract.model import StatusClass
from syncd.contract.settings import ASKED_FOR, ConnectorSettings, HttpUrl


def read_statuses(table: str) -> dict[StatusClass, tuple[str, ...]]:
    """Read `open=open,new pending=stalled …`. Raises ValueError that says what to write instead."""
    pairs = [word.partition("=") for word in table.split()]
    found = {kind: tuple(name.strip() for name in names.split(",") if name.strip()) for kind, _, names in pairs}
    if sorted(found) != sorted(StatusClass) or len(pairs) != len(found) or not all(found.values()):
        msg = "write open=… pending=… solved=… closed=…, each with one or more statuses of the lifecycle"
        raise ValueError(msg)
    return {StatusClass(kind): names for kind, names in found.items()}


def _is_table(table: str) -> str:
    read_statuses(table)
    return table


def _one_line(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if text != text.strip() or not text.isprintable():
        msg = "write it on one line, without blanks at its ends"
        raise ValueError(msg)
    return value


Secret = Annotated[SecretStr, AfterValidator(_one_line)]
FieldName = Annotated[str, Field(pattern=r"^[^{}'\"\\]+$")]


class RequestTrackerSettings(ConnectorSettings):
    """A queue of a Request Tracker and the account that works in it."""

    model_config = SettingsConfigDict(env_prefix="RT_")

    url: HttpUrl = Field(description="where Request Tracker is, without /REST/2.0")
    token: Secret | None = Field(
        default=None,
        description="an auth token of the account (or RT_USER and RT_PASSWORD)",
        json_schema_extra=ASKED_FOR,
    )
    user: str = Field(default="", pattern=r"^[^:]*$", description="the account's login, where there is no token")
    password: Secret | None = Field(default=None, description="the account's password, where there is no token")
    queue: str = Field(min_length=1, description="the queue of new tickets, by its name")
    poll_seconds: float = Field(default=1.0, gt=0, description="seconds between two looks for replies")
    ticket_field: FieldName = Field(default="ExternalId", description="the custom field of tickets for our keys")
    message_field: FieldName = Field(
        default="ExternalMessageId", description="the custom field of transactions for our keys"
    )
    tag_field: FieldName = Field(default="Tags", description="the custom field of tickets, of many values, for tags")
    statuses: Annotated[str, AfterValidator(_is_table)] = Field(
        default="open=open,new pending=stalled solved=resolved closed=rejected,deleted",
        description="which statuses of the queue's lifecycle mean what; of each the first that fits is set",
    )
    visitor_domain: str = Field(
        default="chat.invalid",
        pattern=r"^([a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?\.)invalid$",
        description="domain of the addresses made up for visitors; another one for each chat account",
    )

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if bool(self.user) != bool(self.password) or bool(self.user) == bool(self.token):
            msg = "set RT_TOKEN alone, or RT_USER and RT_PASSWORD"
            raise ValueError(msg)
        return self
