"""A stand-in for the Chatra service, made from its developer documents: REST API, chats, webhooks, and faults to order.

In a process: `async with serve(ChatraStandIn(Options("public", "secret"))) as url: ...`; the API is at `url + "/api"`.
On its own: `python -m syncd.testing.chatra --public-key public --secret-key secret`, driven over `/stand-in`.
"""

from syncd.testing.chatra.faults import Fault
from syncd.testing.chatra.gate import Call
from syncd.testing.chatra.message import Agent, Attachment
from syncd.testing.chatra.refusal import RefusedError
from syncd.testing.chatra.server import serve
from syncd.testing.chatra.stand_in import ChatraStandIn, Options
from syncd.testing.chatra.webhooks import SentWebhook

__all__ = [
    "Agent",
    "Attachment",
    "Call",
    "ChatraStandIn",
    "Fault",
    "Options",
    "RefusedError",
    "SentWebhook",
    "serve",
]
