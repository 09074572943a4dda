"""TLS to the database and to S3: used where asked for, verified where asked for."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from support import objects
from support.database import Cluster, edit_url
from support.forwarding import forwarded
from support.ingestor import Finished, Ingestor
from support.scene import Scene, make_scene
from support.store import Store


@pytest.fixture
def tls_database(postgres_tls: Cluster, store: Store, new_folder: Callable[[], Path]) -> Iterator[Scene]:
    with make_scene(postgres_tls, store, new_folder()) as made:
        made.bucket.put("a", objects.json_lines(10))
        yield made


@pytest.fixture
def tls_store(postgres: Cluster, minio_tls: Store, new_folder: Callable[[], Path]) -> Iterator[Scene]:
    with make_scene(postgres, minio_tls, new_folder()) as made:
        made.bucket.put("a", objects.json_lines(10))
        yield made


def connected_with(scene: Scene, **parameters: Any) -> Ingestor:
    return scene.ingestor.having(DATABASE_URL=edit_url(scene.database.url, **parameters), LOG_LEVEL="error")


def assert_refused(done: Finished) -> None:
    assert done.code == 3, done
    assert len(done.stderr.strip().splitlines()) == 1, done


@pytest.fixture
def other_ca(new_folder: Callable[[], Path]) -> str:
    """A certificate authority that has signed nothing here."""
    folder = new_folder()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=another authority", "-keyout", "ca.key", "-out", "ca.crt"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return str(folder / "ca.crt")


@pytest.mark.parametrize(
    ("mode", "encrypted"),
    [("require", True), ("verify-full", True), ("prefer", True), (None, True), ("disable", False)],
)
def test_each_mode_against_a_server_with_tls(tls_database: Scene, mode: str | None, encrypted: bool) -> None:
    parameters = {} if mode is None else {"sslmode": mode}
    if mode == "verify-full":
        parameters["sslrootcert"] = str(tls_database.database.cluster.root_cert)
    done = connected_with(tls_database, **parameters)("once")
    assert done.code == 0, done
    assert tls_database.database.count("log") == 10
    assert tls_database.database.rows("SELECT DISTINCT encrypted FROM judge.transition") == [(encrypted,)]


def test_verify_full_with_another_authority(tls_database: Scene, other_ca: str) -> None:
    assert_refused(connected_with(tls_database, sslmode="verify-full", sslrootcert=other_ca)("once"))
    assert not tls_database.database.has_table("log")


def test_verify_full_with_another_host_name(tls_database: Scene) -> None:
    """The same server under an address that its certificate does not hold."""
    url = urlsplit(tls_database.database.url)
    with forwarded(str(url.hostname), int(url.port or 5432), address="127.0.0.2") as wire:
        there = {"host": "127.0.0.2", "port": wire.port}
        assert connected_with(tls_database, **there, sslmode="require")("once").code == 0
        root = str(tls_database.database.cluster.root_cert)
        assert_refused(connected_with(tls_database, **there, sslmode="verify-full", sslrootcert=root)("once"))


def test_verify_full_with_a_root_certificate_that_is_not_there(tls_database: Scene) -> None:
    done = connected_with(tls_database, sslmode="verify-full", sslrootcert="/no/such/ca.crt")("once")
    assert done.code in (2, 3), done
    assert "/no/such/ca.crt" in done.stderr, done


@pytest.mark.parametrize(("mode", "code"), [("require", 3), ("prefer", 0), ("disable", 0)])
def test_each_mode_against_a_server_without_tls(scene: Scene, mode: str, code: int) -> None:
    done = connected_with(scene, sslmode=mode)("once")
    assert done.code == code, done
    if code:
        assert_refused(done)


def test_s3_over_https(tls_store: Scene) -> None:
    done = tls_store.ingestor("once")
    assert done.code == 0, done
    assert tls_store.database.count("log") == 10


@pytest.mark.parametrize("bundle", ["none", "another authority"])
def test_s3_over_https_with_a_certificate_that_nobody_vouches_for(
    tls_store: Scene, other_ca: str, bundle: str
) -> None:
    done = tls_store.ingestor.having(AWS_CA_BUNDLE=None if bundle == "none" else other_ca, LOG_LEVEL="error")(
        "once"
    )
    assert_refused(done)
    assert "certificate" in done.stderr.lower(), done
    assert tls_store.database.count("log") == 0


def test_a_bundle_that_is_not_there(tls_store: Scene) -> None:
    done = tls_store.ingestor.having(AWS_CA_BUNDLE="/no/such/bundle.pem")("once")
    assert done.code in (2, 3), done
    assert "AWS_CA_BUNDLE" in done.stderr or "/no/such/bundle.pem" in done.stderr, done
