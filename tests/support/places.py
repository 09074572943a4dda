"""Where things are: the checkout, the binary, the tools that start servers, the sample logs."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("INGESTOR_BINARY", ROOT / "build" / "ingestor")).absolute()
POOL_LOAD = BINARY.parent / "tests" / "integration" / "pg" / "pool-load"
README_PROGRAM = BINARY.parent / "tests" / "integration" / "pg" / "readme-program"
LOGIN_VERDICTS = POOL_LOAD.parent / "login-verdicts"
ADDRESSES = POOL_LOAD.parent.parent / "s3" / "addresses"
S3_TESTS = POOL_LOAD.parent.parent / "s3" / "integration-s3"
RESULTS = BINARY.parent / "results"
SERVER_TOOLS = Path(os.environ.get("INGESTOR_SERVER_TOOLS", ROOT / "tools" / "dev")).absolute()
SHARED = ROOT.parent / "shared"


def sample_logs() -> dict[str, bytes]:
    """The real logs that are here, gzip'd, by name: one in the checkout, the rest beside it."""
    found = {}
    for folder in (ROOT / "tests" / "data", SHARED / "corpus"):
        for path in sorted(folder.glob("app-*.ndjson.gz")):
            found.setdefault(path.name, path.read_bytes())
    return found
