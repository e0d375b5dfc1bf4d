"""What the demo remembers of itself."""

from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["Demo"]


class Demo(models.Model):
    """The moment the demo's newest ticket was made: the first making's. All its times hang on it.

    One row at most.
    """

    ends_at = models.DateTimeField(_("ends"))

    class Meta:
        verbose_name = _("demo")
        verbose_name_plural = _("demo")

    def __str__(self) -> str:
        return f"{self.ends_at:%Y-%m-%d %H:%M}"
