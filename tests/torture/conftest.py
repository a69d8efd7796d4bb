"""The torture's own Request Tracker, started once."""

from tests.conftest import request_tracker

__all__ = ["request_tracker"]
