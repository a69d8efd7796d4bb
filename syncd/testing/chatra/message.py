"""Messages, agents and files, as the API answers them and as webhooks carry them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from syncd.testing.chatra.refusal import Json

TextKey = Literal["text", "message"]
Kind = Literal["said", "trigger", "pushed"]


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who answers; a dummy one was made for an e-mail address that came through the API."""

    id: str
    name: str
    email: str
    userpic: str
    group: str = ""
    dummy: bool = False

    def described(self) -> Json:
        """Write the agent as webhooks list them."""
        return {"id": self.id, "name": self.name, "email": self.email, "userpic": self.userpic}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a message; one with a `width` and a `height` is an image."""

    name: str
    size: int
    url: str
    width: int | None = None
    height: int | None = None

    def described(self) -> Json:
        """Write the documented `file` object."""
        image = self.width is not None and self.height is not None
        plain: Json = {"fileName": self.name, "size": self.size, "isImage": image, "url": self.url}
        if image:
            preview = f"{self.url.rstrip('/')}/-/preview/800x800/-/quality/lighter/"
            plain["imageInfo"] = {"width": self.width, "height": self.height, "previewUrl": preview}
        return plain


@dataclass(slots=True)
class Message:
    """One message of a chat. `agent` is None where the visitor speaks; `created_at` is in milliseconds."""

    id: str
    visitor_id: str
    text: str
    created_at: int
    agent: Agent | None = None
    kind: Kind = "said"
    received_from: str = ""
    file: Attachment | None = None
    missed: bool = False

    @property
    def type(self) -> Literal["agent", "client"]:
        """Who speaks, in Chatra's words."""
        return "client" if self.agent is None else "agent"

    def for_api(self) -> Json:
        """Write the object that `messages` and `pushedMessages` answer."""
        whole: Json = {"id": self.id, "type": self.type, "text": self.text, "clientId": self.visitor_id}
        if self.agent is not None:
            whole["agentId"] = self.agent.id
        return {**whole, "createdAt": self.created_at, **self._marks()}

    def for_webhook(self, text_key: TextKey = "text") -> Json:
        """Write the object that webhooks list; the text stands under `text_key`."""
        whole: Json = {"id": self.id, "type": self.type, text_key: self.text, "createdAt": self.created_at}
        if self.agent is not None:
            whole.update(agentId=self.agent.id, agentName=self.agent.name)
        return {**whole, **self._marks()}

    def _marks(self) -> Json:
        marks: Json = {}
        if self.kind != "said":
            marks["isTrigger" if self.kind == "trigger" else "isPushed"] = True
        if self.missed:
            marks["isMissed" if self.agent is None else "isMissedByClient"] = True
        if self.received_from:
            marks["receivedFrom"] = self.received_from
        if self.file is not None:
            marks["file"] = self.file.described()
        return marks
