"""A process that asks for exports: `python -m tests.factories.askers 3` prints their ids."""

import sys

import django

__all__ = ["main"]


def main(count):
    """Make parcels and a person, and request so many exports of theirs."""
    from django.contrib.auth import get_user_model

    from tests.factories.jobs import requested
    from tests.sample.models import Parcel

    text = "wide load " * 50
    Parcel.objects.bulk_create(Parcel(code=f"P-{number}", text=text) for number in range(4_000))
    person = get_user_model().objects.create_user("pat", display_name="Pat")
    for _ in range(count):
        sys.stdout.write(f"{requested(person).pk}\n")


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
