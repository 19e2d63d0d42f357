"""What home, the case's page, the data file and the health check show of reporting."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import bindparam, select

from portal.kit import (
    Account,
    Card,
    Case,
    Fact,
    Health,
    Unavailable,
    cases_of,
    gazetteer,
    lazy_gettext,
    ngettext,
    session,
    settings_of,
)
from portal.kit import gettext as _
from services.reporting.backoffice.trying import faults_of
from services.reporting.models.following import Alert, Follower, Update
from services.reporting.models.guests import Guest
from services.reporting.models.reports import Photo, Report
from services.reporting.queries.following import follows_any
from services.reporting.queries.own import ReportLine
from services.reporting.queries.public import find_merged_into
from services.reporting.rules.answers import further_answers, in_words
from services.reporting.rules.categories import find_category, title_of
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.workflow import SERVICE

HOME: Final = "/services/reporting"  # cards are made outside a request, where no address can be built from an endpoint
MOST_COUNTED: Final = 50
_FOLLOWS: Final = Card(
    title=lazy_gettext("Reports you follow"),
    text=lazy_gettext("How the reports of others stand that you want to hear of."),
    url=f"{HOME}/follows",
)

_BY_CASE = select(Report).where(Report.case_id == bindparam("case"))
_PHOTOS = (
    select(Photo.file_id)
    .where(Photo.report_id == bindparam("report"), Photo.owner_id == bindparam("owner"))
    .order_by(Photo.position)
)
_ALL: Final = (
    (
        "reports",
        select(
            Report.case_id.label("case"),
            Report.category,
            Report.place,
            Report.uprn,
            Report.usrn,
            Report.asset,
            Report.lat.label("latitude"),
            Report.lon.label("longitude"),
            Report.description,
            Report.answers,
            Report.private,
            Report.moderation,
            Report.public_words,
            Report.public_place,
            Report.said_fixed,
            Report.created_at.label("sent_at"),
        )
        .where(Report.account_id == bindparam("account"))
        .order_by(Report.created_at, Report.id),
    ),
    (
        "photos",
        select(Report.case_id.label("case"), Photo.file_id.label("file"), Photo.moderation, Photo.created_at)
        .join(Report, Report.id == Photo.report_id)
        .where(Photo.owner_id == bindparam("account"))
        .order_by(Photo.created_at, Photo.id),
    ),
    (
        "updates",
        select(Report.reference, Update.words, Update.moderation, Update.created_at)
        .join(Report, Report.id == Update.report_id)
        .where(Update.account_id == bindparam("account"))
        .order_by(Update.created_at, Update.id),
    ),
    (
        "followed",
        select(Report.reference, Follower.created_at)
        .join(Report, Report.id == Follower.report_id)
        .where(Follower.account_id == bindparam("account"))
        .order_by(Follower.created_at, Follower.id),
    ),
    (
        "alerts",
        select(Alert.called, Alert.ward, Alert.lat, Alert.lon, Alert.metres, Alert.category, Alert.created_at)
        .where(Alert.account_id == bindparam("account"))
        .order_by(Alert.created_at, Alert.id),
    ),
    (
        "reported_as_guest",
        select(Guest.email, Guest.created_at, Guest.confirmed_at)
        .where(Guest.account_id == bindparam("account"))
        .order_by(Guest.created_at, Guest.id),
    ),
)


def case_facts(case: Case) -> Sequence[Fact]:
    """What was told, for the page of the case; nothing once that is forgotten."""
    report = session().execute(_BY_CASE, {"case": case.id}).scalar_one_or_none()
    if report is None or not report.place:
        return ()
    facts = [
        Fact(_("What kind of problem"), title_of(report.category), for_cosigner=True),
        Fact(_("Where it is"), report.place, for_cosigner=True),
    ]
    category = find_category(report.category)
    if report.asset:
        named = category.asset_name if category else None
        facts.append(Fact(str(named or _("Number on it")), report.asset))
    facts.append(Fact(_("What is wrong"), report.description))
    if category is not None:
        facts += [Fact(asked, said) for asked, said in in_words(category, report.answers)]
        further = further_answers(category, report.answers)
        if further:
            facts.append(Fact(_("Sent along by the program"), further))
    stays = find_merged_into(report.id)
    if stays:
        facts.append(Fact(_("The report of the same problem that we work on"), stays))
    if report.private:
        facts.append(Fact(_("Who can see it"), _("Only whoever reported it and the council")))
    photos = session().scalars(_PHOTOS, {"report": report.id, "owner": case.account_id}).all()
    return [*facts, *(Fact(_("Photo"), "", file_id=photo) for photo in photos)]


def home_cards(account: Account) -> Sequence[Card]:
    """The newest open report, or the invitation to make one."""
    still_open = cases_of(account.id, service=SERVICE, is_open=True, limit=MOST_COUNTED)
    invitation = _("Fly-tipping, potholes, street lights, trees, drains and much else.")
    followed = [_FOLLOWS] if follows_any(account) else []
    if not still_open:
        return [Card(title=_("Report a problem in your street"), text=invitation, url=f"{HOME}/"), *followed]
    newest = ReportLine(still_open[0], "")
    count = ngettext("You have %(n)s open report.", "You have %(n)s open reports.", len(still_open))
    if len(still_open) == MOST_COUNTED:
        count = _("You have %(n)s or more open reports.", n=MOST_COUNTED)
    return [
        Card(
            title=newest.title,
            text=f"{newest.status.meaning} {count}",
            url=newest.path if len(still_open) == 1 else f"{HOME}/reports",
            tag=newest.status.title,
            tag_colour=newest.colour,
        ),
        Card(title=_("Report another problem"), text=invitation, url=f"{HOME}/"),
        *followed,
    ]


def everything_about(account: Account) -> Mapping[str, Any]:
    """What this service keeps about a resident. Reference and timeline are in the ledger's part, by `case`."""
    asked = {"account": account.id}
    return {name: [dict(row._mapping) for row in session().execute(query, asked)] for name, query in _ALL}


def check() -> Health:
    """Whether addresses can be looked up, without which residents can still name a street or coordinates; and whether
    somebody is there at each office."""
    faults = list(faults_of(settings_of(ReportingSettings).every_office))
    try:
        gazetteer().by_uprn("1")
    except Unavailable:
        faults.append("The gazetteer does not answer: no addresses can be looked up by postcode.")
    return Health(ok=not faults, sentence=" ".join(faults))
