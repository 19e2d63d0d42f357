"""One list of what happened lately: the ledger of cases and what services add of their own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from portal.cases.values import CaseEvent
from portal.home.cards import Answer
from portal.kit.values import Text
from portal.registry.discovery import Mounted

CASE = "cases.case"


@dataclass(frozen=True, slots=True)
class Recent:
    """One line of the list. `url` is empty where the service that it came from is gone."""

    at: datetime
    title: Text
    service: str
    url: str
    reference: str = ""


def merge(events: Iterable[CaseEvent], answers: Iterable[Answer], services: Sequence[Mounted]) -> list[Recent]:
    """Both sources as one list, newest first."""
    by_slug = {each.slug: each for each in services}
    lines = [from_event(event, by_slug.get(event.service)) for event in events]
    for answer in answers:
        lines += [Recent(item.at, item.title, answer.title, item.url) for item in answer.activity]
    return sorted(lines, key=lambda line: (line.at, line.reference), reverse=True)


def from_event(event: CaseEvent, mounted: Mounted | None) -> Recent:
    """One entry of the ledger. A case outlives its service: then there is a line, but no page to lead to."""
    if mounted is None:
        return Recent(event.at, event.title, "", "", event.reference)
    url = url_for(CASE, reference=event.reference)
    return Recent(event.at, event.title, str(mounted.service.title), url, event.reference)
