"""Every page of council tax, so that the manifest has one name to import."""

from services.council_tax.views import (
    account,
    bands,
    bills,
    direct_debit,
    direct_debit_after,
    e_billing,
    estimate,
    moving,
    moving_questions,
    properties,
    recovery,
    statement,
)

PAGES = (
    account,
    bands,
    bills,
    direct_debit,
    direct_debit_after,
    e_billing,
    estimate,
    moving,
    moving_questions,
    properties,
    recovery,
    statement,
)
