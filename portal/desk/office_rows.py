"""What the fault panel says of each system that we call: put together from what was noted, without calling any."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from flask import current_app, url_for

from portal.backoffices import health
from portal.backoffices.values import OfficeHealth
from portal.desk.office_standins import standin_of, standin_of_service
from portal.gazetteer.lookup import gazetteer
from portal.identity.checks.diagnosis import diagnose
from portal.identity.relying_party import RelyingParty, every_party
from portal.identity.stored_documents import find as find_document
from portal.notify import health as messages
from portal.payments import health as payments
from portal.payments.govuk_pay import OFFICE as PAY
from portal.registry.discovery import Mounted
from portal.registry.mount import mounted
from portal.settings.portal import Settings
from portal.staff.rights import current_grants, needed
from portal.web.languages import gettext as _
from portal.web.state import web_state

State = Literal["good", "bad", "resting", "unmet", "unset"]
MESSAGES: Final = "messages"
GAZETTEER: Final = "gazetteer"
PROVIDER: Final = "provider-"
SOMEWHERE: Final = "100023336956"
"""A UPRN: what the gazetteer says of it does not matter, only that it answers."""


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """One system. `check` calls it: an empty answer is good, else a sentence for an engineer. It may take long."""

    name: str
    title: str
    state: State
    check: Callable[[], str]
    since: datetime | None = None
    """When its breaker last opened or closed."""
    last_good_at: datetime | None = None
    last_bad_at: datetime | None = None
    last_fault: str = ""
    waiting: int = 0
    oldest_at: datetime | None = None
    service: str = ""
    """The service whose deliveries wait for it."""
    has_breaker: bool = False
    standin: str = ""
    """Where the demo's stand-in for it is."""
    stuck: str = ""
    """The page of the desk with what is stuck, if they may open it."""
    resident: str = ""
    """The page on which a resident notices."""


def office_rows() -> Sequence[OfficeRow]:
    """Every system that this portal is set up to call, and those that it has called."""
    settings, services = web_state().settings, mounted()
    served = [each.slug for each in services if each.service.deliveries or each.service.standin is not None]
    met = {each.name: each for each in health.offices([*served, PAY])}
    rows: list[OfficeRow] = []
    for each in services:
        rows += _of_service(each, met, is_served=each.slug in served)
    rows += [_pay(settings, met[PAY]), _messages(settings), _gazetteer(settings)]
    rows += [_provider(party, settings) for party in every_party()]
    known = {row.name for row in rows} | {each.slug for each in services}
    return [*rows, *(_of_nobody(each) for name, each in met.items() if name not in known)]


def _of_service(each: Mounted, met: Mapping[str, OfficeHealth], *, is_served: bool) -> Iterator[OfficeRow]:
    """One row for each of its systems: the one that bears its name, and its lines."""
    lines = health.lines_waiting(each.slug)
    others = {name.removeprefix(f"{each.slug}_") for name in met if name.startswith(f"{each.slug}_")}
    others |= {line for line in lines if line}
    standin = standin_of_service(each)
    for line in sorted(others):
        known = met.get(f"{each.slug}_{line}") or _unmet(f"{each.slug}_{line}")
        yield _with_service(each, known, lines.get(line), f"{each.service.title}: {line}", standin)
        standin = ""  # the first has it
    own = met.get(each.slug)
    if own is not None and (own.state_at or own.waiting or (is_served and not others)):
        yield _with_service(each, own, lines.get(""), str(each.service.title), standin)


def _with_service(
    each: Mounted, known: OfficeHealth, waits: tuple[int, datetime] | None, title: str, standin: str
) -> OfficeRow:
    many, since = waits or (0, None)
    return replace(
        _met(known, title, lambda: _check_of(each)),
        waiting=many,
        oldest_at=since,
        service=each.slug,
        standin=standin,
        stuck=_page_for(f"{each.service.desk.blueprint.name}.stuck") if each.service.desk is not None else "",
        resident=f"/services/{each.slug}/",
    )


def _met(known: OfficeHealth, title: str, check: Callable[[], str]) -> OfficeRow:
    return OfficeRow(
        known.name,
        title,
        _state(known),
        check,
        since=known.state_at,
        last_good_at=known.last_good_at,
        last_bad_at=known.last_bad_at,
        last_fault=known.last_fault,
        waiting=known.waiting,
        oldest_at=known.oldest_at,
        has_breaker=True,
    )


def _state(known: OfficeHealth) -> State:
    if known.state == "open":
        return "resting"
    if known.last_bad_at and (known.last_good_at is None or known.last_bad_at > known.last_good_at):
        return "bad"
    return "good" if known.last_good_at else "unmet"


def _unmet(name: str) -> OfficeHealth:
    return OfficeHealth(name, "closed", None, None, None, "", 0, None)


def _of_nobody(known: OfficeHealth) -> OfficeRow:
    return _met(known, known.name, lambda: _("The service that calls it is not here any more."))


def _check_of(each: Mounted) -> str:
    found = each.service.check()
    return "" if found.ok else found.sentence or _("It does not answer.")


def _pay(settings: Settings, known: OfficeHealth) -> OfficeRow:
    row = _met(known, _("GOV.UK Pay"), lambda: " ".join(payments.faults(settings)))
    state: State = row.state if settings.pay.is_set else "unset"
    stuck = _page_for("desk_payments.suspense")
    return replace(row, state=state, standin=standin_of(PAY, settings), stuck=stuck, resident="/basket")


def _messages(settings: Settings) -> OfficeRow:
    told = messages.leaving()
    state: State = "bad" if told.line_down else "good" if told.last_good_at else "unmet"
    return OfficeRow(
        MESSAGES,
        _("Emails, texts and letters (GOV.UK Notify, SMTP)"),
        state,
        lambda: " ".join(messages.faults(settings)),
        last_good_at=told.last_good_at,
        last_bad_at=told.tried_at,
        last_fault=told.error_code,
        waiting=told.waiting,
        oldest_at=told.oldest_at,
        standin=standin_of(MESSAGES, settings),
        resident=url_for("outbox.outbox") if "outbox.outbox" in current_app.view_functions else "",
    )


def _gazetteer(settings: Settings) -> OfficeRow:
    built_in = settings.gazetteer.source == "demo"
    title = _("Addresses (built in)") if built_in else _("Addresses (OS Places)")
    return OfficeRow(GAZETTEER, title, "good" if built_in else "unmet", _look_up)


def _look_up() -> str:
    gazetteer().by_uprn(SOMEWHERE)
    return ""


def _provider(party: RelyingParty, settings: Settings) -> OfficeRow:
    kept = find_document(party.documents.metadata_url)
    good, bad = (kept.fetched_at, kept.failed_at) if kept is not None else (None, None)
    is_bad = bad is not None and (good is None or bad > good)
    return OfficeRow(
        f"{PROVIDER}{party.name}",
        _("Sign-in: %(provider)s", provider=party.title),
        "bad" if is_bad else "good" if good else "unmet",
        lambda: " ".join(each.says for each in diagnose(party, settings) if each.verdict == "fault"),
        last_good_at=good,
        last_bad_at=bad,
        last_fault=(kept.failure or "") if kept is not None and is_bad else "",
        standin=standin_of(PROVIDER, settings) if party.settings.issuer.startswith(settings.public_url) else "",
        resident="/sign-in",
    )


def _page_for(endpoint: str) -> str:
    """The address of a page of the desk, if there is one and they may open it."""
    right = needed(current_app, endpoint)
    if right is None or not current_grants().allow(right):  # type: ignore[arg-type]  # a mark is a right or `ANY`
        return ""
    return url_for(endpoint)
