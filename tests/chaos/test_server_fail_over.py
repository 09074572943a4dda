"""The database becomes read-only under the replicas, as it does in a fail-over, and later lets them write again."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from support.database import Database
from support.load import RssLimit, most_claims, trouble_of, under_load
from support.own_server import OwnServer
from support.scene import Scene

REPLICAS = 3
BUSY_SECONDS_MAX = 0.4
READ_ONLY = "in a read-only transaction"


@contextmanager
def read_only(database: Database) -> Iterator[None]:
    """As an administrator would do it: nobody writes who does not insist, and the sessions that are there end."""
    setting = f'ALTER DATABASE "{database.name}" '
    database.execute(setting + "SET default_transaction_read_only = on")
    database.disconnect_role()
    try:
        yield
    finally:
        database.execute(setting + "RESET default_transaction_read_only")
        database.disconnect_role()


def most_refusals(seconds: float) -> int:
    """Of writes, by all replicas. Claims slow down; the looks for what is due again do not, nor do the heartbeats: five
    in a second at most, each, and the listings two."""
    return int(most_claims(REPLICAS, seconds) + REPLICAS * (5 + 5 + 2) * (seconds + 1))


def test_the_database_is_made_read_only(
    own_postgres: OwnServer,
    own_scene: Scene,
    kind: str,
    chance: random.Random,
    times: Callable[[int, int], int],
    rss_limit: RssLimit,
) -> None:
    """A transaction that loads insists on writing, and may finish; nothing more is claimed."""
    seconds = times(1, 20)
    said = own_postgres.said(READ_ONLY)
    with under_load(own_scene, kind) as load:
        load.be_busy(chance, BUSY_SECONDS_MAX)
        with read_only(load.database):
            load.put_more()
            own_postgres.await_saying(READ_ONLY, more_than=said)
            load.await_trouble(replicas=REPLICAS)
            claims, said = load.claims(), own_postgres.said(READ_ONLY)
            time.sleep(seconds)
            load.check()
            assert load.claims() == claims
            assert own_postgres.said(READ_ONLY) - said <= most_refusals(seconds)
        ended = load.finish()
    assert [trouble_of(done.stderr).stretches() for done in ended] == [1] * REPLICAS, ended
    rss_limit(kind, ended)


def test_the_address_leads_to_a_standby_for_a_while(
    own_postgres: OwnServer,
    own_scene: Scene,
    kind: str,
    chance: random.Random,
    times: Callable[[int, int], int],
    rss_limit: RssLimit,
) -> None:
    seconds = times(1, 10)
    with own_postgres.standby() as standby, under_load(own_scene, kind) as load:
        for _ in range(times(1, 5)):
            load.be_busy(chance, BUSY_SECONDS_MAX)
            standby.take_the_address(load.database)
            said = standby.said(READ_ONLY)
            standby.await_saying(READ_ONLY, more_than=said)
            time.sleep(seconds)
            assert standby.said(READ_ONLY) - said <= most_refusals(seconds)
            load.check()
            standby.give_the_address_back(load.database)
            load.check()
            load.await_peace()
        ended = load.finish()
    assert max(trouble_of(done.stderr).stretches() for done in ended) <= times(1, 5), ended
    rss_limit(kind, ended)


def test_a_standby_is_promoted(
    own_postgres: OwnServer, own_scene: Scene, kind: str, chance: random.Random, rss_limit: RssLimit
) -> None:
    """The primary dies in the middle; what it acknowledged is on the standby, and nothing else is."""
    with own_postgres.standby() as standby:
        with under_load(own_scene, kind) as load:
            load.put_more()
            load.be_busy(chance, BUSY_SECONDS_MAX)
            own_postgres.kill()
            standby.take_the_address(load.database)
            load.check()
            standby.await_saying(READ_ONLY)
            standby.promote(load.database)
            load.put_more()
            ended = load.finish()
        own_postgres.start()
        standby.give_the_address_back(load.database)
    assert max(trouble_of(done.stderr).stretches() for done in ended) <= 1, ended
    rss_limit(kind, ended)
