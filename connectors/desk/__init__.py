"""The embedded helpdesk: tickets in an SQLite file of its own, and a page for agents that the daemon shows.

It is for teams that have no helpdesk, and for trying syncd out. The daemon mounts its pages and says who may see them;
agents have no accounts here: who writes chooses his name from `DESK_AGENTS`.

Known limitations:
- Nobody is mailed, ever: an agent sees what is new on the page, a visitor in the chat.
- There are no queues: what a route says of them is not kept.
- Whoever may see the daemon's pages may write under each name of `DESK_AGENTS`.
- An agent's file reaches the visitor only where `DESK_URL` says how the pages are reached from outside.
- Tickets are never deleted or merged, and bridges with the same `DESK_DATABASE` show the same tickets.
- Times are those of the machine's clock.
"""

from __future__ import annotations

from connectors.desk.connector import Desk

__all__ = ["Desk"]
