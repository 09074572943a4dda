"""The judge that watches every other test's ledger: it is there, and it does refuse."""

import psycopg
import pytest
from support import objects
from support.scene import Scene

STATUSES = ("pending", "processing", "completed", "failed")
LISTED = {
    ("pending", "processing"),
    ("processing", "completed"),
    ("processing", "failed"),
    ("failed", "pending"),
    ("processing", "pending"),
    ("completed", "pending"),  # to be replaced
}
UNLISTED = [(a, b) for a in STATUSES for b in STATUSES if a != b and (a, b) not in LISTED]


@pytest.fixture(scope="module")
def judged(module_scene: Scene) -> Scene:
    module_scene.bucket.put("a", objects.json_lines(1))
    done = module_scene.ingestor("once")
    assert done.code == 0, done
    return module_scene


def set_status(scene: Scene, before: str, change: str) -> None:
    scene.database.execute_as_nobody_watches(
        "UPDATE processed_file SET status = %s, rows_written = 0, metadata = '{}'", before
    )
    scene.database.execute(f"UPDATE processed_file SET {change}")


def test_a_clean_run_leaves_its_trace(judged: Scene) -> None:
    assert judged.database.changes("a") == ["pending", "processing", "completed"]


@pytest.mark.parametrize(("before", "after"), UNLISTED, ids=lambda status: status)
def test_an_unlisted_transition_is_refused(judged: Scene, before: str, after: str) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match=f"went {before} -> {after}"):
        set_status(judged, before, f"status = '{after}'")


@pytest.mark.parametrize(("before", "change", "complaint"), [
    ("processing", "claim_token = claim_token - 1", "token"),
    ("pending", "status = 'processing', lease_owner = 'x', lease_expires_at = now()", "new token"),
    ("pending", "status = 'processing', claim_token = claim_token + 1, lease_owner = NULL", "without owner"),
    ("processing", "status = 'completed', processed_at = NULL", "without saying when"),
    ("processing", "status = 'failed'", "without its reasons"),
    ("completed", "status = 'pending', rows_written = 5", "forgotten which rows"),
])  # fmt: skip
def test_a_change_that_leaves_too_little_is_refused(
    judged: Scene, before: str, change: str, complaint: str
) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match=complaint):
        set_status(judged, before, change)
