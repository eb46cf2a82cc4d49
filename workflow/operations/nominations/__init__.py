"""Nominations: drafted, decided, claimed, held, recalled."""
