"""The project's files, and C++ without its comments and literals, for tests that read the source."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
SRC = ROOT / "src"

_NOT_CODE = re.compile(
    r"""
      //[^\n]*                                   # a comment
    | /\*.*?\*/
    | (?<![\w])(?:u8|[uUL])?R"(?P<d>[^(\s]*)\(.*?\)(?P=d)"   # a raw string
    | (?:u8|[uUL])?"(?:\\.|[^"\\\n])*"           # a string
    | (?<![\w])(?:u8|[uUL])?'(?:\\.|[^'\\\n])+'  # a character, but not a digit separator
    """,
    re.VERBOSE | re.DOTALL,
)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|(<[^>\n]+>))', re.MULTILINE)


def cpp_files(*folders):
    """The C++ files below these folders of the project, sorted."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.[ch]pp"))


def shown(path):
    """The path as a person in the checkout would write it."""
    return str(path.relative_to(ROOT))


def code_of(text):
    """The text with comments and literals blanked out; every line stays where it is."""
    return _NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def includes_of(text):
    """(line number, "own/header.hpp" or <system header>) of each include; own ones without quotes."""
    for match in _INCLUDE.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match.group(1) or match.group(2)


def found(pattern, text):
    """The line number and the text of each match of a compiled pattern."""
    for match in pattern.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match.group().strip()
