"""What normalise makes of lines, held to what a real PostgreSQL says about the same bytes.

test_jsonb_agrees.py JUDGE SHARED [SEED [LINES]]; INGESTOR_TEST_DATABASE_URL names a database in which
temporary tables may be made. Without it, or without psql, the test is skipped (exit 77).
"""

import gzip
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

JUDGE, SHARED = sys.argv[1], Path(sys.argv[2])
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1
MUTATED_LINES = int(sys.argv[4]) if len(sys.argv) > 4 else 3000
DATABASE = os.environ.get("INGESTOR_TEST_DATABASE_URL", "")
VECTORS = sorted((SHARED / "vectors" / "json").glob("*.json"))
CORPUS = sorted((SHARED / "corpus").glob("*.gz"))

COLUMNS = {
    "id": "uuid", "timestamp": "timestamptz", "level": "smallint", "method": "text", "url": "text", "query": "jsonb",
    "headers": "jsonb", "context": "text", "message": "text", "auth_user_id": "bigint", "pid": "integer",
    "hostname": "text", "remote_address": "text", "remote_port": "integer", "processing_time_ms": "double precision",
    "cache_hit": "boolean", "document_count": "bigint", "last_updated": "timestamptz", "params": "jsonb", "raw_data": "jsonb",
}  # fmt: skip

TABLES = (
    "create temp table log (" + ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items()) + ");"
    "create temp table rejected_line (file_id bigint, line bigint, byte_offset bigint, reason text, raw bytea);"
    "create temp table line (n bigint, content bytea);"
    "create function pg_temp.jsonb_of(document bytea) returns jsonb language plpgsql as $$ begin"
    "  return convert_from(document, 'UTF8')::jsonb; exception when others then return null; end $$;"
)

# The contract's own limits (exponents, depth) are narrower than jsonb's, and its repairs go further.
BEYOND_LIMITS = {"number_out_of_range", "too_deep", "too_long"}
ESCAPE = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)


def judge(*arguments: str) -> str:
    return subprocess.run([JUDGE, *arguments], check=True, capture_output=True, text=True).stdout


def psql(script: str) -> list[list[str]]:
    """The rows that the statements return, in one session that sees the tables above."""
    command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-F", "\t", DATABASE]
    done = subprocess.run(command, input=judge("functions").replace("function ", "function pg_temp.") + TABLES + script,
                          capture_output=True, text=True)  # fmt: skip
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return [line.split("\t") for line in done.stdout.splitlines()]


def repaired(text: bytes) -> bytes:
    """The same text with U+FFFD for \\u0000 and for surrogates without their other half."""

    def unit(match: re.Match | None) -> int:
        return int(match[1], 16) if match and match[1] else -1

    out, position = b"", 0
    while match := ESCAPE.search(text, position):
        out += text[position : match.start()]
        low = ESCAPE.match(text, match.end())
        if 0xD800 <= unit(match) < 0xDC00 and 0xDC00 <= unit(low) < 0xE000:
            out += match[0] + low[0]
            position = low.end()
            continue
        out += b"\\ufffd" if unit(match) == 0 or 0xD800 <= unit(match) < 0xE000 else match[0]
        position = match.end()
    return out + text[position:]


def copied(folder: str, *objects: Path) -> str:
    """Statements that COPY what the libraries make of these objects into the tables."""
    rows, rejects = f"{folder}/rows", f"{folder}/rejects"
    judge("copy", rows, rejects, *map(str, objects))
    return f"\n\\copy log from '{rows}' (format binary)\n\\copy rejected_line from '{rejects}' (format binary)\n"


