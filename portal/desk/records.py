"""Council records that residents have joined: see them, take one out, and give a code to whom we have made sure of."""

import uuid
from collections.abc import Sequence
from typing import Final

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.queries import get_account
from portal.db.session import commits, release
from portal.desk.record_forms import SEPARATOR, DeskCodeForm, DeskFindForm, WhyForm
from portal.errors import NotFound, TooMany, Unavailable
from portal.joining.codes import make_desk_code
from portal.joining.kinds import Declared, all_kinds, find_kind, get_kind
from portal.joining.records import all_joined, holders_of, leave_record
from portal.joining.telling import tell_of_leaving
from portal.joining.tries import count_staff_try
from portal.joining.values import Answers, JoinedRecord, Match
from portal.staff import looks
from portal.staff.gate import PREFIX
from portal.staff.rights import current_grants, needs
from portal.staff.sessions import current_staff
from portal.web import forms
from portal.web.languages import capital
from portal.web.languages import gettext as _
from portal.web.page import notify_next, render

bp = Blueprint("desk_records", __name__, url_prefix=f"{PREFIX}/records", template_folder="templates")

OF: Final = "/of/<uuid:account_id>"


@bp.route("", methods=["GET", "POST"])
@needs("assist")
@commits
def find() -> ResponseReturnValue:
    """Who has joined a record. Of a protected one it is said only to who may know, and has said why."""
    form = DeskFindForm().of(_kinds())
    if not form.accepted():
        return render("desk/records/find.html", form=form, found=None, hidden=False)
    declared = _declared(str(form.kind.data))
    key = form.tidied(declared.kind)
    if key is None:
        return render("desk/records/find.html", form=form, found=None, hidden=False)
    holders = holders_of(declared.service, declared.kind.code, key)
    shown = [each for each in holders if _may_show(each, str(form.reason.data))]
    for each in shown:
        _note(each.account_id, each, reason=str(form.reason.data))
    found = [(each, get_account(each.account_id).display_name) for each in shown]
    return render("desk/records/find.html", form=form, found=found, hidden=len(shown) < len(holders))


@bp.route("/code", methods=["GET", "POST"])
@needs("assist")
@commits
def code() -> ResponseReturnValue:
    """A code for whom we have made sure of. It is shown this once. For a protected record it takes the right to see
    one and a reason, which whoever has it in their account can read."""
    form = DeskCodeForm().of(_kinds())
    if form.accepted():
        declared = _declared(str(form.kind.data))
        key = form.tidied(declared.kind)
        match = _matched(form, declared, key) if key is not None else None
        if key is not None and match is not None and _may_give(form, declared, key, match):
            check = str(form.identity_check.data)
            made = make_desk_code(current_staff().actor, declared, key=key, match=match, identity_check=check)
            return render("desk/records/code_made.html", code=made)
    return render("desk/records/code.html", form=form)


@bp.route(OF, methods=["GET", "POST"])
@needs("assist")
def joined(account_id: uuid.UUID) -> ResponseReturnValue:
    """What somebody has joined. Protected records are shown once it is said why, to who may see them."""
    account, form = get_account(account_id), WhyForm()
    reason = str(form.reason.data) if form.accepted() else ""
    theirs = [each for each in all_joined(account.id) if _is_ours(each)]
    shown = [each for each in theirs if _may_show(each, reason)]
    looks.note_look(current_staff(), account_id=account.id, what="records", reason="caller", right="assist")
    for each in shown:
        _note(account.id, each, reason=reason, only_protected=True)
    return render(
        "desk/records/joined.html",
        form=form,
        name=account.display_name,
        account_id=account.id,
        rows=[(each, _title(each)) for each in shown],
        hidden=len(theirs) - len(shown),
        may_see=current_grants().allow("protected"),
    )


