"""What every test can use; each plugin is one file under tests/plugins."""

pytest_plugins = [
    "tests.plugins.required",
    "tests.plugins.cast",
    "tests.plugins.jobdatabases",
    "tests.plugins.jobs",
]
