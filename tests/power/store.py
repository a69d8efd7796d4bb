"""`python -m tests.power.store DATABASE COUNT [--synchronous LEVEL]`: stores webhooks with the daemon's own parts.

`kept N` leaves once number N is stored, as an answer would. The level is another than the daemon's only as a control.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path

from sqlalchemy import Engine

from syncd import clock
from syncd.contract.model import BridgeName
from syncd.engine.intake import Intake
from syncd.engine.storage import Storage
from syncd.store import migrations
from syncd.store.database import opened, writer
from syncd.store.inbox import Received
from tests.power.record import webhook

SENDERS = 4


def set_synchronous(engine: Engine, level: str) -> None:
    """Change the level of the one connection that the engine has."""
    connection = engine.raw_connection()
    connection.cursor().execute(f"PRAGMA synchronous={level}")
    connection.close()


async def send(intake: Intake, numbers: range) -> None:
    for number in numbers:
        await intake.receive(Received(BridgeName("b"), "chat", "webhook", "{}", webhook(number), clock.now()))
        os.write(1, b"kept %d\n" % number)


async def store(database: Path, count: int, level: str) -> None:
    engine = writer(database)
    if level:
        set_synchronous(engine, level)
    migrations.bring_up_to_date(engine)
    with opened(engine) as opened_database:
        intake = Intake(Storage(opened_database), lambda: None)
        await asyncio.gather(*(send(intake, range(first, count, SENDERS)) for first in range(SENDERS)))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.power.store", description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--synchronous", default="")
    read = parser.parse_args()
    asyncio.run(store(read.database, read.count, read.synchronous))


if __name__ == "__main__":
    main()
