"""People over JSON: who is away and who acts for them."""
