"""Words that rules, lists and pages share: what kinds of paper and our own actions are called."""
