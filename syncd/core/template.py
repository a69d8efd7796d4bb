"""Jinja2 templates in a sandbox: compiled once, and checked with sample values before anybody reads them."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from functools import cache

from jinja2 import ChainableUndefined, StrictUndefined, Template, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedEnvironment

from syncd.core.sentences import Sentence

_environment = ImmutableSandboxedEnvironment(undefined=ChainableUndefined)
_SOURCE = "<template>"
_strict = ImmutableSandboxedEnvironment(undefined=StrictUndefined)


@cache
def compiled(template: str) -> Template:
    """Compile a template of ours or of ops' once. Raises ValueError that says what is wrong and in which line."""
    return _compiled(_environment, template)


def _compiled(environment: SandboxedEnvironment, template: str) -> Template:
    try:
        return environment.from_string(template)
    except TemplateSyntaxError as error:
        raise ValueError(f"line {error.lineno} of the template: {error.message}") from None


def check(template: str, sentence: Sentence) -> None:
    """Check a template that is to stand for a sentence. Raises ValueError: the line, and what to write instead.

    It must compile, know no value but the sentence's, fail on no sample, and lose no words.
    """
    strict = _compiled(_strict, template)
    _find_unknown(template, sentence.samples[0])
    _sample(strict, sentence, sentence.samples[0])
    for sample in sentence.samples[1:]:
        _sample(compiled(template), sentence, sample)


def _find_unknown(template: str, known: Mapping[str, object]) -> None:
    tree = _environment.parse(template)
    unknown = meta.find_undeclared_variables(tree) - set(known)
    for name in tree.find_all(nodes.Name):
        if name.name in unknown:
            there = f"write one of: {', '.join(known)}" if known else "there are no values here"
            raise ValueError(f"line {name.lineno} of the template: no value is called {name.name}: {there}")


def _sample(template: Template, sentence: Sentence, sample: Mapping[str, object]) -> None:
    try:
        words = template.render(sample)
    except Exception as failure:  # noqa: BLE001  (a template may raise anything, and it becomes what ops read)
        lines = [frame.lineno for frame in traceback.extract_tb(failure.__traceback__) if frame.filename == _SOURCE]
        raise ValueError(f"line {lines[-1] if lines else 1} of the template fails: {failure}") from None
    judge(words, sentence, sample)


def judge(words: str, sentence: Sentence, values: Mapping[str, object]) -> None:
    """Look at what a template made of values. Raises ValueError for words that are lost, and for none."""
    if not (words.strip() or sentence.may_be_blank):
        raise ValueError("the template shows nothing: write some words")
    if sentence.keeps and _bare(str(values[sentence.keeps])) not in _bare(words):
        raise ValueError(f"the template loses words: write {{{{ {sentence.keeps} }}}} where they are to be shown")


def _bare(words: str) -> str:
    return "".join(words.split())
