"""Recording evidence: once per source, later versions supersede, and every transaction's marks go into the ledger."""

from assessments.results.services.bringing import bring_in
from assessments.results.services.recording import record, record_many
from assessments.results.services.writing import Brought, Evidence

__all__ = ["Brought", "Evidence", "bring_in", "record", "record_many"]
