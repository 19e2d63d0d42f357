"""Who is not counted when a household is counted for a discount.

Law: LGFA 1992 s11(5) and Schedule 1; the Council Tax (Discount Disregards) Order 1992 (SI 1992/548) and the Council
Tax (Additional Provisions for Discount Disregards) Regulations 1992 (SI 1992/552). A child is not a resident at all
until the day they turn 18 (s6(5)), and so is no disregard: `Resident.adult_on` says when that is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from portal.kit import Lazy
from portal.kit import lazy_gettext as _


@dataclass(frozen=True, slots=True)
class Disregard:
    """A kind of adult who is not counted: how it is named, what proves it, and its law."""

    code: str
    title: Lazy
    proof: Lazy
    law: str


@dataclass(frozen=True, slots=True)
class Spell:
    """From when to when (both counted; None: until further notice) somebody is disregarded, and as what."""

    code: str
    since_on: date
    until_on: date | None = None

    def holds(self, day: date) -> bool:
        """Whether it does at the end of this day."""
        return self.since_on <= day and (self.until_on is None or day <= self.until_on)


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody whose sole or main residence the home is. `adult_on`: their 18th birthday, if it lies near."""

    adult_on: date | None = None
    spells: tuple[Spell, ...] = ()


DISREGARDS: Final = (
    Disregard(
        "student",
        _("Full-time student or foreign language assistant"),
        _("A student certificate"),
        "LGFA 1992 Sch 1 para 4; SI 1992/548 art 4, Sch 1: 24 weeks a year and 21 hours a week; under 20, 12 hours",
    ),
    Disregard(
        "student_nurse",
        _("Student nurse"),
        _("A letter from the college or the hospital"),
        "LGFA 1992 Sch 1 para 4; SI 1992/548 Sch 1: a course that leads to a first registration",
    ),
    Disregard(
        "apprentice",
        _("Apprentice who earns £195 a week or less"),
        _("A letter from the employer"),
        "LGFA 1992 Sch 1 para 4; SI 1992/548 Sch 1, with SI 2006/3396 (£195)",
    ),
    Disregard(
        "youth_trainee",
        _("Person under 25 on government-funded youth training"),
        _("A letter from the training provider"),
        "LGFA 1992 Sch 1 para 4; SI 1992/548 Sch 1",
    ),
    Disregard(
        "child_benefit",
        _("Person of 18 or 19 for whom somebody gets Child Benefit"),
        _("A Child Benefit letter"),
        "LGFA 1992 Sch 1 para 3",
    ),
    Disregard(
        "school_leaver",
        _("Person under 20 who left school or college after 30 April"),
        _("The date on which they left"),
        "LGFA 1992 Sch 1 para 11; SI 1992/552 reg 3 Class C: until 31 October",
    ),
    Disregard(
        "mentally_impaired",
        _("Person with a severe mental impairment"),
        _("A doctor’s certificate and a benefit letter"),
        "LGFA 1992 Sch 1 para 2; SI 1992/548 art 3",
    ),
    Disregard(
        "carer",
        _("Carer for at least 35 hours a week of somebody in the same home"),
        _("The benefit letter of the person cared for"),
        "LGFA 1992 Sch 1 para 9; SI 1992/552 reg 2 and Sch Part II: not a partner, nor a parent of a child under 18",
    ),
    Disregard(
        "care_worker",
        _("Live-in care worker who earns £44 a week or less"),
        _("A letter from the employer or the charity"),
        "LGFA 1992 Sch 1 para 9; SI 1992/552 Sch Part I, with SI 2006/3395 (£44): at least 24 hours a week",
    ),
    Disregard(
        "hospital",
        _("Person who lives in hospital for good"),
        _("A letter from the hospital"),
        "LGFA 1992 Sch 1 para 6",
    ),
    Disregard(
        "care_home",
        _("Person who lives in a care home, nursing home or hostel where they get care"),
        _("A letter from the home"),
        "LGFA 1992 Sch 1 paras 7 and 8; SI 1992/548 art 6",
    ),
    Disregard(
        "hostel",
        _("Person in a hostel or night shelter for people with no home"),
        _("A letter from the hostel"),
        "LGFA 1992 Sch 1 para 10",
    ),
    Disregard(
        "detained",
        _("Person in prison or detained, but not for unpaid council tax or a fine"),
        _("A letter from the prison or hospital"),
        "LGFA 1992 Sch 1 para 1; SI 1992/548 art 2",
    ),
    Disregard(
        "religious",
        _("Member of a religious community, with no income or savings of their own"),
        _("A letter from the community"),
        "LGFA 1992 Sch 1 para 11; SI 1992/552 reg 3 Class B",
    ),
    Disregard(
        "student_partner",
        _("Partner or dependant of a student, not allowed to work or to claim benefits here"),
        _("A passport or visa"),
        "LGFA 1992 Sch 1 para 11; SI 1992/552 reg 3 Class E",
    ),
    Disregard(
        "visiting_forces",
        _("Member of visiting armed forces, or their dependant"),
        _("A letter from the unit"),
        "LGFA 1992 Sch 1 para 11; SI 1992/552 reg 3 Class D",
    ),
    Disregard(
        "headquarters",
        _("Member of an international headquarters or defence organisation, or their dependant"),
        _("A letter from the organisation"),
        "LGFA 1992 Sch 1 para 11; SI 1992/552 reg 3 Class A",
    ),
    Disregard(
        "diplomat",
        _("Diplomat, or a person with the same privileges"),
        _("A letter from the mission"),
        "LGFA 1992 Sch 1 para 11; SI 1992/552 reg 3 Class F, with SI 1997/657",
    ),
    Disregard(
        "ukraine",
        _("Person from Ukraine under the Homes for Ukraine scheme or its extension"),
        _("The visa"),
        "LGFA 1992 Sch 1 para 11; SI 1992/552 reg 3 Class G, by SI 2022/439 and SI 2025/242",
    ),
)
BY_CODE: Final = {one.code: one for one in DISREGARDS}
_STUDENTS: Final = frozenset({"student", "student_nurse", "school_leaver", "student_partner"})
_IMPAIRED: Final = frozenset({"mentally_impaired"})


