"""The certificate is that of the host that was named, although its address is what is connected to."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from syncd.contract.model import File
from syncd.engine.fetch import UnfetchedError, fetch
from syncd.engine.guard import Guard

from .file_host import PNG, FileHost, answer

NAME = "files.example.com"


async def here(_host: str, _port: int) -> Sequence[str]:
    return ["127.0.0.1"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of the host, with its key; who trusts it trusts nothing else."""
    folder = tmp_path_factory.mktemp("tls")
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    made += ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", "key.pem", "-out", "cert.pem"]
    try:
        subprocess.run(made, cwd=folder, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("no openssl here")
    return folder


@pytest.fixture
async def host(certificate: Path) -> AsyncIterator[FileHost]:
    made = FileHost()
    made.gives("/file", answer())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    server = await asyncio.start_server(made.serve, "127.0.0.1", ssl=context)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


def guard(certificate: Path | None, *trusted: str) -> Guard:
    tls = ssl.create_default_context(cafile=certificate / "cert.pem") if certificate else None
    return Guard(frozenset(trusted), resolve=here, tls=tls)


async def test_a_host_is_known_by_its_name(host: FileHost, certificate: Path) -> None:
    for name in (NAME, f"{NAME}.", NAME.upper()):
        found = await fetch(File("a.png", f"https://{name}:{host.port}/file"), guard(certificate, NAME))
        assert found.content == PNG


@pytest.mark.parametrize("name", ["other.example.com", "127.0.0.1"])
async def test_a_certificate_of_another_host_is_none(host: FileHost, certificate: Path, name: str) -> None:
    with pytest.raises(UnfetchedError, match="cannot be reached"):
        await fetch(File("a.png", f"https://{name}:{host.port}/file"), guard(certificate, name))
    assert host.asked == []


async def test_a_certificate_that_nobody_knows_is_none(host: FileHost) -> None:
    with pytest.raises(UnfetchedError, match="cannot be reached"):
        await fetch(File("a.png", f"https://{NAME}:{host.port}/file"), guard(None, NAME))
    assert host.asked == []
