"""What a mail program quotes of the mail that it answers."""

from __future__ import annotations

import re

from syncd.core import quote
from syncd.core.sheet import Line, is_said, without_end

_WROTE = (quote.any_of(quote.ON_DATE_SENDER_WROTE), quote.any_of(quote.SENDER_WROTE))
_ORIGINAL = re.compile(
    rf"[-_—– ]{{2,}} ?(?:{quote.any_of(quote.ORIGINAL_MESSAGE).pattern}) ?[-_—– ]{{2,}}", re.IGNORECASE
)
_FORWARDED = quote.any_of(quote.FORWARDED)
_LABELS = [
    [re.compile(rf"\*?(?:{label}) ?\*?[:：].*", re.IGNORECASE) for label in labels]
    for labels in quote.HEADER_LABELS.values()
]
_FROM = re.compile("|".join(who.pattern for who, _, _ in _LABELS), re.IGNORECASE)
_TIME_OR_ADDRESS = re.compile(r"@|\d[:.hH]\d\d")
_DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONGEST_HEADER = 8
_LONGEST_ATTRIBUTION = 3
_MOST_CHARACTERS = 300


def without_history(lines: list[Line]) -> list[Line]:
    """Leave out all from where a mail program says that the mail before begins.

    A mail that is passed on stays, and so does one that nothing stands above: it is all there is.
    """
    said = False
    for at, line in enumerate(lines):
        begins = line.kind == "history" or (line.kind == "own" and _begins_history(lines, at))
        if begins and said and not _is_passed_on(lines[max(0, at - 6) : at]):
            return [kept for kept in without_end(lines[:at]) if kept.kind != "history"]
        said = said or is_said(line)
    return [line for line in lines if line.kind != "history"]


def _begins_history(lines: list[Line], at: int) -> bool:
    words = lines[at].words.strip()
    if not words:
        return False
    if _FROM.fullmatch(words):
        return any(_is_header(lines[at : at + _LONGEST_HEADER], labels) for labels in _LABELS)
    return words[0] in "-_—–" and _ORIGINAL.fullmatch(words) is not None


def _is_header(lines: list[Line], labels: list[re.Pattern[str]]) -> bool:
    who, when, what = labels
    words = [line.words.strip() for line in lines]
    rest = (words[1 : words.index("")] if "" in words else words[1:]) or list(filter(None, words))[1:4]
    return bool(who.fullmatch(words[0])) and any(map(when.fullmatch, rest)) and any(map(what.fullmatch, rest))


def _is_passed_on(before: list[Line]) -> bool:
    """Say whether the words above announce what is below."""
    written = without_end([line for line in before if line.kind != "history"])
    is_announced = bool(written) and written[-1].kind == "own" and written[-1].words.rstrip().endswith((":", "："))
    return is_announced or any(_FORWARDED.search(line.words) for line in before)


def without_quotes(lines: list[Line]) -> list[Line]:
    """Leave out a quotation that nothing of the agent's follows, or that stands by itself above the answer.

    It must be certain that a mail program made it: it is marked so, or says who wrote it. Others were put there by the
    agent, who means them to be read, and so do those between which he answers; only who wrote them goes.
    """
    said = [at for at, line in enumerate(lines) if is_said(line)]
    runs = _runs(lines)
    dropped: set[int] = set()
    for begin, end in runs:
        first = _attribution_before(lines, begin)
        if not (first < begin or lines[begin].kind == "cited" or _says_who(lines[begin:end])):
            continue
        dropped.update(range(first, begin))
        is_last = not said or said[-1] < end
        is_first = not said or said[0] >= first
        if is_last or (is_first and len(runs) == 1):
            dropped.update(range(begin, end))
    return [line for at, line in enumerate(lines) if at not in dropped]


def _runs(lines: list[Line]) -> list[tuple[int, int]]:
    """Give where quotations begin and end; blank lines between quoted ones belong to them."""
    runs: list[tuple[int, int]] = []
    is_open = False
    for at, line in enumerate(lines):
        if line.kind in {"quoted", "cited"}:
            runs[-1:] = [(runs[-1][0], at + 1)] if is_open else [*runs[-1:], (at, at + 1)]
            is_open = True
        elif line.words.strip():
            is_open = False
    return runs


def _attribution_before(lines: list[Line], begin: int) -> int:
    """Give where the words that say who is quoted begin; `begin` where there are none."""
    last = begin
    while last and not lines[last - 1].words.strip():
        last -= 1
    first = last
    while first and lines[first - 1].kind == "attribution":
        first -= 1
    if first < last:
        return first
    above = range(last - 1, max(-1, last - 1 - _LONGEST_ATTRIBUTION), -1)
    return next((at for wrote in _WROTE for at in above if _attribution_end(lines, at, wrote) == last), begin)


def _says_who(quoted: list[Line]) -> bool:
    """Say whether a quotation begins with its attribution, as those of iPhones do."""
    return begins_attribution([Line(line.words.lstrip("> ")) for line in quoted[:_LONGEST_ATTRIBUTION]], 0)


def begins_attribution(lines: list[Line], at: int) -> bool:
    """Say whether words like `On …, … wrote:` begin in a line."""
    return any(_attribution_end(lines, at, wrote) for wrote in _WROTE)


def _attribution_end(lines: list[Line], at: int, wrote: re.Pattern[str]) -> int:
    """Give where an attribution that begins here ends, 0 where none does. Mail programs wrap it."""
    joined = ""
    for end in range(at, min(at + _LONGEST_ATTRIBUTION, len(lines))):
        words = _DIRECTIONS.sub("", lines[end].words).strip()
        if lines[end].kind != "own" or not words or len(joined) + len(words) > _MOST_CHARACTERS:
            return 0
        joined = f"{joined} {words}".strip()
        if joined[-1] in ":：" and _TIME_OR_ADDRESS.search(joined) and wrote.fullmatch(joined):
            return end + 1
    return 0
