"""Every page of parking permits, so that the manifest has one name to import.

Each page's module adds itself to the blueprint when it is imported: add yours to both lists.
"""

from services.permits.views import businesses, calculator, enforcement, index, proofs, visits

PAGES = (businesses, calculator, enforcement, index, proofs, visits)
