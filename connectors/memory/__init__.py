"""The reference connectors: a chat and a helpdesk that live inside the process.

They show what a connector is in little code, pass the same suites as every other, and serve demos and tests. There is
no vendor behind them: each instance *is* the end, so it keeps its state, and the people at that end act through its
methods (`visitor_says`, `agent_replies` ...).

Known limitations:
- All is gone with the process.
- Nobody signs in: `check` takes every account.
- Its helpdesk tells of every comment that is changed, hidden, shown or removed; its chat tells nobody of that.
- It has no clock: an act without a time happens one second after the last thing that happened.
"""

from __future__ import annotations

from connectors.memory.chat import MemoryChat
from connectors.memory.helpdesk import MemoryHelpdesk

__all__ = ["MemoryChat", "MemoryHelpdesk"]
