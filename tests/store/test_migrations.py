"""A database of every earlier schema is brought up to date with what is in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, column, inspect, table

from syncd.contract.errors import ConfigError
from syncd.store import migrations
from syncd.store.database import writer
from tests.store.former import VERSIONS, fill_first, upgrade

PRAGMAS = ("table_xinfo", "foreign_key_list", "index_list")


def schema(connection: Connection) -> dict[str, object]:
    """Give what SQLite knows of each table and index: columns, keys, conditions."""
    found: dict[str, object] = {}
    objects = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_schema").all()
    for kind, name, its, sql in objects:
        if kind == "index":
            # The same condition stands with and without its table's name.
            found[name] = (sql or "").replace(f" {its}.", " ")
        else:
            known = (connection.exec_driver_sql(f"PRAGMA {what}({name})").all() for what in PRAGMAS)
            found[name] = [sorted(str(row[1:]) for row in rows) for rows in known]
    return found


def test_a_first_start_makes_what_the_versions_make(tmp_path: Path) -> None:
    first, grown = writer(tmp_path / "first.db"), writer(tmp_path / "grown.db")
    with first.begin() as made, grown.begin() as told:
        migrations.bring(made)
        upgrade(told, migrations.HEAD)
        assert schema(made) == schema(told)
        assert len(schema(made)) > 20
        query = "SELECT version_num FROM alembic_version"
        assert made.exec_driver_sql(query).all() == told.exec_driver_sql(query).all()
    first.dispose()
    grown.dispose()


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
        assert connection.exec_driver_sql("PRAGMA user_version").scalar_one() == int(migrations.OLDEST)
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


@pytest.mark.parametrize("oldest", [0, int(migrations.HEAD) + 1])
def test_a_newer_schema_is_refused_unless_it_says_that_ours_will_do(tmp_path: Path, oldest: int) -> None:
    engine = writer(tmp_path / "syncd.db")
    migrations.bring_up_to_date(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        connection.exec_driver_sql(f"PRAGMA user_version = {oldest}")
    with pytest.raises(ConfigError, match="install a newer syncd"):
        migrations.bring_up_to_date(engine)
    engine.dispose()


def needed(connection: Connection, name: str) -> set[str]:
    """Give the columns that every new row of a table must fill."""
    columns = inspect(connection).get_columns(name)
    return {one["name"] for one in columns if not one["nullable"] and one["default"] is None}


def unique(connection: Connection, name: str) -> set[str]:
    found = inspect(connection)
    constraints = [*found.get_unique_constraints(name), *found.get_foreign_keys(name)]
    return {str(one) for one in constraints} | {str(one) for one in found.get_indexes(name) if one["unique"]}


def test_what_came_after_the_oldest_schema_that_can_use_ours_was_only_added(tmp_path: Path) -> None:
    engine = writer(tmp_path / "syncd.db")
    with engine.begin() as connection:
        upgrade(connection, migrations.OLDEST)
        then = columns(connection)
        demands = {name: (needed(connection, name), unique(connection, name)) for name in then}
        migrations.bring(connection)
        now = columns(connection)
        assert {name: (needed(connection, name), unique(connection, name)) for name in then} == demands
    assert all(set(then[name]) <= set(now.get(name, ())) for name in then)
    engine.dispose()
