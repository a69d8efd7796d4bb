"""Who may see the pages, and who may not."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.pages.conftest import TOKEN
from tests.process.programs import DaemonProcess, free_port, syncd

FROM_HERE = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def browser(locked: DaemonProcess) -> Iterator[httpx.Client]:
    """A browser that has not logged in."""
    with httpx.Client(base_url=locked.url, headers=FROM_HERE, timeout=30) as client:
        yield client


def log_in(client: httpx.Client, token: str = TOKEN, then: str = "/") -> httpx.Response:
    return client.post("/login", data={"token": token, "next": then})


def asked_as(daemon: DaemonProcess, **headers: str) -> int:
    """Give the status of the first page for a request with these headers, `Host` too."""
    parts = urlsplit(daemon.url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)
    connection.putrequest("GET", "/", skip_host=True)
    for name, value in {"Host": parts.netloc, **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()
    with closing(connection), connection.getresponse() as answer:
        answer.read()
        return answer.status


@pytest.mark.parametrize("path", ["/", "/parked", "/trace?id=ann", "/parked/syncd-1", "/nowhere"])
def test_without_a_login_every_page_leads_to_the_form(browser: httpx.Client, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=/")
    assert "Admin token" in browser.get(answer.headers["location"]).text


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/static/syncd.css", "/login"])
def test_what_programs_read_needs_no_login(browser: httpx.Client, path: str) -> None:
    assert browser.get(path).status_code == 200


def test_without_a_login_nothing_is_done(browser: httpx.Client) -> None:
    assert browser.post("/bridges/default/pause", data={"who": "Eve"}).status_code == 403


def test_the_token_lets_in_and_the_way_out_shuts_again(browser: httpx.Client) -> None:
    answer = log_in(browser, then="/trace?id=ann")
    assert (answer.status_code, answer.headers["location"]) == (303, "/trace?id=ann")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "max-age=43200" in cookie
    assert TOKEN not in cookie
    assert browser.get("/").status_code == 200
    browser.post("/logout")
    assert browser.get("/").status_code == 303


def test_a_cookie_that_somebody_made_lets_nobody_in(browser: httpx.Client) -> None:
    log_in(browser)
    (name, value), *_ = browser.cookies.items()
    body, _, rest = value.partition(".")
    browser.cookies.set(name, f"{body}x.{rest}")
    assert browser.get("/", headers={"cookie": f"{name}={body}x.{rest}"}).status_code == 303


def test_a_wrong_token_takes_a_second_and_is_logged_once(locked: DaemonProcess, browser: httpx.Client) -> None:
    before = locked.log.read_text().count("a wrong token")
    for token in ("wrong-wrong-wrong-wrong", TOKEN[:-1], ""):
        began = time.monotonic()
        answer = log_in(browser, token)
        assert answer.status_code == 403
        assert "That is not the token" in answer.text
        assert time.monotonic() - began > 0.9
    log_in(browser)
    log = locked.log.read_text()
    assert log.count("a wrong token") == before + 1
    assert "after 3 wrong tokens" in log
    assert TOKEN not in log


@pytest.mark.parametrize(
    "then", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "x"]
)
def test_a_login_leads_to_no_other_site(browser: httpx.Client, then: str) -> None:
    assert log_in(browser, then=then).headers["location"] == "/"


def test_behind_tls_the_cookie_goes_over_tls_only(tmp_path: Path) -> None:
    memory = {"BRIDGE_CHAT": "memory", "BRIDGE_HELPDESK": "memory", "SYNCD_ADMIN_TOKEN": TOKEN}
    with DaemonProcess(tmp_path, {**memory, "SYNCD_PUBLIC_URL": "https://sync.example.com"}) as daemon:
        answer = httpx.post(f"{daemon.url}/login", data={"token": TOKEN}, headers=FROM_HERE)
        assert "; secure" in answer.headers["set-cookie"].lower()


def test_without_a_token_only_a_browser_at_the_machine_sees_them(daemon: DaemonProcess) -> None:
    port = urlsplit(daemon.url).port
    assert asked_as(daemon) == 200
    assert asked_as(daemon, Host=f"localhost:{port}") == 200
    assert asked_as(daemon, Host="sync.example.com") == 403
    assert asked_as(daemon, Host="") == 403
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert asked_as(daemon, **{name: "203.0.113.7"}) == 403


def test_without_a_token_nobody_sees_them_over_another_address(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        address = probe.getsockname()[0]
    if address.startswith("127."):
        pytest.skip("this machine has no address but loopback")
    memory = {"BRIDGE_CHAT": "memory", "BRIDGE_HELPDESK": "memory", "SYNCD_LISTEN": f"0.0.0.0:{free_port()}"}
    daemon = DaemonProcess(tmp_path, memory)
    port = memory["SYNCD_LISTEN"].rpartition(":")[2]
    daemon.url = f"http://127.0.0.1:{port}"
    with daemon:
        answer = httpx.get(f"http://{address}:{port}/")
        assert answer.status_code == 403
        assert "SYNCD_ADMIN_TOKEN" in answer.text
        assert httpx.get(f"http://{address}:{port}/healthz").status_code == 200


def test_a_short_token_is_refused_at_start_and_not_printed() -> None:
    done = syncd("check", "--offline", BRIDGE_CHAT="memory", BRIDGE_HELPDESK="memory", SYNCD_ADMIN_TOKEN="tooshort")
    assert done.returncode == 78
    assert "SYNCD_ADMIN_TOKEN: write at least 16 characters" in done.stderr
    assert "tooshort" not in done.stderr
