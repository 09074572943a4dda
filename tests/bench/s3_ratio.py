"""The S3 client alone beside a plain Beast loop and beside `aws s3 cp`, on the same MinIO in the same run.

GET of one object of 1 GB over one connection, and of 10,000 objects of 1 KB over eight. This client and the loop
discard what they read; the loop asks without a signature, which the bucket's policy allows, has no deadlines and
tries nothing again. `aws s3 cp` is itself: it splits the large object over ten connections and writes the small ones
to files. By turns, so that the ratios hold on any machine. Started by tools/bench, which starts the server.
"""

import argparse
import json
import os
import pathlib
import shlex
import statistics
import sys
import tempfile

from measuring import measure, median

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from support.store import REGION, Bucket, Store  # noqa: E402

SMALL_BYTES = 1000
PART_BYTES = 16_000_000
CONNECTIONS = 8
LEAST_SHARE_OF_PLAIN = {"large": 0.9, "small": 0.5}
"""How fast this client must be at least, the loop being 1. A small object is a request and little else: signing it and
its deadlines cost what the loop does not do."""


class Bench:
    def __init__(self, arguments: argparse.Namespace, bucket: Bucket, folder: pathlib.Path) -> None:
        self.bucket = bucket
        self.folder = folder
        self.programs = arguments.programs
        self.runs = arguments.runs
        self.objects = arguments.objects
        self.large_bytes = arguments.megabytes * 1_000_000
        self.environment = bucket.store.environment() | {
            "PATH": os.environ["PATH"], "HOME": str(folder), "AWS_S3_BUCKET": bucket.name,
            "AWS_ENDPOINT_URL": bucket.store.endpoint, "AWS_EC2_METADATA_DISABLED": "true",
        }  # fmt: skip
        self.upload()

    def upload(self) -> None:
        anyone_reads = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                        "Resource": f"arn:aws:s3:::{self.bucket.name}/*"}  # fmt: skip
        client = self.bucket.store.client
        policy = json.dumps({"Version": "2012-10-17", "Statement": [anyone_reads]})
        client.put_bucket_policy(Bucket=self.bucket.name, Policy=policy)
        self.bucket.put_all({f"small/{n}": os.urandom(SMALL_BYTES) for n in range(self.objects)})
        upload = client.create_multipart_upload(Bucket=self.bucket.name, Key="large")["UploadId"]
        which = {"Bucket": self.bucket.name, "Key": "large", "UploadId": upload}
        parts = []
        for number, start in enumerate(range(0, self.large_bytes, PART_BYTES), 1):
            body = os.urandom(min(PART_BYTES, self.large_bytes - start))
            parts.append({"PartNumber": number, "ETag": client.upload_part(**which, PartNumber=number, Body=body)["ETag"]})
        client.complete_multipart_upload(**which, MultipartUpload={"Parts": parts})

    def run(self, *command: object):
        return measure([str(word) for word in command], self.environment)

    def ours(self, *arguments: object):
        return self.run(self.programs / "s3-get", *arguments)

    def plain(self, how: str, size: int, key: str, *more: object):
        return self.run(self.programs / "plain-get", how, size, f"/{self.bucket.name}/{key}", *more)

    def aws(self, *arguments: str):
        with tempfile.TemporaryDirectory(dir=self.folder) as into:
            copy = [sys.executable, "-m", "awscli", "s3", "cp", "--quiet", *arguments]
            words = shlex.join(copy) if arguments[0] != "--recursive" else shlex.join([*copy, into])
            return self.run("sh", "-c", f"exec {words} >/dev/null")

    def cases(self):
        """What is measured of each: this client, the loop, aws."""
        large = ("one", self.large_bytes, "large")
        small = ("many", SMALL_BYTES, "small/", self.objects, CONNECTIONS)
        url = f"s3://{self.bucket.name}/"
        return {
            "large": (lambda: self.ours(*large), lambda: self.plain(*large), lambda: self.aws(url + "large", "-")),
            "small": (
                lambda: self.ours(*small),
                lambda: self.plain(*small),
                lambda: self.aws("--recursive", url + "small/"),
            ),
        }


def compare(name, contestants, runs):
    """The loop's time over this client's, the median of the turns."""
    names = ("this client", "plain loop", "aws s3 cp")
    turns = {who: [] for who in names}
    for number in range(runs):
        order = list(zip(names, contestants))
        for who, contestant in order if number % 2 == 0 else reversed(order):
            turns[who].append(contestant())
    print(name)
    for who in names:
        wall, cpu, peak = (median(turns[who], figure) for figure in ("seconds", "cpu_seconds", "peak_rss_mib"))
        print(f"  {who:12} {wall:7.3f} s  {cpu:6.2f} s client CPU  {peak:6.1f} MiB peak RSS")
    ratios = {
        who: statistics.median(b.seconds / a.seconds for a, b in zip(turns["this client"], turns[who]))
        for who in names[1:]
    }
    print(f"s3_ratio {name} {ratios['plain loop']:.3f} (the plain loop's time over ours, the median of the turns; "
          f"of `aws s3 cp` {ratios['aws s3 cp']:.2f})", flush=True)  # fmt: skip
    return ratios["plain loop"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / "build" / "tests" / "bench")
    parser.add_argument("--runs", type=int, default=5, help="turns of all three")
    parser.add_argument("--megabytes", type=int, default=1000, help="of the large object")
    parser.add_argument("--objects", type=int, default=10_000, help="small ones")
    arguments = parser.parse_args()
    store = Store("minio", dict(os.environ) | {"AWS_REGION": REGION})
    too_slow = []
    with tempfile.TemporaryDirectory(prefix="ingestor-bench-") as folder, store.fresh_bucket() as bucket:
        bench = Bench(arguments, bucket, pathlib.Path(folder))
        for name, contestants in bench.cases().items():
            ratio = compare(name, contestants, arguments.runs)
            if ratio < LEAST_SHARE_OF_PLAIN[name]:
                too_slow.append(f"{name}: {ratio:.3f} is below {LEAST_SHARE_OF_PLAIN[name]}")
    sys.exit("; ".join(too_slow) or 0)


if __name__ == "__main__":
    main()
