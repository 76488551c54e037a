"""What only a server can do to us: go away, come back, be held locked, be forked with."""

import os
import threading
import time

import psycopg
import pytest

import db
from core.settings import Settings
from core.sso_token import parse_pasted
from db.tables import database
from tests.db.test_connection import TOKEN
from tests.postgres_server import PASSWORD, PostgresServer

pytestmark = pytest.mark.postgresql


def backends(settings: Settings) -> int:
    """Connections to our database, but for the one that asks."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    with psycopg.connect(settings.database_url or "") as connection:
        (number,) = connection.execute(asked).fetchone() or (0,)
    return int(number) - 1


def test_a_server_that_restarts_costs_no_call_after_it_is_back(
    opened: Settings, postgres: PostgresServer
) -> None:
    db.ensure_user("alice")
    ready, go_on = threading.Barrier(5), threading.Event()
    failed = []

    def work() -> None:
        db.revision()
        ready.wait(20)
        go_on.wait(30)
        try:
            db.check()
        except db.StorageError as reason:
            failed.append(reason)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    ready.wait(20)
    postgres.stop()
    try:
        began = time.monotonic()
        with pytest.raises(db.DatabaseUnavailableError) as told:
            db.check()
        assert time.monotonic() - began < 5
        assert PASSWORD not in str(told.value)
        assert "refused" in str(told.value)
    finally:
        postgres.start()
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert failed == []
    assert db.find_user("alice")


def test_what_somebody_holds_locked_is_given_up_in_time(opened: Settings) -> None:
    account = db.add_account(parse_pasted(TOKEN))
    with psycopg.connect(opened.database_url or "") as other:
        other.execute("LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        with pytest.raises(db.DatabaseUnavailableError, match="lock timeout"):
            db.set_account(account.id, enabled=False)
        assert 3 < time.monotonic() - began < 5.5
        other.rollback()
    db.set_account(account.id, enabled=False)


def test_threads_that_end_leave_no_connection_behind(opened: Settings) -> None:
    for _ in range(3):
        threads = [threading.Thread(target=db.revision) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert backends(opened) <= 20
    db.close_database()
    deadline = time.monotonic() + 5
    while backends(opened):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_released_connection_is_closed_and_not_shared_with_a_fork(opened: Settings) -> None:
    db.revision()
    db.release_connection()
    child = os.fork()
    if child == 0:
        try:
            good = db.revision() > 0
            db.close_database()
            os._exit(0 if good else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert db.revision() > 0


def test_more_threads_than_connections_wait_their_turn(opened: Settings) -> None:
    failed = []

    def work() -> None:
        try:
            for _ in range(5):
                db.ensure_user(f"user-{threading.get_ident() % 7}")
        except db.StorageError as reason:
            failed.append(reason)

    threads = [threading.Thread(target=work) for _ in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_an_unknown_database_and_a_wrong_password_say_so(
    opened: Settings, postgres: PostgresServer, tmp_path
) -> None:
    for url in (postgres.url("nowhere"), postgres.url("postgres").replace("@127", "x@127")):
        with pytest.raises(db.CannotOpenError) as told:
            db.open_database(Settings(data_dir=tmp_path, database_url=url))
        assert PASSWORD not in str(told.value)
        assert "nowhere" in str(told.value) or "password authentication failed" in str(told.value)


def test_it_is_examined_without_being_changed(opened: Settings, empty: Settings) -> None:
    db.add_account(parse_pasted(TOKEN))
    found = db.examine_database(opened)
    assert (found.kind, found.is_usable, found.accounts) == ("PostgreSQL", True, 1)
    assert found.secrets == found.opened > 0
    database.execute_sql("DELETE FROM migrations WHERE name > 'm005'")
    assert db.examine_database(opened).pending > 0
    nothing = db.examine_database(empty)
    assert nothing.is_empty
    assert db.examine_database(empty) == nothing
