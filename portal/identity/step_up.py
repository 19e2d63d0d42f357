"""More proof for a session that is already there: of a higher level, or fresh.

The guard leads here with the address that somebody wanted. What it demands is read from the address itself, never
from the query, so nobody can be led to prove less than the page needs; and it leads nowhere but back there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.db.session import commits
from portal.errors import NotFound
from portal.identity import asking, guard, operations
from portal.identity.assurance import Assurance, Demand
from portal.identity.next_path import FRONT, safe_next
from portal.identity.relying_party import RelyingParty, all_parties
from portal.identity.sessions import Session, current_session, current_session_or_none
from portal.identity.setting_out import allow_leaving_for, set_out
from portal.web.page import render

bp = Blueprint("step_up", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where somebody wants to go, what it demands, and whether they have proved as much already."""

    path: str
    demand: Demand
    is_met: bool
    back: str
    """Where they land afterwards: there, unless it can only be sent to or another tab waits for it."""


@bp.get("/confirm-it-is-you")
def confirm() -> ResponseReturnValue:
    """Say why more proof is needed, and offer the providers that can give it."""
    live, wanted = current_session(), _wanted(request.args.get("next"), beside="beside" in request.args)
    if wanted.is_met:
        return redirect(wanted.back)
    own, able = _own(live), _able(live, wanted.demand)
    for party in able:
        allow_leaving_for(party)
    return render(
        "identity/confirm.html",
        own=own.title if own else None,
        with_own=own is not None and own in able,
        parties=[(party.name, party.title) for party in able],
        level_is_missing=live.assurance < wanted.demand.level,
        minutes=int(wanted.demand.fresh.total_seconds() // 60) if wanted.demand.fresh else None,
        next_path=wanted.path,
        beside="beside" in request.args,
        held="held" in request.args,
        lost_file="file" in request.args,
    )


@bp.post("/confirm-it-is-you")
@commits
def begin() -> ResponseReturnValue:
    """Go to the provider to prove more for this session."""
    live, wanted = current_session(), _wanted(request.form.get("next"), beside=bool(request.form.get("beside")))
    if wanted.is_met:
        return redirect(wanted.back, 303)
    party = next((each for each in _able(live, wanted.demand) if each.name == request.form.get("provider")), None)
    if party is None:
        raise NotFound
    return set_out(
        party,
        next_path=wanted.back,
        purpose="step_up",
        account_id=live.account.id,
        demand=_to_ask(party, live, wanted.demand),
        id_token_hint=hint_for(party),
    )


def hint_for(party: RelyingParty) -> str | None:
    """The ID token that tells this provider whom we mean, when it is the one of the session."""
    live = current_session_or_none()
    return operations.id_token_of(live.id) if live is not None and live.provider == party.name else None


def _wanted(sent: str | None, *, beside: bool) -> Wanted:
    live, path = current_session(), safe_next(sent)
    place = guard.place_at(path)
    is_met = place.demand.is_met(live.assurance, live.authenticated_at, clock.now())
    return Wanted(path, place.demand, is_met, path if place.has_page and not beside else FRONT)


def _own(live: Session) -> RelyingParty | None:
    return next((each for each in all_parties() if each.name == live.provider), None)


def _able(live: Session, demand: Demand) -> Sequence[RelyingParty]:
    """The provider of this session when it can prove that much; otherwise all others that can."""
    able = [each for each in all_parties() if _can(each, demand)]
    return [each for each in able if each.name == live.provider] or able


def _can(party: RelyingParty, demand: Demand) -> bool:
    if demand.fresh is not None and not asking.can_renew(party.settings):
        return False
    return asking.can_reach(party.settings, demand.level)


def _to_ask(party: RelyingParty, live: Session, demand: Demand) -> Demand:
    """What the page needs; and no less than the session already has, which the new sign-in takes the place of."""
    kept: Assurance = live.assurance if asking.can_reach(party.settings, live.assurance) else demand.level
    return demand.joined(Demand(kept))
