"""Ways to sign in, in the resident's own hands: the list, adding one, taking one away.

Adding needs both sides proven: the account by a fresh sign-in to it, the new way by going to its provider and coming
back, in the same browser, while that account is still signed in there.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import Blueprint, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts import claims as worth
from portal.accounts import identities
from portal.accounts.identities import Way
from portal.accounts.operations import keep_verified
from portal.accounts.values import Account
from portal.db.session import commits
from portal.errors import Conflict, Refused
from portal.identity import asking, guard, hold, operations, way_seen
from portal.identity.assurance import Demand
from portal.identity.attempts import Attempt
from portal.identity.ending import end_those
from portal.identity.known_providers import party_of, title_of, usable_issuers
from portal.identity.leaving import logout_address
from portal.identity.models import SessionRow
from portal.identity.relying_party import Proven, RelyingParty, all_parties, get_party
from portal.identity.sessions import Session, after_waiting, current_session, current_session_or_none
from portal.identity.setting_out import ANY, allow_leaving_for, set_out
from portal.web import browser, cookies
from portal.web.csrf import SESSION_COOKIE
from portal.web.languages import current_language
from portal.web.languages import gettext as _
from portal.web.page import notify_next, render

bp = Blueprint("ways", __name__, url_prefix="/ways-to-sign-in")

FRESH: Final = timedelta(minutes=15)
"""How long ago the resident may have proven the account before they add a way in or take one away."""
ANEW: Final = Demand(fresh=timedelta(minutes=5))
"""What the other provider is asked for: on a shared computer somebody else may still be signed in to it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One way, as the page shows it. `kept` says why it cannot be taken away."""

    way: Way
    title: str
    here: bool
    usable: bool
    kept: str | None
    account_url: str | None
    """The provider's own page for its password, second step and passkeys."""


@bp.get("")
def ways() -> ResponseReturnValue:
    """What opens this account, and what could be added."""
    live = current_session()
    mine = identities.ways_of(live.account.id)
    linked = {way.issuer for way in mine}
    return render(
        "identity/ways.html",
        ways=[_shown(way, mine, live) for way in mine],
        others=[(party.name, party.title) for party in all_parties() if party.settings.issuer not in linked],
    )


@bp.route("/add/<provider>", methods=["GET", "POST"])
@hold.sensitive
@guard.demands(fresh=FRESH)
@commits
def add(provider: str) -> ResponseReturnValue:
    """Say what will happen, then go to the provider to prove the new way."""
    party, live = get_party(provider), current_session()
    if any(way.issuer == party.settings.issuer for way in identities.ways_of(live.account.id)):
        notify_next(_("You can sign in with %(provider)s already", provider=party.title))
        return redirect(url_for(".ways"), 303)
    if request.method == "POST":
        return set_out(
            party,
            next_path=url_for(".ways"),
            purpose="link",
            account_id=live.account.id,
            demand=proof_from(party),
        )
    allow_leaving_for(party)
    return render("identity/way_add.html", provider=party.title)


@bp.route("/remove/<uuid:way_id>", methods=["GET", "POST"])
@hold.sensitive
@guard.demands(fresh=FRESH)
@commits
def remove(way_id: uuid.UUID) -> ResponseReturnValue:
    """Ask first: whoever is signed in by this way is signed out, this browser too."""
    live = current_session()
    way = identities.get_way(live.account, way_id)
    if request.method == "POST":
        return _remove(live, way)
    return _ask_to_remove(live, way)


def link(proven: Proven, attempt: Attempt, party: RelyingParty) -> ResponseReturnValue:
    """The new way is proven: link it to the account, which must still be the one that is signed in here."""
    live = current_session_or_none()
    if live is not None and live.account.id == attempt.account_id:
        live = after_waiting(live)
    if live is None or live.account.id != attempt.account_id:
        operations.note_failure(party.name, "link_without_session")
        for name in ("signed_in_as", "time_left"):
            g.pop(name, None)  # whoever is signed in here now has asked for nothing
        return make_response(render("identity/way_not_added.html", provider=party.title, why="session"), 403)
    if live.held_at is not None:
        return hold.refusal()
    level = proven.assurance.name.lower()
    new = way_seen.NewWay(proven.issuer, proven.subject, level, dict(worth.verified(proven.claims, level)))
    if asking.can_renew(party.settings):
        return _link(live, new, party)
    return _ask_who_it_is(live, new, proven, party)


