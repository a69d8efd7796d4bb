"""Links and images as words."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

from syncd.core.unseen import Attributes, Style, is_pixel

_WEB = re.compile(r"https?://\S", re.IGNORECASE)
_SCHEME = re.compile(r"^(?:https?://)?(?:www\.)?", re.IGNORECASE)


def link_target(href: str) -> str:
    """Give what a reader can use of a link: a web address, an e-mail address, a telephone number; else nothing."""
    href = re.sub(r"[\t\r\n]", "", href).strip()
    scheme, _, rest = href.partition(":")
    if scheme.lower() == "mailto":
        return " ".join(unquote(rest.partition("?")[0]).split())
    if scheme.lower() == "tel":
        return " ".join(unquote(rest).split())
    return _web(href)


def says_target(said: str, target: str) -> bool:
    """Say whether a link's words are its target already."""
    if "@" in target or _WEB.match(target):
        return _bare(said) == _bare(target)
    return re.sub(r"\D", "", said) == re.sub(r"\D", "", target)


def is_on(link: str, host: str) -> bool:
    """Say whether a link names the host that its page is on."""
    return re.split("[/?#]", link.casefold().partition("://")[2], maxsplit=1)[0] == host.casefold()


def image_text(attributes: Attributes, style: Style, named: Callable[[str], str], *, linked: bool) -> str | None:
    """Give an image as words: its name, and where it is unless it is in a link; None for what nobody sees.

    `named` writes what stands for one that is nowhere to be had.
    """
    if is_pixel(attributes, style):
        return None
    name = " ".join((attributes.get("alt") or attributes.get("title") or "").split())
    source = attributes.get("src") or ""
    if attributes.get("data-emoji") or _is_emoji(name, attributes):
        return attributes.get("data-emoji") or name
    if linked:
        return name
    if url := _web(source):
        return f" {name} ({url}) " if name and not says_target(name, url) else f" {url} "
    if source:
        return f" {named(name)} "
    return name


def _is_emoji(name: str, attributes: Attributes) -> bool:
    by_class = bool(name) and re.search(r"\bemoji", attributes.get("class") or "") is not None
    return by_class or (bool(name) and not any(map(str.isalnum, name)))


def _web(address: str) -> str:
    address = f"https:{address}" if address.startswith("//") else address.strip()
    return address.replace(" ", "%20") if _WEB.match(address) else ""


def _bare(address: str) -> str:
    return _SCHEME.sub("", unquote(address.strip())).rstrip("/").casefold()
