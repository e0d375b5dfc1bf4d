"""Demo assets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from desk.assets.models import Asset, AssetStatus, AssetType, Location, Manufacturer
from desk.demo.load import bulk, names
from desk.demo.load.codes import UniqueCodes
from desk.demo.make.cast import SOURCE
from desk.demo.make.dice import Dice
from desk.people.models import User

__all__ = ["make_assets"]

STATUSES = ("In use",) * 14 + ("In stock",) * 3 + ("In repair", "Retired", "Lost")
LOCATIONS = (
    "Hamburg",
    "Lyon",
    "Bilbao",
    "大阪",
    "成都",
    "เชียงใหม่",
    "عمّان",
    "पुणे",
    "Bristol",
    "Graz",
)
MANUFACTURERS = (
    "Altura",
    "Kestrel & Sons",
    "Boreal Systems",
    "桜精機",
    "Quillon GmbH",
    "Ostrava Elektro",
)
TYPES = ("Laptop", "Desktop", "Monitor", "Phone", "Printer", "Server", "Switch", "Docking station")
MODELS = ("Air", "Pro 14", "Max", "S2", "Studio", "Lite", '24"', "Edge, black")
COLUMNS = (
    "asset_tag",
    "source",
    "external_id",
    "name",
    "serial_number",
    "status_id",
    "location_id",
    "assigned_to_id",
    "manufacturer_id",
    "asset_type_id",
    "purchase_date",
    "warranty_expiry_date",
    "created_at",
    "updated_at",
)
CHUNK = 10_000
YEAR = 365  # days
SERIALS = ("{0:012d}", "{0:018d}", "SN-{0:X}", "{0:010X}", "0x{0:08x}")


@dataclass(frozen=True, slots=True)
class _Around:
    """Ids of what assets point at, by name."""

    statuses: names.Ids
    locations: names.Ids
    manufacturers: names.Ids
    types: names.Ids
    people: tuple[int, ...]


def make_assets(count: int, *, ends: datetime, seed: int) -> int:
    """Bring the demo up to that many assets; give how many were made."""
    have = Asset.objects.filter(source=SOURCE).count()
    codes = UniqueCodes(Asset, "asset_tag")
    people = User.objects.filter(username__startswith="person.").order_by("username")
    around = _Around(
        statuses=names.learn(AssetStatus, set(STATUSES)),
        locations=names.learn(Location, LOCATIONS),
        manufacturers=names.learn(Manufacturer, MANUFACTURERS),
        types=names.learn(AssetType, TYPES),
        people=tuple(people.values_list("pk", flat=True)),
    )
    for first in range(have, count, CHUNK):
        numbers = range(first, min(first + CHUNK, count))
        tags = codes.make([f"AT-{10_001 + number}" for number in numbers])
        bulk.copy_rows(Asset, COLUMNS, _rows(numbers, tags, around, ends=ends, seed=seed))
    return max(0, count - have)


def _rows(
    numbers: Sequence[int], tags: Sequence[str], around: _Around, *, ends: datetime, seed: int
) -> Iterator[tuple[Any, ...]]:
    for number, tag in zip(numbers, tags, strict=True):
        dice = Dice(seed + 1, number)
        status, maker, kind = dice.pick(STATUSES), dice.pick(MANUFACTURERS), dice.pick(TYPES)
        bought = ends - timedelta(days=30 + dice.roll(5 * YEAR), minutes=dice.roll(600))
        known = dice.roll(10) > 0
        yield (
            tag,
            SOURCE,
            str(number + 1),
            f"{maker.split()[0]} {kind} {dice.pick(MODELS)}",
            dice.pick(SERIALS).format(dice.roll(1 << 40)) if dice.roll(20) else None,
            around.statuses[status],
            around.locations[dice.pick(LOCATIONS)] if status != "Lost" else None,
            dice.pick(around.people) if status == "In use" else None,
            around.manufacturers[maker],
            around.types[kind],
            bought.date() if known else None,
            (bought + timedelta(days=3 * YEAR)).date() if known else None,
            bought + timedelta(days=2, minutes=dice.roll(200)),
            ends - timedelta(minutes=dice.roll(60 * 24 * 20)),
        )
