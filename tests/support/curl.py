"""A stand-in for `curl`, for machines that have none: as much of it as the pages use, told by its own names.

The pages promise `curl`; the suite asks for nothing but what the README names. `tests/unit/test_pages.py` holds the two
beside each other.
"""

import argparse
import sys
import urllib.error
import urllib.request
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Sends one request and prints the body of the answer. 0: there was an answer, whatever its status; 7: there was none."""
    asked = _parser().parse_args(arguments)
    headers = {}
    for header in asked.header:
        lines = Path(header[1:]).read_text("utf-8").splitlines() if header.startswith("@") else [header]
        headers.update(
            (name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)
        )
    body = None
    if asked.data is not None:
        body = Path(asked.data[1:]).read_bytes() if asked.data.startswith("@") else asked.data.encode()
        if "content-type" not in {name.lower() for name in headers}:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
    method = asked.request or ("GET" if body is None else "POST")
    request = urllib.request.Request(asked.url, body, headers, method=method)  # noqa: S310 - addresses of the pages
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=60) as answer:
            sys.stdout.buffer.write(answer.read())
    except urllib.error.HTTPError as refused:
        with refused:
            sys.stdout.buffer.write(refused.read())
    except urllib.error.URLError as away:
        sys.stderr.write(f"curl: (7) {away.reason}\n")
        return 7
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="curl", allow_abbrev=False)
    parser.add_argument("url")
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-S", action="store_true")
    parser.add_argument("-X", dest="request")
    parser.add_argument("-H", dest="header", action="append", default=[])
    parser.add_argument("--data-binary", dest="data")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
