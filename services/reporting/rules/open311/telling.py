"""What we tell other systems of a report: what the work needs. Never who reported it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from services.reporting.rules.open311.statuses import MEANT, REOPENED, said
from services.reporting.rules.open311.writing import moment

PHOTOS: Final = "/services/reporting/photos/"
"""Where offices see photos: see `views/public.py`."""


class Report(Protocol):
    """A report of ours."""

    @property
    def reference(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def lat(self) -> float | None: ...
    @property
    def lon(self) -> float | None: ...
    @property
    def usrn(self) -> str | None: ...
    @property
    def asset(self) -> str | None: ...
    @property
    def description(self) -> str: ...
    @property
    def answers(self) -> Mapping[str, Any]: ...
    @property
    def status(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def closed_at(self) -> datetime | None: ...
    @property
    def external_id(self) -> str | None: ...


class Update(Protocol):
    """Something that was said on a report."""

    @property
    def id(self) -> object: ...
    @property
    def words(self) -> str: ...
    @property
    def reopens(self) -> bool: ...
    @property
    def created_at(self) -> datetime: ...


def report_fields(report: Report, service_code: str, photos: Sequence[str] = ()) -> Mapping[str, str | Sequence[str]]:
    """The fields of `POST requests`. The number of a lamp and the like stands before the words, for want of a field,
    and the addresses of all photos but the first after them."""
    words = f"[{report.asset}] {report.description}" if report.asset else report.description
    fields: dict[str, str | Sequence[str]] = {"service_code": service_code, **_seen(words, photos)}
    if report.lat is not None and report.lon is not None:
        fields |= {"lat": f"{report.lat:.6f}", "long": f"{report.lon:.6f}"}
    if report.place:
        fields["address_string"] = report.place
    for code, answer in report.answers.items():
        is_list = isinstance(answer, list)
        fields[f"attribute[{code}]{'[]' if is_list else ''}"] = answer if is_list else str(answer)
    return fields


def update_fields(report: Report, update: Update, photos: Sequence[str] = ()) -> Mapping[str, str]:
    """The fields of `POST servicerequestupdates`, mySociety's extension."""
    return {
        "service_request_id": report.external_id or report.reference,
        "update_id": str(update.id),
        "updated_datetime": moment(update.created_at),
        "status": REOPENED if update.reopens else said(report.status, is_open=report.closed_at is None),
        **_seen(words_of(update), photos),
    }


def words_of(update: Update) -> str:
    """What an office reads: of a report that was opened again that it was, for the reason is its owner's alone."""
    return str(MEANT[REOPENED].words) if update.reopens else update.words


def _seen(words: str, photos: Sequence[str]) -> Mapping[str, str]:
    """Words and photos as the standard has them: it knows one address of a picture."""
    said = {"description": "\n".join((words, *photos[1:]))}
    return said | {"media_url": photos[0]} if photos else said


def message_of(report: Report, title: str, photos: Sequence[str] = ()) -> Mapping[str, Any]:  # plain JSON values
    """What a webhook is told of a new report."""
    return {
        "event": "report",
        "service_request_id": report.reference,
        "service_code": report.category,
        "service_name": title,
        "requested_datetime": moment(report.created_at),
        "description": report.description,
        "address": report.place,
        "lat": report.lat,
        "long": report.lon,
        "usrn": report.usrn,
        "asset": report.asset,
        "attributes": dict(report.answers),
        "media_urls": list(photos),
    }
