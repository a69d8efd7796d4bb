"""A helpdesk connector from elsewhere that breaks the daemon to order; `install` puts it where the daemon finds it."""

from __future__ import annotations

import ctypes
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from connectors.memory import MemoryHelpdesk
from connectors.memory.world import MemorySettings
from syncd.contract.http import Http
from syncd.contract.model import Cursor, EventPage

AN_HOUR = 3600.0


class BrittleSettings(MemorySettings):
    """`orders` is a folder: a file in it named by a fault lets the next poll commit that fault, once."""

    model_config = SettingsConfigDict(env_prefix="BRITTLE_")

    orders: Path = Field(description="where the orders are")


class BrittleDesk(MemoryHelpdesk):
    """A helpdesk in memory whose poll does what no connector may do."""

    Settings: ClassVar[type[MemorySettings]] = BrittleSettings

    def __init__(self, settings: BrittleSettings, http: Http) -> None:
        super().__init__(settings, http)
        self._orders = settings.orders

    async def poll(self, after: Cursor | None) -> EventPage:
        for fault, commit in FAULTS.items():
            order = self._orders / fault
            if order.exists():
                order.rename(done(order))
                commit()
        return await super().poll(after)


def done(order: Path) -> Path:
    """Give what an order's file becomes at the moment of its fault."""
    return order.with_name(f"{order.name}.done")


def hang_the_loop() -> None:
    time.sleep(AN_HOUR)


def end_the_thread(name: str) -> None:
    """Let a thread end as soon as it does anything."""
    for thread in threading.enumerate():
        if thread.name == name:
            number = ctypes.c_ulong(thread.ident or 0)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(number, ctypes.py_object(SystemExit))


FAULTS: Mapping[str, Callable[[], None]] = {
    "hung loop": hang_the_loop,
    "dead writer": lambda: end_the_thread("syncd-database"),
    "dead reader": lambda: end_the_thread("syncd-readers"),
}


def install(folder: Path) -> dict[str, str]:
    """Install this file as a distribution of its own; give the settings of a bridge with it."""
    described = folder / "brittle_desk-1.dist-info"
    described.mkdir(parents=True)
    shutil.copy(__file__, folder / "brittle_desk.py")
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: brittle-desk\nVersion: 1\n")
    (described / "entry_points.txt").write_text("[syncd.helpdesk]\nbrittle = brittle_desk:BrittleDesk\n")
    return {"PYTHONPATH": str(folder), "BRIDGE_HELPDESK": "brittle", "BRITTLE_ORDERS": str(folder)}
