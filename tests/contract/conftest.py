"""What the contract's tests share: the suites assert like tests, so pytest explains them like tests."""

from __future__ import annotations

import importlib.util

import pytest

SUITES = (
    "chat_suite",
    "helpdesk_suite",
    "suite_changes",
    "suite_connector",
    "suite_deliveries",
    "suite_hearing",
    "suite_http",
)
for suite in SUITES:
    assert importlib.util.find_spec(f"syncd.testing.{suite}")
    pytest.register_assert_rewrite(f"syncd.testing.{suite}")
