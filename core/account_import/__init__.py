"""Accounts out of whatever a neighbour's tool, a browser or a spreadsheet has written.

`recognise` is the one way in, for the console, the API and the command line. It reads and judges;
what is in the pool already is not its business.
"""

from core.account_import.planning import Outcome, Step, plan
from core.account_import.recognising import read_items, recognise
from core.account_import.values import (
    MOST_ACCOUNTS,
    Finding,
    ImportedAccount,
    Malformed,
    Reason,
    Recognised,
    Skipped,
)

__all__ = [
    "MOST_ACCOUNTS",
    "Finding",
    "ImportedAccount",
    "Malformed",
    "Outcome",
    "Reason",
    "Recognised",
    "Skipped",
    "Step",
    "plan",
    "read_items",
    "recognise",
]
