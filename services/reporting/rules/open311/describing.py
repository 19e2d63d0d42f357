"""What the API says of services and reports, in the words of GeoReport v2. No name of anybody is in any of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

from portal.kit import gettext as _
from services.reporting.rules.open311.writing import Answer, Value, moment
from services.reporting.settings.categories import Category, Group, Question

SPECIFICATION: Final = "http://wiki.open311.org/GeoReport_v2"
CHANGESET: Final = "2026-11-22T00:00:00Z"
"""When what is served last changed its shape."""
MIMETYPES: Final = ("text/xml", "application/json")


class Described(Protocol):
    """A report as everybody may see it."""

    @property
    def reference(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def status_note(self) -> str: ...
    @property
    def words(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def lat(self) -> float | None: ...
    @property
    def lon(self) -> float | None: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def updated_at(self) -> datetime: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def closed_at(self) -> datetime | None: ...


def discovery(endpoint: str, *, contact: str, keys_from: str, is_test: bool) -> Answer:
    """Where the API is and how to get a key."""
    content: Value = {
        "changeset": CHANGESET,
        "contact": contact,
        "key_service": keys_from,
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": endpoint,
                "changeset": CHANGESET,
                "type": "test" if is_test else "production",
                "formats": MIMETYPES,
            }
        ],
    }
    return Answer("discovery", content)


def services(offered: Sequence[tuple[Group, Sequence[Category]]]) -> Answer:
    """The list of what can be reported at the moment."""
    return Answer("services", [_service(each, group) for group, categories in offered for each in categories])


def definition(category: Category) -> Answer:
    """The questions of one service."""
    attributes = [_attribute(question) for question in category.ordered]
    return Answer("service_definition", {"service_code": category.code, "attributes": attributes})


def note_of(said: str, stays: str | None) -> str | None:
    """What is said of how a report stands: of one that repeats another, which one we work on."""
    same = _("This problem was reported before. We work on report %(reference)s.", reference=stays) if stays else ""
    return " ".join(filter(None, (said, same))) or None


def request_of(
    report: Described, *, title: str, agency: str, photo: str | None, stays: str | None = None
) -> dict[str, Value]:
    """One report. `photo` is the address of its first photo that may be seen, `stays` the report that it repeats.

    Of a closed one the specification has the end as the time of the last change.
    """
    return {
        "service_request_id": report.reference,
        "status": "closed" if report.closed_at else "open",
        "status_notes": note_of(report.status_note, stays),
        "service_name": title,
        "service_code": report.category,
        "description": report.words[:4000] or None,
        "agency_responsible": agency,
        "service_notice": None,
        "requested_datetime": moment(report.created_at),
        "updated_datetime": moment(report.closed_at or report.updated_at),
        "expected_datetime": moment(report.due_at) if report.due_at else None,
        "address": report.place or None,
        "address_id": None,
        "zipcode": None,
        "lat": report.lat,
        "long": report.lon,
        "media_url": photo,
    }


def taken(reference: str, notice: str) -> Answer:
    """That a report was taken in, under which id."""
    content: Value = [{"service_request_id": reference, "service_notice": notice or None, "account_id": None}]
    return Answer("service_requests", content)


def behind_token(token: str, reference: str) -> Answer:
    """Which report a token stands for."""
    return Answer("service_requests", [{"service_request_id": reference, "token": token}])


def _service(category: Category, group: Group) -> dict[str, Value]:
    return {
        "service_code": category.code,
        "service_name": str(category.title),
        "description": str(category.hint),
        "metadata": bool(category.questions),
        "type": "realtime",
        "keywords": ",".join(category.keywords.en),
        "group": str(group.title),
    }


def _attribute(question: Question) -> dict[str, Value]:
    return {
        "variable": question.variable,
        "code": question.code,
        "datatype": question.datatype,
        "required": question.required,
        "datatype_description": str(question.datatype_description) if question.datatype_description else None,
        "order": question.order,
        "description": str(question.description),
        "values": [{"key": value.key, "name": str(value.name)} for value in question.values],
    }
