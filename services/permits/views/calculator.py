"""What a permit costs: open to everybody. Nothing is kept; the answers stand in the address, without a registration."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import Refused, TooMany, Unavailable, clock, public, render
from services.permits.forms.calculator import FactsForm, KindForm, prefilled
from services.permits.operations.price_look_up import find_facts_for_price
from services.permits.queries.tariffs import all_tariffs, tariff_on
from services.permits.queries.zones import zones
from services.permits.rules.price_models import Question
from services.permits.rules.price_questions import NotAsked, question_args, read_question
from services.permits.rules.price_steps import NotPriced
from services.permits.rules.refund_words import change_said, refund_said, visits_said
from services.permits.rules.tariff import Tariff, next_after, offered, price_of
from services.permits.rules.vehicles import Vehicle
from services.permits.rules.visit_prices import cheapest, time_said
from services.permits.rules.wanted import Wanted, wanted
from services.permits.views.blueprint import bp
from services.permits.views.price_words import facts_said, kind_called

VISITOR: Final = "visitor"
ASKED: Final = ("found", "unknown", "away")
"""What became of a look-up: DVLA knows the vehicle, does not, or could not be asked."""


@bp.route("/prices", methods=["GET", "POST"])
@public
def prices() -> ResponseReturnValue:
    """Which permit, and perhaps which vehicle."""
    tariff = tariff_on(clock.today())
    form = KindForm(kind=request.args.get("kind"))
    form.kind.choices = [(kind, kind_called(kind)) for kind in (*tariff.kinds, *((VISITOR,) if tariff.visits else ()))]
    if form.accepted():
        try:
            return redirect(_after_kind(tariff, form.kind.data, form.registration.data))
        except Refused as no:
            form.refuse(no.sentence, "registration")
    return render("permits/prices.html", form=form)


@bp.route("/prices/vehicle", methods=["GET", "POST"])
@public
def price_facts() -> ResponseReturnValue:
    """What the price depends on, filled in with what DVLA says if it was asked."""
    try:
        asked = _asked()
    except NotAsked:
        return redirect(url_for(".prices"))
    dvla = request.args.get("dvla", "")
    form = FactsForm(prefilled(asked.question, looked_up=dvla == "found"))
    form.only(asked.tariff, asked.wants, asked.zones)
    if form.accepted():
        return redirect(_to(".price", form.question(asked.tariff, asked.question.kind)))
    return render(
        "permits/price_facts.html",
        form=form,
        title=kind_called(asked.question.kind),
        asked=dvla if dvla in ASKED else "",
    )


@bp.get("/prices/price")
@public
def price() -> ResponseReturnValue:
    """The price for each length, how it comes about, and what comes back."""
    try:
        asked = _asked()
    except NotAsked:
        return redirect(url_for(".prices"))
    tariff, kind = asked.tariff, asked.question.kind
    found = offered(tariff, asked.whole)
    return render(
        "permits/price.html",
        title=kind_called(kind),
        prices=found,
        problem="" if found else _why_not(tariff, asked.whole),
        facts=facts_said(tariff, asked.question, asked.wants, asked.zones),
        change=_to(".price_facts", asked.question) if asked.wants.anything else "",
        rules=(*refund_said(tariff.refund_rule(kind)), *change_said(tariff.change_rule(kind))),
        tariff=tariff,
        following=next_after(all_tariffs(), clock.today()),
    )


@bp.get("/prices/visitors")
@public
def visitor_prices() -> ResponseReturnValue:
    """What visitors' parking costs."""
    tariff = tariff_on(clock.today())
    visits = tariff.visits
    if visits is None:
        return redirect(url_for(".prices"))
    return render(
        "permits/visitor_prices.html",
        visits=visits,
        reduced=[(tariff.marks[each.mark], each) for each in visits.concessions],
        cheapest=cheapest,
        time_said=time_said,
        rules=visits_said(visits),
        tariff=tariff,
        following=next_after(all_tariffs(), clock.today()),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands in the address. `zones` are those to choose from, code and title; `marks` those of the chosen one."""

    tariff: Tariff
    question: Question
    wants: Wanted
    zones: Mapping[str, str]
    marks: frozenset[str]

    @property
    def whole(self) -> Question:
        """The question with what is true of the zone."""
        return replace(self.question, marks=self.question.marks | self.marks)


def _asked() -> Asked:
    """Read it from the address. Raises NotAsked."""
    tariff = tariff_on(clock.today())
    kind = request.args.get("kind", "")
    if kind not in tariff.kinds:
        raise NotAsked
    wants = wanted(tariff, kind)
    known = zones() if wants.zone else ()
    offered_zones = dict.fromkeys(wants.zones, "") | {zone.code: zone.title for zone in known}
    question = read_question(tariff, request.args, offered_zones)
    chosen = next((zone for zone in known if zone.code == question.zone), None)
    marks = frozenset(chosen.rules.get("marks", ())) if chosen else frozenset()
    return Asked(tariff, question, wants, {code: title or code for code, title in offered_zones.items()}, marks)


def _after_kind(tariff: Tariff, kind: str, registration: str) -> str:
    """Where to go on: straight to the price where nothing else counts. Raises Refused for an impossible mark."""
    if kind == VISITOR:
        return url_for(".visitor_prices")
    question = Question(kind, tariff.kinds[kind].lengths[0])
    wants = wanted(tariff, kind)
    if not wants.anything:
        return _to(".price", question)
    if not registration or not wants.of_vehicle:
        return _to(".price_facts", question)
    try:
        vehicle = find_facts_for_price(registration=registration, asked_from=request.remote_addr or "")
    except (TooMany, Unavailable):
        return _to(".price_facts", question, dvla="away")
    asked = Question(kind, question.length, vehicle or Vehicle())
    return _to(".price_facts", asked, dvla="unknown" if vehicle is None else "found")


def _to(page: str, question: Question, **more: str) -> str:
    """The address of a page about this question."""
    return f"{url_for(page)}?{urlencode({**question_args(question), **more})}"


def _why_not(tariff: Tariff, question: Question) -> str:
    """Why there is no price for any length."""
    try:
        price_of(tariff, question)
    except NotPriced as no:
        return no.sentence
    return ""
