"""Every table of the product, imported once so that the metadata is whole."""

from workflow.store import access, awards, history, installation, mail, nominations, organisation
from workflow.store.base import Base

__all__ = ["access", "awards", "history", "installation", "mail", "metadata", "nominations", "organisation"]

metadata = Base.metadata
