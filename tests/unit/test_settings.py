import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from workflow.settings import SAMPLE_SECRET, Environment, Settings, SettingsError, load

SECRET = "x" * 40
PRODUCTION = {
    "COMMENDO_ENV": "production",
    "COMMENDO_DATABASE_URL": "postgresql://app:secret@db.example.org/commendo",
    "COMMENDO_REDIS_URL": "rediss://cache.example.org:6380/0",
    "COMMENDO_SMTP_URL": "smtp://user:secret@mail.example.org:587",
    "COMMENDO_MAIL_FROM": "Commendo <thidua@example.org>",
    "COMMENDO_BASE_URL": "https://commendo.example.org/",
    "COMMENDO_SECRET_KEY": SECRET,
}


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"COMMENDO_{name.upper()}", raising=False)
    monkeypatch.setenv("COMMENDO_DATA_DIR", str(tmp_path / "data"))


def given(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def problems(*, bind: str = "127.0.0.1") -> tuple[str, ...]:
    with pytest.raises(SettingsError) as refused:
        load(bind=bind)
    assert str(refused.value) == "\n".join(refused.value.problems)
    return refused.value.problems


def test_nothing_set_is_development_with_embedded_services() -> None:
    settings = load()
    assert settings.env is Environment.DEVELOPMENT
    assert settings.uses_embedded_services
    assert settings.timezone == "Asia/Ho_Chi_Minh"
    assert settings.locale == "vi"


@pytest.mark.parametrize(("said", "minutes"), [(None, 10), ("", 10), ("0", 0), ("120", 2)])
def test_a_decision_may_be_undone_for_ten_minutes_unless_it_says_otherwise(
    said: str | None, minutes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if said is not None:
        monkeypatch.setenv("COMMENDO_UNDO_SECONDS", said)
    assert load().undo_window == timedelta(minutes=minutes)


@pytest.mark.parametrize("bind", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"])
def test_a_loopback_bind_is_development(bind: str) -> None:
    assert not load(bind=bind).is_production


@pytest.mark.parametrize("bind", ["0.0.0.0", "::", "192.168.1.4", "commendo.example.org"])  # noqa: S104 - what is tried here
def test_another_bind_must_say_what_it_is_for(bind: str) -> None:
    (problem,) = problems(bind=bind)
    assert problem.startswith("COMMENDO_ENV: missing;")
    assert bind in problem


def test_a_database_of_ones_own_must_say_what_it_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMENDO_DATABASE_URL", PRODUCTION["COMMENDO_DATABASE_URL"])
    (problem,) = problems()
    assert "COMMENDO_ENV" in problem
    assert "COMMENDO_DATABASE_URL is set" in problem


def test_development_with_configured_services_needs_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, {"COMMENDO_ENV": "development", "COMMENDO_DATABASE_URL": "postgresql:///commendo"})
    assert load(bind="192.168.1.4").database_url == "postgresql+psycopg:///commendo"


def test_production_with_everything_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, PRODUCTION)
    settings = load(bind="192.168.1.4")
    assert settings.is_production
    assert settings.database_url == "postgresql+psycopg://app:secret@db.example.org/commendo"
    assert settings.base_url == "https://commendo.example.org"
    assert settings.secret == SECRET


@pytest.mark.parametrize("name", [name for name in PRODUCTION if name != "COMMENDO_ENV"])
def test_production_names_the_one_that_is_missing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, {key: value for key, value in PRODUCTION.items() if key != name})
    (problem,) = problems()
    assert problem.startswith(f"{name}: missing;")


def test_production_names_all_that_is_missing_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMENDO_ENV", "production")
    missing = {problem.partition(":")[0] for problem in problems()}
    assert missing == set(PRODUCTION) - {"COMMENDO_ENV"}


def test_an_empty_value_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, PRODUCTION | {"COMMENDO_SMTP_URL": ""})
    (problem,) = problems()
    assert problem.startswith("COMMENDO_SMTP_URL: missing;")


def test_production_refuses_the_sample_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, PRODUCTION | {"COMMENDO_SECRET_KEY": SAMPLE_SECRET})
    (problem,) = problems()
    assert problem.startswith("COMMENDO_SECRET_KEY:")
    assert "sample" in problem


def test_development_accepts_the_sample_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMENDO_SECRET_KEY", SAMPLE_SECRET)
    assert load().secret == SAMPLE_SECRET


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COMMENDO_ENV", "staging"),
        ("COMMENDO_DATABASE_URL", "mysql://db/commendo"),
        ("COMMENDO_DATABASE_URL", "db.example.org"),
        ("COMMENDO_DATABASE_URL", "postgresql://db.example.org"),
        ("COMMENDO_MIGRATION_URL", "sqlite:///x.db"),
        ("COMMENDO_REDIS_URL", "http://cache"),
        ("COMMENDO_REDIS_URL", "redis://"),
        ("COMMENDO_REDIS_URL", "unix://"),
        ("COMMENDO_SMTP_URL", "mail.example.org:25"),
        ("COMMENDO_MAIL_FROM", "nobody"),
        ("COMMENDO_MAIL_FROM", "a@example.org, b@example.org"),
        ("COMMENDO_MAIL_FROM", "a@example.org\r\nBcc: b@example.org"),
        ("COMMENDO_BASE_URL", "commendo.example.org"),
        ("COMMENDO_BASE_URL", "https://commendo.example.org:99999"),
        ("COMMENDO_BASE_URL", "https://admin:hunter2@commendo.example.org"),
        ("COMMENDO_BASE_URL", "https://commendo.example.org/../khen"),
        ("COMMENDO_BASE_URL", "https://commendo.example.org/khen thưởng"),
        ("COMMENDO_SECRET_KEY", "short"),
        ("COMMENDO_TIMEZONE", "Asia/Hanoi-by-the-lake"),
        ("COMMENDO_TIMEZONE", "../../etc/passwd"),
        ("COMMENDO_LOCALE", "fr"),
        ("COMMENDO_UNDO_SECONDS", "-1"),
        ("COMMENDO_UNDO_SECONDS", "ten minutes"),
        ("COMMENDO_UNDO_SECONDS", "86401"),
        ("COMMENDO_CALENDAR", "local"),
        ("COMMENDO_CALENDAR", "gb"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, PRODUCTION | {name: value})
    (problem,) = problems()
    assert problem.startswith(f"{name}: ")


