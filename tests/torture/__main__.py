"""`python -m tests.torture`: a long torture with a table at its end; exits 1 where a figure that must be 0 is not."""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.live.request_tracker.server import RequestTrackerServer, UnavailableHereError
from tests.torture.count import is_wrong
from tests.torture.desk import Desk, RealDesk
from tests.torture.run import Order, Torture, told
from tests.torture.stand_in import StandInDesk

UNREACHABLE = 69


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=20, help="SIGKILLs at random instants")
    parser.add_argument("--seconds", type=float, default=0.0, help="how long people talk at least")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=float, default=0.05, help="the chance of each kind of fault at each call")
    # Faster than Chatra's 60 calls a minute take away, a long run would end with hours of waiting replies.
    parser.add_argument("--reply-every", type=float, default=4.0, help="seconds between two replies")
    parser.add_argument("--visitors", type=int, default=4, choices=range(1, 9))
    parser.add_argument("--desk", choices=("real", "stand-in"), default="stand-in")
    parser.add_argument("--on-doubt", choices=("park", "resend"), default="park", help="resend must show doubles")
    parser.add_argument("--folder", type=Path, help="where database, logs and evidence go; a new one")
    return parser.parse_args()


def desk(kind: str, folder: Path, stack: ExitStack) -> Desk:
    """Start the desk. Raises UnavailableHereError."""
    if kind == "stand-in":
        return stack.enter_context(StandInDesk())
    server = RequestTrackerServer(folder / "request-tracker")
    stack.callback(server.stop)
    return RealDesk(server)


def main() -> int:
    read = read_arguments()
    order = Order(
        kills=read.kills,
        seconds=read.seconds,
        seed=read.seed,
        faults=read.faults,
        visitors=read.visitors,
        reply_every=read.reply_every,
        on_doubt=read.on_doubt,
    )
    with ExitStack() as stack:
        folder = read.folder or Path(tempfile.mkdtemp(prefix="syncd-torture-"))
        # An old database knows ids that the new ends give out again.
        folder.mkdir(parents=True, exist_ok=read.folder is None)
        try:
            end = desk(read.desk, folder, stack)
        except UnavailableHereError as reason:
            print(f"no Request Tracker: {reason}", file=sys.stderr)
            return UNREACHABLE
        outcome = Torture(order, end, folder).run()
    print(f"{told(outcome)}\n\nseed {order.seed}, {read.desk} desk, database and logs in {folder}")
    return 1 if is_wrong(outcome.figures) else 0


if __name__ == "__main__":
    sys.exit(main())
