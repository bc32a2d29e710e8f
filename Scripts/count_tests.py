"""Adds up the test runs of `make test` and prints one closing line.

usage: count_tests.py LOG...

Each log is the output of one `swift test`. Fails if a log says that tests failed, or does not say how many ran.
"""

from __future__ import annotations

import re
import sys


def main() -> None:
    ran = skipped = 0
    for path in sys.argv[1:]:
        text = open(path, encoding="utf-8", errors="replace").read()
        closing = re.findall(r"Test run with (\d+) tests? .*?(passed|failed) after", text)
        if len(closing) != 1 or closing[0][1] != "passed" or int(closing[0][0]) == 0:
            sys.exit(f"{path}: no run of tests that passed")
        # A skipped suite or test is counted among the tests that ran, so it is counted out here.
        gone = len(re.findall(r"^\S+ Test .* skipped", text, flags=re.MULTILINE))
        ran += int(closing[0][0]) - gone
        skipped += gone
    print(f"{ran} passed, 0 failed, {skipped} skipped")


if __name__ == "__main__":
    main()
