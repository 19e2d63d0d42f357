"""A permit as a document: the same on the page and in the PDF."""

from portal.kit import clock, current_language, format_date, papers
from portal.kit import gettext as _
from services.permits.queries.zones import Zone
from services.permits.rules.permits import Permit
from services.permits.rules.registrations import shown
from services.permits.rules.status_words import words_of
from services.permits.workflow import TITLES


def permit_rows(permit: Permit, zone: Zone, car: str) -> list[tuple[str, str]]:
    """What stands on a permit. `car` is the one that may park today, which may be a courtesy car."""
    rows = [(_("Permit"), str(TITLES[permit.kind])), (_("Reference"), permit.reference)]
    if car != permit.vrm:
        rows += [
            (_("Vehicle"), _("%(car)s, which may not park today", car=shown(permit.vrm))),
            (_("Courtesy car today"), shown(car)),
        ]
    elif permit.vrm:
        rows.append((_("Vehicle"), shown(permit.vrm)))
    rows += [
        (_("Parking zone"), zone.title),
        (_("A permit is needed"), zone.hours),
        (_("First day"), format_date(permit.first_on)),
        (_("Last day"), format_date(permit.last_on)),
    ]
    if permit.address:
        rows.append((_("Address"), permit.address))
    return rows


def permit_paper(permit: Permit, zone: Zone, car: str, address: str) -> papers.Paper:
    """The permit to keep or to show. `address` is that of its page, which the QR code leads to.

    Whoever checks parked cars looks at the list and not at paper, so that nothing can be copied or forged.
    """
    return papers.Paper(
        title=str(TITLES[permit.kind]),
        blocks=[
            papers.Facts([*permit_rows(permit, zone, car), (_("Status"), str(words_of(permit, clock.today()).title))]),
            papers.Text(_("As on %(day)s. Its page says how it is now.", day=format_date(clock.today()))),
            papers.Text(_("There is nothing to put in your car: patrols see the permit by your registration number.")),
            papers.Code(address, code_words()),
        ],
        language="cy" if current_language() == "cy" else "en",
        foot=permit.reference,
    )


def code_words() -> str:
    """Where the QR code leads."""
    return _("QR code: leads to the page of this permit, for whoever may see it")
