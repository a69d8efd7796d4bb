"""The schema's history, run by Alembic. Released versions are never changed; new ones go at the end."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from syncd.contract.errors import ConfigError

HEAD = "0009"


def bring_up_to_date(engine: Engine) -> None:
    """Bring the schema to HEAD in one transaction. Raises ConfigError where a newer syncd has written the file."""
    with engine.begin() as connection:
        bring(connection)


def bring(connection: Connection) -> None:
    """Bring the schema to HEAD in a transaction that is under way. Raises ConfigError as above."""
    version = _version(connection)
    if version == HEAD:
        return
    if version is not None and version > HEAD:
        raise ConfigError([f"SYNCD_DATABASE_URL: schema {version} is newer than {HEAD}: install a newer syncd"])
    _upgrade(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    # Alembic costs a third of a second to import, and nearly every start needs no migration.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
