"""One suite on three S3 servers. support/s3_servers.py says where they differ; everything else here is the same on
all of them."""

import http.client
import json
import os
import subprocess
from collections.abc import Callable
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError
from support import objects
from support.comparing import assert_landed
from support.expected import rows_of
from support.ingestor import Finished
from support.places import S3_TESTS
from support.s3_servers import SERVERS, TRAITS, environment_of_component_tests, has
from support.scene import Scene
from support.store import REGION, Bucket, Store

PART_BYTES_MIN = 5 * 1024 * 1024  # S3's own limit, but for the last part
CHECKSUMS = ("CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME")
LINES = objects.json_lines(30)
MANY_LINES = objects.json_lines(6000, pad="x" * 1000)
assert PART_BYTES_MIN < len(MANY_LINES) < 2 * PART_BYTES_MIN


@pytest.fixture(scope="session", params=SERVERS)
def server(request: pytest.FixtureRequest) -> Store:
    return request.getfixturevalue(request.param)


def put_in_parts(bucket: Bucket, key: str, body: bytes, algorithm: str | None = None) -> None:
    client = bucket.store.client
    checksum = {"ChecksumAlgorithm": algorithm} if algorithm else {}
    upload = client.create_multipart_upload(Bucket=bucket.name, Key=key, **checksum)["UploadId"]
    part_of = {"Bucket": bucket.name, "Key": key, "UploadId": upload}
    parts = []
    for number, begin in enumerate(range(0, len(body), PART_BYTES_MIN), 1):
        piece = body[begin : begin + PART_BYTES_MIN]
        done = client.upload_part(**part_of, PartNumber=number, Body=piece, **checksum)
        # boto3 sends a CRC32 of each part unasked, which belongs into the whole only where the upload has asked for it.
        sums = {name: value for name, value in done.items() if algorithm and name.startswith("Checksum")}
        parts.append({"PartNumber": number, "ETag": done["ETag"]} | sums)
    client.complete_multipart_upload(**part_of, MultipartUpload={"Parts": parts})


def head_of(bucket: Bucket, key: str) -> dict:
    return bucket.store.client.head_object(Bucket=bucket.name, Key=key, ChecksumMode="ENABLED")


def is_refused(call: Callable[[], object]) -> str:
    """S3's code of the refusal; empty where there is none."""
    try:
        call()
    except ClientError as refused:
        return refused.response["Error"]["Code"]
    return ""


def inspected(scene: Scene, key: str, **changes: str) -> Finished:
    return scene.ingestor.having(DATABASE_URL=None, **changes)("inspect", f"s3://{scene.bucket.name}/{key}", "--json")


# Each trait is asked of the server itself, by boto3 or plainer.


def verifies_signatures(bucket: Bucket) -> bool:
    store = bucket.store
    stranger = boto3.client(
        "s3",
        endpoint_url=store.endpoint,
        region_name=REGION,
        aws_access_key_id=store.access_key,
        aws_secret_access_key="another " + store.secret_key,
    )
    return is_refused(lambda: stranger.list_objects_v2(Bucket=bucket.name)) == "SignatureDoesNotMatch"


def keeps_connections(bucket: Bucket) -> bool:
    connection = http.client.HTTPConnection(urlsplit(bucket.store.endpoint).netloc, timeout=10)
    connection.request("GET", "/" + bucket.name)
    answer = connection.getresponse()
    answer.read()
    return not answer.will_close


def has_archived_objects(bucket: Bucket) -> bool:
    put = {"Bucket": bucket.name, "Key": "ice", "Body": b"1", "StorageClass": "GLACIER"}
    return is_refused(lambda: bucket.store.client.put_object(**put)) == ""


def says_what_a_checksum_covers(bucket: Bucket) -> bool:
    bucket.store.client.put_object(Bucket=bucket.name, Key="sum", Body=b"x", ChecksumAlgorithm="CRC32")
    return head_of(bucket, "sum").get("ChecksumType") == "FULL_OBJECT"


def checksum_over_parts(bucket: Bucket, algorithm: str) -> str:
    put_in_parts(bucket, algorithm, b"a" * PART_BYTES_MIN + b"b" * 100, algorithm)
    return head_of(bucket, algorithm)["Checksum" + algorithm]


def names_its_requests(bucket: Bucket) -> bool:
    answer = bucket.store.client.list_objects_v2(Bucket=bucket.name)["ResponseMetadata"]
    return "x-amz-request-id" in answer["HTTPHeaders"]


def refuses_an_unknown_token(bucket: Bucket) -> bool:
    bucket.put_all({"a": b"", "b": b""})
    signed = bucket.store.client.generate_presigned_url(
        "list_objects_v2", {"Bucket": bucket.name, "ContinuationToken": "never-given"}
    )
    where = urlsplit(signed)
    connection = http.client.HTTPConnection(where.netloc, timeout=10)
    connection.request("GET", f"{where.path}?{where.query}")
    status = connection.getresponse().status
    connection.close()
    assert status in (400, 500), status
    return status == 400


