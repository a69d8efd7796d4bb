"""What holds for every connector, whatever its end: its settings, its secrets, its class line, its check."""

from __future__ import annotations

import inspect
from abc import ABC
from typing import ClassVar

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from syncd.contract.ports import (
    AddsNotes,
    Connector,
    EditsMessages,
    FindsDeliveries,
    Polls,
    PushesNotices,
    RaisesPriority,
    ReceivesWebhooks,
    SetsFields,
    SetsStatus,
    TagsTickets,
    TellsContact,
    UpdatesRequester,
    UpdatesVisitors,
    UploadsFiles,
)
from syncd.testing.suite_changes import EditsMessagesSuite, PushesNoticesSuite
from syncd.testing.suite_contact import TellsContactSuite, UpdatesVisitorsSuite
from syncd.testing.suite_deliveries import AddsNotesSuite, FindsDeliveriesSuite
from syncd.testing.suite_ends import End, over, secrets_of
from syncd.testing.suite_files import UploadsFilesSuite
from syncd.testing.suite_hearing import PollsSuite, ReceivesWebhooksSuite
from syncd.testing.suite_http import SpeaksHttpSuite
from syncd.testing.suite_requesters import UpdatesRequesterSuite
from syncd.testing.suite_tickets import RaisesPrioritySuite, SetsFieldsSuite, SetsStatusSuite, TagsTicketsSuite

ABILITY_SUITES: dict[type[ABC], type] = {
    Polls: PollsSuite,
    ReceivesWebhooks: ReceivesWebhooksSuite,
    FindsDeliveries: FindsDeliveriesSuite,
    AddsNotes: AddsNotesSuite,
    UploadsFiles: UploadsFilesSuite,
    SetsStatus: SetsStatusSuite,
    RaisesPriority: RaisesPrioritySuite,
    TagsTickets: TagsTicketsSuite,
    UpdatesRequester: UpdatesRequesterSuite,
    SetsFields: SetsFieldsSuite,
    TellsContact: TellsContactSuite,
    EditsMessages: EditsMessagesSuite,
    PushesNotices: PushesNoticesSuite,
    UpdatesVisitors: UpdatesVisitorsSuite,
}


class ConnectorSuite:
    """For every connector. A subclass names its `connector_class` and gives the async fixture `end`."""

    connector_class: ClassVar[type[Connector]]

    def test_every_declared_ability_has_its_suite_and_no_other_runs(self) -> None:
        declared = {ability for ability in ABILITY_SUITES if issubclass(self.connector_class, ability)}
        run = {ability for ability, suite in ABILITY_SUITES.items() if isinstance(self, suite)}
        assert run == declared

    def test_class_is_whole_and_documented(self) -> None:
        assert not inspect.isabstract(self.connector_class)
        assert inspect.getdoc(self.connector_class)
        module = inspect.getmodule(self.connector_class)
        assert module is not None
        assert inspect.getdoc(module)

    def test_settings_have_a_prefix_descriptions_and_refuse_the_unknown(self) -> None:
        settings = self.connector_class.Settings
        prefix = settings.model_config.get("env_prefix", "")
        assert prefix == prefix.upper()
        assert prefix.endswith("_")
        assert settings.model_config.get("extra") == "forbid"
        assert [name for name, field in settings.model_fields.items() if not field.description] == []

    def test_what_is_called_a_secret_is_one(self) -> None:
        fields = self.connector_class.Settings.model_fields
        called_so = [n for n in fields if any(w in n for w in ("secret", "token", "password"))]
        assert [name for name in called_so if SecretStr.__name__ not in str(fields[name].annotation)] == []

    def test_a_wrong_setting_is_refused_without_being_shown(self) -> None:
        for name in self.connector_class.Settings.model_fields:
            with pytest.raises(ValidationError) as raised:
                self.connector_class.Settings.model_validate({name: ["hush-hush"], "no_such_setting": "hush-hush"})
            assert "hush-hush" not in str(raised.value)

    def test_quota_is_a_number_of_calls_in_a_time(self) -> None:
        quota = self.connector_class.quota
        assert quota is None or (quota.calls > 0 and quota.seconds > 0)

    async def test_a_good_account_is_checked(self, end: End) -> None:
        assert (await end.connector.check()).strip()
        assert end.connector.account.strip()

    async def test_secrets_are_not_shown(self, end: End) -> None:
        answer = await end.connector.check()
        shown = f"{end.settings!r} {end.settings} {end.connector!r} {end.connector.account} {answer}"
        assert [secret for secret in secrets_of(end.settings) if secret in shown] == []

    async def test_making_one_makes_no_call_and_who_calls_has_the_http_suite(self, end: End) -> None:
        requests: list[str] = []

        def note(request: httpx.Request) -> httpx.Response:
            requests.append(request.method)
            return httpx.Response(500)

        connector = over(end, httpx.MockTransport(note))
        assert connector.account == end.connector.account
        assert requests == []
        if isinstance(self, SpeaksHttpSuite):
            return
        await connector.check()
        assert requests == []
