"""The asset statuses a desk starts with: made after migrating where there are none."""

from typing import Any

from desk.assets.models import AssetStatus
from desk.naming import Tone
from desk.planting import fill

__all__ = ["plant"]

STATUSES = (
    AssetStatus(name="In stock", rank=10, tone=Tone.BLUE),
    AssetStatus(name="In use", rank=20, tone=Tone.GREEN),
    AssetStatus(name="In repair", rank=30, tone=Tone.AMBER),
    AssetStatus(name="Retired", rank=40, tone=Tone.GREY),
    AssetStatus(name="Lost", rank=50, tone=Tone.RED),
)


def plant(*, using: str, **_: Any) -> None:
    """Make the statuses; a receiver of `post_migrate`."""
    fill(AssetStatus, STATUSES, using)
