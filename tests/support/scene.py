"""What most tests play in: a fresh database, a fresh bucket, and the binary set up for both."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from .database import Cluster, Database
from .expected import microseconds
from .ingestor import Ingestor
from .store import Bucket, Store


class Scene:
    def __init__(self, database: Database, bucket: Bucket, ingestor: Ingestor) -> None:
        self.database = database
        self.bucket = bucket
        self.ingestor = ingestor

    def migrate_and_put(self, objects: dict[str, bytes]) -> None:
        """The schema is there before the first run, so that a test can hold things up in it."""
        done = self.ingestor("migrate")
        assert done.code == 0, done
        self.bucket.put_all(objects)

    def start_anew(self) -> None:
        """The same database and bucket as if nothing had ever been ingested."""
        for table in ("processed_file", "log", "rejected_line", "ingestor_replica", "judge.transition"):
            self.database.execute_as_nobody_watches(f"TRUNCATE {table} RESTART IDENTITY")

    def listed_at(self, key: str) -> datetime:
        """The last-modified time that the listing gives for a key."""
        return self.bucket.last_modified()[key]

    def listed_at_microseconds(self, key: str) -> int:
        return microseconds(self.listed_at(key))


@contextmanager
def make_scene(cluster: Cluster, store: Store, folder: Path) -> Iterator[Scene]:
    with ExitStack() as stack:
        database = stack.enter_context(cluster.fresh_database())
        bucket = stack.enter_context(store.fresh_bucket())
        environment = Ingestor.bare_environment(folder) | store.environment()
        environment |= {"DATABASE_URL": database.url, "AWS_S3_BUCKET": bucket.name}
        yield Scene(database, bucket, Ingestor(environment, folder))
