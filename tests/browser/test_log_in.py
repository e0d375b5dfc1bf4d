"""People come in, change their password, and are locked out after too many wrong tries."""

import re

import pytest
from playwright.sync_api import expect

from desk.people.models import Team, User
from tests.browser.conftest import Visit
from tests.plugins.cast import PASSWORD


@pytest.mark.parametrize("name", ["ada", "ben", "cleo", "dan"])
def test_each_of_the_four_logs_in_and_out(
    name: str, visit: Visit, request: pytest.FixtureRequest
) -> None:
    page = visit.log_in_by_the_form(request.getfixturevalue(name))
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()

    page.get_by_label("Your account").click()
    page.get_by_role("button", name="Log out").click()

    expect(page).to_have_title("Log in · Desk")


def test_only_administrators_find_the_people_page(visit: Visit, dan: User) -> None:
    page = visit.log_in_by_the_form(dan)

    expect(page.get_by_role("link", name="People")).to_have_count(0)
    visit.open("people:list")
    expect(page.get_by_role("heading", name="This page is not for you")).to_be_visible()


def test_an_administrator_finds_people_who_cannot_log_in(
    visit: Visit, cleo: User, dan: User, ben: User
) -> None:
    User.objects.filter(pk=dan.pk).update(is_active=False)
    page = visit.log_in(cleo)
    visit.open("people:list")
    people = page.get_by_role("table", name="People").get_by_role("link")
    expect(people).to_have_text([re.compile("Ben$"), re.compile("Cleo$")])

    find = page.get_by_role("search", name="Find people")
    find.get_by_label("Also those who cannot log in").check()
    find.get_by_role("searchbox").fill("da")
    find.get_by_role("button", name="Show").click()

    expect(people).to_have_text([re.compile("Dan$")])
    expect(find.get_by_role("searchbox")).to_have_value("da")
    expect(find.get_by_label("Also those who cannot log in")).to_be_checked()
    people.click()
    page.get_by_label("may log in", exact=False).check()
    page.get_by_role("button", name="Save").click()
    expect(people).to_have_text([re.compile(f"{name}$") for name in ("Ben", "Cleo", "Dan")])


def test_a_team_is_deleted_only_after_a_question(visit: Visit, cleo: User) -> None:
    team = Team.objects.create(name="Berlin")
    page = visit.log_in(cleo)
    visit.open("people:team", team.pk)
    delete = page.get_by_role("button", name="Delete", exact=True)
    expect(delete).to_be_hidden()

    page.get_by_text("Delete…").click()
    expect(page.get_by_text("Its tickets stay, without a team")).to_be_visible()
    delete.click()

    expect(page.get_by_role("status")).to_contain_text("The team is deleted.")
    assert not Team.objects.exists()


def test_whoever_is_not_logged_in_is_led_to_the_page_after_the_log_in(
    visit: Visit, dan: User
) -> None:
    page = visit.open("people:profile")
    page.get_by_label("User name").fill("dan")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()

    expect(page.get_by_role("heading", name="Your profile")).to_be_visible()


def test_a_new_password_works_and_the_session_goes_on(visit: Visit, dan: User) -> None:
    page = visit.log_in_by_the_form(dan)
    visit.open("people:password")
    page.get_by_label("Old password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill("heron-teapot-77")
    page.get_by_label("New password confirmation").fill("heron-teapot-77")
    page.get_by_role("button", name="Change password").click()

    expect(page.get_by_role("status")).to_contain_text("Your password is changed.")
    dan.refresh_from_db()
    assert dan.check_password("heron-teapot-77")


def test_five_wrong_passwords_lock_the_log_in_and_the_page_says_so(visit: Visit, dan: User) -> None:
    for _ in range(5):
        page = visit.log_in_by_the_form(dan, "wrong-guess")

    expect(page.get_by_role("heading", name="Log-in locked for a while")).to_be_visible()
    page = visit.log_in_by_the_form(dan)
    expect(page.get_by_role("heading", name="Log-in locked for a while")).to_be_visible()


def test_people_see_times_in_the_zone_of_their_profile(visit: Visit, dan: User) -> None:
    page = visit.log_in_by_the_form(dan)
    visit.open("people:profile")
    page.get_by_label("Time zone").select_option("Asia/Tokyo")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("status")).to_contain_text("Your profile is saved.")
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
