"""botocore as the oracle: from the same environment and the same profile files we get the keys that it gets, by the
same requests to STS; and where it gets none, we get none either."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import botocore.loaders
import botocore.session
import pytest
from credentials_cases import CASES, Case, printed
from support.ingestor import Ingestor
from support.scripted_aws import AGENT_TOKEN, Asked, ScriptedAws, scripted_aws

LOADER = botocore.loaders.create_loader()  # reading the services' models takes longer than all else


@dataclass(frozen=True)
class Resolved:
    access_key: str
    secret: str
    session_token: str
    asked: list[Asked]


class Comparison:
    """One place of files, one AWS, and the two who look at them."""

    def __init__(self, ingestor: Ingestor, folder: Path, aws: ScriptedAws, url: str) -> None:
        self._ingestor, self._folder, self._aws, self._url = ingestor, folder, aws, url
        (folder / "token").write_text("a.web.identity")
        (folder / "token-line").write_text(f"{AGENT_TOKEN}\n")
        (folder / "agent-token").write_text(AGENT_TOKEN)
        program = folder / "a program"
        program.write_text(
            f'#!/bin/sh\n[ "$#$1$2$3$4$5$6" = \'6one twothree "four"five six$HOME*\' ] && echo \'{printed("AKIA1")}\'\n'
        )
        program.chmod(0o755)

    def prepare(self, case: Case) -> dict[str, str]:
        """Writes the files; returns the environment in which both look."""
        for name, text in (("credentials", case.credentials), ("config", case.config)):
            (self._folder / name).write_text(self._filled(text), newline="")
        filled = {name: self._filled(value) for name, value in case.environment.items()}
        self._aws.forget()
        self._aws.sts_refuses = filled.pop("REFUSED", "") != ""
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self._folder),
            "AWS_SHARED_CREDENTIALS_FILE": str(self._folder / "credentials"),
            "AWS_CONFIG_FILE": str(self._folder / "config"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL_STS": self._url,
        } | filled

    def by_botocore(self, environment: dict[str, str]) -> Resolved | None:
        with patch.dict(os.environ, environment | {"AWS_DEFAULT_REGION": "us-east-1"}, clear=True):
            session = botocore.session.get_session()
            session.register_component("data_loader", LOADER)
            try:
                found = session.get_credentials()
                frozen = found.get_frozen_credentials() if found else None
            except Exception:  # each of its places has exceptions of its own  # noqa: BLE001
                return None
        return frozen and Resolved(frozen.access_key, frozen.secret_key, frozen.token or "", self._taken())

    def by_us(self, environment: dict[str, str], secret: str) -> Resolved | None:
        binary = self._ingestor.having(**environment, AWS_REGION="us-east-1", AWS_ENDPOINT=self._url)
        done = binary("inspect", "s3://logs/k")
        seen = self._aws.objects
        if done.code != 0:
            assert not seen, f"refused, but it asked S3\n{done}"
            assert len(done.stderr.splitlines()) == 1, done
            return None
        assert len(seen) == 1, done
        right = seen[0].signature() == seen[0].signature_by(secret)
        return Resolved(seen[0].access_key, secret if right else "another", seen[0].session_token, self._taken())

    def _taken(self) -> list[Asked]:
        taken, self._aws.asked = self._aws.asked, []
        return taken

    def _filled(self, text: str) -> str:
        return text.replace("FOLDER", str(self._folder)).replace("URL", self._url)


@pytest.fixture(scope="module")
def aws() -> ScriptedAws:
    return ScriptedAws()


@pytest.fixture(scope="module")
def comparison(
    bare_ingestor: Ingestor, aws: ScriptedAws, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Comparison]:
    with scripted_aws(aws) as url:
        yield Comparison(bare_ingestor, tmp_path_factory.mktemp("aws"), aws, url)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_same_keys_come_out(comparison: Comparison, aws: ScriptedAws, case: Case) -> None:
    environment = comparison.prepare(case)
    theirs = comparison.by_botocore(environment)
    aws.objects.clear()
    aws.asked.clear()
    ours = comparison.by_us(environment, theirs.secret if theirs else "")
    assert ours == theirs
    assert aws.wrong == []
    # And it is the case that its name says.
    expected = case.access_key
    assert (theirs is None) if expected is None else (theirs is not None and theirs.access_key.startswith(expected))
