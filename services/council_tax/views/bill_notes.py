"""The explanatory notes that go with every bill, in plain words.

The Council Tax (Demand Notices) (England) Regulations 2011 (SI 2011/3038), Schedule 1 paragraph 27, as amended by
SI 2012/3087: how the valuation list is made; when a home is exempt, when there is a discount, a reduction for a
disability or another reduction; how to dispute the list and how to appeal; how to ask for twelve payments.
"""

from collections.abc import Iterator

from portal.kit import gettext as _
from portal.kit import papers

ADULT_SOCIAL_CARE_YEARS = range(2020, 2025)
"""For years that begin in these the Regulations prescribe a statement (Schedule 2 paragraph 9, put in by SI 2020/21).
SI 2025/8 ended it: from 1 April 2025 what pays for adult social care is part of one line."""


def notes(year: int, *, adult_social_care: bool, website: str, telephone: str) -> Iterator[papers.Block]:
    """The notes to a bill of that year."""
    yield papers.Heading(_("Notes about your bill"))
    yield from _bands()
    yield from _less()
    yield from _disagree(telephone)
    yield papers.Heading(_("Pay in 12 instalments"), level=3)
    yield papers.Text(
        _(
            "You can ask to pay over 12 months instead of 10. To do so, open your payments in your online council tax"
            " account, or write to us. If you ask by 15 April you pay from April to March. If you ask later, you pay in"
            " the months that are left of the year."
        )
    )
    yield papers.Heading(_("What the money is spent on"), level=3)
    yield papers.Text(
        _(
            "What we and the other authorities spend is published at %(website)s. We send it to you on paper, free"
            " of charge, if you ask.",
            website=website,
        )
    )
    if adult_social_care and year in ADULT_SOCIAL_CARE_YEARS:
        yield from _adult_social_care()


def _bands() -> Iterator[papers.Block]:
    yield papers.Heading(_("How homes are valued"), level=3)
    yield papers.Text(
        _(
            "Most homes are in one of eight bands. The Valuation Office Agency decides the band, not the council. It"
            " goes by what the home would have sold for on the open market on 1 April 1991."
        )
    )
    yield papers.Table(
        _("Values on 1 April 1991"),
        (_("Band"), _("Value")),
        (
            ("A", _("Up to £40,000")),
            *((band, _("£%(low)s to £%(high)s", low=low, high=high)) for band, low, high in _VALUES),
            ("H", _("More than £320,000")),
        ),
    )


_VALUES = (
    ("B", "40,001", "52,000"),
    ("C", "52,001", "68,000"),
    ("D", "68,001", "88,000"),
    ("E", "88,001", "120,000"),
    ("F", "120,001", "160,000"),
    ("G", "160,001", "320,000"),
)
"""LGFA 1992 s5(2)."""


def _less() -> Iterator[papers.Block]:
    yield papers.Heading(_("When you may pay less or nothing"), level=3)
    yield papers.Points(
        (
            _(
                "Some homes are exempt: for example, homes where only students live, homes that are empty because the"
                " person who lived there has died, is in hospital, in a care home or in prison, and homes where"
                " everybody is under 18 or severely mentally impaired."
            ),
            _(
                "The bill is for two adults or more. If one adult lives in the home it is a quarter less. Some people"
                " are not counted, such as students, apprentices, some carers and people who are severely mentally"
                " impaired. If nobody is counted it is half."
            ),
            _(
                "For some empty homes and second homes the council decides on a discount or a premium, which makes the"
                " bill higher."
            ),
            _(
                "If somebody with a disability lives in your home and needs a room, a second bathroom or kitchen, or"
                " space for a wheelchair indoors, your bill may be that of the next lower band. In band A it is a sixth"
                " less."
            ),
            _(
                "If your income is low you may get council tax reduction, whether you rent, own your home, work or not."
                " In hardship we can take more off the bill."
            ),
        )
    )
    yield papers.Text(
        _(
            "If your bill has a discount, an exemption or a reduction and it should not, or should have a premium and"
            " has none, tell us within 21 days of finding out. If you do not, you may have to pay a penalty of £70."
        )
    )  # SI 1992/613 regs 11 and 16; LGFA 1992 Sch 3 para 1


def _disagree(telephone: str) -> Iterator[papers.Block]:
    yield papers.Heading(_("If you do not agree"), level=3)
    yield papers.Points(
        (
            _(
                "With the band: tell the Valuation Office Agency at www.gov.uk/challenge-council-tax-band or on"
                " 03000 501 501. You can make a formal challenge within 6 months of becoming liable for the home, or of"
                " a change of its band, and at other times when the home or the area has changed."
            ),
            _(
                "With being liable, with a home not being exempt, or with how we worked out the bill: write to us first"
                " and say why. If we do not agree, or do not answer within 2 months, you can appeal to the Valuation"
                " Tribunal, www.valuationtribunal.gov.uk, within 2 months of our answer, or within 4 months of your"
                " letter."
            ),
            _("You must go on paying the bill while you wait. If you are right, you get back what you paid too much."),
        )
    )  # LGFA 1992 s16; SI 2009/2270 regs 4 and 10; SI 2009/2269 reg 21
    yield papers.Text(_("You can ask us anything on %(telephone)s.", telephone=telephone))


def _adult_social_care() -> Iterator[papers.Block]:
    """In the words of the Regulations, which must stand as they are."""
    yield papers.Heading(_("Adult social care"), level=3)
    yield papers.Text(
        _(
            "The Secretary of State made an offer to adult social care authorities. (“Adult social care authorities”"
            " are local authorities which have functions under Part 1 of the Care Act 2014, namely county councils in"
            " England, district councils for an area in England for which there is no county council, London borough"
            " councils, the Common Council of the City of London and the Council of the Isles of Scilly.)"
        )
    )
    yield papers.Text(
        _(
            "The offer was the option of an adult social care authority being able to charge an additional “precept” on"
            " its council tax without holding a referendum, to assist the authority in meeting its expenditure on adult"
            " social care from the financial year 2016-17. It was originally made in respect of the financial years up"
            " to and including 2019-20. If the Secretary of State chooses to renew this offer in respect of a"
            " particular financial year, this is subject to the approval of the House of Commons."
        )
    )
