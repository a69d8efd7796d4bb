"""A database of every earlier schema is brought up to date with what is in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, column, create_engine, inspect, table

from syncd.contract.errors import ConfigError
from syncd.store import migrations
from syncd.store.database import writer
from syncd.store.tables import metadata
from tests.store.former import VERSIONS, fill_first, upgrade


def schema(connection: Connection) -> dict[str, object]:
    """Give tables with their columns, indexes and unique constraints."""
    found = inspect(connection)
    return {
        table: (
            {(column["name"], str(column["type"]), column["nullable"]) for column in found.get_columns(table)},
            {index["name"] for index in found.get_indexes(table)},
            {tuple(one["column_names"]) for one in found.get_unique_constraints(table)},
        )
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def test_the_versions_make_what_the_tables_say(tmp_path: Path) -> None:
    engine, wanted = writer(tmp_path / "syncd.db"), create_engine("sqlite://")
    migrations.bring_up_to_date(engine)
    with engine.begin() as made, wanted.begin() as told:
        metadata.create_all(told)
        assert schema(made) == schema(told)
    engine.dispose()
    wanted.dispose()


def columns(connection: Connection) -> dict[str, list[str]]:
    found = inspect(connection)
    tables = [name for name in found.get_table_names() if name != "alembic_version"]
    return {name: [one["name"] for one in found.get_columns(name)] for name in tables}


def rows(connection: Connection, wanted: dict[str, list[str]]) -> dict[str, list[tuple[object, ...]]]:
    """Give all rows of some tables, in some of their columns."""
    queries = {name: table(name, *map(column, names)).select() for name, names in wanted.items()}
    return {name: [tuple(row) for row in connection.execute(query)] for name, query in queries.items()}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_former_schema_is_brought_up_to_date_and_keeps_its_rows(tmp_path: Path, version: str) -> None:
    engine = writer(tmp_path / "syncd.db")
    with engine.begin() as connection:
        fill_first(connection)
        wanted = columns(connection)
        before = rows(connection, wanted)
        upgrade(connection, version)
    assert all(before.values())
    migrations.bring_up_to_date(engine)
    with engine.begin() as connection:
        assert rows(connection, wanted) == before
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == migrations.HEAD
    engine.dispose()


def test_replies_that_were_sent_before_are_known_by_their_comments(tmp_path: Path) -> None:
    engine = writer(tmp_path / "syncd.db")
    with engine.begin() as connection:
        upgrade(connection, "0003")
        for row in (
            "link (id, bridge, conversation, created_at) VALUES (1, 'shop', 'ann', 1.5)",
            "lane (link_id, \"end\", bridge, attempts) VALUES (1, 'chat', 'shop', 0)",
            (
                'ledger (bridge, "end", native, part, ours, link_id, inbox_id, seen_at)'
                " VALUES ('shop', 'helpdesk', 'c7', 0, 0, 1, 7, 2.5)"
            ),
            (
                'outbox (link_id, "end", inbox_id, "key", kind, body, "rank", at, created_at, state, reason)'
                " VALUES (1, 'chat', 7, 'k', 'post_message', '{}', 1, 2.5, 2.5, 'sent', '')"
            ),
        ):
            connection.exec_driver_sql(f"INSERT INTO {row}")
    migrations.bring_up_to_date(engine)
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT comment FROM outbox").scalars().all() == ["c7"]
    engine.dispose()


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    engine = writer(tmp_path / "syncd.db")
    migrations.bring_up_to_date(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigError, match="install a newer syncd"):
        migrations.bring_up_to_date(engine)
    engine.dispose()
