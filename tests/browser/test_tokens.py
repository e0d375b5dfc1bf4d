"""A token is made, shown once, and revoked."""

from playwright.sync_api import expect

from desk.people.models import Token, User
from tests.browser.conftest import Visit


def test_a_token_is_made_copied_and_revoked(visit: Visit, ben: User) -> None:
    page = visit.log_in(ben)
    page.get_by_label("Your account").click()
    page.get_by_role("link", name="Tokens for programs").click()
    expect(page.get_by_role("heading", name="No tokens yet")).to_be_visible()
    page.get_by_role("link", name="New token").click()
    page.get_by_label("Name").fill("nightly report")
    page.get_by_label("Good for").select_option(label="30 days")
    page.get_by_label("start, cancel and delete exports").uncheck()
    page.get_by_role("button", name="Make token").click()

    shown = page.get_by_label("nightly report")
    expect(shown).to_be_focused()
    text = shown.input_value()
    assert text.startswith("wb_")
    assert visit.audit() == []
    called = page.request.get(
        f"{visit.server.url}/api/v1/exports", headers={"Authorization": f"Bearer {text}"}
    )
    assert called.status == 200

    page.get_by_role("link", name="I have copied it").click()
    row = page.get_by_role("row", name="nightly report")
    expect(row).to_contain_text("exports:read")
    expect(row).to_contain_text("just now")
    assert text not in page.content()
    row.get_by_role("button", name="Revoke").click()
    expect(row).to_contain_text("Revoked")
    expect(row.get_by_role("button")).to_have_count(0)
    assert Token.objects.get().revoked_at is not None
