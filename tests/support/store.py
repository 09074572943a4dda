"""S3 servers and fresh buckets on them."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime

import boto3
from botocore.config import Config
from botocore.handlers import add_expect_header

REGION = "eu-central-1"
UPLOADS_AT_ONCE = 8


class Store:
    """One S3 server. Where it takes any secret (LocalStack), it gets one that nothing else contains."""

    def __init__(self, name: str, values: dict[str, str]) -> None:
        self.name = name
        self.verifies_signatures = "AWS_SECRET_ACCESS_KEY" in values
        self.endpoint = values["AWS_ENDPOINT"]
        self.access_key = values.get("AWS_ACCESS_KEY_ID", "AKIATESTTESTTESTTEST")
        self.secret_key = values.get("AWS_SECRET_ACCESS_KEY") or "sk-" + secrets.token_hex(16)
        self.ca_bundle = values.get("AWS_CA_BUNDLE") or values.get("ROOT_CERT")
        self.client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            verify=self.ca_bundle,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(s3={"addressing_style": "path"}, max_pool_connections=UPLOADS_AT_ONCE),
        )
        # With several uploads at once, botocore now and then misreads the `100 Continue` that it asks for, and waits
        # for 30 s.
        self.client.meta.events.unregister("before-call.s3", add_expect_header)

    def environment(self) -> dict[str, str]:
        variables = {
            "AWS_ENDPOINT": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
        }
        return variables | ({"AWS_CA_BUNDLE": self.ca_bundle} if self.ca_bundle else {})

    @contextmanager
    def fresh_bucket(self) -> Iterator["Bucket"]:
        bucket = Bucket(self, "t-" + secrets.token_hex(6))
        self.client.create_bucket(
            Bucket=bucket.name, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        yield bucket  # dies with its server: deleting hundreds of objects would cost more than it gives


class Bucket:
    def __init__(self, store: Store, name: str) -> None:
        self.store = store
        self.name = name

    def put(self, key: str, body: bytes) -> None:
        self.store.client.put_object(Bucket=self.name, Key=key, Body=body)

    def remove(self, key: str) -> None:
        self.store.client.delete_object(Bucket=self.name, Key=key)

    def put_all(self, objects: dict[str, bytes]) -> None:
        with ThreadPoolExecutor(UPLOADS_AT_ONCE) as uploads:
            list(uploads.map(lambda item: self.put(*item), objects.items()))

    def last_modified(self) -> dict[str, datetime]:
        """What the listing says of each key: the time that stands in for a missing timestamp."""
        pages = self.store.client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        return {entry["Key"]: entry["LastModified"] for page in pages for entry in page.get("Contents", [])}