def is_adult(resident: Resident, day: date) -> bool:
    """Whether they are 18 at the end of this day. LGFA 1992 s6(5)."""
    return resident.adult_on is None or resident.adult_on <= day


def counts(resident: Resident, day: date) -> bool:
    """Whether they count for the discount: an adult who is nothing on the list."""
    return is_adult(resident, day) and not any(spell.holds(day) for spell in resident.spells)


def adults_counted(residents: Iterable[Resident], day: date) -> int:
    """How many count on a day: none gives 50%, one gives 25% (LGFA 1992 s11(1) and (2))."""
    return sum(counts(one, day) for one in residents)


def household_class(residents: Iterable[Resident], day: date) -> str:
    """The exemption class that such a household has, or nothing: `N` all students, `U` all severely mentally impaired
    (or with students), `S` all under 18. SI 1992/558 art 3. The other classes depend on more than who lives there.

    Guests from Ukraine take no exemption away (SI 2022/439 reg 3), and give none.
    """
    here = list(residents)
    grown = [_kinds(one, day) for one in here if is_adult(one, day)]
    adults = [kinds for kinds in grown if "ukraine" not in kinds]
    if not grown:
        return "S" if here else ""
    if all(kinds & _STUDENTS for kinds in adults) and any("student" in kinds for kinds in adults):
        return "N"
    if all(kinds & (_IMPAIRED | _STUDENTS) for kinds in adults) and any(kinds & _IMPAIRED for kinds in adults):
        return "U"
    return ""


def days_of_change(residents: Iterable[Resident]) -> tuple[date, ...]:
    """The days on which the count may become another: a birthday, the first day of a spell, the day after its last."""
    days = set()
    for one in residents:
        if one.adult_on is not None:
            days.add(one.adult_on)
        for spell in one.spells:
            days.add(spell.since_on)
            if spell.until_on is not None and spell.until_on != date.max:
                days.add(date.fromordinal(spell.until_on.toordinal() + 1))
    return tuple(sorted(days))


def leaver_spell(left_on: date, twentieth_birthday: date) -> Spell | None:
    """For how long who left school or college is disregarded: none unless they left from 1 May to 31 October.

    Law: SI 1992/552 reg 3 Class C: under 20, left after 30 April, on a day before 1 November of that year.
    """
    if not date(left_on.year, 5, 1) <= left_on <= date(left_on.year, 10, 31) or twentieth_birthday <= left_on:
        return None
    eve = date.fromordinal(twentieth_birthday.toordinal() - 1)
    return Spell("school_leaver", left_on, min(date(left_on.year, 10, 31), eve))


def _kinds(resident: Resident, day: date) -> set[str]:
    return {spell.code for spell in resident.spells if spell.holds(day)}
