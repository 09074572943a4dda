"""Where a bucket is asked for, against botocore: nobody is asked, on either side."""

import subprocess
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.session import Session
from support.places import ADDRESSES

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "not-a-secret"}

REGIONS = [
    "us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ca-central-1", "ap-southeast-5", "mx-central-1",
    "moon-base-1", "cn-north-1", "cn-northwest-1", "us-gov-east-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1",
    "eu-isoe-west-1", "us-isof-south-1", "eusc-de-east-1", "aws-global", "fips-us-gov-west-1", "us-gov-west-1-fips",
    "fips-us-east-2", "fips-aws-global", "fips-cn-north-1",
]  # fmt: skip
BUCKETS = ["logs-2024", "my.logs", "Old_Bucket"]
ODD_BUCKETS = [
    "UPPER", "under_score", "-odd", "odd-", "a--b", "192.168.0.1", "xn--abc", "logs-s3alias", "x" * 63, "x" * 64,
    "many.dots.in.it", "123",
]  # fmt: skip
SWITCHES = [(False, False), (True, False), (False, True), (True, True)]


class Asked(Exception):
    """The request that would have been sent."""

    def __init__(self, request: AWSPreparedRequest) -> None:
        self.request = request


@cache
def botocore_client(region: str, dual_stack: bool, fips: bool, endpoint: str | None) -> Any:
    """One for all buckets: making it takes a tenth of a second. None where botocore refuses to."""
    # The regional endpoint in us-east-1 too, which all other SDKs take without being told.
    config = Config(
        use_dualstack_endpoint=dual_stack, use_fips_endpoint=fips, s3={"us_east_1_regional_endpoint": "regional"}
    )
    try:
        client = botocore_session().create_client(
            "s3", region_name=region, endpoint_url=endpoint, config=config,
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"], aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        )  # fmt: skip
    except BotoCoreError:
        return None
    client.meta.events.register("before-send.s3", _instead_of_sending)
    return client


@cache
def botocore_session() -> Session:
    return Session()


def botocore_asks(bucket: str, region: str, dual_stack: bool, fips: bool, endpoint: str | None = None) -> str:
    """Where, and signed for which region; "refused" where it would not ask at all."""
    client = botocore_client(region, dual_stack, fips, endpoint)
    try:
        if client:
            client.list_objects_v2(Bucket=bucket)
    except Asked as asked:
        url = asked.request.url.partition("?")[0].removesuffix("/")
        authorization = asked.request.headers["Authorization"]
        if isinstance(authorization, bytes):
            authorization = authorization.decode()
        return f"{url}\t{authorization.split('/')[2]}"
    except BotoCoreError:
        pass
    return "refused"


def _instead_of_sending(request: AWSPreparedRequest, **_: Any) -> None:
    raise Asked(request)


def we_ask(environments: list[dict[str, str]]) -> list[str]:
    lines = ["\t".join(f"{name}={value}" for name, value in (KEYS | one).items()) for one in environments]
    done = subprocess.run([ADDRESSES], input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    answers = done.stdout.splitlines()
    assert len(answers) == len(environments)
    return answers


def environment(bucket: str, region: str, dual_stack: bool, fips: bool) -> dict[str, str]:
    return {
        "AWS_S3_BUCKET": bucket,
        "AWS_REGION": region,
        "AWS_USE_DUALSTACK_ENDPOINT": str(dual_stack).lower(),
        "AWS_USE_FIPS_ENDPOINT": str(fips).lower(),
    }


def cases() -> Iterator[tuple[str, str, bool, bool]]:
    for bucket, region, switches in product(BUCKETS, REGIONS, SWITCHES):
        yield bucket, region, *switches
    for bucket, region, switches in product(ODD_BUCKETS, ("eu-west-1", "us-gov-west-1"), SWITCHES):
        yield bucket, region, *switches


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore looks at this process's environment and at its user's files."""
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.filterwarnings("ignore")
def test_every_address_is_that_of_botocore() -> None:
    table = list(cases())
    assert len(table) >= 300
    ours = we_ask([environment(*case) for case in table])
    wrong = []
    for case, we in zip(table, ours, strict=True):
        they = botocore_asks(*case)
        if (we.split("\t")[0] if they == "refused" else we) != they:
            wrong.append(f"{case}: we: {we}, botocore: {they}")
    assert not wrong, f"{len(wrong)} of {len(table)}:\n" + "\n".join(wrong)
    refused = [we for we in ours if we.startswith("refused")]
    assert 0 < len(refused) < len(table) / 4


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9000", "https://minio.example", "http://[::1]:9000"])
@pytest.mark.parametrize("bucket", BUCKETS)
@pytest.mark.parametrize("region", ["eu-west-1", "us-gov-west-1-fips", "Garage"])
def test_a_custom_endpoint_is_used_as_it_is(endpoint: str, bucket: str, region: str) -> None:
    [ours] = we_ask([{"AWS_S3_BUCKET": bucket, "AWS_REGION": region, "AWS_ENDPOINT_URL_S3": endpoint}])
    # Where it asks is compared with the path style, which Ingestor uses at every endpoint of one's own.
    assert ours == f"{endpoint}/{bucket}\t{region.removesuffix('-fips')}"
    assert ours.split("\t")[1] == botocore_asks(bucket, region, False, False, endpoint).split("\t")[1]


@pytest.mark.parametrize("region", ["us-east-1.evil", "eu_west", "-eu", "eu-west-1-", "123", "a" * 64, "a/b", "é"])
def test_what_is_no_region_is_refused(region: str) -> None:
    [ours] = we_ask([environment("logs", region, False, False)])
    assert ours.startswith("refused\tAWS_REGION"), ours


def test_what_a_directory_bucket_is_told() -> None:
    [ours] = we_ask([environment("logs--use1-az4--x-s3", "us-east-1", False, False)])
    assert ours.startswith("refused\tAWS_S3_BUCKET") and "directory bucket" in ours, ours
