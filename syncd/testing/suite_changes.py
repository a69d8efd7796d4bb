"""The suites of what is not left as it was said: messages that are changed, and comments; and of notices."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod

import pytest

from syncd.contract.errors import MissingTargetError
from syncd.contract.model import (
    Comment,
    CommentDeleted,
    CommentEdited,
    CommentId,
    Cursor,
    Event,
    Message,
    MessageId,
    Role,
)
from syncd.contract.ports import EditsMessages, Polls, PushesNotices, ReceivesWebhooks
from syncd.testing.suite_ends import ODD_WORDS, ChatEnd, HelpdeskEnd, new_key, new_text, said_with
from syncd.testing.suite_hearing import hear, read_all, read_until, sent


class ChangesComments(ABC):
    """A helpdesk whose people may change what they said, and whose connector tells of it."""

    @abstractmethod
    async def people_change(self, old: str, new: str) -> None:
        """Let what was said in public on the ticket in use have other words."""


def editing(end: ChatEnd) -> EditsMessages:
    """Give the end's connector as one that edits messages."""
    assert isinstance(end.connector, EditsMessages)
    return end.connector


def pushing(end: ChatEnd) -> PushesNotices:
    """Give the end's connector as one that pushes notices."""
    assert isinstance(end.connector, PushesNotices)
    return end.connector


async def texts(end: ChatEnd) -> list[str]:
    """Give what people see in the chat."""
    return [shown.text for shown in await end.shown()]


async def made(end: ChatEnd, text: str) -> MessageId:
    """Say something and give its id."""
    receipt = await end.deliver(text, new_key())
    assert receipt.id is not None
    return MessageId(receipt.id)


async def heard_with(end: ChatEnd, after: Cursor | None, text: str) -> list[Message | Comment]:
    """Give what is heard with a text, after the visitor has said something more."""
    await end.people_say(last := new_text("last"))
    events: list[Event] = []
    if isinstance(end.connector, Polls) and after is not None:
        events += (await read_until(end, after, last))[0]
    if isinstance(end.connector, ReceivesWebhooks):
        events += hear(end.connector, await sent(end))
    return said_with(events, text)


async def from_now(end: ChatEnd) -> Cursor | None:
    """Give the cursor of this moment where the end is polled."""
    return (await read_all(end, None))[1] if isinstance(end.connector, Polls) else None


class EditsMessagesSuite:
    """For chats whose messages can be changed and removed."""

    async def test_a_changed_message_has_its_new_text_in_its_place(self, end: ChatEnd) -> None:
        message = await made(end, old := new_text())
        await end.deliver(later := new_text(), new_key())
        for new in (new_text(ODD_WORDS), new_text("two\nlines")):
            for _ in range(2):
                await editing(end).edit_message(message, new, notice=False)
            shown = await texts(end)
            assert old not in shown
            assert shown[shown.index(new) :] == [new, later]

    async def test_a_removed_message_is_gone_and_nothing_else(self, end: ChatEnd) -> None:
        message = await made(end, gone := new_text())
        await end.deliver(kept := new_text(), new_key())
        await editing(end).delete_message(message, notice=False)
        shown = await texts(end)
        assert gone not in shown
        assert kept in shown

    async def test_what_is_not_there_is_a_missing_target(self, end: ChatEnd) -> None:
        message = await made(end, new_text())
        await editing(end).delete_message(message, notice=False)
        with pytest.raises(MissingTargetError):
            await editing(end).delete_message(message, notice=False)
        with pytest.raises(MissingTargetError):
            await editing(end).edit_message(message, new_text(), notice=False)

    async def test_a_change_is_heard_under_the_messages_own_id_or_not_at_all(self, end: ChatEnd) -> None:
        start = await from_now(end)
        message = await made(end, new_text())
        await editing(end).edit_message(message, new := new_text(), notice=False)
        for one in await heard_with(end, start, new):
            assert one.id == message


class PushesNoticesSuite:
    """For chats with messages that nobody types."""

    async def test_a_notice_is_in_the_chat_and_its_receipt_has_the_id(self, end: ChatEnd) -> None:
        text = new_text(ODD_WORDS)
        receipts = [await pushing(end).push_notice(end.conversation, text, key=new_key()) for _ in range(2)]
        assert len({receipt.id for receipt in receipts} - {None}) == 2
        assert (await texts(end)).count(text) == 2

    async def test_a_notice_is_heard_as_nobodys_or_not_at_all(self, end: ChatEnd) -> None:
        start = await from_now(end)
        receipt = await pushing(end).push_notice(end.conversation, text := new_text(), key=new_key())
        for one in await heard_with(end, start, text):
            assert one.author.role is Role.AUTOMATIC
            assert one.id == receipt.id

    async def test_a_notice_is_changed_and_removed_as_one(self, end: ChatEnd) -> None:
        if not isinstance(end.connector, EditsMessages):
            return
        receipt = await pushing(end).push_notice(end.conversation, new_text(), key=new_key())
        notice = MessageId(receipt.id or "")
        await end.connector.edit_message(notice, new := new_text(), notice=True)
        assert new in await texts(end)
        await end.connector.delete_message(notice, notice=True)
        assert new not in await texts(end)


class TellsChangesSuite:
    """For helpdesks that tell when a comment is changed; their ends `ChangesComments`."""

    async def test_a_change_is_told_whole_under_the_comments_id_each_time_under_a_version_of_its_own(
        self, end: HelpdeskEnd
    ) -> None:
        assert isinstance(end, ChangesComments)
        _, start = await read_all(end, None)
        await end.people_say(old := new_text("first"))
        comment = said_with((await read_until(end, start, old))[0], old)[0]
        texts = [new_text("second"), new_text("third")]
        for before, after in zip([old, *texts], texts, strict=False):
            await end.people_change(before, after)
            edited = await edits_with(end, start, after)
            assert {one.comment.id for one in edited} == {comment.id}
            assert all(one.comment.public and one.ticket == end.ticket for one in edited)
        versions = {one.version for one in await edits_of(end, start, CommentId(str(comment.id)))}
        assert len(versions) == 2


async def edits_of(end: HelpdeskEnd, after: Cursor, comment: CommentId) -> list[CommentEdited]:
    """Give what was told of changes of a comment."""
    events, _ = await read_all(end, after)
    assert not [one for one in events if isinstance(one, CommentDeleted)]
    return [one for one in events if isinstance(one, CommentEdited) and one.comment.id == comment]


async def edits_with(end: HelpdeskEnd, after: Cursor, text: str) -> list[CommentEdited]:
    """Wait until a change is told that ends in a text, at most for five seconds."""
    for _ in range(50):
        events, _ = await read_all(end, after)
        if edited := [one for one in events if isinstance(one, CommentEdited) and text in one.comment.text]:
            return edited
        await asyncio.sleep(0.1)
    pytest.fail("the poll did not give the change")
