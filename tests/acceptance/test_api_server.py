"""The API of a running Desk, asked from other processes."""

import concurrent.futures
import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]
CONFIG = """
[checks]
# What a filter, a cursor or an id may be depends on the rows: a well-formed one can be unknown.
positive_data_acceptance.expected-statuses = [
    "2xx", "400", "401", "403", "404", "409", "410", "416", "422",
]
"""


@pytest.fixture
def token_of(start_desk):
    """Start Desk with a few tickets, and give the address and a token."""

    def start(name, *words, **variables):
        desk = start_desk("--workers", "1", prepared=True, **variables)
        desk.wait_until_ready()
        desk.command(["desk", "make_demo", "--tickets", "300", "--assets", "50"], cwd=HERE)
        made = desk.command(["desk", "create_token", name, *words], cwd=HERE)
        return desk.url, made.stdout.strip()

    return start


@pytest.mark.slow(130)
@pytest.mark.timeout(900)
def test_two_thousand_generated_calls_find_no_server_error_and_nothing_undocumented(
    token_of, tmp_path
):
    url, token = token_of("ada", DESK_EXPORTS_PER_MINUTE="1000000")
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG)
    program = Path(sys.executable).with_name("schemathesis")
    found = subprocess.run(
        [
            program, "--config-file", config, "run", f"{url}/api/v1/openapi.json",
            "--header", f"Authorization: Bearer {token}", "--checks", "all",
            "--max-examples", "100", "--seed", "20261120", "--phases", "examples,coverage,fuzzing",
        ],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout[-8_000:]
    generated = int(found.stdout.split(" generated,")[0].rsplit(maxsplit=1)[-1])
    assert generated >= 2_000, found.stdout[-2_000:]


CALLER = """
import json, sys, threading, urllib.error, urllib.request
url, token, calls = sys.argv[1], sys.argv[2], int(sys.argv[3])
found = []
def call():
    request = urllib.request.Request(
        url + "/api/v1/tickets/export", json.dumps({"async": True}).encode(),
        {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request) as answer:
            found.append([answer.status, ""])
    except urllib.error.HTTPError as refused:
        found.append([refused.code, refused.headers.get("Retry-After", "")])
threads = [threading.Thread(target=call) for _ in range(calls)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(json.dumps(found))
"""


def test_of_fifty_starts_at_once_from_four_processes_exactly_five_are_accepted(token_of):
    url, token = token_of("ada")

    def process(calls):
        done = subprocess.run(
            [sys.executable, "-c", CALLER, url, token, str(calls)],
            check=True,
            capture_output=True,
            text=True,
        )
        return json.loads(done.stdout)

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = [one for part in pool.map(process, (13, 13, 12, 12)) for one in part]
    assert sorted(status for status, _ in answers) == [202] * 5 + [429] * 45
    assert all(0 < int(after) <= 60 for status, after in answers if status == 429)
