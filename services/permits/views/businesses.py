"""Business accounts: those that a resident acts for, a new one, its permits, its members and the codes for more."""

from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import Forbidden, Refused, TooMany, Unavailable, clock, commits, current_account, notify_next, render
from portal.kit import gettext as _
from services.permits.forms.businesses import REMOVE, AddressForm, DetailsForm, InviteForm, JoinForm, MemberForm
from services.permits.operations import businesses as operations
from services.permits.queries import businesses as queries
from services.permits.queries.permits import permits_of_business
from services.permits.rules.businesses import MAY, TITLES, read_role
from services.permits.rules.registrations import shown
from services.permits.rules.status_words import words_of
from services.permits.views.blueprint import bp


@bp.get("/businesses")
def businesses() -> ResponseReturnValue:
    """All that they act for, and the ways to another."""
    account = current_account()
    return render("permits/businesses.html", businesses=queries.businesses_of(account), titles=TITLES)


@bp.route("/businesses/new", methods=["GET", "POST"])
@commits
def business_new() -> ResponseReturnValue:
    """What the business is called, and its postcode. What was begun is there again on another device."""
    account = current_account()
    draft = queries.find_business_draft(account)
    form = DetailsForm(draft.answers.get("details") if draft else None)
    if form.accepted():
        try:
            draft_id = operations.begin_business(
                account, name=form.name.data, number=form.number.data, postcode=form.postcode.data
            )
            return redirect(url_for(".business_address", draft_id=draft_id))
        except (Refused, TooMany, Unavailable) as error:
            form.refuse(error.sentence, "postcode")
    return render("permits/business_new.html", form=form)


@bp.route("/businesses/drafts/<uuid:draft_id>/address", methods=["GET", "POST"])
@commits
def business_address(draft_id: UUID) -> ResponseReturnValue:
    """Which of the addresses; the button registers the business. Pressed again, it leads to the same one."""
    account = current_account()
    if any(each.id == draft_id for each in queries.businesses_of(account)):
        return redirect(url_for(".business", business_id=draft_id))
    draft = queries.get_business_draft(account, draft_id)
    details = draft.answers.get("details", {})
    form = AddressForm(details.get("found", []))
    if form.accepted():
        try:
            business_id = operations.register_business(account, draft_id=draft_id, uprn=form.address.data)
            notify_next(_("Your business account is ready. Apply for its first permit now."))
            return redirect(url_for(".business", business_id=business_id))
        except Refused as error:
            form.refuse(error.sentence, "address")
    return render("permits/business_address.html", form=form, name=details.get("name", ""))


@bp.get("/businesses/<uuid:business_id>")
def business(business_id: UUID) -> ResponseReturnValue:
    """Its permits, its members, and what the member who looks may do."""
    account = current_account()
    found = queries.get_business(account, business_id)
    return _page(found, InviteForm())


@bp.post("/businesses/<uuid:business_id>/codes")
@commits
def business_invite(business_id: UUID) -> ResponseReturnValue:
    """Make a code for a colleague. It is shown on this answer alone, and kept nowhere."""
    account, form = current_account(), InviteForm()
    found = _owned(business_id)
    if form.accepted() and (role := read_role(form.role.data)):
        try:
            code = operations.invite(account, business_id=business_id, role=role)
            return render(
                "permits/business_code.html",
                business=found,
                code=code,
                role=TITLES[role],
                days=operations.CODE_DAYS,
            )
        except Refused as error:
            form.refuse(error.sentence, "role")
    return _page(found, form)


@bp.post("/businesses/<uuid:business_id>/codes/<uuid:invitation_id>/take-back")
@commits
def business_uninvite(business_id: UUID, invitation_id: UUID) -> ResponseReturnValue:
    """Let a code open nothing any more."""
    operations.take_back_code(current_account(), business_id=business_id, invitation_id=invitation_id)
    notify_next(_("The code has been taken back. Nobody can use it any more."))
    return redirect(url_for(".business", business_id=business_id))


@bp.route("/businesses/<uuid:business_id>/members/<uuid:member_id>", methods=["GET", "POST"])
@commits
def business_member(business_id: UUID, member_id: UUID) -> ResponseReturnValue:
    """What a member may do, and whether they still are one."""
    account = current_account()
    found = _owned(business_id)
    member = queries.get_member(found, member_id)
    form = MemberForm(role=member.role)
    if form.accepted():
        try:
            if form.role.data == REMOVE:
                operations.remove_member(account, business_id=business_id, member_id=member_id)
            elif role := read_role(form.role.data):
                operations.change_role(account, business_id=business_id, member_id=member_id, role=role)
            notify_next(_("The members have been changed."))
            is_still_theirs = any(each.id == business_id for each in queries.businesses_of(account))
            page = url_for(".business", business_id=business_id) if is_still_theirs else url_for(".businesses")
            return redirect(page)
        except Refused as error:
            form.refuse(error.sentence, "role")
    return render("permits/business_member.html", form=form, business=found, member=member)


@bp.route("/businesses/<uuid:business_id>/leave", methods=["GET", "POST"])
@commits
def business_leave(business_id: UUID) -> ResponseReturnValue:
    """Act for a business no longer, once the member has said so a second time."""
    account, form = current_account(), InviteForm()
    found = queries.get_business(account, business_id)
    if form.posted:
        try:
            operations.remove_member(account, business_id=business_id, member_id=account.id)
            notify_next(_("You no longer act for %(name)s.", name=found.name))
            return redirect(url_for(".businesses"))
        except Refused as error:
            form.refuse(error.sentence)
    return render("permits/business_leave.html", form=form, business=found)


@bp.route("/businesses/join", methods=["GET", "POST"])
@commits
def business_join() -> ResponseReturnValue:
    """Act for a business, by the code that a colleague gave."""
    form = JoinForm()
    if form.accepted():
        try:
            business_id = operations.join_business(current_account(), code=form.code.data)
            notify_next(_("You act for this business now."))
            return redirect(url_for(".business", business_id=business_id))
        except (Refused, TooMany) as error:
            form.refuse(error.sentence, "code")
    return render("permits/business_join.html", form=form)


def _owned(business_id: UUID) -> queries.Business:
    """A business of which the resident is an owner. Raises NotFound, Forbidden."""
    found = queries.get_business(current_account(), business_id)
    if not found.is_owned:
        raise Forbidden(_("Only an owner can say who acts for the business."))
    return found


def _page(found: queries.Business, form: InviteForm) -> str:
    account, today = current_account(), clock.today()
    permits = permits_of_business(account, found.id)
    return render(
        "permits/business.html",
        business=found,
        form=form,
        permits=permits,
        members=queries.members_of(found),
        invitations=queries.invitations_of(found) if found.is_owned else (),
        titles=TITLES,
        may=MAY,
        shown=shown,
        words={each.id: words_of(each, today) for each in permits},
    )
