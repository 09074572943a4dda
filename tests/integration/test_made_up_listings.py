"""A server whose listing is not the one that was asked for: nothing of it is loaded, it is named, and it costs a
bounded number of requests."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from support import objects
from support.database import Cluster, Database
from support.ingestor import Ingestor
from support.scripted_s3 import Answer, ScriptedS3, scripted_s3

PAGE = 2
OURS = {f"app/{n}": objects.json_lines(1, first=n) for n in range(4)}
OTHERS = {"secret/1": objects.json_lines(1, first=100)}
EMPTY_PAGES_MAX = 1000  # of src/s3/proto/list_objects.hpp


@dataclass(frozen=True)
class Case:
    listing: Callable[[ScriptedS3, str], Answer]  # the answer to a token
    named: str
    requests_max: int = 5


def page(inside: str, token: str = "") -> Answer:
    more = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>"
    end = "<IsTruncated>false</IsTruncated>"
    return 200, {}, f"<ListBucketResult>{more if token else end}{inside}</ListBucketResult>".encode()


def entry(key: str, etag: str = "e") -> str:
    return (
        f"<Contents><Key>{key}</Key><LastModified>2024-01-01T00:00:00Z</LastModified>"
        f"<ETag>{etag}</ETag><Size>60</Size></Contents>"
    )


CASES = {
    "the prefix is ignored": Case(lambda s3, token: page("".join(map(entry, s3.objects))), "without the prefix"),
    "the order is another": Case(lambda s3, token: page(entry("app/1") + entry("app/0")), "ascending order"),
    "more keys than asked for": Case(
        lambda s3, token: page("".join(entry(f"app/{n:04}") for n in range(1001))), "more keys"
    ),
    "the second page is the first again": Case(lambda s3, token: page(entry("app/0"), token + "x"), "keys again"),
    "the token is the same again": Case(lambda s3, token: page(entry("app/0" + token), "x"), "would never end"),
    "there are empty pages without end": Case(
        lambda s3, token: page("", token[:2] + str(int(token[2:] or 0) + 1) if token else "t-1"),
        "page after page without a key",
        EMPTY_PAGES_MAX + 5,
    ),
    "an ETag would be a header": Case(lambda s3, token: page(entry("app/0", "e&#13;&#10;x-evil: 1")), "ETag"),
    "a key is cut by a NUL": Case(lambda s3, token: page(entry("app/0&#0;x")), "no readable XML"),
    "a DTD has entities": Case(
        lambda s3, token: (200, {}, b"<!DOCTYPE x [<!ENTITY a 'app/0'>]>" + page(entry("&a;"))[2]), "no readable XML"
    ),
}


@pytest.fixture
def database(postgres: Cluster) -> Iterator[Database]:
    with postgres.fresh_database() as made:
        yield made


def is_the_first_look(query: dict[str, list[str]]) -> bool:
    """The start asks for one key, to see that the bucket is there."""
    return query.get("max-keys") == ["1"]


class MisbehavingS3(ScriptedS3):
    """Says what a case says, once it was found to be there."""

    def __init__(self, case: Case) -> None:
        super().__init__(OURS | OTHERS)
        self._case = case

    def list(self, query: dict[str, list[str]]) -> Answer:
        if is_the_first_look(query):
            return page("")
        self.answer_list = lambda token, n: self._case.listing(self, token)
        return super().list(query)


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused(database: Database, new_folder: Callable, case: str) -> None:
    told, folder = CASES[case], new_folder()
    s3 = MisbehavingS3(told)
    with scripted_s3(s3) as environment:
        environment |= Ingestor.bare_environment(folder) | {"DATABASE_URL": database.url, "AWS_S3_KEY": "app/"}
        with Ingestor(environment, folder).running("once") as process:
            process.wait_until("the listing is refused", lambda: told.named in process.output())
            requests = s3.lists.total()
    assert requests <= told.requests_max
    assert database.count("log") == 0
    assert not set(database.statuses()) - {"app/0"}, "of a page that was good before it"
