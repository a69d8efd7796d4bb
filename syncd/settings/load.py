"""From variables to a whole configuration, or to the list of everything that is wrong with it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource

from syncd import registry
from syncd.contract.errors import ConfigError
from syncd.contract.model import BridgeName
from syncd.contract.ports import (
    ChatConnector,
    HelpdeskConnector,
    PushesNotices,
    SetsFields,
    TellsContact,
    UpdatesVisitors,
)
from syncd.core import contact
from syncd.settings.models import BridgeConfiguration, BridgeSettings, Configuration, DaemonSettings
from syncd.settings.sources import Source, read_env_file, resolved
from syncd.settings.templates import read_templates

S = TypeVar("S", bound=BaseSettings)
C = TypeVar("C")

_BRIDGE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")


def load(environment: Mapping[str, str], env_files: Sequence[Path] = ()) -> Configuration:
    """Read and check everything. Raises ConfigError with one line for each mistake: file, variable, what to write."""
    problems: list[str] = []
    whole = _merged(environment, [read_env_file(path, problems) for path in env_files])
    loader = _Loader(problems, environment)
    daemon = loader.settings(DaemonSettings, whole, "")
    if daemon is None:
        raise ConfigError(problems)
    bridges = loader.folder(daemon.bridges_dir, whole) if daemon.bridges_dir else [loader.bridge("default", whole)]
    if problems:
        raise ConfigError(problems)
    return Configuration(daemon, tuple(bridge for bridge in bridges if bridge is not None))


def _merged(environment: Mapping[str, str], files: Sequence[Source]) -> Source:
    """Join the process's variables and the files': what is named later wins."""
    variables = dict(environment)
    for file in files:
        variables.update(file.variables)
    return Source(", ".join(file.name for file in files) or "environment", variables)


def variable_names(settings: type[BaseSettings]) -> list[str]:
    """Give the variables that a settings class reads."""
    prefix = settings.model_config.get("env_prefix", "")
    return [f"{prefix}{field}".upper() for field in settings.model_fields]


class _Loader:
    def __init__(self, problems: list[str], environment: Mapping[str, str]) -> None:
        self._problems = problems
        folder = environment.get("CREDENTIALS_DIRECTORY")
        self._credentials = Path(folder) if folder else None

    def settings(self, kind: type[S], source: Source, bridge: str) -> S | None:
        """Make settings of one kind from a source, or note what is wrong."""
        names = variable_names(kind)
        self._find_unknown(kind, source, names)
        variables = resolved(source, names, self._credentials, bridge, self._problems)
        variables = {**dict.fromkeys(_said_to_be_empty(kind, source), ""), **variables}
        try:
            return kind(**_field_values(kind, variables))
        except ValidationError as invalid:
            prefix = kind.model_config.get("env_prefix", "")
            self._problems += [f"{source.name}: {_problem(prefix, error, kind)}" for error in invalid.errors()]
            return None

    def folder(self, folder: Path, whole: Source) -> list[BridgeConfiguration | None]:
        """Read every bridge of a folder."""
        self._problems += [
            f"{whole.name}: {name}: not read beside SYNCD_BRIDGES_DIR: put it into a file of {folder}"
            for name in whole.variables
            if name.startswith("BRIDGE_")
        ]
        files = sorted(folder.glob("*.env")) if folder.is_dir() else []
        if not files:
            self._problems.append(f"{whole.name}: SYNCD_BRIDGES_DIR: no NAME.env in {folder}: `syncd init` prints one")
        return [self.bridge(file.stem, read_env_file(file, self._problems, strict=True)) for file in files]

    def bridge(self, name: str, source: Source) -> BridgeConfiguration | None:
        """Make one bridge from a source, or note what is wrong."""
        if not _BRIDGE_NAME.fullmatch(name):
            self._problems.append(f"{source.name}: name the file with a-z, 0-9 and - only: the bridge is called by it")
        settings = self.settings(BridgeSettings, source, name)
        templates = self._templates(name, source)
        chat = self._connector(registry.chat, "BRIDGE_CHAT", source)
        helpdesk = self._connector(registry.helpdesk, "BRIDGE_HELPDESK", source)
        chat_settings = self.settings(chat.Settings, source, name) if chat else None
        helpdesk_settings = self.settings(helpdesk.Settings, source, name) if helpdesk else None
        if settings and chat and helpdesk and (wrong := _is_beyond(settings, chat, helpdesk)):
            self._problems.append(f"{source.name}: {wrong}")
        if source.strict and chat and helpdesk:
            self._find_foreign(source, [BridgeSettings, chat.Settings, helpdesk.Settings])
        if not (settings and chat and helpdesk and chat_settings and helpdesk_settings):
            return None
        if settings.notices == "pushed" and not issubclass(chat, PushesNotices):
            self._problems.append(f"{source.name}: BRIDGE_NOTICES: this chat has no automatic messages: write no")
        self._find_no_voice(source, settings, chat, chat_settings)
        templates = {"subject": settings.subject, **templates}
        return BridgeConfiguration(
            BridgeName(name), settings, chat, helpdesk, chat_settings, helpdesk_settings, templates
        )

    def _find_no_voice(
        self, source: Source, settings: BridgeSettings, chat: type[ChatConnector], chat_settings: BaseSettings
    ) -> None:
        field = chat.default_agent
        if settings.dummy_agents == "no" and field and not getattr(chat_settings, field):
            variable = f"{chat.Settings.model_config.get('env_prefix', '')}{field}".upper()
            what = "write the address of the agent who speaks for all whom the chat does not know"
            self._problems.append(f"{source.name}: {variable}: missing beside BRIDGE_DUMMY_AGENTS=no: {what}")

    def _templates(self, bridge: str, source: Source) -> dict[str, str]:
        """Read ops' sentences, whatever else is wrong."""
        variable = "BRIDGE_TEMPLATES"
        folder = resolved(source, [variable], self._credentials, bridge, []).get(variable)
        return read_templates(Path(folder), f"{source.name}: {variable}", self._problems) if folder else {}

    def _connector(self, load_class: Callable[[str], C], variable: str, source: Source) -> C | None:
        name = source.variables.get(variable, "")
        try:
            return load_class(name) if name else None
        except ConfigError as unknown:
            self._problems += [f"{source.name}: {variable}: {problem}" for problem in unknown.problems]
            return None

    def _find_unknown(self, kind: type[BaseSettings], source: Source, names: list[str]) -> None:
        prefix = kind.model_config.get("env_prefix", "")
        for variable in source.variables:
            if variable.startswith(prefix) and variable.removesuffix("_FILE") not in names:
                self._note_unknown(source, variable, names)

    def _find_foreign(self, source: Source, kinds: Sequence[type[BaseSettings]]) -> None:
        prefixes = tuple(kind.model_config.get("env_prefix", "") for kind in kinds)
        names = [name for kind in kinds for name in variable_names(kind)]
        for variable in source.variables:
            if not variable.startswith(prefixes):
                self._note_unknown(source, variable, names)

    def _note_unknown(self, source: Source, variable: str, names: list[str]) -> None:
        near = difflib.get_close_matches(variable, names, n=1)
        instead = f"did you mean {near[0]}?" if near else f"known here: {', '.join(names)}"
        self._problems.append(f"{source.name}: {variable}: unknown: {instead}")


