"""Assets from a file into the desk, once for each source and id."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

from desk.assets.models import Asset, AssetChange, AssetStatus, AssetType, Location, Manufacturer
from desk.demo.load import bulk, names
from desk.demo.load.chunks import without_repeats
from desk.demo.load.codes import UniqueCodes
from desk.demo.load.history import set_fields
from desk.demo.load.reader import read_beside
from desk.demo.load.report import Report
from desk.demo.load.values import AssetRecord

__all__ = ["load_assets"]

COLUMNS = (
    "created_at",
    "name",
    "serial_number",
    "status_id",
    "location_id",
    "assigned_to_id",
    "manufacturer_id",
    "asset_type_id",
    "purchase_date",
    "warranty_expiry_date",
    "updated_at",
)
RELATIONS = {
    "status": AssetStatus,
    "location": Location,
    "manufacturer": Manufacturer,
    "asset_type": AssetType,
}


def load_assets(path: Path, *, source: str, now: datetime) -> Report:
    """Load JSON lines. What was loaded before is brought to the file's state; nothing is removed.

    A line without an `id` goes by its tag, and by how often the tag came before in the file.
    Raises OSError where the file cannot be read.
    """
    report = Report()
    store = _Store(source, now, report)
    reading = read_beside(path, "assets", report)
    with reading as chunks, bulk.filled_whole(Asset) as whole:
        for chunk in chunks:
            for assets in without_repeats(store.keyed(chunk), attrgetter("external_id")):
                store.save(assets, whole=whole)
        store.tell_people()
    return report


class _Store:
    """Stores portions of one file."""

    def __init__(self, source: str, now: datetime, report: Report) -> None:
        self._source = source
        self._now = now
        self._report = report
        self.people_made = 0  # that no line of the log tells yet
        self._codes = UniqueCodes(Asset, "asset_tag")
        self._seen: dict[str, int] = {}
        self._skip_row_checks = bulk.can_skip_row_checks(Asset)

    def keyed(self, chunk: Sequence[AssetRecord]) -> list[AssetRecord]:
        """Give each record a key within its source."""
        return [record._replace(external_id=self._key(record)) for record in chunk]

    def save(self, records: Sequence[AssetRecord], *, whole: bool) -> None:
        """Add what is new and change what differs, in one transaction."""
        with bulk.bulk_transaction(Asset, skip_row_checks=self._skip_row_checks):
            ids, made = _find_names(self._source, records)
            keys = [str(record.external_id) for record in records]
            stored = bulk.find_ids(Asset, "external_id", keys, source=self._source)
            self._add([r for r in records if r.external_id not in stored], ids)
            known = {stored[r.external_id]: r for r in records if r.external_id in stored}
            self._change(known, ids)
            self.people_made += made
            if not whole:
                self.tell_people()

    def tell_people(self) -> None:
        """Let the log know of people made, at the end of a transaction: its end stays locked."""
        names.tell_people(self._source, self.people_made)
        self.people_made = 0

    def _key(self, record: AssetRecord) -> str:
        if record.external_id is not None:
            return record.external_id
        times = self._seen[record.asset_tag] = self._seen.get(record.asset_tag, 0) + 1
        return record.asset_tag if times == 1 else f"{record.asset_tag}~{times}"

    def _add(self, records: Sequence[AssetRecord], ids: Mapping[str, names.Ids]) -> None:
        codes = self._codes.make([record.asset_tag for record in records])
        self._report.note_codes([(r.line, r.asset_tag) for r in records], codes)
        bulk.copy_rows(
            Asset,
            ("asset_tag", "source", "external_id", *COLUMNS),
            (
                (code, self._source, record.external_id, *_values(record, ids, self._now))
                for record, code in zip(records, codes, strict=True)
            ),
        )
        self._report.added += len(records)

    def _change(self, known: Mapping[int, AssetRecord], ids: Mapping[str, names.Ids]) -> None:
        for asset in Asset.objects.filter(pk__in=known).order_by("pk"):
            record = known[asset.pk]
            values = zip(COLUMNS, _values(record, ids, self._now), strict=True)
            wanted = [pair for pair in values if pair[0] != "created_at" or record.created_at]
            changes = set_fields(asset, wanted)
            AssetChange.objects.bulk_create(
                AssetChange(asset=asset, field=one.field, old=one.old, new=one.new)
                for one in changes
            )
            self._report.changed += bool(changes)
            self._report.unchanged += not changes


def _find_names(source: str, records: Sequence[AssetRecord]) -> tuple[dict[str, names.Ids], int]:
    found = {
        field: names.learn(model, _named(records, field)) for field, model in RELATIONS.items()
    }
    people, made = names.learn_people(source, _named(records, "assigned_to"))
    return {**found, "assigned_to": people}, made


def _named(records: Sequence[AssetRecord], field: str) -> set[str]:
    return {name for record in records if (name := getattr(record, field)) is not None}


def _values(record: AssetRecord, ids: Mapping[str, names.Ids], now: datetime) -> tuple[Any, ...]:
    """Give the values of `COLUMNS`; without a creation time it is the time of loading."""
    return (
        record.created_at or now,
        record.name,
        record.serial_number,
        names.id_of(ids["status"], record.status),
        names.id_of(ids["location"], record.location),
        names.id_of(ids["assigned_to"], record.assigned_to),
        names.id_of(ids["manufacturer"], record.manufacturer),
        names.id_of(ids["asset_type"], record.asset_type),
        record.purchase_date,
        record.warranty_expiry_date,
        record.updated_at,
    )
