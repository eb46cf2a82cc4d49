"""The JSON interface under /api/v1, its problems, its paging and its entity tags."""
