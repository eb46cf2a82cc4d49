"""Escalations before they go out: what the office sees coming, and what it holds back."""
