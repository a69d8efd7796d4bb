"""Where variables stand: the process, env files, files beside them and systemd's credentials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv.parser import parse_stream


@dataclass(frozen=True)
class Source:
    """Variables, and what to call the place where they stand. `strict`: each of them must be one that syncd knows."""

    name: str
    variables: Mapping[str, str]
    strict: bool = False


def read_env_file(path: Path, problems: list[str], *, strict: bool = False) -> Source:
    """Read an env file (`NAME=value`, quotes and `export` as in a shell, nothing expanded); name bad lines."""
    variables: dict[str, str] = {}
    try:
        with path.open(encoding="utf-8") as lines:
            for binding in parse_stream(lines):
                if binding.error or (binding.key and binding.value is None):
                    problems.append(f"{path}: line {binding.original.line}: write NAME=value")
                elif binding.key:
                    variables[binding.key] = binding.value or ""
    except (OSError, UnicodeDecodeError) as unreadable:
        problems.append(f"{path}: cannot be read: {getattr(unreadable, 'strerror', None) or 'it is not UTF-8'}")
    return Source(str(path), variables, strict=strict)


def resolved(
    source: Source, wanted: Iterable[str], credentials: Path | None, bridge: str, problems: list[str]
) -> dict[str, str]:
    """Give the wanted variables: from the source, from the file that NAME_FILE names, or from a credential.

    An empty value is no value. A file's last line break is not part of it.
    """
    found: dict[str, str] = {}
    for name in wanted:
        value = source.variables.get(name, "")
        named = source.variables.get(f"{name}_FILE", "")
        if value and named:
            problems.append(f"{source.name}: {name}: set here and by {name}_FILE: keep one of them")
        elif named:
            value = _read_file(Path(named), f"{source.name}: {name}_FILE", problems)
        elif not value and credentials is not None:
            files = [credentials / f"{bridge}.{name}", credentials / name]
            value = next((_read_file(file, str(file), problems) for file in files if file.is_file()), "")
        if value:
            found[name] = value
    return found


def _read_file(path: Path, where: str, problems: list[str]) -> str:
    try:
        return path.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as unreadable:
        problems.append(f"{where}: cannot be read: {getattr(unreadable, 'strerror', None) or 'it is not UTF-8'}")
        return ""
