"""Each table that names an account is in the download of one's data, and is emptied when a person is erased."""

import re
from collections.abc import Iterable

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.accounts.values import Account
from portal.db.migrate import CORE
from portal.db.session import session
from portal.home import data
from portal.home.forgetting import forget_person
from tests.support.residents import Resident, resident, statements

NOT_IN_THE_DOWNLOAD = {
    "sign_in_attempt": "lives for an hour, and holds the secrets of a sign-in that is under way",
    "claim_code": "a hash that opens an account which is not yet anybody's; nothing else is said of them",
    "audit_entry": "who did what with the account, staff too: shown on the profile's pages and given on request",
}
NOT_FORGOTTEN = {"audit_entry": "ids and codes only, kept to account for what was done"}
NAMES = {name: table for name, table in CORE.metadata.tables.items() if "account_id" in table.columns}


@pytest.fixture
def ann(app: Flask) -> Resident:
    """Somebody with an account."""
    return resident(app, "Ann")


def untouched(sent: Iterable[str], verbs: str, but: Iterable[str]) -> set[str]:
    """The tables with accounts that no such statement names."""
    said = "\n".join(each for each in sent if re.match(verbs, each.strip(), re.IGNORECASE))
    named = {table.name for name, table in NAMES.items() if re.search(rf"{re.escape(name)}\b", said.replace('"', ""))}
    return {table.name for table in NAMES.values()} - named - set(but)


def everything_about(app: Flask, account: Account) -> list[str]:
    with app.test_request_context("/"), statements(app) as sent:
        data._everything_about(account)
    return sent


def erase(app: Flask, account: Account) -> list[str]:
    with app.test_request_context("/"), statements(app) as sent:
        forget_person(account.id)
        left = {
            table.name: session().scalar(select(func.count()).where(table.c.account_id == account.id))
            for table in NAMES.values()
        }
        session().commit()
    assert {name for name, many in left.items() if many} - set(NOT_FORGOTTEN) == set()
    return sent


def test_the_download_asks_every_table(app: Flask, ann: Resident) -> None:
    assert untouched(everything_about(app, ann.account), "select", NOT_IN_THE_DOWNLOAD) == set()


def test_erasing_reaches_every_table(app: Flask, ann: Resident) -> None:
    assert untouched(erase(app, ann.account), "delete|update", NOT_FORGOTTEN) == set()


def test_both_see_a_table_that_is_left_out(app: Flask, ann: Resident) -> None:
    sent = [each for each in everything_about(app, ann.account) if "known_device" not in each]
    assert untouched(sent, "select", NOT_IN_THE_DOWNLOAD) == {"known_device"}
    sent = [each for each in erase(app, ann.account) if "portal.session" not in each]
    assert untouched(sent, "delete|update", NOT_FORGOTTEN) == {"session"}


def test_the_reasons_are_for_tables_that_there_are(app: Flask) -> None:
    assert set(NOT_IN_THE_DOWNLOAD) | set(NOT_FORGOTTEN) <= {table.name for table in NAMES.values()}