@bp.route(f"{OF}/<uuid:record_id>/remove", methods=["GET", "POST"])
@needs("assist")
@commits
def remove(account_id: uuid.UUID, record_id: uuid.UUID) -> ResponseReturnValue:
    """Take a record out of somebody's account: when it is there by mistake, or a stranger's doing."""
    account, form = get_account(account_id), forms.Form()
    found = next((each for each in all_joined(account.id) if each.id == record_id and _is_ours(each)), None)
    if found is None or (found.protected and not current_grants().allow("protected", service=found.service)):
        raise NotFound(_("There is no such record in this account."))
    looks.note_look(current_staff(), account_id=account.id, what="records", reason="caller", right="assist")
    if form.accepted():
        actor = current_staff().actor
        leave_record(account, service=found.service, kind=found.kind, key=found.key, actor=actor)
        tell_of_leaving(account, found)
        notify_next(_("The record is out of the account"))
        return redirect(url_for(".joined", account_id=account.id), 303)
    return render("desk/records/remove.html", form=form, record=found, title=_title(found), name=account.display_name)


def _matched(form: DeskCodeForm, declared: Declared, key: str) -> Match | None:
    """Whom the code would be for. The identity check stands in for the facts from the bill."""
    answers = Answers(reference=key, name=str(form.name.data), postcode=str(form.postcode.data))
    release()
    try:
        count_staff_try(current_staff().actor)
        match = declared.kind.match(answers)
    except Unavailable:
        form.refuse(_("The council’s system does not answer. Nothing is lost: try again in a few minutes."))
        return None
    except TooMany as limit:
        form.refuse(limit.sentence)
        return None
    if match.outcome == "not_matched" or match.wrong or not match.person_key:
        form.refuse(_("Reference, name and postcode do not fit. Check them with the resident."), "reference")
        return None
    return match


def _may_give(form: DeskCodeForm, declared: Declared, key: str, match: Match) -> bool:
    """Whether they may make a code for what was found, which opens all of the record; if not, the form says so."""
    reason = str(form.reason.data or "")
    if not _may_see(match.protected, declared.service, reason):
        form.refuse(
            _("This record is protected. Only who may see protected records can, and has to say why."), "reason"
        )
        return False
    if match.protected:
        holders = holders_of(declared.service, declared.kind.code, key)
        for each in holders:
            _note_protected(each.account_id, reason)
        if not holders:  # the reason is kept all the same
            _note_protected(None, reason)
    return True


def _kinds() -> Sequence[tuple[str, str]]:
    """The kinds of record with which the member of staff of this request may help."""
    grants = current_grants()
    return [
        (f"{each.service}{SEPARATOR}{each.kind.code}", capital(str(each.kind.title)))
        for each in all_kinds()
        if grants.allow("assist", service=each.service)
    ]


def _declared(chosen: str) -> Declared:
    service, _separator, kind = chosen.partition(SEPARATOR)
    return get_kind(service, kind)


def _is_ours(record: JoinedRecord) -> bool:
    return current_grants().allow("assist", service=record.service)


def _may_show(record: JoinedRecord, reason: str) -> bool:
    return _may_see(record.protected, record.service, reason)


def _may_see(protected: bool, service: str, reason: str) -> bool:
    return not protected or (bool(reason.strip()) and current_grants().allow("protected", service=service))


def _note(account_id: uuid.UUID, record: JoinedRecord, *, reason: str, only_protected: bool = False) -> None:
    """Write down that they look. For a protected record it is their own reason, which the resident can read."""
    if record.protected:
        _note_protected(account_id, reason)
    elif not only_protected:
        looks.note_look(current_staff(), account_id=account_id, what="records", reason="caller", right="assist")


def _note_protected(account_id: uuid.UUID | None, reason: str) -> None:
    staff = current_staff()
    looks.note_look(staff, account_id=account_id, what="protected", reason=reason, right="protected", written=True)


def _title(record: JoinedRecord) -> str:
    declared = find_kind(record.service, record.kind)
    return capital(str(declared.kind.title)) if declared else record.kind
