"""What rows that others point at by name have in common."""

from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["Named", "Ranked", "Tone"]


class Tone(models.TextChoices):
    """How a value is coloured wherever it is shown."""

    BLUE = "blue", _("Blue")
    AMBER = "amber", _("Amber")
    GREEN = "green", _("Green")
    RED = "red", _("Red")
    GREY = "grey", _("Grey")


class Named(models.Model):
    """Something that is known by its name, which nothing else of its kind has."""

    name = models.CharField(_("name"), max_length=200, unique=True)

    class Meta:
        abstract = True
        ordering = ("name",)

    def __str__(self) -> str:
        return str(self.name)


class Ranked(Named):
    """Something named that has a place among its kind, and a colour."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    rank = models.SmallIntegerField(_("place in lists"), default=0)
    tone = models.CharField(_("colour"), max_length=8, choices=Tone, default=Tone.GREY)

    class Meta:
        abstract = True
        ordering = ("rank", "pk")
