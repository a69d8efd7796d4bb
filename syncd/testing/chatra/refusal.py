"""How the service says no."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
"""A JSON object as the service sends or takes it."""


class RefusedError(Exception):
    """The service does not do this; told to the caller as `{"status": …, "message": …}`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    @property
    def body(self) -> Json:
        """Give the documented error object."""
        return {"status": self.status, "message": self.message}


def not_found(what: str) -> RefusedError:
    """Name a thing that is not there."""
    return RefusedError(404, f"{what} not found")


def invalid(why: str = "Invalid data format") -> RefusedError:
    """Name data that is not as documented."""
    return RefusedError(400, why)
