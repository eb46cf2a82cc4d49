"""The process that fills one workbook, or makes the plain one (`child.py`)."""

import sys

from workflow.forms.child import answer_for
from workflow.forms.plain_sheet import plain_sheet
from workflow.forms.sheet import fill_sheet

if __name__ == "__main__":
    sys.exit(answer_for(plain_sheet, fill_sheet))
