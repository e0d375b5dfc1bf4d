"""The embedded database knows every alphabet, whatever the machine's locale says."""

from pathlib import Path
from typing import Any

import psycopg

from desk import embedded


def test_letters_beyond_ascii_have_a_lower_case_under_the_plain_c_locale(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    server = embedded.start(tmp_path / "data")
    try:
        with psycopg.connect(host=str(server.sockets), user="postgres", dbname="postgres") as there:
            row = there.execute("SELECT lower('ÄПРИНТЕР')").fetchone()
    finally:
        embedded.stop(server)

    assert row == ("äпринтер",)
