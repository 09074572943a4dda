"""Cuts the sample log into three objects and puts them into a bucket; prints their lines and names.

    sample_logs.py ENDPOINT BUCKET PREFIX SAMPLE

Every line of the sample is in exactly one object: one gzip member, two members one after the other
(as AWS writes them), and plain text. Objects that are there already are left alone.
"""

import gzip
import hashlib
import itertools
import sys

import boto3
import botocore.config
import botocore.exceptions

MEMBER_LINES = 30_000


def member(lines):
    return gzip.compress(b"".join(lines), compresslevel=6, mtime=0)  # the same bytes, so the same ETag, each time


def cut(path):
    with gzip.open(path) as log:
        first, second, third = (list(itertools.islice(log, MEMBER_LINES)) for _ in range(3))
    tail = third[-363:]
    return {
        "app-1.part-1.ndjson.gz": (len(first), member(first)),
        "app-1.part-2.ndjson.gz": (len(second) + len(third) - len(tail), member(second) + member(third[:-363])),
        "app-1.part-3.ndjson": (len(tail), b"".join(tail)),
    }


def is_there(s3, bucket, key, body):
    try:
        return s3.head_object(Bucket=bucket, Key=key)["ETag"].strip('"') == hashlib.md5(body).hexdigest()
    except botocore.exceptions.ClientError:
        return False


def main(endpoint, bucket, prefix, sample):
    s3 = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=botocore.config.Config(s3={"addressing_style": "path"}, proxies={}),
    )
    s3.create_bucket(Bucket=bucket)
    for name, (lines, body) in cut(sample).items():
        if not is_there(s3, bucket, prefix + name, body):
            s3.put_object(Bucket=bucket, Key=prefix + name, Body=body)
        print(f"{lines:7,} lines  {len(body):9,} bytes  s3://{bucket}/{prefix}{name}")


if __name__ == "__main__":
    main(*sys.argv[1:])
