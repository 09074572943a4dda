"""Options and commands: help for those who ask, exit 2 for those who err."""

import re
import subprocess
from pathlib import Path

import pytest
from support.ingestor import Ingestor
from support.places import BINARY
from support.scene import Scene

COMMANDS = ("run", "once", "migrate", "status", "top", "retry", "inspect", "config")


def test_help_names_every_command(bare_ingestor: Ingestor) -> None:
    done = bare_ingestor("--help")
    assert done.code == 0, done
    for command in COMMANDS:
        assert re.search(rf"(?m)^\s*{command}\b", done.stdout), done
    assert done.stderr == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_needs_no_configuration(bare_ingestor: Ingestor, command: str) -> None:
    done = bare_ingestor(command, "--help")
    assert done.code == 0, done
    assert command in done.stdout and done.stderr == "", done


def test_version(bare_ingestor: Ingestor) -> None:
    done = bare_ingestor("--version")
    assert done.code == 0, done
    assert re.search(r"\d+\.\d+\.\d+", done.stdout) and len(done.stdout.splitlines()) == 1, done
    assert done.stderr == ""


@pytest.mark.parametrize("arguments", [
    (), ("frobnicate",), ("--frobnicate",), ("once", "--frobnicate"), ("run", "--json"),
    ("once", "extra"), ("migrate", "extra"),
    ("config", "--rows", "1"), ("inspect",), ("inspect", "a", "b"), ("inspect", "a", "--rows"),
    ("inspect", "a", "--rows", "many"),
    ("inspect", "a", "--rows", "-1"),
    ("status", "extra"), ("status", "--key", "a"), ("top", "extra"), ("top", "--json"), ("top", "--interval"),
    ("top", "--interval", "0s"), ("top", "--interval", "2h"), ("top", "--interval", "2"),
    ("top", "--interval", "2s", "--once"), ("retry",), ("retry", "--reingest"), ("retry", "--key"),
    ("retry", "--key", "a", "--all"), ("retry", "--all", "extra"), ("retry", "--key", "a", "extra"),
    ("retry", "--key", "a", "--key", "b"), ("retry", "--all", "--json"),
], ids=" ".join)  # fmt: skip
def test_a_wrong_option_or_command(scene: Scene, arguments: tuple[str, ...]) -> None:
    done = scene.ingestor(*arguments)
    assert done.code == 2, done
    assert done.stdout == "" and done.stderr.strip(), done
    assert all(word in done.stderr for word in arguments if "frobnicate" in word or word == "extra"), done
    assert not scene.database.has_table("processed_file")


@pytest.mark.parametrize("uri", ["s3://", "s3:///key", "http://example/x"])
def test_a_wrong_uri_to_inspect(scene: Scene, uri: str) -> None:
    done = scene.ingestor("inspect", uri)
    assert done.code in (1, 2), done  # an option that is wrong, or a thing that cannot be read
    assert uri in done.stderr, done


def test_an_error_is_one_line_whatever_it_is_about(bare_ingestor: Ingestor) -> None:
    done = bare_ingestor("inspect", "no\nsuch\x1b[31mfile")
    assert done.code == 1, done
    assert len(done.stderr.splitlines()) == 1 and "\x1b" not in done.stderr, done


def test_a_result_that_cannot_be_written_is_told(bare_ingestor: Ingestor) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [BINARY, "config"], env=bare_ingestor.environment, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode != 0 and b"cannot write to stdout" in done.stderr, done
