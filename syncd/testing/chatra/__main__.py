"""Run the stand-in as a process of its own, until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from typing import get_args

from syncd.testing.chatra.message import TextKey
from syncd.testing.chatra.server import serve
from syncd.testing.chatra.stand_in import ChatraStandIn, Options


def read_arguments(arguments: Sequence[str]) -> tuple[int, Options]:
    """Read the command line: the port and the account's options. Exits 2 for what it does not know."""
    parser = argparse.ArgumentParser(prog="python -m syncd.testing.chatra", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 takes a free one (default)")
    parser.add_argument("--public-key", required=True)
    parser.add_argument("--secret-key", required=True)
    parser.add_argument("--webhook", action="append", default=[], help="a URL to send webhooks to; may be repeated")
    parser.add_argument("--rate", type=int, default=60, help="calls allowed in a window")
    parser.add_argument("--window", type=float, default=60.0, help="seconds")
    parser.add_argument("--seed", type=int, help="the same ids and the same chances in every run")
    parser.add_argument("--text-key", choices=get_args(TextKey), default="text", help="where webhooks put the text")
    parser.add_argument("--quiet-api", action="store_true", help="messages through the API fire no fragment themselves")
    read = parser.parse_args(arguments)
    options = Options(
        public_key=read.public_key,
        secret_key=read.secret_key,
        webhooks=read.webhook,
        rate=read.rate,
        window=read.window,
        seed=read.seed,
        api_messages_fire=not read.quiet_api,
        text_key=read.text_key,
    )
    return read.port, options


async def run(port: int, options: Options) -> None:
    """Serve until a signal; the first line on stdout tells the URL."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serve(ChatraStandIn(options), port) as url:
        sys.stdout.write(f"listening on {url}\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(run(*read_arguments(sys.argv[1:])))
