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
from syncd.settings.models import BridgeConfiguration, BridgeSettings, Configuration, DaemonSettings
from syncd.settings.sources import Source, read_env_file, resolved

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
        chat = self._connector(registry.chat, "BRIDGE_CHAT", source)
        helpdesk = self._connector(registry.helpdesk, "BRIDGE_HELPDESK", source)
        chat_settings = self.settings(chat.Settings, source, name) if chat else None
        helpdesk_settings = self.settings(helpdesk.Settings, source, name) if helpdesk else None
        if source.strict and chat and helpdesk:
            self._find_foreign(source, [BridgeSettings, chat.Settings, helpdesk.Settings])
        if not (settings and chat and helpdesk and chat_settings and helpdesk_settings):
            return None
        return BridgeConfiguration(BridgeName(name), settings, chat, helpdesk, chat_settings, helpdesk_settings)

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
