"""Peak memory does not depend on the size of an object."""

import gzip

import pytest
from support import objects
from support.ingestor import is_sanitized
from support.places import sample_logs
from support.scene import Scene

MIB = 1024 * 1024
MARGIN = 16 * MIB


def peak_of(scene: Scene, copies: int) -> int:
    """Real logs, as a file of so many gzip members: enough rows to fill the buffers again and again."""
    sample = next(iter(sample_logs().values()))
    rows = len(gzip.decompress(sample).splitlines()) * copies
    scene.bucket.put(f"{copies}.gz", sample * copies)
    before = scene.database.count("log")
    done = scene.ingestor("once", limit=600)
    assert done.code == 0, done
    assert scene.database.count("log") - before == rows
    print(f"{rows} rows: {done.seconds:.1f} s, peak {done.peak_rss / MIB:.1f} MiB")
    return done.peak_rss


@pytest.mark.skipif(is_sanitized(), reason="AddressSanitizer's own memory hides the binary's")
@pytest.mark.parametrize(("small", "large"), [(1, 5), pytest.param(2, 40, marks=pytest.mark.slow)])
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
