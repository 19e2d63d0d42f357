"""The questions of an application for a permit: what it is for, and where."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import Refused, TooMany, Unavailable, address_proofs, clock, current_account, gazetteer, settings_of
from portal.kit import gettext as _
from services.permits.forms.applications import (
    BusinessForm,
    HomeForm,
    HomePostcodeForm,
    KeeperForm,
    LengthForm,
    MarksForm,
    StartForm,
    TypedForm,
    WhichForm,
)
from services.permits.operations.applications import kind_answers, priced_lengths, renewal_lengths
from services.permits.queries.applications import kinds_sold, marks_asked, permit_id_of
from services.permits.queries.businesses import Business, businesses_of, find_addresses
from services.permits.queries.facts import find_source
from services.permits.queries.permits import get_own_permit
from services.permits.queries.tariffs import tariff_on
from services.permits.queries.zones import find_place, zones
from services.permits.rules.application_answers import home_data
from services.permits.rules.application_steps import NOT_LISTED, Journey, Step
from services.permits.rules.lengths import Length
from services.permits.rules.permits import Place
from services.permits.rules.price_steps import NotPriced
from services.permits.rules.reasons import in_words
from services.permits.settings import PermitSettings
from services.permits.views.application_pages import Applying, go_on, question, show
from services.permits.views.price_words import price_said


@question(Step.KIND)
def kind(applying: Applying) -> ResponseReturnValue:
    """Which kind of permit."""
    form = WhichForm(applying.answers.get(Step.KIND))
    sold = kinds_sold()
    form.kind.choices = [choice for choice in form.kind.choices if choice[0] in sold]
    if form.accepted():
        return go_on(applying, Step.KIND, **kind_answers(form.kind.data))
    return show(applying, Step.KIND, form, heading=form.kind.text)


@question(Step.BUSINESS)
def business(applying: Applying) -> ResponseReturnValue:
    """For which of the businesses that they manage."""
    managed = [each for each in businesses_of(current_account()) if each.is_managed and each.status != "closed"]
    if not managed:
        return redirect(url_for(".businesses"))
    form = BusinessForm(applying.answers.get(Step.BUSINESS))
    form.business.choices = [(str(each.id), each.name, each.address) for each in managed]
    if form.accepted():
        chosen = next(each for each in managed if str(each.id) == form.business.data)
        return go_on(applying, Step.BUSINESS, **_business_said(chosen))
    return show(applying, Step.BUSINESS, form, heading=form.business.text)


@question(Step.POSTCODE)
def postcode(applying: Applying) -> ResponseReturnValue:
    """The postcode of the home, whose addresses are kept in the draft."""
    form = HomePostcodeForm(applying.answers.get(Step.POSTCODE))
    if form.accepted():
        try:
            found = find_addresses(current_account(), form.postcode.data)
        except (Refused, TooMany, Unavailable) as error:
            form.refuse(error.sentence, "postcode")
        else:
            homes = [home_data(home) for home in found]
            return go_on(applying, Step.POSTCODE, postcode=form.postcode.data, found=homes)
    return show(applying, Step.POSTCODE, form, heading=form.postcode.text)


@question(Step.HOME)
def home(applying: Applying) -> ResponseReturnValue:
    """Which of the homes; one that cannot have a permit is said at once."""
    form = HomeForm(applying.answers.get(Step.HOME))
    found = applying.answers[Step.POSTCODE]["found"]
    form.offer(((each["uprn"], each["label"]) for each in found), may_type=applying.asking.journey is Journey.FIRST)
    if form.accepted():
        chosen = next((each for each in found if each["uprn"] == form.home.data), None)
        if chosen is None:
            return go_on(applying, Step.HOME, home=NOT_LISTED, proven=False)
        proofs = address_proofs(current_account())  # whatever the kind: it may be changed
        place = find_place(uprn=chosen["uprn"], postcode=chosen["postcode"], street=chosen["street"])
        if refusal := _no_permit(place, applying.asking.kind):
            form.refuse(refusal, "home")
        else:
            return go_on(applying, Step.HOME, home=chosen["uprn"], proven=bool(find_source(proofs, chosen["uprn"])))
    return show(applying, Step.HOME, form, heading=form.home.text)


@question(Step.TYPED)
def typed(applying: Applying) -> ResponseReturnValue:
    """An address that is not on the list, and the zone that they think it is in."""
    form = TypedForm(applying.answers.get(Step.TYPED))
    form.zone.choices = [(each.code, each.title) for each in zones()]
    if form.accepted():
        said = applying.answers[Step.POSTCODE]["postcode"]
        lines = ", ".join(line.strip() for line in form.address.data.splitlines() if line.strip())
        return go_on(applying, Step.TYPED, address=lines, postcode=said, zone=form.zone.data)
    return show(applying, Step.TYPED, form, heading=_("What is the address?"), alone=True)


@question(Step.KEEPER)
def keeper(applying: Applying) -> ResponseReturnValue:
    """Whose the vehicle is."""
    form = KeeperForm(applying.answers.get(Step.KEEPER))
    if form.accepted():
        return go_on(applying, Step.KEEPER, keeper=form.keeper.data)
    return show(applying, Step.KEEPER, form, heading=form.keeper.text)


@question(Step.MARKS)
def marks(applying: Applying) -> ResponseReturnValue:
    """What makes it cheaper."""
    form = MarksForm(applying.answers.get(Step.MARKS))
    form.marks.choices = list(marks_asked(applying.asking.kind).items())
    if form.accepted():
        return go_on(applying, Step.MARKS, marks=form.marks.data, kind=applying.asking.kind)
    return show(applying, Step.MARKS, form, heading=form.marks.text)


@question(Step.START)
def start(applying: Applying) -> ResponseReturnValue:
    """From which day."""
    said = applying.answers.get(Step.START)
    known = {"day": clock.today().fromisoformat(said["day"])} if said else {"day": clock.today()}
    form = StartForm(known, ahead_days=settings_of(PermitSettings).ahead_days)
    if form.accepted() and form.day.data is not None:
        return go_on(applying, Step.START, day=form.day.data.isoformat())
    return show(applying, Step.START, form, heading=form.day.text)


@question(Step.LENGTH)
def length(applying: Applying) -> ResponseReturnValue:
    """For how long, each length with its price. What cannot be had at all is said here, and why."""
    form = LengthForm(applying.answers.get(Step.LENGTH))
    try:
        form.offer(_lengths(applying))
    except Refused as no:  # of the rules, or of a price that cannot be said
        return show(applying, Step.LENGTH, form, "refused", sentence=no.sentence, unpriced=isinstance(no, NotPriced))
    if form.accepted():
        return go_on(applying, Step.LENGTH, length=form.length.data, kind=applying.asking.kind)
    return show(applying, Step.LENGTH, form, heading=form.length.text)


def _lengths(applying: Applying) -> list[tuple[str, str, str]]:
    """Code, length and price in words."""
    account, kind_asked = current_account(), applying.asking.kind
    if applying.asking.journey is Journey.RENEWAL:
        permit = get_own_permit(account, permit_id_of(applying.draft))
        prices = renewal_lengths(account, permit.id, _on_offer(permit.kind))
    else:
        prices = priced_lengths(account, applying.asking, _on_offer(kind_asked))
    return [(each.code, str(each.said), price_said(price.pence)) for each, price in prices.items()]


def _on_offer(kind_asked: str) -> tuple[Length, ...]:
    return tuple(tariff_on(clock.today()).prices(kind_asked).lengths)


def _no_permit(place: Place | None, kind_asked: str) -> str:
    """Why a home can have no such permit; empty when it can."""
    if place is None or place.rule == "zone" or (place.rule == "car_free" and kind_asked == "visitor"):
        return ""
    return in_words(place.rule)


def _business_said(chosen: Business) -> dict[str, str | bool | None]:
    """What an application needs of a business. Its street is the gazetteer's, for zones that go by streets."""
    try:
        found = gazetteer().by_uprn(chosen.uprn) if chosen.uprn else None
    except Unavailable:
        found = None
    return {
        "business": str(chosen.id),
        "name": chosen.name,
        "open": chosen.status == "open",
        "address": chosen.address,
        "postcode": chosen.postcode,
        "street": found.street if found else "",
        "uprn": chosen.uprn,
        "zone": "" if chosen.uprn else chosen.zone,
    }
