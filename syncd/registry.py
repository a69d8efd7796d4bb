"""Which connectors are installed: the entry points of the groups `syncd.chat` and `syncd.helpdesk`."""

from __future__ import annotations

from importlib.metadata import EntryPoints, entry_points

from syncd.contract.errors import ConfigError
from syncd.contract.model import End
from syncd.contract.ports import ChatConnector, HelpdeskConnector


def names(end: End) -> list[str]:
    """Give the names of the installed connectors for an end."""
    return sorted(_found(end).names)


def chat(name: str) -> type[ChatConnector]:
    """Load a chat connector. Raises ConfigError for one that is not there or cannot be loaded."""
    loaded = _load("chat", name)
    if not issubclass(loaded, ChatConnector):
        raise ConfigError([f"{name!r} is no chat connector"])
    return loaded


def helpdesk(name: str) -> type[HelpdeskConnector]:
    """Load a helpdesk connector. Raises ConfigError for one that is not there or cannot be loaded."""
    loaded = _load("helpdesk", name)
    if not issubclass(loaded, HelpdeskConnector):
        raise ConfigError([f"{name!r} is no helpdesk connector"])
    return loaded


def name_of(end: End, connector: type) -> str:
    """Give the name under which a connector is installed."""
    return next(point.name for point in _found(end) if point.value.endswith(f":{connector.__name__}"))


def _found(end: End) -> EntryPoints:
    return entry_points(group=f"syncd.{end}")


def _load(end: End, name: str) -> type:
    for point in _found(end):
        if point.name == name:
            try:
                loaded = point.load()
            except (ImportError, AttributeError) as broken:
                raise ConfigError([f"the connector {name!r} cannot be loaded from {point.value}: {broken}"]) from broken
            return loaded if isinstance(loaded, type) else type(loaded)
    raise ConfigError([f"no {end} connector is called {name!r}: write one of {', '.join(names(end))}"])
