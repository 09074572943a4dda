"""/metrics by the rules and in the eyes of Prometheus itself."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support import objects
from support.prometheus import complaints, prometheus
from support.scene import Scene
from support.scripted_s3 import Answer, ScriptedS3, error, scripted_s3
from support.service import FOLLOWS_WITHIN, Service, serving
from support.waiting import wait_until

SERIES_MAX = 300
COLUMNS = (
    "timestamp level method url query headers context message auth_user_id pid hostname remote_address remote_port "
    "processing_time_ms cache_hit document_count last_updated params"
)
REASONS = "not_json not_an_object invalid_utf8 too_long too_deep number_out_of_range refused_by_database"
# Each metric's type, and the values of its label that are known before anything happens.
METRICS = {
    "ingestor_files": ("gauge", "status", "pending processing completed failed"),
    "ingestor_files_processed_total": ("counter", "result", "completed failed"),
    "ingestor_oldest_pending_age_seconds": ("gauge", "", ""),
    "ingestor_commit_lag_seconds": ("histogram", "", ""),
    "ingestor_rows_total": ("counter", "", ""),
    "ingestor_lines_rejected_total": ("counter", "reason", REASONS),
    "ingestor_field_mismatches_total": ("counter", "column", COLUMNS),
    "ingestor_bytes_total": ("counter", "stage", "compressed inflated copied"),
    "ingestor_claims_total": ("counter", "outcome", "claimed empty"),
    "ingestor_lease_lost_total": ("counter", "", ""),
    "ingestor_s3_requests_total": ("counter", "operation", "GetObject ListObjectsV2"),
    "ingestor_s3_request_duration_seconds": ("histogram", "", ""),
    "ingestor_s3_resumes_total": ("counter", "", ""),
    "ingestor_s3_throttled_total": ("counter", "", ""),
    "ingestor_copy_duration_seconds": ("histogram", "", ""),
    "ingestor_db_pool_connections": ("gauge", "state", "idle busy connecting"),
    "ingestor_db_pool_wait_seconds": ("histogram", "", ""),
    "ingestor_buffer_bytes": ("gauge", "", ""),
    "ingestor_build_info": ("gauge", "version", ""),
    "ingestor_loop_lag_seconds": ("histogram", "", ""),
    "process_cpu_seconds_total": ("counter", "", ""),
    "process_resident_memory_bytes": ("gauge", "", ""),
    "process_virtual_memory_bytes": ("gauge", "", ""),
    "process_start_time_seconds": ("gauge", "", ""),
    "process_open_fds": ("gauge", "", ""),
    "process_max_fds": ("gauge", "", ""),
}
LABEL_VALUE = re.compile(r'"([^"]*)"')


def host_of(service: Service) -> str:
    return service.url.removeprefix("http://")


def samples(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@contextmanager
def served_from(s3: ScriptedS3, scene: Scene, **changes: str) -> Iterator[Service]:
    with scripted_s3(s3) as variables:
        settings = variables | {"INGESTOR_BATCH_SIZE": "1000", "INGESTOR_RETRY_BACKOFF": "1h", "LOG_LEVEL": "error"}
        with serving(Scene(scene.database, scene.bucket, scene.ingestor.having(**settings)), **changes) as service:
            yield service


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_there_before_anything_happens(first_scrape: str, name: str) -> None:
    kind, label, values = METRICS[name]
    assert re.search(rf"^# HELP {name} \S", first_scrape, re.MULTILINE)
    assert f"# TYPE {name} {kind}\n" in first_scrape
    of_it = [line for line in samples(first_scrape) if re.match(rf"{name}(_bucket)?[{{ ]", line)]
    assert of_it
    for value in values.split():
        assert any(f'{label}="{value}"' in line and line.endswith(" 0") for line in of_it), value


@pytest.fixture(scope="module")
def first_scrape(module_scene: Scene) -> str:
    """While it starts: S3 has not answered yet."""
    with serving(module_scene) as service:
        wait_until("it listens", lambda: service.answers("/healthz") == 200, interval=0.002)
        return service.ask("/metrics").body


def test_promtool_has_nothing_against_it(scene: Scene) -> None:
    bad = objects.truncated(objects.json_lines(500))
    scene.bucket.put_all({"good": objects.json_lines(50) + b"not json\n", "bad.gz": bad})
    with serving(scene, INGESTOR_RETRY_BACKOFF="1h") as service:
        wait_until("it listens", lambda: service.answers("/healthz") == 200)
        assert complaints(service.ask("/metrics").body) == ""
        wait_until("all is done", lambda: set(scene.database.statuses().values()) == {"completed", "failed"})
        wait_until("it is counted", lambda: service.metrics()["ingestor_rows_total"] == 50)
        assert complaints(service.ask("/metrics").body) == ""


def test_promtool_would_complain() -> None:
    assert "counter" in complaints("# HELP a_count words\n# TYPE a_count counter\na_count 1\n")


def hostile_key(n: int) -> str:
    forms = ('k{}"}} 1\nx{{y="', "<b>{}</b>", "../{}\\", "\u202e{}\u2028", '{}",le="1', "{}" + "é" * 400)
    return forms[n % len(forms)].format(n)


def hostile_load(files: int) -> tuple[ScriptedS3, Callable[[], bool]]:
    """Keys that would break out of a label, bytes of all kinds, and an S3 that has a new error for each second one;
    and whether all of it has been told."""
    bodies = (
        objects.json_lines(2),
        b'{"level":[],"pid":{},"url":1,"time":"never"}\n[1]\n"x"\n\xff\n',
        objects.truncated(objects.json_lines(9)),
        b"\0\1\2",
    )
    s3 = ScriptedS3({hostile_key(n): bodies[n // 2 % len(bodies)] for n in range(files)})
    refused = {hostile_key(n): n for n in range(0, files, 2)}

    def refuse(key: str, _: int) -> Answer | None:
        if key not in refused:
            return None
        n = refused[key]
        return error(404 if n % 3 else 430 + n // 6 % 70, f"MadeUp{n}")  # none that asks to try again

    s3.answer_get = refuse
    return s3, lambda: len(s3.gets) == files


def test_series_are_few_after_very_many_keys_and_errors(scene: Scene) -> None:
    files = 10_000
    s3, all_told = hostile_load(files)
    with served_from(s3, scene) as service:
        service.process.wait_until("each was asked for", all_told, limit=120)
        service.process.wait_until(
            "all are done",
            lambda: Counter(scene.database.statuses().values()).keys() == {"completed", "failed"},
            limit=120,
        )
        text = wait_until("it is counted", lambda: counted(service, files))
        assert complaints(text) == ""
    assert len(samples(text)) < SERIES_MAX, f"{len(samples(text))} series"
    assert 'operation="other"' in text, "or the load was no test"
    values = {value for line in samples(text) for value in LABEL_VALUE.findall(line)}
    assert all(re.fullmatch(r"[-+._A-Za-z0-9]{1,40}", value) for value in values), values


def counted(service: Service, files: int) -> str | None:
    text = service.ask("/metrics").body
    done = re.findall(r"^ingestor_files_processed_total\{.*\} (\d+)", text, re.MULTILINE)
    return text if sum(map(int, done)) == files else None


def test_prometheus_sees_what_the_ledger_has(scene: Scene, tmp_path: Path) -> None:
    contents = {f"{n:03}": objects.json_lines(200, first=200 * n) for n in range(100)}
    scene.bucket.put_all(contents | {"bad": objects.truncated(objects.json_lines(500)), "lines": b'{"a":1}\n[]\n'})
    with serving(scene, INGESTOR_RETRY_BACKOFF="1h") as service, prometheus(tmp_path, host_of(service)) as server:
        service.process.wait_until(
            "all are done", lambda: Counter(scene.database.statuses().values()) == {"completed": 101, "failed": 1}
        )
        for query, wanted in {
            'ingestor_files_processed_total{result="completed"}': 101,
            'ingestor_files_processed_total{result="failed"}': 1,
            "ingestor_rows_total": scene.database.count("log"),
            "sum(ingestor_lines_rejected_total)": scene.database.count("rejected_line"),
            'ingestor_files{status="completed"}': 101,
            'ingestor_files{status="failed"}': 1,
            "sum(ingestor_files)": 102,
            "ingestor_commit_lag_seconds_count": 101,
            "up": 1,
        }.items():
            wait_until(
                f"{query} is {wanted}", lambda: server.value(query) == wanted, limit=FOLLOWS_WITHIN, interval=0.25
            )
        assert server.failed_scrapes() == []
        assert (server.value("scrape_samples_scraped") or SERIES_MAX) < SERIES_MAX
        assert (server.value("histogram_quantile(0.99, ingestor_copy_duration_seconds_bucket)") or 0) > 0
        told = server.metadata()
        assert {name: told[name]["type"] for name in METRICS} == {name: kind for name, (kind, *_) in METRICS.items()}
        assert all(told[name]["help"] for name in METRICS)
