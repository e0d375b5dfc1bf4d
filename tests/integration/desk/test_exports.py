"""What Desk exports, and who may."""

import csv
import io
import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from desk.people.models import Role, RoleRight, User
from desk.tickets.models import Contact, Status, Tag, Ticket
from desk.views.models import SavedView, Subject
from waybill import errors, exports, registry
from waybill.models import ExportJob
from waybill.values import ExportRequest

pytestmark = pytest.mark.django_db(transaction=True)

TICKET_COLUMNS = (
    "id", "ticket_code", "subject", "description", "status", "priority", "type", "assigned_to",
    "created_by", "is_open", "is_resolved", "created_at", "due_date", "updated_at",
)  # fmt: skip
ASSET_COLUMNS = (
    "id", "name", "asset_tag", "serial_number", "status", "location", "assigned_to",
    "manufacturer", "asset_type", "purchase_date", "warranty_expiry_date", "created_at",
    "updated_at",
)  # fmt: skip


def person(name: str, *rights: str, admin: bool = False) -> User:
    user = User.objects.create_user(name, display_name=name.title(), is_admin=admin)
    role = Role.objects.create(name=f"role of {name}")
    RoleRight.objects.bulk_create(RoleRight(role=role, right=right) for right in rights)
    user.roles.add(role)
    return user


def exported(by: User | None = None, **asked: Any) -> list[dict[str, str]]:
    out = io.BytesIO()
    exports.write(exports.planned(ExportRequest(resource="tickets", **asked), by=by), out)
    return list(csv.DictReader(io.StringIO(out.getvalue().decode("utf-8-sig"))))


@pytest.fixture
def cast() -> SimpleNamespace:
    return SimpleNamespace(
        ada=person("ada", "import_export_tickets", "export_assets", admin=True),
        ben=person("ben", "import_export_tickets", "export_assets"),
        cleo=person("cleo", admin=True),
        dan=person("dan"),
    )


@pytest.mark.parametrize(
    ("resource", "keys"), [("tickets", TICKET_COLUMNS), ("assets", ASSET_COLUMNS)]
)
def test_an_export_has_its_columns_unless_others_are_named(
    resource: str, keys: tuple[str, ...]
) -> None:
    plan = exports.planned(ExportRequest(resource=resource), by=None)
    assert tuple(column.key for column in plan.columns) == keys


def test_starting_needs_the_right_and_fetching_tickets_an_administrator_too(
    cast: SimpleNamespace,
) -> None:
    tickets, assets = registry.get("tickets"), registry.get("assets")
    bens = SimpleNamespace(requester_id=cast.ben.pk, resource="tickets")
    everyone = (cast.ada, cast.ben, cast.cleo, cast.dan)
    starts = [tickets.policy.can_start(one, tickets) for one in everyone]
    sees = [tickets.policy.can_see(one, bens) for one in everyone]
    fetches = [tickets.policy.can_download(one, bens) for one in everyone]
    fetches_assets = [assets.policy.can_download(one, bens) for one in everyone]
    assert starts == [True, True, False, False]
    assert sees == [True, True, False, False]
    assert fetches == [True, False, False, False]
    assert fetches_assets == [True, True, False, False]


def test_an_export_holds_only_what_its_requester_can_list(cast: SimpleNamespace) -> None:
    Ticket.objects.create(ticket_code="mine", subject="", created_by=cast.ben)
    Ticket.objects.create(ticket_code="other", subject="", created_by=cast.dan)
    assert [row["Code"] for row in exported(cast.ben)] == ["mine"]
    assert [row["Code"] for row in exported(cast.ada)] == ["mine", "other"]


def test_a_ticket_deleted_after_the_request_is_in_and_one_deleted_before_is_out() -> None:
    now = timezone.now()
    Ticket.objects.create(ticket_code="gone", subject="", deleted_at=now - timedelta(minutes=1))
    Ticket.objects.create(ticket_code="later", subject="", deleted_at=now + timedelta(hours=1))
    Ticket.objects.create(ticket_code="new", subject="", created_at=now + timedelta(hours=1))
    assert [row["Code"] for row in exported()] == ["later"]


def test_a_view_brings_its_filters_sort_and_columns(cast: SimpleNamespace) -> None:
    urgent = Status.objects.order_by("rank").first()
    for code, holder in (("b", cast.ben), ("a", cast.ben), ("c", cast.dan)):
        Ticket.objects.create(ticket_code=code, subject="", assigned_to=holder, status=urgent)
    SavedView.objects.create(
        subject=Subject.TICKETS,
        name="Held by me",
        owner=cast.ben,
        filters={"assigned_to": "@me"},
        sort="ticket_code",
        columns=["ticket_code", "status"],
    )
    rows = exported(cast.ben, view="held")
    assert rows == [{"Code": code, "Status": urgent.name if urgent else ""} for code in "ab"]
    with pytest.raises(errors.ViewUnknown, match="All open"):
        exported(cast.ada, view="Held by me")


@pytest.mark.usefixtures("fresh_folder", "quiet_doorbell")
def test_the_buttons_of_a_list_make_one_export_each_however_often_they_are_pressed(
    cast: SimpleNamespace,
) -> None:
    client = Client()
    client.force_login(cast.ada)
    page = client.get("/staff/tickets/").content.decode()
    keys = re.findall(
        r'name="format" value="(\w+)"><input type="hidden" name="key" value="(.+?)"', page
    )

    for form, key in [*keys, *keys]:
        answer = client.post("/staff/exports/new/tickets/start", {"format": form, "key": key})
        b"".join(answer)  # type: ignore[arg-type]

    assert [form for form, _key in keys] == ["csv", "excel"]
    assert ExportJob.objects.count() == 2


def test_contacts_are_masked_without_the_right_to_see_them(cast: SimpleNamespace) -> None:
    contact = Contact.objects.create(name="Zoe", phone="+49 30 1234")
    ticket = Ticket.objects.create(ticket_code="t", subject="", contact=contact)
    ticket.tags.set([Tag.objects.create(name=name) for name in ("b", "a")])
    columns = ("contact", "contact_phone", "tags")
    shown = {"Contact": "Zoe", "Contact, telephone": "+49 30 1234", "Tags": "a, b"}
    assert exported(None, columns=columns) == [shown]
    assert exported(cast.ada, columns=columns) == [shown | {"Contact, telephone": "•••"}]


def test_statuses_are_sorted_by_their_rank_as_in_the_list() -> None:
    ranked = list(Status.objects.order_by("rank", "pk"))
    for status in reversed(ranked):
        Ticket.objects.create(ticket_code=status.name, subject="", status=status)
    assert [row["Status"] for row in exported(sort=("status",))] == [one.name for one in ranked]
