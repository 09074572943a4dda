"""The database server refuses what it took a moment ago, for a while: conflicts, ended and cancelled sessions, a
password that changed, a table that is not there."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from support.database import Database
from support.load import Load, RssLimit, is_in_trouble, most_claims, trouble_of, under_load
from support.own_server import OwnServer
from support.scene import Scene

REPLICAS = 3
POOLS = 2  # of connections, of each replica: for rows, and for everything short
FEW_FILES_UNDONE = 3
BUSY_SECONDS_MAX = 0.1
QUIET_SECONDS = 3.0  # some looks for more, whose pause is less than a second soon after trouble began

# Its sequence counts on when a transaction fails, so the first so many statements fail, and then no more.
HICCUPS = """
CREATE SEQUENCE judge.hiccup;
CREATE FUNCTION judge.hiccup() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  IF nextval('judge.hiccup') <= {times} THEN
    RAISE EXCEPTION 'hiccup' USING ERRCODE = (ARRAY['40P01', '40001', '55P03'])[1 + floor(random() * 3)];
  END IF;
  RETURN NULL;
END $$;"""
WHEN_HICCUPS_COME = {
    "in COPY": "CREATE TRIGGER hiccup AFTER INSERT ON log EXECUTE FUNCTION judge.hiccup()",
    "in COMMIT": "CREATE CONSTRAINT TRIGGER hiccup AFTER INSERT ON log DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW WHEN (ingestor_line(NEW.id) = 1) EXECUTE FUNCTION judge.hiccup()",
}


@pytest.mark.parametrize("when", WHEN_HICCUPS_COME)
def test_conflicts(
    scene: Scene, kind: str, when: str, times: Callable[[int, int], int], rss_limit: RssLimit
) -> None:
    count = times(3, 10)
    with under_load(scene, kind) as load:
        load.database.execute(HICCUPS.format(times=count))
        load.database.execute(WHEN_HICCUPS_COME[when])
        load.put_more()
        load.await_(lambda: hiccups(load.database) >= count, "all conflicts have come")
        load.check()
        load.put_more()
        ended = load.finish()
    assert 1 <= sum(trouble_of(done.stderr).stretches() for done in ended) <= count, ended
    rss_limit(kind, ended)


def hiccups(database: Database) -> int:
    return int(database.value("SELECT last_value FROM judge.hiccup"))  # type: ignore[arg-type]


def test_deadlocks(scene: Scene, kind: str, times: Callable[[int, int], int], rss_limit: RssLimit) -> None:
    """Somebody else locks a file's row and then `log`; the transaction that loads the file has `log` and wants the row,
    and is the one that ends, because the other looks for deadlocks much later."""
    count = times(1, 5)
    with under_load(scene, kind) as load:
        while deadlocks(load.database) < count:
            if len(load.undone()) < FEW_FILES_UNDONE:
                load.put_more()
            load.await_work()
            lock_a_file_and_then_log(load.database)
            load.check()
        ended = load.finish()
    rss_limit(kind, ended)


def deadlocks(database: Database) -> int:
    query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    return int(database.value(query))  # type: ignore[arg-type]


def lock_a_file_and_then_log(database: Database) -> None:
    with database.connect() as other, other.transaction():
        other.execute("SET LOCAL deadlock_timeout = '1h'")
        other.execute("SELECT FROM processed_file WHERE status = 'processing' LIMIT 1 FOR UPDATE SKIP LOCKED")
        other.execute("LOCK TABLE log IN ACCESS EXCLUSIVE MODE")


def test_sessions_that_are_ended_or_cancelled_at_random_moments(
    scene: Scene, kind: str, chance: random.Random, times: Callable[[int, int], int], rss_limit: RssLimit
) -> None:
    """57P01 and 57014, each time in one session, whatever it is doing."""
    events = times(10, 200)
    hits = 0
    with under_load(scene, kind) as load:
        for n in range(events):
            if len(load.undone()) < FEW_FILES_UNDONE:
                load.put_more()
                load.await_work()
            time.sleep(chance.uniform(0.0, BUSY_SECONDS_MAX))
            hits += hit_one_session(load.database, "pg_cancel_backend" if n % 2 else "pg_terminate_backend", chance)
            load.check()
        ended = load.finish()
    assert hits >= events / 2
    for done in ended:
        assert trouble_of(done.stderr).stretches() <= events, done
    rss_limit(kind, ended)


def hit_one_session(database: Database, how: str, chance: random.Random) -> bool:
    """Rather one that is at work."""
    busy = database.rows(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename = %s "
        "ORDER BY state <> 'idle' DESC, pid",
        database.cluster.role,
    )
    if not busy:
        return False
    victim = chance.choice(busy[:6])[0]
    return bool(database.value(f"SELECT {how}(%s)", victim))


@contextmanager
def another_password(server: OwnServer, database: Database) -> Iterator[None]:
    """The sessions that are there end, and nobody knows the new one."""
    alter = "ALTER ROLE {} PASSWORD '{}'"
    role = server.cluster.role
    database.execute(alter.format(role, "somebody-changed-it"))
    database.disconnect_role()
    try:
        yield
    finally:
        database.execute(alter.format(role, server.cluster.password))


def test_a_password_that_is_wrong_for_a_while(
    own_postgres: OwnServer, own_scene: Scene, kind: str, times: Callable[[int, int], int], rss_limit: RssLimit
) -> None:
    seconds = times(1, 20)
    refusal = "password authentication failed"
    with under_load(own_scene, kind) as load:
        load.put_more()
        load.await_work()
        with another_password(own_postgres, load.database):
            load.put_more()
            load.await_trouble(replicas=REPLICAS)
            said = own_postgres.said(refusal)
            time.sleep(seconds)
            # Each pool tries again after a pause that doubles from 0.1 s to 10 s.
            assert own_postgres.said(refusal) - said <= REPLICAS * POOLS * (8 + seconds / 5)
            load.check()
        ended = load.finish()
    # One for each of its pools at most: each pauses up to 10 s and so finds out by itself that it is over.
    assert all(1 <= trouble_of(done.stderr).stretches() <= POOLS for done in ended), ended
    rss_limit(kind, ended)


@contextmanager
def log_renamed(database: Database) -> Iterator[None]:
    database.execute("ALTER TABLE log RENAME TO log_of_somebody_else")
    try:
        yield
    finally:
        database.execute("ALTER TABLE log_of_somebody_else RENAME TO log")


def test_a_table_that_is_away_for_a_while(
    scene: Scene, kind: str, times: Callable[[int, int], int], rss_limit: RssLimit
) -> None:
    """It can be claimed, but not loaded: the claims slow down, and the log says what is wrong."""
    seconds = times(2, 30)
    with under_load(scene, kind) as load:
        load.put_more()
        load.await_work()
        with log_renamed(load.database):
            load.put_more()
            load.await_trouble()
            claims = load.claims()
            time.sleep(seconds)
            assert load.claims() - claims <= most_claims(REPLICAS, seconds), load.told()
            assert max(load.stretches()) == 1, load.told()
        load.check()
        ended = load.finish()
    assert all('relation \\"log\\" does not exist' in line for line in errors(load)), errors(load)
    assert max(trouble_of(done.stderr).stretches() for done in ended) == 1, ended
    rss_limit(kind, ended)


def test_trouble_lasts_while_another_replica_holds_the_rest(scene: Scene) -> None:
    """That there is nothing to claim does not mean that it could be loaded here."""
    with under_load(scene, "large files", replicas=1) as load:
        with log_renamed(load.database):
            load.put_more()
            load.await_trouble()
            load.await_(lambda: held_by_a_ghost(load.database), "somebody else holds the file")
            time.sleep(QUIET_SECONDS)
            assert is_in_trouble(load.replicas[0]), load.told()
        load.database.execute_as_nobody_watches("UPDATE processed_file SET lease_expires_at = now()")
        load.finish()


def held_by_a_ghost(database: Database) -> bool:
    """Claims the only file for a replica that is not there, unless ours has it at this moment."""
    database.execute_as_nobody_watches(
        "UPDATE processed_file SET status = 'processing', claim_token = claim_token + 1, lease_owner = 'ghost', "
        "lease_expires_at = now() + interval '1 hour' WHERE status = 'pending'"
    )
    return bool(database.rows("SELECT FROM processed_file WHERE lease_owner = 'ghost'"))


def errors(load: Load) -> list[str]:
    return [line for replica in load.replicas for line in trouble_of(replica.output()).errors]
