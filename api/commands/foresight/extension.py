"""What an extension moves, in lines and as JSON."""

from collections.abc import Iterator

from workflow.operations.rounds.extension import Extension


def moved_lines(shown: Extension) -> Iterator[str]:
    """Yield what an extension moves, a line each."""
    was = shown.was.isoformat() if shown.was else "none"
    whose = f" for {', '.join(shown.unit_codes)}" if shown.unit_codes else ""
    yield f"{shown.round_code}: {shown.name}{whose} {was} -> {shown.day}"
    for owed in shown.moves.returns:
        done = " (sent or answered already)" if owed.is_done else ""
        yield f"    {owed.unit_code}: {owed.was_on} -> {owed.due_on}{done}"
    for name in shown.moves.nominations:
        before = f"{name.was_at:%Y-%m-%d}" if name.was_at else "none"
        after = f"{name.due_at:%Y-%m-%d}" if name.due_at else "none"
        yield f"    nomination {name.nomination_id} ({name.unit_code}, {name.step}): {before} -> {after}"
    moving = sum(move.was_at != move.at for move in shown.moves.rungs)
    mails = shown.moves.mails_cancelled
    yield f"{moving} reminders move, {mails} mails are cancelled, {len(shown.moves.people)} people are told."
    yield from _mails(shown)
    if shown.upper is not None:
        upper = shown.upper
        verdict = "still holds" if upper.holds else "will hardly hold"
        yield (
            f"The upper date {upper.upper_on} {verdict}: {upper.days_left} working days are left, "
            f"the steps after this need {upper.days_needed}."
        )
    for warned in shown.warnings:
        yield f"Note: {warned.message}"


def _mails(shown: Extension) -> Iterator[str]:
    for mail in shown.mails:
        was, at = (f"{one:%Y-%m-%d}" if one else "none" for one in (mail.was_at, mail.at))
        about = f"nomination {mail.nomination_id}" if mail.nomination_id else mail.unit_code
        yield f"    {mail.notice} to {mail.reader.name} <{mail.reader.email}> about {about}: {was} -> {at}"


def plain_extension(done: Extension) -> dict[str, object]:
    """Return what an extension moves as JSON has it."""
    return {
        "round": done.round_code,
        "date": done.name.value,
        "was": done.was,
        "day": done.day,
        "units": list(done.unit_codes),
        "returns": [
            {"unit": owed.unit_code, "was_on": owed.was_on, "due_on": owed.due_on, "is_done": owed.is_done}
            for owed in done.moves.returns
        ],
        "nominations": [
            {"id": name.nomination_id, "step": name.step, "was_at": name.was_at, "due_at": name.due_at}
            for name in done.moves.nominations
        ],
        "reminders_moved": sum(move.was_at != move.at for move in done.moves.rungs),
        "mails_cancelled": done.moves.mails_cancelled,
        "people_told": len(done.moves.people),
        "upper": done.upper
        and {"day": done.upper.upper_on, "left": done.upper.days_left, "needed": done.upper.days_needed},
        "warnings": [{"code": warned.code, "message": warned.message} for warned in done.warnings],
    }
