"""`make bench`: one table, measured in one run. Ratios hold on any machine, single figures only on this one.

`python -m tests.bench NAME…` measures only those of the names `ingest`, `draining` and so on.
"""

import argparse
import platform
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import backlog, closed, figures, resting

MEASURES = {measure.__name__: measure for measure in (*figures.ALL, *backlog.ALL, *resting.ALL, *closed.ALL)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *MEASURES], help="what to measure; everything by default")
    names = parser.parse_args().names or list(MEASURES)
    model = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), ": ?")
    cores = model.partition(":")[2].strip()
    print(f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {platform.system()}, {cores}\n")
    print(f"{'':4} {'':52} {'measured':>18}   goal")
    for name in names:
        for figure in MEASURES[name]():
            print(f"{figure.name:4} {figure.what:52} {figure.value:>18}   {figure.goal}", flush=True)


if __name__ == "__main__":
    main()
