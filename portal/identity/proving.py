"""Somebody came by a new provider with an e-mail address that an account has: they prove that the account is theirs.

None of these pages needs a session: they are for a person who has none yet. What waits is bound to the browser. The
pages say the same whatever account it is, and name all providers: whoever looks learns nothing of how its owner signs
in. Once it is settled the browser goes to the provider once more, which knows the person and sends them back at once;
so nothing that it said about them needs to be kept meanwhile.
"""

import uuid
from typing import Final

from flask import Blueprint, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts import operations as accounts
from portal.accounts import proofs, waiting
from portal.accounts.identities import find_owner
from portal.accounts.waiting import Newcomer, Waiting
from portal.db.session import commits
from portal.errors import Conflict, Forbidden, NotFound, Refused
from portal.identity import recovery
from portal.identity.attempts import Attempt
from portal.identity.known_providers import title_of, usable_issuers
from portal.identity.linking import proof_from
from portal.identity.next_path import FRONT
from portal.identity.relying_party import Proven, RelyingParty, all_parties, get_party
from portal.identity.sealed import PATHS, seal, unseal
from portal.identity.secret_values import kept_as
from portal.identity.setting_out import allow_leaving_for, set_out
from portal.identity.views import MOST_FROM_AN_ADDRESS, WITHIN_SECONDS
from portal.web import browser, limits
from portal.web.access import public
from portal.web.languages import Lazy, current_language, lazy_gettext
from portal.web.languages import gettext as _
from portal.web.page import notify_next, render
from portal.web.state import web_state

bp = Blueprint("proving", __name__, url_prefix="/sign-in/your-account")

WHY: Final[dict[str, Lazy]] = {
    "unknown": lazy_gettext("There is no account here for that way of signing in. Try another one."),
}


def hold_back(proven: Proven, attempt: Attempt) -> ResponseReturnValue | None:
    """Have an unknown identity wait when an account has its confirmed e-mail address; None when nothing stops it."""
    newcomer = Newcomer(
        provider=proven.provider,
        issuer=proven.issuer,
        subject=proven.subject,
        level=proven.assurance.name.lower(),
        next_path=seal(attempt.next_path, PATHS),
        claims=proven.claims,
    )
    if not waiting.hold_back(newcomer, browser_hash=_browser(), usable=usable_issuers()):
        return None
    return redirect(url_for("proving.your_account"), 303)


def prove(proven: Proven, attempt: Attempt) -> ResponseReturnValue | None:
    """They have signed in the old way: link what waits to that account. None: they are let in to it, linked or not."""
    held = waiting.find(_browser())
    if held is None:
        return hold_back(proven, attempt)  # it took too long; this is a sign-in like any other
    owner = find_owner(issuer=proven.issuer, subject=proven.subject)
    if owner is None:
        return redirect(url_for("proving.your_account", why="unknown"), 303)
    title = title_of(held.issuer, current_language())
    try:
        _refuse_if_held(owner)
        proofs.settle_by_sign_in(held, owner, title=title_of)
    except (NotFound, Conflict, Refused, Forbidden):
        waiting.drop(held)
        notify_next(
            _(
                "You are signed in, but we have not connected %(provider)s to this account. You can do that under"
                " “Ways to sign in” in your details.",
                provider=title,
            )
        )
        return None
    notify_next(_("You can now sign in with %(provider)s too", provider=title))
    return None


@bp.get("")
@public
def your_account() -> ResponseReturnValue:
    """What happened, and the ways on."""
    held = waiting.find(_browser())
    if held is None:
        return redirect(url_for("identity.sign_in"), 303)
    for party in all_parties():
        allow_leaving_for(party)
    return render(
        "identity/your_account.html",
        new=title_of(held.issuer, current_language()),
        new_name=held.provider,
        parties=[(party.name, party.title) for party in _new_one_last(held)],
        called=held.called,
        why=WHY.get(request.args.get("why", "")),
    )


@bp.post("/sign-in/<provider>")
@public
@commits
def begin(provider: str) -> ResponseReturnValue:
    """Go to the provider that the account was used with until now."""
    party, held = get_party(provider), waiting.find(_browser())
    if held is None:
        return redirect(url_for("identity.sign_in"), 303)
    limits.hit(f"sign-in begun from {request.remote_addr}", limit=MOST_FROM_AN_ADDRESS, seconds=WITHIN_SECONDS)
    return set_out(party, next_path=_onward(held), purpose="prove", demand=proof_from(party))


@bp.post("/email")
@public
@commits
def send_mail() -> ResponseReturnValue:
    """Write to the account's own address. The page afterwards is the same whether there was one or not."""
    held = waiting.find(_browser())
    if held is None:
        return redirect(url_for("identity.sign_in"), 303)
    proofs.send_mail(held, usable=usable_issuers(), title=title_of, link=_link)
    return redirect(url_for(".mail_sent"), 303)


@bp.get("/email-sent")
@public
def mail_sent() -> ResponseReturnValue:
    """What to do next."""
    if waiting.find(_browser()) is None:
        return redirect(url_for("identity.sign_in"), 303)
    return render("identity/proof_sent.html")


@bp.route("/link/<proof>", methods=["GET", "POST"])
@public
@commits
def by_mail(proof: str) -> ResponseReturnValue:
    """The page behind the link. Programs that scan mail open it first, so only its button does something."""
    held = waiting.find(_browser())
    candidate = proofs.find_mailed(held, proof) if held else None
    if held is None or candidate is None:
        return make_response(render("identity/proof_dead.html"), 410)
    party = get_party(held.provider)
    if request.method == "POST":
        _refuse_if_held(candidate.account_id)
        proofs.settle_by_mail(held, proof, title=title_of)
        notify_next(_("You can now sign in with %(provider)s", provider=party.title))
        return set_out(party, next_path=_onward(held))
    allow_leaving_for(party)
    return render("identity/proof_confirm.html", provider=party.title)


@bp.route("/new", methods=["GET", "POST"])
@public
@commits
def apart() -> ResponseReturnValue:
    """The account is somebody else's, or they want another one: say what that means, then open one."""
    held = waiting.find(_browser())
    if held is None:
        return redirect(url_for("identity.sign_in"), 303)
    party = get_party(held.provider)
    if request.method == "POST":
        waiting.set_apart(held)
        return set_out(party, next_path=_onward(held))
    allow_leaving_for(party)
    return render("identity/account_apart.html", provider=party.title)


def _refuse_if_held(account_id: uuid.UUID) -> None:
    """Nobody is let in by a new way while a sign-in to the account is in doubt, nor while somebody reports one."""
    accounts.lock(account_id)
    if recovery.find_hold(account_id) is not None:
        raise Forbidden(
            _("Somebody reported a sign-in to this account. Until that is settled, this cannot be changed.")
        )


def _new_one_last(held: Waiting) -> list[RelyingParty]:
    return sorted(all_parties(), key=lambda party: party.name == held.provider)


def _link(token: str) -> str:
    return web_state().settings.public_url + url_for("proving.by_mail", proof=token)


def _onward(held: Waiting) -> str:
    """Where they were going. Kept sealed: the path may hold the token of a link from a mail."""
    return unseal(held.next_path, PATHS) or FRONT


def _browser() -> str:
    return kept_as(browser.find_browser_id() or "")
