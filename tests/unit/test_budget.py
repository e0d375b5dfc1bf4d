"""A run of the tests that takes too long ends, and says what it left out."""

import os
import subprocess
import sys


def test_a_test_that_would_begin_too_late_is_named_and_not_run():
    words = ["-m", "pytest", "-q", "-p", "no:randomly", "tests/unit/test_budget.py"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WAYBILL_")}
    done = subprocess.run(
        [sys.executable, *words],
        env={**kept, "WAYBILL_TESTS_SECONDS": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 skipped" in done.stdout, done.stdout
    assert "the 0 s for the tests are over" in done.stdout
