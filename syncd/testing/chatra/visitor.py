"""The visitor's record: Chatra's `client` object, in the API and in webhooks."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field

from syncd.testing.chatra.refusal import Json, invalid

BASIC_INFO = ("name", "email", "phone", "notes")
CONSENTS = ("marketingConsent", "termsOfServiceConsent")
COLORS = {
    "#faebd7": "Antique White",
    "#ff8c00": "Dark Orange",
    "#da70d6": "Orchid",
    "#2e8b57": "Sea Green",
    "#4682b4": "Steel Blue",
    "#ff6347": "Tomato",
}
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
PLAIN_FACTS: dict[str, type] = {
    "groupId": str,
    "color": str,
    "ip": str,
    "browserLanguage": str,
    "chatLanguage": str,
    "browser": str,
    "os": str,
    "userAgent": str,
    "country": str,
    "city": str,
    "latestVisit": dict,
    "basicInfo": dict,
    "customFormData": dict,
    "integrationData": dict,
    "marketingConsent": bool,
    "termsOfServiceConsent": bool,
}
"""What can be set of a visitor, by its documented key; the rest follows from it."""


def new_facts(group: str, color: str, now: int) -> Json:
    """Give what the service knows of somebody who has just opened a page; `now` in milliseconds."""
    return {
        "groupId": group,
        "color": color,
        "ip": "203.0.113.7",
        "browserLanguage": "en-US",
        "chatLanguage": "en",
        "browser": "Chrome 131.0.0",
        "os": "Linux",
        "userAgent": BROWSER,
        "country": "Ireland",
        "city": "Dublin",
        "latestVisit": {
            "startedAt": now,
            "viewedPages": [{"link": "https://shop.example.com/", "title": "Example shop"}],
        },
        "basicInfo": {},
        "customFormData": {},
        "integrationData": {},
        "marketingConsent": True,
        "termsOfServiceConsent": True,
    }


@dataclass(slots=True)
class Visitor:
    """One visitor and the one chat that is theirs for ever."""

    id: str
    chat_id: str
    facts: Json = field(default_factory=dict)

    def learn(self, facts: Mapping[str, object]) -> None:
        """Set facts by their documented keys; None takes one away. Raises RefusedError, and then sets nothing."""
        for name, value in facts.items():
            kind = PLAIN_FACTS.get(name)
            if kind is None:
                raise invalid(f"{name} is not a property of a visitor that can be set")
            if value is not None and not isinstance(value, kind):
                raise invalid(f"{name} must be a {kind.__name__}")
        for name, value in facts.items():
            if value is None:
                self.facts.pop(name, None)
            else:
                self.facts[name] = copy.deepcopy(value)

    def edit_basic_info(self, fields: Json) -> None:
        """Do what `PUT clients/:id` does: a string sets a field, null removes it. Raises RefusedError."""
        edits = {name: fields[name] for name in BASIC_INFO if name in fields}
        if not all(value is None or isinstance(value, str) for value in edits.values()):
            raise invalid()
        merged = {**self.facts.get("basicInfo", {}), **edits}
        self.facts["basicInfo"] = {name: value for name, value in merged.items() if value is not None}

    def arrive(self, now: int) -> None:
        """Begin a new visit if the latest one is over."""
        visit = self.facts.get("latestVisit", {})
        if "finishedAt" in visit:
            self.facts["latestVisit"] = {"startedAt": now, "viewedPages": visit.get("viewedPages", [])}

    def leave(self, now: int) -> None:
        """Finish the latest visit."""
        if "latestVisit" in self.facts:
            self.facts["latestVisit"]["finishedAt"] = now

    @property
    def page(self) -> Json | None:
        """The page that the visitor looks at: link and title."""
        pages = self.facts.get("latestVisit", {}).get("viewedPages", [])
        return dict(pages[-1]) if pages else None

    def described(self) -> Json:
        """Write the whole object as webhooks carry it."""
        facts = copy.deepcopy(self.facts)
        info = {
            **facts.get("integrationData", {}),
            **facts.get("customFormData", {}),
            **facts.get("basicInfo", {}),
        }
        color = COLORS.get(facts.get("color", ""), "Grey")
        whole = {
            "id": self.id,
            "chatId": self.chat_id,
            "chatLink": f"https://app.chatra.io/chat/{self.chat_id}",
            "displayedName": str(info.get("name") or color),
            "info": info,
        }
        whole.update((name, facts[name]) for name in PLAIN_FACTS if name in facts)
        if not whole.get("customFormData"):
            # The document's answer for a visitor who has filled no form has no such key.
            whole.pop("customFormData", None)
        return whole

    def described_to_api(self) -> Json:
        """Write the object as `clients/:id` answers it: without the consents."""
        return {name: value for name, value in self.described().items() if name not in CONSENTS}
