"""Reports that are there already, for tests of what comes after."""

import re
from typing import Final
from uuid import UUID, uuid4

from flask import Flask

from portal.kit import move_case, session
from services.reporting.models.reports import Report
from services.reporting.operations.sending import file_report
from services.reporting.rules.places import Place, Point
from services.reporting.rules.written import Written
from tests.support.client import Client, client_for
from tests.support.outbox import letters
from tests.support.residents import Resident

STAFF: Final = "staff:00000000-0000-4000-8000-000000000007"
HERE: Final = Point(51.4927, -0.2339)
PROBLEMS: Final = "/services/reporting/problems"
METRE: Final = 1 / 111_195.0  # in degrees of latitude


def filed(
    of: Resident,
    words: str = "A deep hole.",
    *,
    category: str = "pothole",
    north: float = 0,
    private: bool = False,
    place: str = "Larkspur Lane",
) -> UUID:
    """A report so many metres north of HERE, committed; its id."""
    report_id, point = uuid4(), Point(HERE.lat + north * METRE, HERE.lon)
    file_report(of.account, report_id=report_id, written=Written(category, Place(place, point), words, private=private))
    session().commit()
    return report_id


def moved(report_id: UUID, *statuses: str) -> None:
    """Have staff move it, committed."""
    case_id = session().get_one(Report, report_id).case_id
    for status in statuses:
        move_case(case_id, to=status, actor=STAFF, channel="desk", rights={"work", "decide"}, reason="For its owner.")
    session().commit()


def reference_of(report_id: UUID) -> str:
    """What it is called."""
    return session().get_one(Report, report_id).reference


def link_in(template: str, nth: int = -1, which: int = 0) -> str:
    """The path of a link in the letter last written."""
    found = re.findall(r"https?://[^/\s]+(/\S+)", letters(template)[nth].body)
    return str(found[which])


class Stranger:
    """A browser in which nobody is signed in."""

    def __init__(self, app: Flask) -> None:
        self.client: Client = client_for(app)

    def get(self, path: str, status: int = 200) -> str:
        """A page."""
        answer = self.client.get(path)
        assert answer.status_code == status, (answer.status_code, answer.location)
        return answer.get_data(as_text=True)

    def send(self, path: str, status: int = 303, **values: str) -> str:
        """Open a page and send its form; where it leads, or the page again."""
        self.get(path)
        token = self.client.page.all("input", name="csrf_token")[0].get("value")
        answer = self.client.post(path, data={"csrf_token": token, **values})
        assert answer.status_code == status, answer.text
        return str(answer.location) if status == 303 else answer.text
