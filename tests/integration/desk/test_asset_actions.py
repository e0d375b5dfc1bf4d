"""Keeping assets: what changes, and what the history says of it."""

import pytest
from django.core.exceptions import ValidationError

from desk.assets import actions, queries
from desk.assets.models import Asset, AssetStatus, Location
from desk.people.models import User
from desk.tickets import actions as ticket_actions

pytestmark = pytest.mark.django_db


def lines(asset: Asset) -> list[tuple[str, str | None, str | None]]:
    return list(queries.changes(asset).values_list("field", "old", "new"))


def made(by: User, tag: str = "A-1") -> Asset:
    return actions.create({"name": "Laptop", "asset_tag": tag}, by=by)


def test_an_edit_writes_a_line_for_each_field_that_changed(dan: User) -> None:
    berlin = Location.objects.create(name="Berlin")
    stock = AssetStatus.objects.get(name="In stock")

    asset = actions.edit(made(dan), {"name": "Laptop", "location": berlin, "status": stock}, by=dan)

    assert lines(asset) == [
        ("created", None, None),
        ("location", None, "Berlin"),
        ("status", None, "In stock"),
    ]


def test_two_assets_cannot_have_one_tag(dan: User) -> None:
    made(dan)

    with pytest.raises(ValidationError, match="asset_tag"):
        made(dan)


def test_a_deleted_asset_stands_in_no_list_and_can_come_back(dan: User) -> None:
    asset = actions.delete(made(dan), by=dan)

    assert not Asset.objects.visible_to(dan).exists()
    assert actions.restore(asset, by=dan) == Asset.objects.visible_to(dan).get()
    assert [field for field, *_ in lines(asset)] == ["created", "deleted", "restored"]


def test_an_asset_shows_the_tickets_that_point_at_it_and_that_one_may_list(
    ben: User, dan: User
) -> None:
    asset = made(dan)
    mine = ticket_actions.create({"subject": "Broken"}, by=dan, assets=[asset])
    other = ticket_actions.create({"subject": "Slow"}, by=ben)
    ticket_actions.link(other, asset, by=ben)

    assert [*queries.tickets_of(asset, dan)] == [mine]
    assert other.changes.last().new == "A-1 Laptop"
    ticket_actions.unlink(other, asset, by=ben)
    assert [*queries.tickets_of(asset, ben)] == []
