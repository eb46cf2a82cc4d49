"""What somebody sets for themselves: their feed of due dates, how their mails come."""