@bp.post("/add/<provider>/confirm")
@hold.sensitive
@commits
def confirm(provider: str) -> ResponseReturnValue:
    """They have said that it is them who came back."""
    party, live = get_party(provider), after_waiting(current_session())
    new = way_seen.read(request.form.get("seen"), party, live) if live is not None else None
    if live is None or new is None:
        return make_response(render("identity/way_not_added.html", provider=party.title, why="session"), 403)
    if live.held_at is not None:
        return hold.refusal()
    return _link(live, new, party)


def _ask_who_it_is(live: Session, new: way_seen.NewWay, proven: Proven, party: RelyingParty) -> ResponseReturnValue:
    """The provider cannot be asked for a fresh sign-in: on a shared computer it may have brought a neighbour's.

    So nothing is linked before the resident has seen who came back, and has pressed a button.
    """
    return make_response(
        render(
            "identity/way_seen.html",
            provider=party.title,
            name=party.name,
            who=way_seen.called(proven.claims),
            seen=way_seen.written(new, live),
            way_out=logout_address(party, proven.id_token, back=url_for("identity.signed_out")),
        )
    )


def _link(live: Session, new: way_seen.NewWay, party: RelyingParty) -> ResponseReturnValue:
    try:
        identities.link(
            live.account,
            issuer=new.issuer,
            subject=new.subject,
            title=title_of(new.issuer, live.account.language),
            proven_by="session",
            born=worth.birthdate(new.confirmed),
        )
    except (Conflict, Refused) as error:
        why = "other_account" if isinstance(error, Conflict) else "other_person"
        operations.note_failure(party.name, f"link_{why}")
        return make_response(render("identity/way_not_added.html", provider=party.title, why=why), 409)
    keep_verified(live.account.id, new.issuer, new.confirmed, new.level)
    notify_next(_("You can now sign in with %(provider)s too", provider=party.title))
    return redirect(url_for("ways.ways"), 303)


def proof_from(party: RelyingParty) -> Demand:
    """A sign-in that is made anew, from every provider that can be asked for one."""
    return ANEW if asking.can_renew(party.settings) else ANY


def _remove(live: Session, way: Way) -> ResponseReturnValue:
    title = title_of(way.issuer, current_language())
    try:
        _unlink(live.account, way)
    except Refused:
        return make_response(_ask_to_remove(live, way), 409)
    if not _is_here(way, live):
        notify_next(_("You can no longer sign in with %(provider)s", provider=title))
        return redirect(url_for(".ways"), 303)
    cookies.drop(SESSION_COOKIE)
    browser.renew()
    for name in ("signed_in_as", "time_left"):
        g.pop(name, None)
    return redirect(url_for("identity.signed_out"), 303)


def _ask_to_remove(live: Session, way: Way) -> str:
    shown = _shown(way, identities.ways_of(live.account.id), live)
    return render("identity/way_remove.html", shown=shown)


def _unlink(account: Account, way: Way) -> None:
    """Take the way away, and with it every session that came by it."""
    identities.unlink(account, way.id, usable=usable_issuers(), title=title_of(way.issuer, account.language))
    came_by_it = (SessionRow.issuer == way.issuer) & (SessionRow.subject == way.subject)
    end_those((SessionRow.account_id == account.id) & came_by_it, why="way_removed")


def _shown(way: Way, mine: tuple[Way, ...], live: Session) -> Shown:
    usable, party = usable_issuers(), party_of(way.issuer)
    return Shown(
        way=way,
        title=title_of(way.issuer, current_language()),
        here=_is_here(way, live),
        usable=way.issuer in usable,
        kept=identities.why_not_removed(way, mine, usable),
        account_url=party.settings.account_url if party else None,
    )


def _is_here(way: Way, live: Session) -> bool:
    return (way.issuer, way.subject) == (live.issuer, live.subject)
