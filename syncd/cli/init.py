"""`syncd init`: an env file for a pair of connectors, made from their settings classes."""

from __future__ import annotations

import secrets
import textwrap
from collections.abc import Iterator

from pydantic.fields import FieldInfo

from syncd.contract.ports import ChatConnector, HelpdeskConnector
from syncd.contract.settings import ASKED_FOR, ConnectorSettings
from syncd.registry import name_of
from syncd.settings.models import BridgeSettings


def env_file(chat: type[ChatConnector], helpdesk: type[HelpdeskConnector]) -> str:
    """Give a commented env file: what must be filled in stands open, what has a default is commented out."""
    given = {
        "chat": name_of("chat", chat),
        "helpdesk": name_of("helpdesk", helpdesk),
        "webhook_secret": secrets.token_hex(24),
    }
    lines = ["# One bridge. Fill in what is empty, then run `syncd check`."]
    lines += _section("The bridge", BridgeSettings, given)
    lines += _section("The chat", chat.Settings, {})
    lines += _section("The helpdesk", helpdesk.Settings, {})
    return "\n".join(lines) + "\n"


def _section(title: str, settings: type[ConnectorSettings], given: dict[str, str]) -> list[str]:
    lines = ["", f"# {title}"]
    for name, field in settings.model_fields.items():
        variable = f"{settings.model_config.get('env_prefix', '')}{name}".upper()
        lines += ["", *_comment(field), _line(variable, field, given.get(name))]
    return lines


def _comment(field: FieldInfo) -> Iterator[str]:
    told = field.description or ""
    words = textwrap.wrap(f"{told[:1].upper()}{told[1:]}.", 118, break_on_hyphens=False)
    return (f"# {line}" for line in (*words, *(f"Example: {example}" for example in field.examples or ())))


def _line(variable: str, field: FieldInfo, given: str | None) -> str:
    if given is not None:
        return f"{variable}={given}"
    if field.is_required() or field.json_schema_extra == ASKED_FOR:
        return f"{variable}="
    return f"#{variable}={'' if field.default is None else _quoted(str(field.default))}"


def _quoted(value: str) -> str:
    return (
        f"'{value}'"
        if any(c in value for c in " #'\"") and "'" not in value
        else (f'"{value}"' if "'" in value else value)
    )
