"""What is the matter with a letter that did not go, as people are told it: a kind in words, never codes."""

import pytest

from workflow.domain.bounces import said_trouble, server_words, trouble_of
from workflow.domain.reported import MailTrouble


@pytest.mark.parametrize(
    ("reason", "trouble", "words"),
    [
        ("refused: recipient not accepted: 550 5.1.1 No such user", MailTrouble.NO_MAILBOX,
         "recipient not accepted: 550 5.1.1 No such user"),
        ("refused: recipient not accepted: 550 User unknown", MailTrouble.NO_MAILBOX,
         "recipient not accepted: 550 User unknown"),
        ("bounced: 550 5.1.1", MailTrouble.NO_MAILBOX, "550 5.1.1"),
        ("refused: message not accepted: 554 5.6.0 Content rejected", MailTrouble.REFUSED,
         "message not accepted: 554 5.6.0 Content rejected"),
        ("refused: message not accepted: 550 no", MailTrouble.REFUSED, "message not accepted: 550 no"),
        ("delayed: recipient not accepted: 452 4.2.2 Over quota", MailTrouble.FULL,
         "recipient not accepted: 452 4.2.2 Over quota"),
        ("delayed: recipient not accepted: 552 Mailbox full", MailTrouble.FULL,
         "recipient not accepted: 552 Mailbox full"),
        ("delayed: recipient not accepted: 451 4.3.0 Try later", MailTrouble.DELAYED,
         "recipient not accepted: 451 4.3.0 Try later"),
        ("barred: recipient not accepted: 550 5.7.1 Relaying denied", MailTrouble.POLICY,
         "recipient not accepted: 550 5.7.1 Relaying denied"),
        ("server_away: ConnectionRefusedError: [Errno 111] Connection refused", MailTrouble.SERVER_AWAY,
         "ConnectionRefusedError: [Errno 111] Connection refused"),
        ("maybe_sent: the link broke: timed out", MailTrouble.MAYBE_SENT, "the link broke: timed out"),
        ("maybe_sent, then refused: recipient not accepted: 550 5.1.1 x", MailTrouble.NO_MAILBOX,
         "recipient not accepted: 550 5.1.1 x"),
        ("unusable_address: no domain", MailTrouble.UNUSABLE_ADDRESS, "no domain"),
        ("unreadable: KeyError: 'kind'", MailTrouble.UNWRITABLE, "KeyError: 'kind'"),
        ("no_result: 8 attempts ended without one", MailTrouble.NO_RESULT, "8 attempts ended without one"),
        ("of a later release: x", MailTrouble.OTHER, "of a later release: x"),
        ("", MailTrouble.OTHER, ""),
    ],
)  # fmt: skip
def test_each_reason_is_of_a_kind_and_keeps_what_was_said(reason, trouble, words):
    assert (trouble_of(reason), server_words(reason)) == (trouble, words)


@pytest.mark.parametrize(
    ("words", "status", "trouble"),
    [
        ("", "5.1.1", MailTrouble.NO_MAILBOX),
        ("", "5.2.2", MailTrouble.FULL),
        ("", "4.4.7", MailTrouble.DELAYED),
        ("", "5.7.1", MailTrouble.POLICY),
        ("550 user unknown", None, MailTrouble.NO_MAILBOX),
        ("no words that anybody knows", None, MailTrouble.REFUSED),
    ],
)
def test_a_report_is_told_by_its_status_else_by_its_words(words, status, trouble):
    assert said_trouble(words, status) is trouble
