"""Every table of the product, imported once so that the metadata is whole."""

from workflow.store import (
    absences,
    access,
    attachments,
    awards,
    delivery,
    history,
    imports,
    installation,
    mail,
    nominations,
    obstacles,
    office_forms,
    organisation,
    preparations,
    proposals,
    records,
    saved_views,
    set_aside,
    sightings,
    stay_sums,
    submissions,
)
from workflow.store.base import Base

__all__ = [
    "absences",
    "access",
    "attachments",
    "awards",
    "delivery",
    "history",
    "imports",
    "installation",
    "mail",
    "metadata",
    "nominations",
    "obstacles",
    "office_forms",
    "organisation",
    "preparations",
    "proposals",
    "records",
    "saved_views",
    "set_aside",
    "sightings",
    "stay_sums",
    "submissions",
]

metadata = Base.metadata
