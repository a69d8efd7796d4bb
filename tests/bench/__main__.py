"""`make bench`: one table, measured in one run. Ratios hold on any machine, single figures only on this one."""

import platform
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.figures import ALL


def main() -> None:
    model = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), ": ?")
    cores = model.partition(":")[2].strip()
    print(f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {platform.system()}, {cores}\n")
    print(f"{'':4} {'':52} {'measured':>18}   goal")
    for measure in ALL:
        for figure in measure():
            print(f"{figure.name:4} {figure.what:52} {figure.value:>18}   {figure.goal}", flush=True)


if __name__ == "__main__":
    main()
