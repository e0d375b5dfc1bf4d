"""Who comes in, with what, and what keeps them out for a while."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.db.models import F
from django.test import Client

from desk.people import actions
from desk.people.models import User
from tests.plugins.cast import PASSWORD

pytestmark = pytest.mark.django_db

CAME_IN, REFUSED, LOCKED = 302, 200, 429


def tried(name: str, password: str = PASSWORD) -> int:
    """Try to log in; gives the status of the answer."""
    return Client().post("/staff/login/", {"username": name, "password": password}).status_code


def wrong(name: str, times: int) -> list[int]:
    return [tried(name, "wrong-guess") for _ in range(times)]


def test_a_new_password_from_an_administrator_ends_the_lock_out(dan: User, cleo: User) -> None:
    assert wrong("dan", 5) == [REFUSED] * 4 + [LOCKED]
    wrong("cleo", 2)

    actions.set_password(dan, "heron-teapot-77", by=cleo)

    assert tried("dan", "heron-teapot-77") == CAME_IN
    assert AccessAttempt.objects.get().username == "cleo"


def test_tries_during_the_lock_out_do_not_make_it_longer(dan: User) -> None:
    wrong("dan", 5)
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=14))
    assert tried("dan") == LOCKED

    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=2))

    assert tried("dan") == CAME_IN


@pytest.mark.parametrize("password", ["1", "password", "gus-meyer-desk"])
def test_a_new_person_gets_no_password_that_a_guesser_tries_first(
    password: str, client: Client, cleo: User
) -> None:
    client.force_login(cleo, backend="django.contrib.auth.backends.ModelBackend")
    asked = {"username": "gus-meyer", "time_zone": "UTC", "is_active": "on", "display_name": "Gus"}

    answer = client.post("/staff/people/new", asked | {"password": password})

    assert answer.context["form"].errors.keys() == {"password"}
    assert client.post("/staff/people/new", asked | {"password": PASSWORD}).status_code == 302
    assert tried("gus-meyer") == CAME_IN


@pytest.mark.parametrize("typed", ["dan", "dan@desk.example", " Dan@Desk.Example "])
def test_people_come_in_by_user_name_or_address(typed: str, dan: User) -> None:
    assert tried(typed) == CAME_IN
    assert tried(typed, "wrong-guess") == REFUSED


def test_an_address_is_of_somebody_who_may_log_in_or_of_nobody(dan: User, ben: User) -> None:
    User.objects.filter(pk=ben.pk).update(email="")
    assert tried("") == tried("@") == tried("ben@desk.example") == REFUSED
    # A user name comes first, whoever has it for an address.
    User.objects.create_user("dan@desk.example", password="another-walrus-1", display_name="D")
    assert tried("dan@desk.example") == REFUSED
    assert tried("dan@desk.example", "another-walrus-1") == CAME_IN

    User.objects.filter(pk=dan.pk).update(is_active=False, email="dan@other.example")

    assert tried("dan@other.example") == REFUSED
    with pytest.raises(User.DoesNotExist):
        User.objects.get_by_natural_key("")


def test_tries_are_counted_by_the_name_that_was_typed(dan: User, cleo: User) -> None:
    """An address in other letters is the same one: else each spelling had five tries."""
    spelled = ["dan@desk.example", "DAN@desk.example", "Dan@Desk.Example", " dan@DESK.example"]
    assert [tried(one, "wrong-guess") for one in spelled] == [REFUSED] * 4
    assert tried("nobody@desk.example", "wrong-guess") == REFUSED
    assert tried("dan@desk.examplE", "wrong-guess") == LOCKED
    assert tried("dan@desk.example") == LOCKED
    assert tried("dan") == CAME_IN

    actions.set_password(dan, "heron-teapot-77", by=cleo)

    assert tried("dan@desk.example", "heron-teapot-77") == CAME_IN


def test_who_comes_in_by_address_begins_to_count_anew(dan: User) -> None:
    for _ in range(3):
        assert wrong("dan@desk.example", 4) == [REFUSED] * 4
        assert tried("dan@desk.example") == CAME_IN