class Vectors(unittest.TestCase):
    def setUp(self) -> None:
        if not VECTORS:
            self.skipTest("../shared/vectors is not here")

    def test_the_suite_is_judged_as_jsonb_judges_it(self) -> None:
        verdicts = judge("documents", *map(str, VECTORS)).splitlines()
        literals = ",".join(
            f"({n}, '\\x{content.hex()}'::bytea, '\\x{repaired(content).hex()}'::bytea)"
            for n, content in enumerate(path.read_bytes() for path in VECTORS)
        )
        rows = psql("select pg_temp.jsonb_of(content) is not null, pg_temp.jsonb_of(mended) is not null"
                    f" from (values {literals}) v(n, content, mended) order by n;")  # fmt: skip
        self.assertEqual([as_it_is for as_it_is, _ in rows].count("t"), 102)
        self.assertEqual(len(rows), 318)
        limited = set()
        for path, verdict, (as_it_is, mended) in zip(VECTORS, verdicts, rows, strict=True):
            code, _, detail = verdict.partition(": ")
            if mended == "t" and code in BEYOND_LIMITS:
                limited.add(path.name)
            else:
                self.assertEqual(code in ("accepted", "repaired", "not_an_object"), mended == "t", f"{path.name}: {verdict}")
            if code == "repaired":
                self.assertEqual(as_it_is, "f", path.name)
            self.assertTrue(code in ("accepted", "repaired") or detail, f"{path.name}: {verdict}")
        # Exponents that jsonb takes, though not for ever: `1e131071` prints as 131,072 characters.
        self.assertEqual(limited, {"i_number_neg_int_huge_exp.json", "i_number_pos_double_huge_exp.json",
                                   "i_number_real_neg_overflow.json", "i_number_real_pos_overflow.json"})  # fmt: skip


class Corpus(unittest.TestCase):
    def setUp(self) -> None:
        if not CORPUS:
            self.skipTest("../shared/corpus is not here")

    def test_every_line_of_the_corpus_lands(self) -> None:
        texts = [line for path in CORPUS for line in gzip.open(path).read().splitlines()]
        lines = [json.loads(line) for line in texts]
        with tempfile.TemporaryDirectory() as folder:
            found = psql(copied(folder, *CORPUS) + (
                "select count(*), count(distinct id), sum(level), sum(remote_port), sum(processing_time_ms)::numeric,"
                " count(cache_hit), sum(auth_user_id), sum(extract(epoch from timestamp) * 1000)::numeric::bigint,"
                " count(*) filter (where position(U&'\\FFFD' in raw_data::text) > 0), sum(length(message)) from log;"
                "select count(*) from rejected_line;"
                "select pg_temp.ingestor_file(id), count(*), max(pg_temp.ingestor_line(id)) from log group by 1 order by 1;"
            ))  # fmt: skip
        expected = [
            len(lines), len(lines), sum(line["level"] for line in lines),
            sum(line.get("req", {}).get("remotePort", 0) for line in lines),
            sum(line.get("processingTimeMs", line.get("responseTime", 0)) for line in lines),
            sum("cacheHit" in line for line in lines), sum(line.get("authUserId", 0) for line in lines),
            sum(line["time"] for line in lines), sum(rb"\u0000" in text for text in texts),
            sum(len(line["msg"]) for line in lines),
        ]  # fmt: skip
        for value, wanted in zip(found[0], expected, strict=True):
            self.assertAlmostEqual(float(value), float(wanted), places=3)
        self.assertEqual(int(found[0][8]), 8000 * len(CORPUS))
        self.assertEqual(found[1], ["0"])
        for number, (path, row) in enumerate(zip(CORPUS, found[2:], strict=True), 1):
            count = str(len(gzip.open(path).read().splitlines()))
            self.assertEqual(row, [str(number), count, count])


class Ids(unittest.TestCase):
    def test_the_functions_take_an_id_apart(self) -> None:
        cases = [(0, 0), (0, 1), (1, 0), (4711, 42), (2**60 - 1, 2**62 - 1), (2**59, 2**61), (1 << 12, 1 << 48), (4095, 1 << 32)]
        ids = [judge("id", str(file), str(line)) for file, line in cases]
        found = psql("".join(f"select pg_temp.ingestor_file('{i}'), pg_temp.ingestor_line('{i}');" for i in ids))
        self.assertEqual([(int(file), int(line)) for file, line in found], cases)
        for each in ids:
            self.assertEqual(each[12], "8", "version")
            self.assertIn(each[16], "89ab", "variant")
        self.assertEqual([cases[ids.index(each)] for each in sorted(ids)], sorted(cases), "ids sort by file, then line")


