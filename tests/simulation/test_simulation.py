"""Everything that may happen, in any order: the engine holds its promise, and broken engines are found out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from loguru import logger

from tests.simulation.machine import Machine
from tests.simulation.process import Disk, Steps
from tests.simulation.promise import PromiseBrokenError
from tests.simulation.times import BEGIN
from tests.simulation.variants import VARIANTS

EXAMPLES, MANY_EXAMPLES = 80, 2_000
ENOUGH_EXAMPLES = 3_000
"""Far more than any broken engine was ever played before it was found out."""
FOUND_LATE = {
    "a row is finished in one commit and its deliveries enqueued in another",
    "what is parked stops its lane",
}
"""These take a minute or more."""
SEED = 1
"""The same worlds each time: one that breaks a promise is met by whoever changes what it is about."""
SETTINGS = settings(
    database=None,
    deadline=None,
    stateful_step_count=50,
    print_blob=True,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def disk() -> Iterator[Disk]:
    """Give a place for databases, in memory where that can be: what a disk does in a power cut is another test's."""
    memory = Path("/dev/shm")  # noqa: S108  (the folder made in it is private)
    with TemporaryDirectory(prefix="syncd-", dir=memory if memory.is_dir() else None) as folder:
        yield Disk(Path(folder) / "syncd.db")


@contextmanager
def frozen() -> Iterator[FrozenDateTimeFactory]:
    """Freeze the clocks, but for Hypothesis, and spare the log."""
    logger.disable("syncd")
    try:
        with freeze_time(BEGIN, real_asyncio=True, ignore=["hypothesis"]) as clocks:
            yield cast("FrozenDateTimeFactory", clocks)
    finally:
        logger.enable("syncd")


def play(steps: Steps, disk: Disk, chosen: settings) -> Counter[str]:
    """Play worlds with these steps. Raises what was found."""
    tally: Counter[str] = Counter()
    with frozen() as clocks:
        machine = cast("type[Machine]", partial(Machine, disk, steps, clocks, tally))
        run_state_machine_as_test(seed(SEED)(machine), settings=chosen)
    return tally


def told(tally: Counter[str]) -> str:
    """Give the figures, a line each."""
    return "\n" + "\n".join(f"{count:8} {what}" for what, count in sorted(tally.items()))


def test_the_promise_holds_whatever_happens(disk: Disk) -> None:
    print(told(play(Steps(), disk, settings(SETTINGS, max_examples=EXAMPLES))))


@pytest.mark.torture
def test_the_promise_holds_in_many_worlds(disk: Disk) -> None:
    print(told(play(Steps(), disk, settings(SETTINGS, max_examples=MANY_EXAMPLES))))


@pytest.mark.parametrize("variant", sorted(VARIANTS.keys() - FOUND_LATE))
def test_a_broken_engine_is_found_out(variant: str, disk: Disk) -> None:
    with pytest.raises(PromiseBrokenError) as found:
        play(VARIANTS[variant], disk, settings(SETTINGS, max_examples=ENOUGH_EXAMPLES, phases=[Phase.generate]))
    print(f"\n{variant}: {found.value}")


@pytest.mark.torture
@pytest.mark.parametrize("variant", sorted(FOUND_LATE))
def test_an_engine_that_breaks_seldom_is_found_out(variant: str, disk: Disk) -> None:
    test_a_broken_engine_is_found_out(variant, disk)