def test_a_wrong_value_is_not_printed_because_it_may_hold_a_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = {"COMMENDO_DATABASE_URL": "mysql://u:hunter2@db/x", "COMMENDO_SECRET_KEY": "hunter2"}
    given(monkeypatch, PRODUCTION | wrong)
    assert "hunter2" not in " ".join(problems())


def test_wrong_and_missing_ones_come_in_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, PRODUCTION | {"COMMENDO_REDIS_URL": "http://cache", "COMMENDO_LOCALE": "fr"})
    monkeypatch.delenv("COMMENDO_SMTP_URL")
    named = {problem.partition(":")[0] for problem in problems()}
    assert named == {"COMMENDO_REDIS_URL", "COMMENDO_LOCALE", "COMMENDO_SMTP_URL"}


@pytest.mark.parametrize("url", ["redis://cache:6379/0", "rediss://cache/1", "unix:///run/redis.sock?db=2"])
def test_redis_may_be_reached_in_three_ways(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, PRODUCTION | {"COMMENDO_REDIS_URL": url})
    assert load().redis_url == url


def test_passwords_are_not_shown_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, PRODUCTION)
    shown = repr(load())
    assert "secret@" not in shown
    assert SECRET not in shown


def test_migrations_without_their_role_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, PRODUCTION)
    with pytest.raises(SettingsError, match="COMMENDO_MIGRATION_URL"):
        load().migration_database()
    monkeypatch.setenv("COMMENDO_MIGRATION_URL", "postgres://owner@db/commendo")
    assert load().migration_database() == "postgresql+psycopg://owner@db/commendo"


def test_the_secret_of_development_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    first = load().secret
    kept = tmp_path / "data" / "secret_key"
    assert load().secret == first
    assert len(first) >= 32
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_many_processes_that_make_the_secret_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda _: load().secret, range(64)))
    assert len(made) == 1
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret_key"]


def test_the_data_folder_defaults_to_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMMENDO_DATA_DIR")
    assert load().data_dir == Path(__file__).resolve().parents[2] / ".commendo"


def test_outside_a_checkout_the_data_folder_is_the_xdg_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("COMMENDO_DATA_DIR")
    monkeypatch.setattr("workflow.settings.CHECKOUT", tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    assert load().data_dir == tmp_path / "xdg" / "commendo"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert load().data_dir == Path.home() / ".local" / "share" / "commendo"


def test_a_relative_data_folder_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COMMENDO_DATA_DIR", "here")
    assert load().data_dir == tmp_path / "here"


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        ({}, "TĐKT"),
        ({"COMMENDO_LOCALE": "en"}, "Awards"),
        ({"COMMENDO_SUBJECT_TAG": ""}, ""),
        ({"COMMENDO_LOCALE": "en", "COMMENDO_SUBJECT_TAG": "  "}, ""),
        ({"COMMENDO_SUBJECT_TAG": "[Spot awards]"}, "Spot awards"),
    ],
)
def test_the_subject_tag_is_the_offices_own(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, str], tag: str
) -> None:
    given(monkeypatch, said)
    assert load().mail_tag == tag


def test_a_subject_tag_is_one_short_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ("one\ntwo", "x" * 41):
        given(monkeypatch, {"COMMENDO_SUBJECT_TAG": wrong})
        assert problems()[0].startswith("COMMENDO_SUBJECT_TAG: ")


@pytest.mark.parametrize(
    ("said", "calendar"),
    [
        ({}, "vn"),
        ({"COMMENDO_LOCALE": "en"}, "weekdays"),
        ({"COMMENDO_LOCALE": "en", "COMMENDO_CALENDAR": "vn"}, "vn"),
        ({"COMMENDO_CALENDAR": "none"}, "none"),
    ],
)
def test_working_days_are_those_of_the_place(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, str], calendar: str
) -> None:
    given(monkeypatch, said)
    assert load().working_days == calendar


def test_the_question_about_state_secrets_can_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().asks_state_secrets
    given(monkeypatch, {"COMMENDO_ASK_STATE_SECRETS": "false"})
    assert not load().asks_state_secrets


def test_an_english_installation_is_asked_about_state_secrets_where_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given(monkeypatch, {"COMMENDO_LOCALE": "en"})
    assert not load().asks_state_secrets
    given(monkeypatch, {"COMMENDO_LOCALE": "en", "COMMENDO_ASK_STATE_SECRETS": "true"})
    assert load().asks_state_secrets


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("https://khen.example.vn:8443/", "https://khen.example.vn:8443"),
        ("https://intra.example.vn/thi-dua/", "https://intra.example.vn/thi-dua"),
        ("HTTPS://Khen.Example.VN.", "https://Khen.Example.VN."),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_address_of_a_site_may_have_a_port_a_path_and_capitals(
    monkeypatch, typed: str, taken: str
) -> None:
    given(monkeypatch, {**PRODUCTION, "COMMENDO_BASE_URL": typed})
    assert load().base_url == taken
