"""Which tests of a build have a name in them, and how a run went, in one line.

    results.py select BUILD KIND NAME    the meson tests to run, one a line: "all TEST" when the test's own
                                         name matches, "cases TEST" when only some of its gtest cases do
    results.py targets BUILD KIND        what ninja has to build for the tests of that kind, one a line
    results.py total DIRECTORY           reads what runs left there (meson's logs, JUnit XML of pytest);
                                         names what failed; prints N passed, N failed, N skipped
"""

import json
import pathlib
import subprocess
import sys
import xml.etree.ElementTree as ElementTree


def meson_tests(build):
    listing = subprocess.run(
        ["meson", "introspect", "--tests", build], check=True, capture_output=True, text=True
    )
    return json.loads(listing.stdout)


def is_integration(test):
    return any(suite.split(":")[-1] == "integration" for suite in test["suite"])


def has_matching_case(test, name):
    if test["protocol"] != "gtest":
        return False
    listing = subprocess.run(
        [*test["cmd"], "--gtest_list_tests", f"--gtest_filter=*{name}*"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    return any(line.startswith("  ") for line in listing.stdout.splitlines())


def tests_of(build, kind):
    for test in meson_tests(build):
        if kind == "all" or (kind == "integration") == is_integration(test):
            yield test


def targets(build, kind):
    """The programs that the tests are, or are given."""
    built = pathlib.Path(build).resolve()
    words = [pathlib.Path(word).resolve() for test in tests_of(build, kind) for word in test["cmd"]]
    for program in sorted({word for word in words if word.is_relative_to(built) and word != built}):
        print(program.relative_to(built))


def select(build, kind, name):
    for test in tests_of(build, kind):
        if name in test["name"]:
            print("all", test["name"])
        elif has_matching_case(test, name):
            print("cases", test["name"])


def case_outcome(case):
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    if case.find("skipped") is not None or case.get("status") == "notrun" or case.get("result") == "skipped":
        return "skipped"
    return "passed"


def junit_cases(path):
    """(suite, case, outcome) of every test case in a JUnit file."""
    for suite in ElementTree.parse(path).iter("testsuite"):
        for case in suite.findall("testcase"):
            yield suite.get("name", ""), f"{case.get('classname')}.{case.get('name')}", case_outcome(case)


def meson_outcomes(log):
    """The cases of gtest programs, and each other test as one.

    A gtest program that crashed has left no case, and one that failed only as it ended (a leak) has
    left no failed case: its exit is counted as a failure then.
    """
    junit = list(junit_cases(log.with_suffix(".junit.xml")))
    for line in log.read_text().splitlines():
        test = json.loads(line)
        # The suites of a program are called project.program.suite.
        own = [(case, outcome) for suite, case, outcome in junit if f".{test['name']}." in suite]
        name = test["name"].split(" / ")[-1]
        yield from ((f"{name}: {case}", outcome) for case, outcome in own)
        if test["result"] in ("OK", "EXPECTEDFAIL", "SKIP"):
            if not own:
                yield name, "skipped" if test["result"] == "SKIP" else "passed"
        elif all(outcome != "failed" for _, outcome in own):
            yield f"{name}: {test['result'].lower()}, exit status {test.get('returncode')}", "failed"


def outcomes(results):
    for log in sorted(results.glob("*.json")):
        yield from meson_outcomes(log)
    for report in sorted(results.glob("pytest*.xml")):
        yield from ((case, outcome) for _, case, outcome in junit_cases(report))
    for word in sorted(results.glob("*.died")):  # what a runner could not write itself
        yield word.read_text().strip(), "failed"


def total(results):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for name, outcome in outcomes(pathlib.Path(results)):
        counts[outcome] += 1
        if outcome != "passed":
            print(f"{outcome}: {name}")
    if not any(counts.values()):
        print("no test has that in its name")
    print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    return 1 if counts["failed"] or not any(counts.values()) else 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["select", build, kind, name]:
            sys.exit(select(build, kind, name))
        case ["targets", build, kind]:
            sys.exit(targets(build, kind))
        case ["total", results]:
            sys.exit(total(results))
        case _:
            sys.exit(__doc__)
