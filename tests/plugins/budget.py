"""An end to a run on a machine that is far too slow: what is left then is named, not run.

Without it such a run is cut off from outside, and says nothing of what it had found by then.
"""

import os
import time

import pytest

__all__ = ["pytest_configure", "pytest_runtest_setup"]

SECONDS = "WAYBILL_TESTS_SECONDS"
BEGAN = "WAYBILL_TESTS_BEGAN"  # the worker processes of a run inherit it


def pytest_configure(config):
    """Note when the run began."""
    os.environ.setdefault(BEGAN, str(time.time()))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Skip a test that would begin after the time given for the run, if any is given."""
    given = os.environ.get(SECONDS)
    if given and time.time() - float(os.environ[BEGAN]) > float(given):
        pytest.skip(f"not run: the {given} s for the tests are over")
