"""Every mistake of every file at once, by file and variable, and never a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.contract.errors import ConfigError
from syncd.settings.load import load

SECRET = "canary-4f1c9e7a0b2d"
GOOD = {
    "BRIDGE_CHAT": "chatra",
    "BRIDGE_HELPDESK": "request_tracker",
    "BRIDGE_WEBHOOK_SECRET": SECRET,
    "CHATRA_PUBLIC_KEY": "pub",
    "CHATRA_SECRET_KEY": SECRET,
    "RT_URL": "https://rt.example.com",
    "RT_TOKEN": SECRET,
    "RT_QUEUE": "Support",
}


def problems(variables: dict[str, str], files: list[Path] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(variables, files or [])
    assert SECRET not in str(caught.value)
    return list(caught.value.problems)


def test_a_good_environment_is_one_bridge_called_default() -> None:
    configuration = load({**GOOD, "PATH": "/bin", "LANG": "C"})
    assert [bridge.name for bridge in configuration.bridges] == ["default"]
    assert configuration.daemon.listen == "127.0.0.1:8020"


@pytest.mark.parametrize(
    ("change", "named", "words"),
    [
        ({"BRIDGE_CHAT": "chatrra"}, "BRIDGE_CHAT", "write one of chatra"),
        ({"BRIDGE_HELPDESK": "rt"}, "BRIDGE_HELPDESK", "request_tracker"),
        ({"BRIDGE_CHAT": ""}, "BRIDGE_CHAT", "missing"),
        ({"BRIDGE_WEBHOOK_SECRET": ""}, "BRIDGE_WEBHOOK_SECRET", "missing"),
        ({"BRIDGE_WEBHOOK_SECRET": "short"}, "BRIDGE_WEBHOOK_SECRET", "at least 16"),
        ({"BRIDGE_WEBHOOK_SECRET": "has/a/slash/in/it/and/more"}, "BRIDGE_WEBHOOK_SECRET", "letters, digits"),
        ({"BRIDGE_DIRECTION": "sideways"}, "BRIDGE_DIRECTION", "'both', 'to-helpdesk' or 'to-chat'"),
        ({"BRIDGE_DOUBT_MINUTES": "soon"}, "BRIDGE_DOUBT_MINUTES", "valid number"),
        ({"BRIDGE_DOUBT_MINUTES": "-1"}, "BRIDGE_DOUBT_MINUTES", "greater than 0"),
        ({"BRIDGE_ON_DOUBT": "maybe"}, "BRIDGE_ON_DOUBT", "'park' or 'resend'"),
        ({"BRIDGE_SUBJECT": "{% if %}"}, "BRIDGE_SUBJECT", "line 1 of the template"),
        ({"BRIDGE_ROUTES": "group=x"}, "BRIDGE_ROUTES", "CONDITIONS -> OUTCOMES"),
        ({"BRIDGE_ATTACHMENT_HOSTS": "https://files.internal"}, "BRIDGE_ATTACHMENT_HOSTS", "write hosts alone"),
        ({"BRIDGE_ATTACHMENT_HOSTS": "10.0.0.0/8"}, "BRIDGE_ATTACHMENT_HOSTS", "write hosts alone"),
        ({"BRIDGE_INTERNAL_MARKERS": "note:,"}, "BRIDGE_INTERNAL_MARKERS", "with commas between them"),
        (
            {"BRIDGE_DUMMY_AGENTS": "no"},
            "CHATRA_AGENT_EMAIL",
            "missing beside BRIDGE_DUMMY_AGENTS=no",
        ),
        ({"BRIDGE_FIELDS": "colour -> Colour"}, "BRIDGE_FIELDS", "write FACT -> FIELD, where FACT is detail.LABEL"),
        ({"BRIDGE_FIELDS": "page -> A; host -> A"}, "BRIDGE_FIELDS", "'A' gets two facts"),
        ({"BRIDGE_CONTACT": "nmae=both"}, "BRIDGE_CONTACT", "write FIELD=DIRECTION, FIELD once and one of name, email"),
        ({"BRIDGE_CONTACT": "name=chat"}, "BRIDGE_CONTACT", "DIRECTION both, to-helpdesk, to-chat, none"),
        (
            {"BRIDGE_CONTACT": "name=both", "BRIDGE_DIRECTION": "to-helpdesk"},
            "BRIDGE_CONTACT",
            "write no to-chat and no both",
        ),
        ({"BRIDGE_COLOUR": "red"}, "BRIDGE_COLOUR", "unknown"),
        ({"BRIDGE_DIRECTIONS": "both"}, "BRIDGE_DIRECTIONS", "did you mean BRIDGE_DIRECTION?"),
        ({"CHATRA_SECRET_KEY": ""}, "CHATRA_SECRET_KEY", "missing"),
        ({"CHATRA_API_URL": "app.chatra.io/api"}, "CHATRA_API_URL", "write a URL like"),
        ({"CHATRA_KEY": SECRET}, "CHATRA_KEY", "unknown"),
        ({"RT_URL": "https://user:pw@rt.example.com"}, "RT_URL", "without user"),
        ({"RT_URL": "https://rt.example.com:port"}, "RT_URL", "write a URL like"),
        ({"RT_POLL_SECONDS": "0"}, "RT_POLL_SECONDS", "greater than 0"),
        ({"SYNCD_LISTEN": "8020"}, "SYNCD_LISTEN", "HOST:PORT"),
        ({"SYNCD_LOG_LEVEL": "LOUD"}, "SYNCD_LOG_LEVEL", "'INFO'"),
        ({"SYNCD_DATABASE_URL": "/var/lib/x.db"}, "SYNCD_DATABASE_URL", "write sqlite:///PATH"),
        ({"SYNCD_ALERT_URL": f"hooks.example.com/{SECRET}"}, "SYNCD_ALERT_URL", "write a URL like"),
        ({"SYNCD_ALERT_URL": f"ftp://hooks.example.com/{SECRET}"}, "SYNCD_ALERT_URL", "write a URL like"),
        ({"SYNCD_ALERT_URL": f"https://h:port/{SECRET}"}, "SYNCD_ALERT_URL", "write a URL like"),
        (
            {"SYNCD_ALERT_URL": f"https://hooks.example.com/{SECRET}", "SYNCD_ALERT_COMMAND": f"notify {SECRET}"},
            "SYNCD_ALERT_URL",
            "keep one of them",
        ),
        ({"SYNCD_ALERT_COMMAND": f"notify '{SECRET}"}, "SYNCD_ALERT_COMMAND", "a quote has no end"),
        ({"SYNCD_ALERT_LAG_MINUTES": "0"}, "SYNCD_ALERT_LAG_MINUTES", "greater than 0"),
        ({"SYNCD_ALERT_LAG_SECONDS": "60"}, "SYNCD_ALERT_LAG_SECONDS", "did you mean SYNCD_ALERT_LAG_MINUTES?"),
        ({"SYNCD_LISTENS": "x"}, "SYNCD_LISTENS", "did you mean SYNCD_LISTEN?"),
        ({"RT_TOKEN_FILE": "/etc/hostname"}, "RT_TOKEN", "keep one of them"),
        ({"RT_TOKEN": "", "RT_TOKEN_FILE": "/nowhere/token"}, "RT_TOKEN_FILE", "cannot be read"),
    ],
)
def test_a_mistake_is_named_by_its_variable_with_what_to_write(change: dict[str, str], named: str, words: str) -> None:
    found = [problem for problem in problems({**GOOD, **change}) if f": {named}: " in problem]
    assert found
    assert words in found[0]


def test_all_mistakes_of_all_files_come_at_once(tmp_path: Path) -> None:
    (tmp_path / "one.env").write_text("BRIDGE_CHAT=chatra\nBRIDGE_HELPDESK=nothing\nnonsense\n")
    (tmp_path / "two.env").write_text("BRIDGE_CHAT=nothing\nTYPO_HERE=1\n")
    (tmp_path / "Three.env").write_text("")
    found = problems({"SYNCD_BRIDGES_DIR": str(tmp_path), "BRIDGE_CHAT": "chatra"})
    text = "\n".join(found)
    for expected in (
        f"{tmp_path}/one.env: line 3: write NAME=value",
        f"{tmp_path}/one.env: BRIDGE_HELPDESK: no helpdesk connector is called 'nothing'",
        f"{tmp_path}/one.env: CHATRA_PUBLIC_KEY: missing",
        f"{tmp_path}/two.env: BRIDGE_CHAT: no chat connector",
        f"{tmp_path}/two.env: BRIDGE_WEBHOOK_SECRET: missing",
        f"{tmp_path}/Three.env: name the file with a-z, 0-9 and - only",
        "environment: BRIDGE_CHAT: not read beside SYNCD_BRIDGES_DIR",
    ):
        assert expected in text


def test_every_file_of_the_folder_is_a_bridge_and_knows_nothing_of_the_others(tmp_path: Path) -> None:
    for name in ("one", "two"):
        lines = {**GOOD, "CHATRA_PUBLIC_KEY": name}
        (tmp_path / f"{name}.env").write_text("".join(f"{key}='{value}'\n" for key, value in lines.items()))
    configuration = load({"SYNCD_BRIDGES_DIR": str(tmp_path), "CHATRA_PUBLIC_KEY": "of-nobody"})
    keys = [bridge.chat_settings.model_dump()["public_key"] for bridge in configuration.bridges]
    assert keys == ["one", "two"]


def test_an_empty_or_missing_folder_is_a_mistake(tmp_path: Path) -> None:
    assert "SYNCD_BRIDGES_DIR" in problems({"SYNCD_BRIDGES_DIR": str(tmp_path / "nowhere")})[0]


def test_an_empty_value_is_none_but_where_it_turns_something_off() -> None:
    (bridge,) = load({**GOOD, "BRIDGE_DIRECTION": ""}).bridges
    assert (bridge.settings.direction, bridge.settings.internal_markers) == ("both", "#internal, note:")
    (bridge,) = load({**GOOD, "BRIDGE_INTERNAL_MARKERS": ""}).bridges
    assert bridge.settings.internal_markers == ""


def test_an_unknown_variable_in_a_bridges_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "one.env"
    file.write_text("".join(f"{key}={value}\n" for key, value in GOOD.items()) + "SYNCD_LISTEN=0.0.0.0:1\n")
    (only,) = problems({"SYNCD_BRIDGES_DIR": str(tmp_path)})
    assert only.startswith(f"{file}: SYNCD_LISTEN: unknown")


def test_a_later_env_file_wins_and_one_that_is_not_there_is_named(tmp_path: Path) -> None:
    first, second = tmp_path / "a.env", tmp_path / "b.env"
    first.write_text("SYNCD_LISTEN=127.0.0.1:1\n")
    second.write_text("export SYNCD_LISTEN='127.0.0.1:2' # comment\n")
    assert load(GOOD, [first, second]).daemon.listen == "127.0.0.1:2"
    assert problems(GOOD, [tmp_path / "c.env"]) == [f"{tmp_path}/c.env: cannot be read: No such file or directory"]


def test_a_secret_may_come_from_a_file_or_a_credential(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-a-file\n")
    (tmp_path / "CHATRA_SECRET_KEY").write_text("from-a-credential\n")
    (tmp_path / "default.CHATRA_PUBLIC_KEY").write_text("from-the-bridges-own")
    variables = {name: value for name, value in GOOD.items() if name not in {"RT_TOKEN", "CHATRA_SECRET_KEY"}}
    variables |= {"RT_TOKEN_FILE": str(tmp_path / "token"), "CREDENTIALS_DIRECTORY": str(tmp_path)}
    del variables["CHATRA_PUBLIC_KEY"]
    (bridge,) = load(variables).bridges
    chat, helpdesk = bridge.chat_settings.model_dump(), bridge.helpdesk_settings.model_dump()
    assert helpdesk["token"].get_secret_value() == "from-a-file"
    assert chat["secret_key"].get_secret_value() == "from-a-credential"
    assert chat["public_key"] == "from-the-bridges-own"
