"""What becomes of an account that a resident lets go: nothing more is sent about it, and nothing is kept of it."""

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.kit import get_case, leave_record, session, timeline
from services.council_tax.backoffice.changes import SetEBilling
from services.council_tax.operations.asking import ask_change
from services.council_tax.tests.connected import connected_to
from services.council_tax.tests.told import REFERENCE
from services.council_tax.workflow import REASONS
from tests.support.office import FaultyOffice, office_running
from tests.support.residents import Resident
from tests.support.worker import work


@pytest.fixture
def faulty(context: Flask) -> Iterator[FaultyOffice]:
    """The council's system, to which the settings lead."""
    with office_running() as running, connected_to(context, running.url, job_waits_seconds=5.0, changes_a_day=5):
        yield running


def test_what_waits_is_not_sent_and_its_case_says_so(ada: Resident, faulty: FaultyOffice) -> None:
    change, key = SetEBilling(on=True), "draft-1"
    case = ask_change(ada.account, reference=REFERENCE, case_type="e_billing", change=change, key=key)
    session().commit()
    leave_record(ada.account, service="council_tax", kind="account", key=REFERENCE)
    session().commit()
    work()
    assert faulty.asked == []
    assert get_case(ada.account.id, case.id).status == "refused"
    assert timeline(case.id)[0].reason == str(REASONS["withdrawn"])
