"""Where log lines go and how they look. Traces come without values: those hold secrets and visitors' words."""

from __future__ import annotations

import json
import logging
import sys
from typing import TYPE_CHECKING, Literal

from loguru import logger

if TYPE_CHECKING:
    import loguru

LogFormat = Literal["text", "json", "journal"]

_TEXT = "{time:YYYY-MM-DD HH:mm:ss.SSS!UTC}Z {level: <7} {message}"
_PRIORITIES = {"CRITICAL": 2, "ERROR": 3, "WARNING": 4, "SUCCESS": 5, "INFO": 6, "DEBUG": 7, "TRACE": 7}


class _FromLogging(logging.Handler):
    """Brings what libraries log by the standard library to the same place."""

    def emit(self, record: logging.LogRecord) -> None:
        logger.opt(exception=record.exc_info).log(record.levelname, "{}: {}", record.name, record.getMessage())


def set_up(level: str, form: LogFormat) -> None:
    """Send log lines of at least `level` to stderr: for people, as JSON, or with the journal's priorities."""
    logger.remove()
    logger.configure(patcher=_add_outputs)
    formats = {"text": _TEXT, "json": "{extra[json]}", "journal": "<{extra[priority]}>{message}"}
    logger.add(sys.stderr, level=level, format=formats[form], diagnose=False, backtrace=False, colorize=False)
    # It warns at every poll that is still under way when the next is due, which is as it should be.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    logging.basicConfig(handlers=[_FromLogging()], level=logging.WARNING, force=True)


def _add_outputs(record: loguru.Record) -> None:
    # A line break would let an end's words pass for a line of ours.
    record["message"] = "".join(c if c.isprintable() else repr(c)[1:-1] for c in record["message"])
    record["extra"]["priority"] = _PRIORITIES.get(record["level"].name, 6)
    line = {"time": record["time"].isoformat(), "level": record["level"].name, "message": record["message"]}
    record["extra"]["json"] = json.dumps(line, ensure_ascii=False)