def _said_to_be_empty(kind: type[BaseSettings], source: Source) -> list[str]:
    """Give the variables for which an empty value is one: it turns off what is on by default."""
    prefix = kind.model_config.get("env_prefix", "")
    extras = {f"{prefix}{name}".upper(): field.json_schema_extra for name, field in kind.model_fields.items()}
    return [
        name for name, extra in extras.items() if extra == {"may_be_empty": True} and source.variables.get(name) == ""
    ]


def _is_beyond(settings: BridgeSettings, chat: type[ChatConnector], helpdesk: type[HelpdeskConnector]) -> str:
    """Say what is chosen that cannot be, empty where there is nothing."""
    reason = ""
    if settings.fields and not issubclass(helpdesk, SetsFields):
        return f"BRIDGE_FIELDS: {settings.helpdesk} takes no fields: leave it out"
    if settings.direction == "to-helpdesk":
        reason = "with BRIDGE_DIRECTION=to-helpdesk nothing goes to the chat"
    elif not issubclass(chat, UpdatesVisitors):
        reason = f"{settings.chat} takes no contact data"
    elif not issubclass(helpdesk, TellsContact):
        reason = f"{settings.helpdesk} does not tell what agents correct"
    is_chosen = contact.fields_to("chat", contact.parse(settings.contact))
    return f"BRIDGE_CONTACT: {reason}: write no to-chat and no both" if reason and is_chosen else ""


def _field_values(kind: type[BaseSettings], variables: Mapping[str, str]) -> dict[str, Any]:
    source = EnvSettingsSource(kind)
    source.env_vars = {name.lower(): value for name, value in variables.items()}
    return source()


def _problem(prefix: str, error: Any, kind: type[BaseSettings]) -> str:
    """Say what is wrong with a variable and what to write instead; never its value."""
    field = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "missing":
        return f"{prefix}{field.upper()}: missing: {kind.model_fields[field].description}"
    words = error["msg"].removeprefix("Value error, ")
    return f"{prefix}{field.upper()}: {words}" if field else words