def mutated(source: random.Random, line: bytes) -> bytes:
    """A line with a few changes of the kind that jsonb and JSON parsers differ on."""
    pieces = (
        b"\\u0000", b"\\ud800", b"\\udc00", b"\\ud83d\\ude00", b"\\", b"\\\\", b'"', b"\\u12", b"\\x", b"{", b"}", b"[", b"]", b",",
        b":", b"0", b"-", b"-0", b"01", b"1e5", b"1E+400", b"1e-1001", b".", b"+", b"e", b"null", b"true", b"nul", b"NaN", b" ", b"\t",
        b"\r", b"\x00", b"\x01", b"\x1f", b"\x7f", b"\x80", b"\xc3", b"\xc3\xa9", b"\xe2\x82\xac", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
        b"\xef\xbb\xbf", b"\xff", b"//", b"/**/", b"'", b"\x0b", b"\x0c", b"[" * 600, b"9" * 1001, b"1" * 400, b'"a":1,', b'"":{},',
    )  # fmt: skip
    for _ in range(source.choice((1, 1, 1, 2, 3))):
        at = source.randrange(len(line) + 1)
        cut = source.choice((0, 0, 1, 1, 2, 10))
        piece = source.choice(pieces) if source.random() < 0.8 else bytes([source.randrange(256)])
        line = line[:at] + (piece if source.random() < 0.9 else b"") + line[at + cut :]
    return line.replace(b"\n", b"")


class Mutations(unittest.TestCase):
    def test_changed_lines_are_judged_as_jsonb_judges_them(self) -> None:
        source = random.Random(SEED)
        good = json.dumps({"level": 30, "time": 1795446492127, "req": {"method": "GET", "url": "/a?b=c", "query": {"q": "\xff\\", "n": [1.5, -2e3]},
                           "headers": {}}, "msg": "caf\xe9 \U0001f600 \"x\"", "params": [None, True, {"k": "v"}]}, ensure_ascii=False).encode()  # fmt: skip
        samples = [good, b'{"a":[1,-0.5e3,"x\\u00e9\\n"],"b":{"c":null}}']
        if CORPUS:
            samples += random.Random(2).sample(gzip.open(CORPUS[0]).read().splitlines(), 200)
        lines = [good] * 20 + [mutated(source, source.choice(samples)) for _ in range(MUTATED_LINES)]
        contents = {n: repaired(line) for n, line in enumerate(lines, 1) if line.strip(b" \t\r")}
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "object").write_bytes(b"\n".join(lines) + b"\n")
            Path(folder, "lines").write_text("".join(f"{n}\t\\\\x{content.hex()}\n" for n, content in contents.items()))
            rows = psql(
                copied(folder, Path(folder, "object")) + f"\\copy line from '{folder}/lines'\n"
                "select n, jsonb_of is not null, coalesce(raw_data = jsonb_of, false), coalesce(split_part(reason, ':', 1), 'landed')"
                " from line cross join lateral pg_temp.jsonb_of(content) left join log on pg_temp.ingestor_line(id) = n"
                " left join rejected_line r on r.line = n order by n;"
            )
        self.assertEqual(len(rows), len(contents), "each line is a row or a reject")
        verdicts = {verdict for *_, verdict in rows}
        self.assertTrue({"landed", "not_json", "invalid_utf8", "number_out_of_range"} <= verdicts, verdicts)
        for n, jsonb_takes, same, verdict in rows:
            if verdict == "landed":
                self.assertEqual((jsonb_takes, same), ("t", "t"), lines[int(n) - 1])
            elif verdict == "not_an_object":
                self.assertEqual(jsonb_takes, "t", lines[int(n) - 1])
            elif verdict not in BEYOND_LIMITS:
                self.assertEqual(jsonb_takes, "f", (verdict, lines[int(n) - 1]))


if __name__ == "__main__":
    if not DATABASE or not shutil.which("psql"):
        print("skipped: needs psql, and a database named by INGESTOR_TEST_DATABASE_URL")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
