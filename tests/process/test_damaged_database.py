"""A database that cannot be used stops the start with one clear line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.process.programs import SECRET, syncd

BRIDGE = {
    "BRIDGE_CHAT": "memory",
    "BRIDGE_HELPDESK": "memory",
    "BRIDGE_WEBHOOK_SECRET": SECRET,
    "SYNCD_LISTEN": "127.0.0.1:0",
}


@pytest.mark.parametrize("command", ["run", "status"])
def test_a_file_that_is_no_database_is_exit_78(tmp_path: Path, command: str) -> None:
    damaged = tmp_path / "syncd.db"
    damaged.write_bytes(b"this is not a database at all" * 1000)
    done = syncd(command, SYNCD_DATABASE_URL=f"sqlite:///{damaged}", **BRIDGE)
    assert done.returncode == 78
    assert done.stderr.splitlines()[-1].startswith(f"SYNCD_DATABASE_URL: {damaged} cannot be ")
    assert "not a database" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_made_is_exit_78(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = syncd("run", SYNCD_DATABASE_URL=f"sqlite:///{tmp_path}/file/syncd.db", **BRIDGE)
    assert done.returncode == 78
    assert "SYNCD_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr
