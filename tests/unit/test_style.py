"""Rules of style that a machine can hold. Each says what to do instead."""

import re
import shutil
import subprocess
import unittest

from source_tree import ROOT, SRC, code_of, cpp_files, found, includes_of, shown

FUNCTION_LINES_MAX = 70

# (pattern, where it is allowed, remedy). Searched in code without comments and literals.
BANNED = [
    (r"\bgetenv\b", {"src/config/environment.cpp"}, "config/ is the only reader of the environment"),
    (r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok)\s*\(", set(), "it does not know the buffer's size"),
    (r"\b(atoi|atol|atof|strtol|strtoul|strtod|sscanf|stoi|stol|stoul|stod)\s*\(", set(), "std::from_chars"),
    (r"\b(rand|srand|random)\s*\(", set(), "<random>, as an argument"),
    (r"\b(localtime|gmtime|mktime|asctime|ctime)\s*\(", set(), "std::chrono; they share a static buffer"),
    (r"\b(system|popen)\s*\(", set(), "no shell from this program"),
    (r"\bsleep_(for|until)\b|\b(u|nano)?sleep\s*\(", set(), "a timer on the loop; this blocks it"),
    (r"\bstd::(endl|regex)\b", set(), "'\\n'; a parser whose stack and time are bounded"),
    (r"\bstd::thread\b|\bstd::async\b", set(), "one thread; blocking work goes to an asio::thread_pool"),
    (r"\b(malloc|calloc|realloc|free)\s*\(", set(), "an owner"),
    (r"\bstd::(cout|cerr|clog)\b", {"src/app/", "src/main.cpp"}, "return it; telemetry/ logs, app/ prints"),
]
NOT_IN_HEADERS = [(r"\busing\s+namespace\b", "it reaches every file that includes this")]

# Spelled so that this file does not hold them.
LEFTOVER = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
# Somebody called u, me or user is made up.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:(?:root|work)/\w|(?:home|Users)/(?!(?:u|me|user)\b)\w)")

TEXT_SUFFIXES = {".cpp", ".hpp", ".py", ".sh", ".build", ".md", ".txt", ".sql", ".yaml", ".yml", ".json", ".wrap", ""}
PROJECT_FOLDERS = ["src", "tests", "tools", "deploy", ".ci"]


def project_texts():
    """(path, text) of what people write here: sources, scripts, pages."""
    paths = [path for path in ROOT.iterdir() if path.is_file() and path.name != ".git"]
    for folder in PROJECT_FOLDERS:
        paths += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    for path in sorted(paths):
        inside = path.relative_to(ROOT).parts
        if path.suffix in TEXT_SUFFIXES and "__pycache__" not in inside and inside[:2] not in {("tests", "data")}:
            try:
                yield path, path.read_text()
            except UnicodeDecodeError:
                pass  # a sample of bytes, not a text


def closing_brace(code, opening):
    """The offset of the brace that closes the one at `opening`; the end where there is none."""
    depth = 0
    for match in re.compile("[{}]").finditer(code, opening):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return match.start()
    return len(code)


LAMBDA_WITH_CAPTURES = re.compile(r"(?<![\w\])\[])\[(?!\[)(?P<captures>[^\[\]]+)\](?!\])[^;{}\[\]]*\{")


def capturing_coroutines(code):
    """The line of each lambda that captures and is a coroutine itself (one inside it does not count)."""
    for match in LAMBDA_WITH_CAPTURES.finditer(code):
        body = code[match.end() : closing_brace(code, match.end() - 1)]
        for inner in reversed(list(re.finditer(r"(?<![\w\])])\[[^\[\]]*\][^;{}\[\]]*\{", body))):
            body = body[: inner.end()] + body[closing_brace(body, inner.end() - 1) :]
        if re.search(r"\bco_(await|return|yield)\b", body):
            yield code.count("\n", 0, match.start()) + 1


FUNCTION = re.compile(r"\)[^;{}()]*\{$", re.MULTILINE)
NOT_A_FUNCTION = re.compile(r"^\s*(\}?\s*else\b|if\b|for\b|while\b|switch\b|catch\b|\}\s*catch\b|namespace\b|struct\b|class\b)")


def functions(code):
    """(first line, lines) of what looks like a function: a list in parentheses, then a body."""
    for match in FUNCTION.finditer(code):
        depth, start = 0, match.start()
        while start >= 0:  # back to the parenthesis that opens the list
            depth += {")": 1, "(": -1}.get(code[start], 0)
            if depth == 0:
                break
            start -= 1
        start = code.rfind("\n", 0, max(start, 0)) + 1
        if not NOT_A_FUNCTION.match(code[start:]):
            end = closing_brace(code, match.end() - 1)
            yield code.count("\n", 0, start) + 1, code.count("\n", start, end) + 1


class Style(unittest.TestCase):
    maxDiff = None

    def check(self, wrong, remedy):
        if wrong:
            self.fail(remedy + ":\n  " + "\n  ".join(wrong))

    def test_nothing_is_left_for_later(self):
        wrong = [f"{shown(p)}:{line}: {text}" for p, words in project_texts() for line, text in found(LEFTOVER, words)]
        self.check(wrong, "do it, or say in plain words how it is")

    def test_no_path_of_one_machine(self):
        wrong = [f"{shown(p)}:{line}: {text}" for p, words in project_texts() for line, text in found(MACHINE_PATH, words)]
        self.check(wrong, "a path that exists on one machine only")

    def test_no_banned_call(self):
        wrong = []
        for path in cpp_files("src"):
            code = code_of(path.read_text())
            for pattern, allowed, remedy in BANNED:
                if not any(shown(path).startswith(place) for place in allowed):
                    hits = found(re.compile(pattern), code)
                    wrong += [f"{shown(path)}:{line}: {text}: instead: {remedy}" for line, text in hits]
        self.check(wrong, "banned here")

    def test_headers_keep_to_themselves(self):
        wrong = []
        for path in cpp_files("src", "tests"):
            if path.suffix == ".hpp":
                code = code_of(path.read_text())
                if not code.lstrip().startswith("#pragma once"):
                    wrong.append(f"{shown(path)}:1: begin it with #pragma once")
                for pattern, remedy in NOT_IN_HEADERS if path.is_relative_to(SRC) else []:
                    wrong += [f"{shown(path)}:{line}: {text}: {remedy}" for line, text in found(re.compile(pattern), code)]
        self.check(wrong, "headers")

    def test_no_coroutine_has_captures(self):
        # Only in src: a test's closure stands in a call that returns when its coroutine has ended.
        wrong = []
        for path in cpp_files("src"):
            wrong += [f"{shown(path)}:{line}" for line in capturing_coroutines(code_of(path.read_text()))]
        self.check(wrong, "captures die before the coroutine does: a free function or a member, with parameters")

    def test_functions_fit_a_page(self):
        wrong = []
        for path in cpp_files("src"):
            for line, length in functions(code_of(path.read_text())):
                if length > FUNCTION_LINES_MAX:
                    wrong.append(f"{shown(path)}:{line}: {length} lines")
        self.check(wrong, f"over {FUNCTION_LINES_MAX} lines: split it by what it does")

    def test_every_source_is_built(self):
        builds = {path.parent: path.read_text() for folder in ("src", "tests") for path in (ROOT / folder).rglob("meson.build")}
        builds[ROOT] = (ROOT / "meson.build").read_text()
        wrong = []
        sources = [*cpp_files("src", "tests"), *(ROOT / "tests" / "unit").rglob("test_*.py")]
        for path in sources:
            if path.suffix == ".hpp":
                continue
            homes = [folder for folder in path.parents if folder in builds]
            if not any(f"'{path.relative_to(home)}'" in builds[home] for home in homes):
                wrong.append(shown(path))
        self.check(wrong, "in no meson.build: list it, or delete it")

    def test_every_header_is_used(self):
        used = {header for path in cpp_files("src", "tests") for _, header in includes_of(path.read_text())}
        wrong = [shown(p) for p in cpp_files("src") if p.suffix == ".hpp" and str(p.relative_to(SRC)) not in used]
        self.check(wrong, "included by nothing: delete it")

    @unittest.skipUnless(shutil.which("clang-format-16"), "clang-format-16 is not installed")
    def test_clang_format_agrees(self):
        run = subprocess.run(
            ["clang-format-16", "--dry-run", "-Werror", *map(str, cpp_files("src", "tests"))],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        wrong = sorted(set(re.findall(r"^(?:.*/)?((?:src|tests)/[^:\n]+:\d+):\d+: error", run.stderr, re.MULTILINE)))
        self.check(wrong or [run.stderr] * run.returncode, "tools/lint --fix puts it right")

    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not installed")
    def test_shellcheck_agrees(self):
        scripts = [str(p) for p, text in project_texts() if re.match(r"#!/usr/bin/env bash|# shellcheck shell=", text)]
        run = subprocess.run(["shellcheck", "--external-sources", *scripts], cwd=ROOT, capture_output=True, text=True)
        self.check([run.stdout] * run.returncode, "shellcheck")


if __name__ == "__main__":
    unittest.main()
