"""Every page of council tax, so that the manifest has one name to import."""

from services.council_tax.views import (
    account,
    bills,
    direct_debit,
    direct_debit_after,
    e_billing,
    properties,
    recovery,
    statement,
)

PAGES = (account, bills, direct_debit, direct_debit_after, e_billing, properties, recovery, statement)
