"""What a browser does not show of a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

Attributes = Mapping[str, str | None]
Style = Mapping[str, str]
Concealed = Mapping[tuple[str, str], str]
_ALWAYS = "always"

_SILENT = frozenset(
    "script style head title template noscript iframe noembed noframes audio video canvas datalist area"
    " desc metadata defs rp xml annotation annotation-xml".split()
)
"""`xml` is Word's: a browser shows it, nobody ever meant it."""
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_IMPORTANT = re.compile(r"!\s*important")
_BRACE = re.compile(r"([{}])")
_SIMPLE = re.compile(r"(\w*)([.#][\w-]+)")
_ZERO = re.compile(r"0*(?:\.0*)?(?:px|pt|em|rem|in|cm|%)?")
_FAR_AWAY = re.compile(r"-\d{3,}(?:px|pt|em|rem|%)")
_SIZES = ("width", "height", "max-width", "max-height")
_INHERITED = {
    "visibility": re.compile("hidden|collapse"),
    "font-size": _ZERO,
    "color": re.compile("transparent"),
}


def _is_important(declaration: str) -> bool:
    return _IMPORTANT.search(declaration) is not None


def style_of(attributes: Attributes) -> Style:
    """Give the declarations of a `style` attribute, in lower case."""
    written = attributes.get("style")
    if not written:
        return {}
    declarations = sorted(_COMMENT.sub("", written).lower().split(";"), key=_is_important)
    pairs = (_IMPORTANT.sub("", declaration).partition(":") for declaration in declarations)
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}


def is_unseen(tag: str, attributes: Attributes, style: Style, concealed: Concealed) -> bool:
    """Say whether a browser shows nothing of an element and of all that is in it.

    `concealed` is what the page's style sheets say, see `concealed_by`.
    """
    if tag in _SILENT or (tag == "dialog" and "open" not in attributes):
        return True
    rules = _rules_for(tag, attributes, concealed)
    shown = style.get("display") or ("none" if "hidden" in attributes or any(rules) else "")
    return shown == "none" or _ALWAYS in rules or _takes_no_room(style)


def faded(style: Style, before: frozenset[str]) -> frozenset[str]:
    """Give the properties for which text is not seen here; a property that is not set is as it was around it."""
    after = before
    for name, invisible in _INHERITED.items():
        if name in style:
            after = after | {name} if invisible.fullmatch(style[name]) else after - {name}
    return after


def is_pixel(attributes: Attributes, style: Style) -> bool:
    """Say whether an image is too small to be seen: mail trackers count readers with it."""
    sizes = [attributes.get(side) or style.get(side, "") for side in ("width", "height")]
    return any(re.fullmatch(r"0*[01]?(?:\.\d*)?\s*(?:px|pt)?", size.strip()) for size in sizes if size.strip())


def concealed_by(sheets: Iterable[str]) -> dict[tuple[str, str], str]:
    """Read style sheets: which (tag or nothing, `.class` or `#id`) show nothing; the last rule for one wins.

    Only rules for any screen with a plain selector are read; no mail program writes others to hide words.
    """
    found: dict[tuple[str, str], str] = {}
    for sheet in sheets:
        for selectors, declarations in _rules(_COMMENT.sub("", sheet).replace("<!--", "")):
            display = style_of({"style": declarations}).get("display")
            for selector in selectors.split(",") if display else ():
                if simple := _SIMPLE.fullmatch(selector.strip()):
                    hides = _ALWAYS if _is_important(declarations.lower()) else "unless a style shows it"
                    found[simple[1].lower(), simple[2]] = hides if display == "none" else ""
    return found


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Give (selectors, declarations) of the rules that always apply: none inside `@media`, `@supports` and the like."""
    depth, head = 0, ""
    pieces = iter(_BRACE.split(sheet))
    for text, brace in zip(pieces, pieces, strict=False):
        if brace == "{":
            depth += 1
            head = text.rpartition(";")[2] if depth == 1 else head
        else:
            if depth == 1 and "@" not in head:
                yield head, text
            depth = max(0, depth - 1)


def _rules_for(tag: str, attributes: Attributes, concealed: Concealed) -> list[str]:
    if not concealed:
        return []
    names = [f".{name}" for name in (attributes.get("class") or "").split()]
    names += [f"#{attributes['id']}"] if attributes.get("id") else []
    return [concealed.get((bound, name), "") for name in names for bound in (tag, "")]


def _takes_no_room(style: Style) -> bool:
    if not style:
        return False
    if "opacity" in style and _ZERO.fullmatch(style["opacity"]):
        return True
    clipped = style.get("overflow", "").startswith(("hidden", "clip"))
    if clipped and any(_ZERO.fullmatch(style[size]) for size in _SIZES if style.get(size)):
        return True
    away = [style.get("text-indent", "")]
    away += [style.get("left", ""), style.get("top", "")] if style.get("position") in {"absolute", "fixed"} else []
    return any(map(_FAR_AWAY.fullmatch, away)) or style.get("content-visibility") == "hidden"
