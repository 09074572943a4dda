"""What `ingestor check` said, taken apart; and keys that may do no more than a policy says."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import boto3

from .ingestor import Finished, Ingestor
from .store import REGION, Store

TOPICS = ["configuration", "credentials", "identity", "bucket", "object", "database", "schema", "timescaledb"]

Policy = dict[str, Any]


@dataclass
class Line:
    verdict: str
    text: str
    snippet: list[str] = field(default_factory=list)


class Checked:
    def __init__(self, done: Finished) -> None:
        self.done = done
        self.lines: dict[str, Line] = {}
        last = None
        for line in done.stdout.splitlines():
            if line.startswith("      "):
                assert last, done
                last.snippet.append(line)
                continue
            found = re.fullmatch(r"(ok|note|skip|fail) +(\w+)  +(\S.*)", line)
            assert found, f"not a line of a report: {line!r}\n{done}"
            last = self.lines[found[2]] = Line(found[1], found[3])
        assert list(self.lines) == TOPICS, done

    def policy(self, topic: str) -> Policy:
        """The snippet below a line."""
        return json.loads("\n".join(self.lines[topic].snippet))

    def verdicts(self, *topics: str) -> list[str]:
        return [self.lines[topic].verdict for topic in topics]

    def assert_failed(self, topic: str, *words: str) -> None:
        """This line and no other; the exit says so, and the line says these words."""
        assert self.done.code == 1, self.done
        assert [name for name, line in self.lines.items() if line.verdict == "fail"] == [topic], self.done
        for word in words:
            assert word in self.lines[topic].text, self.done


def checked(ingestor: Ingestor) -> Checked:
    return Checked(ingestor("check"))


def restricted(store: Store, policy: Policy) -> dict[str, str]:
    """An environment with temporary keys of MinIO that are allowed what the policy allows, and nothing else."""
    sts = boto3.client(
        "sts", endpoint_url=store.endpoint, region_name=REGION, verify=store.ca_bundle,
        aws_access_key_id=store.access_key, aws_secret_access_key=store.secret_key,
    )  # fmt: skip
    keys = sts.assume_role(
        RoleArn="arn:aws:iam::111122223333:role/any", RoleSessionName="check", Policy=json.dumps(policy)
    )["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }


def joined(*policies: Policy) -> Policy:
    return {
        "Version": "2012-10-17",
        "Statement": [statement for policy in policies for statement in policy["Statement"]],
    }
