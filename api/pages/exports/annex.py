"""Lists in the form of the reader's office: those of a submission, and the awards of a round by unit."""

from flask import Response

from api.pages.identity import current_actor, current_locale
from api.pages.routes import pages
from api.pages.views.one_round import ROUND
from api.pages.views.submissions import SUBMISSION
from api.permissions import Permission, permission
from api.sheets.office_forms import annex_file, summary_file
from workflow.domain.papers.office_forms import FormFormat


@pages.get(f"{SUBMISSION}/annex.docx")
@permission(Permission.SIGNED_IN)
def annex_docx(submission_id: int) -> Response:
    """Send the names that are put forward as a text document."""
    return annex_file(current_actor(), submission_id, FormFormat.DOCX, current_locale())


@pages.get(f"{SUBMISSION}/annex.xlsx")
@permission(Permission.SIGNED_IN)
def annex_xlsx(submission_id: int) -> Response:
    """Send the names that are put forward as a workbook."""
    return annex_file(current_actor(), submission_id, FormFormat.XLSX, current_locale())


@pages.get(f"{ROUND}/award-summary.docx")
@permission(Permission.SIGNED_IN)
def summary_docx(round_code: str) -> Response:
    """Send how many names each unit puts forward for each award as a text document."""
    return summary_file(current_actor(), round_code, FormFormat.DOCX, current_locale())


@pages.get(f"{ROUND}/award-summary.xlsx")
@permission(Permission.SIGNED_IN)
def summary_xlsx(round_code: str) -> Response:
    """Send how many names each unit puts forward for each award as a workbook."""
    return summary_file(current_actor(), round_code, FormFormat.XLSX, current_locale())
