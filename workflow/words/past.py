"""What was done, in English, by what the button for it says: a history that reads "Return" gives an order.

Vietnamese verbs have no tense, so this is grammar of one language and no table of both. What is not here
stays as it is: it tells already what happened, or a route of somebody's own calls it so.
"""

from collections.abc import Mapping
from typing import Final

_PAST: Final[Mapping[str, str]] = {
    # Of every nomination, whatever its route.
    "Draft": "Drafted",
    "Edit": "Edited",
    "Take back": "Taken back",
    "Withdraw": "Withdrawn",
    "Take it on": "Taken on",
    "Give it back": "Given back",
    "Reassign": "Reassigned",
    "Take it over": "Taken over",
    "Resume": "Resumed",
    "Ask for more": "Asked for more",
    "Answer what was asked": "Answered what was asked",
    "Record that an outside office was asked": "Recorded that an outside office was asked",
    "Record the answer of the outside office": "Recorded the answer of the outside office",
    "Record the outcome above": "Recorded the outcome above",
    "Annul the award": "Annulled the award",
    "Take back the annulment (recorded by mistake)": "Took back the annulment (recorded by mistake)",
    "Prepare the decision": "Prepared the decision",
    "Send the proposal back": "Sent the proposal back",
    "Undo": "Undone",
    "Comment": "Commented",
    "Close unfinished": "Closed unfinished",
    "Attach a paper": "Attached a paper",
    "Remove a paper": "Removed a paper",
    "Nudge": "Nudged",
    # Moves of the routes that ship.
    "Submit": "Submitted",
    "Endorse": "Endorsed",
    "Do not put forward": "Not put forward",
    "Receive": "Received",
    "Send to the council": "Sent to the council",
    "Council recommends": "Council recommended",
    "Council does not recommend": "Council did not recommend",
    "Sign the decision": "Signed the decision",
    "Sign the submission upward": "Signed the submission upward",
    "Return": "Returned",
    "Agree to the expense": "Agreed to the expense",
    "Approve finally": "Finally approved",
    "Confirm": "Confirmed",
    "Pay": "Paid",
    "Pre-approve": "Pre-approved",
    "Request payment": "Requested payment",
    "Turn down": "Turned down",
    "Approve": "Approved",
    "Reject": "Rejected",
}


def past(english: str) -> str:
    """Return how English tells that what a button says was done."""
    return _PAST.get(english, english)
