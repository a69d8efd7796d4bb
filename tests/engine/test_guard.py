"""No file's link, however written and wherever it leads, makes syncd connect to anything but the public internet."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from typing import Any

import httpx
import pytest

from syncd.contract.model import File
from syncd.core.addresses import PORTS, parse_hosts
from syncd.engine.fetch import FAULTS_OF_FILES, UnfetchedError, UnwantedError, fetch
from syncd.engine.guard import Guard, Resolve, resolve_here

from .file_host import PNG, FileHost, answer, file_host, moved
from .inward_links import ELSEWHERE, HERE, MALFORMED

HOOKED: list[Attempts] = []


class Attempts:
    """Every address that this process tries to connect to; what would leave this machine is stopped."""

    def __init__(self) -> None:
        self.addresses: list[str] = []

    def note(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect":
            address = str(arguments[1][0])
            self.addresses.append(address)
            ip = ipaddress.ip_address(address.partition("%")[0])
            here = getattr(ip, "ipv4_mapped", None) or ip
            if not (here.is_loopback or here.is_unspecified):
                raise ConnectionRefusedError


def hook(event: str, arguments: tuple[Any, ...]) -> None:
    for attempts in HOOKED:
        attempts.note(event, arguments)


sys.addaudithook(hook)


@pytest.fixture
def attempts() -> Iterator[Attempts]:
    made = Attempts()
    HOOKED.append(made)
    yield made
    HOOKED.remove(made)


@pytest.fixture
async def here() -> AsyncIterator[FileHost]:
    """A listener on every address of this machine."""
    async with file_host("0.0.0.0", "::") as host:  # noqa: S104  (a link to any address of this machine must find it)
        host.gives("/file", answer())
        yield host


def guard(here: FileHost, *, trusted: str = "", resolve: Resolve = resolve_here) -> Guard:
    """Make a guard for which the listener's port is one of the usual: what is left to refuse is the address."""
    return Guard(parse_hosts(trusted), ports=PORTS | {here.port}, resolve=resolve)


def to(*addresses: str) -> Resolve:
    """Resolve any name, each time, to the next of some addresses."""
    left = list(addresses)

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return [left.pop(0)]

    return resolve


async def refusal(url: str, by: Guard) -> str:
    with pytest.raises(FAULTS_OF_FILES) as raised:
        await fetch(File("a.png", url), by)
    assert isinstance(raised.value, UnwantedError), raised.value
    return str(raised.value)


@pytest.mark.parametrize("name", [*HERE, *ELSEWHERE])
async def test_no_address_inside_is_connected_to(here: FileHost, attempts: Attempts, name: str) -> None:
    assert "private network" in await refusal(f"http://{name}:{here.port}/file", guard(here))
    assert "private network" in await refusal(f"https://{name}/file", guard(here))
    assert (attempts.addresses, here.connections) == ([], 0)


@pytest.mark.parametrize("name", [*HERE, *ELSEWHERE])
async def test_without_the_guard_each_of_them_is_connected_to(here: FileHost, attempts: Attempts, name: str) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        with suppress(httpx.ConnectError):
            await client.get(f"http://{name}:{here.port}/file")
    assert attempts.addresses
    assert here.connections == (name in HERE)


@pytest.mark.parametrize("address", [address.strip("[]") for address in ELSEWHERE if address.count(".") in {0, 3}])
async def test_no_name_is_connected_to_that_leads_inside(here: FileHost, attempts: Attempts, address: str) -> None:
    url = f"http://files.example.com:{here.port}/file"
    assert "private network" in await refusal(url, guard(here, resolve=to(address)))
    assert attempts.addresses == []


async def test_a_name_that_leads_elsewhere_a_moment_later_is_resolved_once(here: FileHost, attempts: Attempts) -> None:
    url = f"http://rebinding.example.com:{here.port}/file"
    with pytest.raises(UnfetchedError):
        await fetch(File("a.png", url), guard(here, resolve=to("93.184.216.34", "127.0.0.1")))
    assert attempts.addresses == ["93.184.216.34"]
    assert here.connections == 0


async def test_of_several_addresses_only_those_outside_are_connected_to(here: FileHost, attempts: Attempts) -> None:
    async def both(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1", "::1", "93.184.216.34", "10.0.0.1"]

    with pytest.raises(UnfetchedError):
        await fetch(File("a.png", f"http://both.example.com:{here.port}/file"), guard(here, resolve=both))
    assert attempts.addresses == ["93.184.216.34"]


@pytest.mark.parametrize("inward", [*HERE, *ELSEWHERE])
async def test_no_redirect_leads_inside(here: FileHost, attempts: Attempts, inward: str) -> None:
    async def first_here(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"] if host == "first.example.com" else await resolve_here(host, port)

    here.gives("/away", moved(f"http://{inward}:{here.port}/file"))
    by = guard(here, trusted="first.example.com", resolve=first_here)
    assert "private network" in await refusal(here.url("/away", "first.example.com"), by)
    assert (attempts.addresses, here.asked) == (["127.0.0.1"], ["/away"])


@pytest.mark.parametrize("url", MALFORMED)
async def test_no_odd_link_is_connected_to(here: FileHost, attempts: Attempts, url: str) -> None:
    with pytest.raises(FAULTS_OF_FILES):
        await fetch(File("a.png", url.format(port=here.port)), guard(here))
    assert (attempts.addresses, here.connections) == ([], 0)


@pytest.mark.parametrize("where", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://u:p@example.com/"])
async def test_no_redirect_leads_to_an_odd_link(here: FileHost, attempts: Attempts, where: str) -> None:
    here.gives("/away", moved(where))
    await refusal(here.url("/away"), guard(here, trusted="127.0.0.1"))
    assert (attempts.addresses, here.asked) == (["127.0.0.1"], ["/away"])


@pytest.mark.parametrize("port", [22, 25, 6379, 8080])
async def test_no_other_port_of_a_host_outside_is_connected_to(attempts: Attempts, port: int) -> None:
    by = Guard(frozenset(), resolve=to("93.184.216.34"))
    assert f"port {port}" in await refusal(f"http://files.example.com:{port}/file", by)
    assert attempts.addresses == []


async def test_a_host_that_is_listed_may_be_inside_on_any_port_and_no_other(here: FileHost) -> None:
    by = Guard(parse_hosts("127.0.0.1, files.internal"), resolve=to("127.0.0.1"))
    found = await fetch(File("a.png", here.url(host="files.internal")), by)
    assert found.content == PNG
    assert here.hosts == [f"files.internal:{here.port}"]
    await refusal(here.url(host="127.0.0.2"), Guard(parse_hosts("127.0.0.1")))
    assert here.connections == 1


async def test_the_links_of_the_public_internet_are_connected_to(attempts: Attempts) -> None:
    for address in ("93.184.216.34", "2606:2800:21f::1"):
        with pytest.raises(UnfetchedError):
            await fetch(File("a.png", "https://files.example.com/file"), Guard(frozenset(), resolve=to(address)))
    assert attempts.addresses == ["93.184.216.34", "2606:2800:21f::1"]
