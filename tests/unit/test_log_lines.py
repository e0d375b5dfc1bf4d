"""Log lines as JSON (O3)."""

import json
import logging
import sys

from desk.logs import JsonLines


def line(message: str, *args: object, error: bool = False) -> dict[str, object]:
    info = sys.exc_info() if error else None
    record = logging.LogRecord("waybill.work", logging.INFO, "", 1, message, args, info)
    written = JsonLines().format(record)
    assert "\n" not in written
    return dict(json.loads(written))


def test_what_a_line_names_is_a_field() -> None:
    said = line("export completed job=%s rows=%d seconds=%.2f", "abc", 7, 0.25)

    assert said["message"] == "export completed job=abc rows=7 seconds=0.25"
    assert (said["job"], said["rows"], said["seconds"]) == ("abc", 7, 0.25)
    assert (said["level"], said["logger"]) == ("INFO", "waybill.work")


def test_values_without_a_name_are_left_to_the_message() -> None:
    assert line("%s actor=%s", "role_created", 5)["actor"] == 5


def test_no_value_takes_the_place_of_a_field_of_every_line() -> None:
    assert line("x level=%s message=%s", "a", "b")["level"] == "INFO"


def test_a_line_break_or_an_escape_ends_no_line() -> None:
    """FAULTS 93."""
    assert line("view=%s", "a\r\n\x1b[31mINFO forged")["view"] == "a\r\n\x1b[31mINFO forged"


def test_an_error_stands_in_a_field_of_its_own() -> None:
    try:
        raise ValueError
    except ValueError:
        said = line("broken", error=True)

    assert "ValueError" in str(said["exception"])
