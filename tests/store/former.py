"""Databases as earlier versions of syncd left them."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from syncd.store import migrations

FOLDER = Path(migrations.__file__).parent
VERSIONS = sorted(path.stem.split("_")[0] for path in (FOLDER / "versions").glob("*.py"))[:-1]
ROWS = Path(__file__).parent / "rows_of_0001.sql"


def upgrade(connection: Connection, version: str) -> None:
    """Bring a schema as far as a version."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def fill_first(connection: Connection) -> None:
    """Make the first schema, with at least one row in each table."""
    upgrade(connection, VERSIONS[0])
    for statement in ROWS.read_text().split(";\n"):
        connection.exec_driver_sql(statement)
