"""Peak memory does not depend on the size of an object."""

import pytest
from support import objects
from support.ingestor import is_sanitized
from support.scene import Scene

MIB = 1024 * 1024
MARGIN = 16 * MIB


def line_of_128_kib() -> bytes:
    """Compresses to a few bytes, and its row is small: jsonb keeps no whitespace."""
    head, tail = b'{"time":1700000000000,', b'"msg":"wide"}\n'
    return head + b" " * (128 * 1024 - len(head) - len(tail)) + tail


def bomb(mebibytes: int) -> bytes:
    return objects.zipped_in_pieces([(line_of_128_kib(), mebibytes * 8)])


def peak_of(scene: Scene, mebibytes: int) -> int:
    scene.bucket.put(f"{mebibytes}.gz", bomb(mebibytes))
    before = scene.database.count("log")
    done = scene.ingestor("once", limit=600)
    assert done.code == 0, done
    assert scene.database.count("log") - before == mebibytes * 8
    print(f"{mebibytes} MiB inflated: {done.seconds:.1f} s, peak {done.peak_rss / MIB:.1f} MiB")
    return done.peak_rss


@pytest.mark.skipif(is_sanitized(), reason="AddressSanitizer's own memory hides the binary's")
@pytest.mark.parametrize(("small", "large"), [(32, 256), pytest.param(64, 1024, marks=pytest.mark.slow)])
def test_the_peak_of_a_large_object_is_that_of_a_small_one(scene: Scene, small: int, large: int) -> None:
    first = peak_of(scene, small)
    assert first > 0
    assert peak_of(scene, large) <= first + MARGIN


@pytest.mark.skipif(is_sanitized(), reason="AddressSanitizer's own memory hides the binary's")
def test_a_line_without_an_end_costs_no_more_than_its_limit(scene: Scene) -> None:
    """512 MiB of one line: rejected, and never held."""
    scene.bucket.put("small", objects.json_lines(1000))
    usual = scene.ingestor.having(INGESTOR_MAX_LINE="1MiB")("once").peak_rss
    scene.bucket.put("giant.gz", objects.zipped_in_pieces([(objects.json_lines(100), 1), (b"x" * MIB, 512)]))
    done = scene.ingestor.having(INGESTOR_MAX_LINE="1MiB")("once")
    assert done.code == 0, done
    assert scene.database.row("SELECT line, split_part(reason, ':', 1), length(raw) FROM rejected_line") == (
        101,
        "too_long",
        65536,
    )
    assert done.peak_rss <= usual + MARGIN
