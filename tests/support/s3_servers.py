"""LocalStack, moto and MinIO beside S3 itself: where they differ, and why. This is the only list of it, and
test_s3_servers.py and test_keys.py hold each server to each entry: a difference that disappears is noticed."""

from collections.abc import Callable
from dataclasses import dataclass

from .store import Store

SERVERS = ("localstack", "moto", "minio")


@dataclass(frozen=True)
class Trait:
    """Something that S3 does and these servers do too. The others do not, for a reason."""

    servers: frozenset[str]
    why_not: str


def _trait(servers: str, why_not: str) -> Trait:
    return Trait(frozenset(servers.split()), why_not)


TRAITS = {
    "verifies signatures": _trait("minio", "LocalStack and moto let every request in; what is signed shows on MinIO"),
    "keeps connections": _trait(
        "localstack minio", "moto's development server speaks HTTP/1.0: each request has a connection of its own"
    ),
    "has archived objects": _trait("localstack moto", "MinIO knows no storage class GLACIER and refuses the upload"),
    "says what a checksum covers": _trait(
        "localstack minio", "moto has x-amz-checksum-type for multipart uploads alone; without it a sum is the object's"
    ),
    "adds up CRC64NVME over parts": _trait(
        "localstack minio", "moto says FULL_OBJECT and gives the four bytes of a CRC32 of the parts' sums"
    ),
    "counts CRC32C over parts": _trait("localstack minio", "moto gives CRC32's value under the name of CRC32C"),
    "names its requests": _trait("localstack minio", "moto writes x-amzn-requestid, as other services than S3 do"),
    "refuses an unknown token with 400": _trait(
        "minio", "LocalStack and moto fail inside and answer 500, so that such a token looks like a passing trouble"
    ),
    "refuses keys above 1,024 bytes": _trait("localstack minio", "moto has no limit; its listing is refused instead"),
}


def has(server: str, trait: str) -> bool:
    return server in TRAITS[trait].servers


@dataclass(frozen=True)
class KeyRule:
    """Keys that S3 takes, and one server does not take as they are."""

    server: str
    why: str
    applies: Callable[[str], bool]


def _segments(key: str) -> list[str]:
    return key.split("/")


REFUSED_KEYS = (
    KeyRule(
        "minio",
        "keys are paths of its file system, where these mean another folder; to it a backslash parts names too",
        lambda key: any(segment in (".", "..") for segment in _segments(key.replace("\\", "/"))),
    ),
    KeyRule(
        "minio",
        "keys are paths of its file system, where empty names do not exist (those at the beginning it drops)",
        lambda key: "//" in key.lstrip("/") or not key.strip("/"),
    ),
    KeyRule(
        "minio",
        "keys are paths of its file system, where a name has at most 255 bytes",
        lambda key: any(len(segment.encode()) > 255 for segment in _segments(key)),
    ),
    KeyRule("moto", "its routes are regular expressions whose dot matches no line feed", lambda key: "\n" in key),
    KeyRule("localstack", "it drops slashes behind the bucket's name", lambda key: key in ("/", "//")),
)

RENAMED_KEYS = (KeyRule("minio", "slashes at the beginning are dropped", lambda key: key.startswith("/")),)


def refuses(server: str, key: str) -> bool:
    return any(rule.server == server and rule.applies(key) for rule in REFUSED_KEYS)


def renames(server: str, key: str) -> bool:
    return any(rule.server == server and rule.applies(key) for rule in RENAMED_KEYS)


def environment_of_component_tests(store: Store) -> dict[str, str]:
    """What tests/integration/s3 wants to know of the server that it runs against."""
    return {
        "INGESTOR_TEST_S3_ENDPOINT": store.endpoint,
        "INGESTOR_TEST_S3_VERIFIES_SIGNATURES": str(int(has(store.name, "verifies signatures"))),
        "INGESTOR_TEST_S3_KEEPS_CONNECTIONS": str(int(has(store.name, "keeps connections"))),
        "AWS_ACCESS_KEY_ID": store.access_key,
        "AWS_SECRET_ACCESS_KEY": store.secret_key,
    }
