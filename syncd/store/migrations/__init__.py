"""The schema's history, run by Alembic. Released versions are never changed; new ones go at the end.

Whoever goes back to the syncd before has a file of a later schema. What a version only adds (tables, columns that may
be empty) does not disturb it: so the file says, in its `user_version`, from which schema on it can be used.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, inspect, text

from syncd.contract.errors import ConfigError
from syncd.store.tables import metadata

HEAD = "0010"
OLDEST = "0009"
"""The schema since which each version has only added: a syncd of that schema or a later one can use what we write."""


def bring_up_to_date(engine: Engine) -> None:
    """Bring the schema to HEAD in one transaction; one of a newer syncd that we can use stays as it is.

    Raises ConfigError where we cannot.
    """
    with engine.begin() as connection:
        bring(connection)


def bring(connection: Connection) -> None:
    """Bring the schema to HEAD in a transaction that is under way. Raises ConfigError as above."""
    version = _version(connection)
    if version == HEAD:
        return
    if version is not None and version > HEAD:
        _refuse_strange(connection, version)
        return
    if version is None:
        _make(connection)
    else:
        _upgrade(connection)
    connection.exec_driver_sql(f"PRAGMA user_version = {int(OLDEST)}")


def _refuse_strange(connection: Connection, version: str) -> None:
    oldest = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if not 0 < oldest <= int(HEAD):
        raise ConfigError([f"SYNCD_DATABASE_URL: schema {version} is newer than {HEAD}: install a newer syncd"])


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _make(connection: Connection) -> None:
    """Make what all versions together make, as Alembic's cookbook does it: so that no first start loads Alembic."""
    metadata.create_all(connection, checkfirst=False)
    version = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
    version.create(connection)
    connection.execute(version.insert().values(version_num=HEAD))


def _upgrade(connection: Connection) -> None:
    # Alembic costs a tenth of a second and 10 MB, and nearly every start needs no migration.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
