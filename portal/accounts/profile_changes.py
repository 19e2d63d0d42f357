"""What a resident may change about themselves at once. The e-mail address needs a proof: see `email_change`.

Each act names the `version` of the answer that the resident saw (`rules.version_of`) and raises Conflict when it is
another by now; the view shows both. Saving what is saved already does nothing, so that a form sent twice is no
conflict with itself. The audit trail gets the names of the fields, never what was typed.
"""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from portal import clock
from portal.accounts import queries, rules
from portal.accounts.models import ADDRESS_KINDS, AccountRow, AddressRow, ProfileRow
from portal.accounts.values import Account, Profile
from portal.audit import operations as audit
from portal.db.session import session
from portal.errors import Conflict, Refused
from portal.web.languages import gettext as _


def change_name(account: Account, *, given_name: str, family_name: str, preferred_name: str, version: str) -> None:
    """The names the resident goes by. Raises Conflict."""
    names = {"given_name": given_name, "family_name": family_name, "preferred_name": preferred_name}
    _change(account, _locked(account), "name", version, names)


def change_date_of_birth(account: Account, *, date_of_birth: date | None, version: str) -> None:
    """The date of birth, or none. Raises Refused for a day that cannot be, Conflict."""
    if date_of_birth is not None:
        _refuse_if(rules.why_not_born(date_of_birth, clock.today()))
    _change(account, _locked(account), "date_of_birth", version, {"date_of_birth": date_of_birth})


def change_phone(account: Account, *, phone: str | None, version: str) -> None:
    """The telephone number in E.164 form, or none. Raises Refused, Conflict."""
    if phone is not None:
        _refuse_if(rules.why_not_number(phone))
    profile = _locked(account)
    _refuse_if(rules.why_not_phone(profile, phone))
    _change(account, profile, "phone", version, {"phone": phone})


def change_contact(account: Account, *, contact_by: str, contact_needs: str, version: str) -> None:
    """How the resident wants to be contacted, and what we should know when we do. Raises Refused, Conflict."""
    profile = _locked(account)
    _refuse_if(rules.why_not_contact(profile, contact_by))
    _change(account, profile, "contact", version, {"contact_by": contact_by, "contact_needs": contact_needs})


def change_language(account: Account, *, language: str) -> None:
    """The language of pages and letters. No version: there is nothing in it that one could lose."""
    profile = _locked(account)
    if profile.language == language:
        return
    session().execute(update(AccountRow).where(AccountRow.id == account.id).values(language=language))
    _record(account, ["language"])


def change_address(
    account: Account, *, kind: str, uprn: str | None, lines: tuple[str, ...], postcode: str, version: str
) -> None:
    """Where the resident lives (`home`), or where letters go (`correspondence`). Raises Conflict."""
    assert kind in ADDRESS_KINDS
    profile = _locked(account)
    known = profile.address(kind)
    if known and (known.uprn, known.lines, known.postcode) == (uprn, lines, postcode):
        return
    _check_version(profile, kind, version)
    values = {"uprn": uprn, "lines": list(lines), "postcode": postcode, "since_at": clock.now()}
    session().execute(
        upsert(AddressRow)
        .values(id=uuid.uuid4(), account_id=account.id, kind=kind, **values)
        .on_conflict_do_update(index_elements=["account_id", "kind"], set_=values)
    )
    _record(account, [f"{kind}_address"])


def remove_correspondence_address(account: Account, *, version: str) -> None:
    """Letters go to the home address again. Raises Refused when there would be nowhere left to write to, Conflict."""
    profile = _locked(account)
    if profile.address("correspondence") is None:
        return
    if profile.contact_by == "letter" and profile.address("home") is None:
        raise Refused(_("You asked us to write letters. Add your home address before you remove this one."))
    _check_version(profile, "correspondence", version)
    session().execute(
        delete(AddressRow).where(AddressRow.account_id == account.id, AddressRow.kind == "correspondence")
    )
    _record(account, ["correspondence_address"])


def _locked(account: Account) -> Profile:
    """The profile as it is now, with every other change to it made to wait."""
    session().execute(select(ProfileRow.account_id).where(ProfileRow.account_id == account.id).with_for_update())
    return queries.get_profile(account.id)


def _change(account: Account, profile: Profile, question: str, version: str, values: dict[str, Any]) -> None:
    changed = sorted(name for name, value in values.items() if getattr(profile, name) != value)
    if not changed:
        return
    _check_version(profile, question, version)
    session().execute(update(ProfileRow).where(ProfileRow.account_id == account.id).values(values))
    _record(account, changed)


def _check_version(profile: Profile, question: str, version: str) -> None:
    if rules.version_of(profile, question) != version:
        raise Conflict(_("This was changed in another window while you had this page open. Nothing is overwritten."))


def _refuse_if(reason: str | None) -> None:
    if reason is not None:
        raise Refused(reason)


def _record(account: Account, fields: list[str]) -> None:
    audit.record("profile.changed", actor=f"account:{account.id}", account_id=account.id, fields=fields)
