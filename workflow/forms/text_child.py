"""The process that fills one text document, or makes the plain one (`child.py`)."""

import sys

from workflow.forms.child import answer_for
from workflow.forms.plain_text import plain_text
from workflow.forms.text import fill_text

if __name__ == "__main__":
    sys.exit(answer_for(plain_text, fill_text))
