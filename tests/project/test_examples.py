"""The example configurations and the unit are true."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from syncd.settings.load import load

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "config").glob("*.env"))


def test_there_are_examples() -> None:
    assert EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_a_whole_configuration(example: Path, tmp_path: Path) -> None:
    if example.name == "syncd.env":
        lines = re.sub(r"^SYNCD_BRIDGES_DIR=.*$", "", example.read_text(), flags=re.MULTILINE)
        (tmp_path / "syncd.env").write_text(lines)
        bridge = next(path for path in EXAMPLES if path != example)
        load({}, [tmp_path / "syncd.env", bridge])
    else:
        shutil.copy(example, tmp_path / "shop.env")
        (only,) = load({"SYNCD_BRIDGES_DIR": str(tmp_path)}).bridges
        assert only.name == "shop"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_what_is_commented_out_in_an_example_would_be_known(example: Path, tmp_path: Path) -> None:
    text = re.sub(r"^#(?=[A-Z]+_[A-Z_]+=)", "", example.read_text(), flags=re.MULTILINE)
    text = re.sub(r"^SYNCD_BRIDGES_DIR=.*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"^(BRIDGE_TEMPLATES)=.*$", rf"\1={tmp_path}/words", text, flags=re.MULTILINE)
    (tmp_path / "words").mkdir()
    names = re.findall(r"^([A-Z]+_[A-Z_]+)=", text, flags=re.MULTILINE)
    assert len(names) == len(set(names))
    (tmp_path / "all.env").write_text(text)
    bridge = [] if "BRIDGE_CHAT" in names else [path for path in EXAMPLES if path != example][:1]
    load({}, [tmp_path / "all.env", *bridge])
