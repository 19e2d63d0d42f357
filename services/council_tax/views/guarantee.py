"""The Direct Debit Guarantee.

Its words are the scheme's and stand as they are, with the council's name in them: Bacs Payment Schemes, "The Direct
Debit Guarantee" (www.directdebit.co.uk/direct-debit-explained/direct-debit-guarantee), which whoever collects must show
before an instruction is given and with its confirmation.
"""

from portal.kit import council, current_language, papers, settings_of
from portal.kit import gettext as _
from services.council_tax.rules.debit_plan import NOTICE
from services.council_tax.settings import CouncilTaxSettings


def guarantee() -> papers.Boxed:
    """The Guarantee, for a page or a paper."""
    ours = collector()
    return papers.Boxed(
        _("The Direct Debit Guarantee"),
        (
            papers.Points(
                (
                    _(
                        "This Guarantee is offered by all banks and building societies that accept instructions to pay"
                        " Direct Debits."
                    ),
                    _(
                        "If there are any changes to the amount, date or frequency of your Direct Debit %(council)s"
                        " will notify you %(days)s working days in advance of your account being debited or as"
                        " otherwise agreed. If you request %(council)s to collect a payment, confirmation of the amount"
                        " and date will be given to you at the time of the request.",
                        council=ours,
                        days=NOTICE,
                    ),
                    _(
                        "If an error is made in the payment of your Direct Debit, by %(council)s or your bank or"
                        " building society, you are entitled to a full and immediate refund of the amount paid from"
                        " your bank or building society. If you receive a refund you are not entitled to, you must pay"
                        " it back when %(council)s asks you to.",
                        council=ours,
                    ),
                    _(
                        "You can cancel a Direct Debit at any time by simply contacting your bank or building society."
                        " Written confirmation may be required. Please also notify us."
                    ),
                )
            ),
        ),
    )


def collector() -> str:
    """Who collects, by the name that stands on bank statements."""
    face = council()
    return settings_of(CouncilTaxSettings).direct_debit_name or (
        face.name_cy if current_language() == "cy" else face.name
    )


def service_user_number() -> str:
    """The council's number in the scheme; "" where it has named none."""
    return settings_of(CouncilTaxSettings).service_user_number