PROBES: dict[str, Callable[[Bucket], bool]] = {
    "verifies signatures": verifies_signatures,
    "keeps connections": keeps_connections,
    "has archived objects": has_archived_objects,
    "says what a checksum covers": says_what_a_checksum_covers,
    # Computed once by MinIO and LocalStack, which agree.
    "adds up CRC64NVME over parts": lambda bucket: checksum_over_parts(bucket, "CRC64NVME") == "tx17Vl1XIXU=",
    "counts CRC32C over parts": lambda bucket: checksum_over_parts(bucket, "CRC32C") == "Drnouw==-2",
    "names its requests": names_its_requests,
    "refuses an unknown token with 400": refuses_an_unknown_token,
    "refuses keys above 1,024 bytes": lambda bucket: (
        is_refused(lambda: bucket.put("k" * 200 + "/" + "k" * 824, b"")) == "KeyTooLongError"
    ),
}


@pytest.mark.parametrize("trait", TRAITS)
def test_the_servers_differ_as_is_written(server: Store, trait: str) -> None:
    with server.fresh_bucket() as bucket:
        assert PROBES[trait](bucket) == has(server.name, trait), TRAITS[trait].why_not


def test_the_client_s_own_suite(server: Store) -> None:
    """tests/integration/s3: pages, large objects, If-Match, Range, errors, on the client without a pipeline."""
    assert S3_TESTS.exists(), f"{S3_TESTS} is not there: tools/test builds it"
    done = subprocess.run(
        [S3_TESTS], env=os.environ | environment_of_component_tests(server), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "[  PASSED  ]" in done.stdout


def test_a_listing_of_several_pages(scene: Scene) -> None:
    """To its end; that each server's pages fit together is seen by the client's own suite."""
    bodies = {f"logs/{n:05}": b"" for n in range(1001)}
    scene.bucket.put_all(bodies)
    done = scene.ingestor("once")
    assert done.code == 0, done
    assert scene.database.statuses() == dict.fromkeys(bodies, "completed")


def test_every_kind_of_object(served_scene: Scene) -> None:
    bucket, client = served_scene.bucket, served_scene.bucket.store.client
    bodies = {
        "plain": (LINES, LINES),
        "gzip": (objects.zipped(LINES), LINES),
        "empty": (b"", b""),
        "empty.gz": (objects.zipped(b""), b""),
        "folder/with bytes/": (LINES, LINES),
    }
    bucket.put_all({key: body for key, (body, _) in bodies.items()})
    zipped = objects.zipped(LINES)
    client.put_object(Bucket=bucket.name, Key="encoded", Body=zipped, ContentEncoding="gzip")
    put_in_parts(bucket, "parts", MANY_LINES)
    put_in_parts(bucket, "parts.gz", objects.stored(MANY_LINES))
    assert '-2"' in head_of(bucket, "parts")["ETag"]
    contents = {key: inside for key, (_, inside) in bodies.items()}
    contents |= {"encoded": LINES, "parts": MANY_LINES, "parts.gz": MANY_LINES}

    done = served_scene.ingestor("once")
    assert done.code == 0, done
    assert served_scene.database.statuses() == dict.fromkeys(contents, "completed")
    listed = bucket.last_modified()
    assert_landed(served_scene.database, {key: rows_of(body, listed[key]) for key, body in contents.items()})
    for key, body in contents.items():
        shown = inspected(served_scene, key)
        assert shown.code == 0, shown
        assert json.loads(shown.stdout)["rows"] == body.count(b"\n"), key


def test_objects_with_checksums_of_every_kind(served_scene: Scene) -> None:
    """Of the whole object and of its parts. Where the server's own sum of an object is wrong, it is not loaded."""
    bucket = served_scene.bucket
    contents = {}
    for algorithm in CHECKSUMS:
        bucket.store.client.put_object(
            Bucket=bucket.name, Key=f"{algorithm}.gz", Body=objects.zipped(LINES), ChecksumAlgorithm=algorithm
        )
        put_in_parts(bucket, f"{algorithm}-parts", MANY_LINES, algorithm)
        contents |= {f"{algorithm}.gz": LINES, f"{algorithm}-parts": MANY_LINES}
        assert "Checksum" + algorithm in head_of(bucket, f"{algorithm}.gz")
    wrong = set() if has(bucket.store.name, "adds up CRC64NVME over parts") else {"CRC64NVME-parts"}
    done = served_scene.ingestor("once")
    assert done.code == (1 if wrong else 0), done
    assert served_scene.database.statuses() == {key: "failed" if key in wrong else "completed" for key in contents}
    for key in wrong:
        assert "x-amz-checksum-crc64nvme" in served_scene.database.file(key)["metadata"]["error"]
    for key in set(contents) - wrong:
        assert served_scene.database.file(key)["rows_written"] == contents[key].count(b"\n"), key


@pytest.mark.parametrize(
    "prefix", ["a b+c%2F/", "ü/é\u0301", "q?x=1&y=2#z/", "~!*'();:@$,/", "2026/11", "<&>\"'/", "absent/"]
)
def test_only_keys_under_the_prefix(served_scene: Scene, prefix: str) -> None:
    outside = ["other", "ab+c%2F/1", "a b c%2F/1", "a b+c//1", "A B+C%2F/1", "2026-11", "~!*"]
    outside = [key for key in outside if key != "a b+c//1" or served_scene.bucket.store.name != "minio"]
    inside = [] if prefix == "absent/" else [prefix + "1", prefix + "deeper/2"]
    served_scene.bucket.put_all(dict.fromkeys(inside + outside, LINES))
    done = served_scene.ingestor.having(AWS_S3_KEY=prefix)("once")
    assert done.code == 0, done
    assert served_scene.database.statuses() == dict.fromkeys(inside, "completed")


def test_an_overwritten_object_is_loaded_again(served_scene: Scene) -> None:
    key, old, new = "k", objects.json_lines(5), objects.json_lines(7, first=50)
    once = served_scene.ingestor.having(INGESTOR_ON_OVERWRITE="replace")
    for body in (old, new):
        served_scene.bucket.put(key, body)
        assert once("once").code == 0
    listed = served_scene.bucket.last_modified()
    assert_landed(served_scene.database, {key: rows_of(new, listed[key])})


def test_an_object_deleted_after_it_was_listed(served_scene: Scene) -> None:
    served_scene.migrate_and_put({"there": LINES})
    served_scene.database.put_in_ledger(served_scene.bucket.name, ["gone"], "pending")
    done = served_scene.ingestor("once")
    assert done.code == 1, done
    assert served_scene.database.statuses() == {"there": "completed", "gone": "failed"}
    assert "NoSuchKey" in served_scene.database.file("gone")["metadata"]["error"]


def test_a_bucket_with_versions_has_its_newest(served_scene: Scene) -> None:
    bucket, client = served_scene.bucket, served_scene.bucket.store.client
    client.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    newest = objects.json_lines(3, first=90)
    for body in (LINES, b"not this one", newest):
        bucket.put("k", body)
    bucket.put("deleted", LINES)
    bucket.remove("deleted")
    done = served_scene.ingestor("once")
    assert done.code == 0, done
    assert_landed(served_scene.database, {"k": rows_of(newest, bucket.last_modified()["k"])})
    assert served_scene.database.statuses() == {"k": "completed"}


def test_what_is_missing_is_named(served_scene: Scene) -> None:
    no_key = inspected(served_scene, "no such/key")
    assert no_key.code == 1 and "NoSuchKey" in no_key.stderr and "no such/key" in no_key.stderr, no_key
    absent = f"absent-{served_scene.bucket.name}"
    for arguments in (("inspect", f"s3://{absent}/k"), ("once",)):
        no_bucket = served_scene.ingestor.having(AWS_S3_BUCKET=absent)(*arguments)
        assert no_bucket.code in (1, 3) and "NoSuchBucket" in no_bucket.stderr, no_bucket
        assert absent in no_bucket.stderr, no_bucket


def test_a_wrong_secret(served_scene: Scene) -> None:
    served_scene.bucket.put("k", LINES)
    done = inspected(served_scene, "k", AWS_SECRET_ACCESS_KEY="not-the-right-one-0815")
    if has(served_scene.bucket.store.name, "verifies signatures"):
        assert done.code == 3 and "SignatureDoesNotMatch" in done.stderr, done
        assert "check AWS_SECRET_ACCESS_KEY" in done.stderr, done
    else:
        assert done.code == 0, done


def test_an_archived_object_says_what_to_do(served_scene: Scene) -> None:
    bucket = served_scene.bucket
    if not has(bucket.store.name, "has archived objects"):
        pytest.skip(TRAITS["has archived objects"].why_not)
    bucket.store.client.put_object(Bucket=bucket.name, Key="ice", Body=LINES, StorageClass="GLACIER")
    done = inspected(served_scene, "ice")
    assert done.code == 1 and "InvalidObjectState" in done.stderr and "restore" in done.stderr, done


def test_keys_that_s3_cannot_have_end_the_listing(moto: Store, scene: Scene) -> None:
    """Only moto takes one."""
    with moto.fresh_bucket() as bucket:
        bucket.put("k" * 1025, LINES)
        ingestor = scene.ingestor.having(**moto.environment(), AWS_S3_BUCKET=bucket.name)
        done = ingestor("once")
        assert done.code != 0 and "longer than 1024 bytes" in done.stderr, done
