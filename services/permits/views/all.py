"""Every page of parking permits, so that the manifest has one name to import.

Each page's module adds itself to the blueprint when it is imported: add yours to both lists.
"""

from services.permits.views import (
    application_check,
    application_questions,
    application_vehicle,
    businesses,
    calculator,
    changing,
    ending,
    enforcement,
    index,
    permits,
    proofs,
    renewing,
    visits,
)

PAGES = (
    application_check,
    application_questions,
    application_vehicle,
    businesses,
    calculator,
    changing,
    ending,
    enforcement,
    index,
    permits,
    proofs,
    renewing,
    visits,
)
