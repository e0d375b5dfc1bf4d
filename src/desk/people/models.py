"""People who log in, the roles that give them rights, and the teams they work in."""

from functools import cached_property
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from desk.people.rights import Right
from desk.people.zones import validate_zone

__all__ = ["Role", "RoleRight", "Team", "Token", "User", "UserManager"]


class Role(models.Model):
    """A named set of rights."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    description = models.CharField(_("description"), max_length=300, blank=True)

    class Meta:
        ordering = ("name",)
        verbose_name = _("role")
        verbose_name_plural = _("roles")

    def __str__(self) -> str:
        return self.name


class RoleRight(models.Model):
    """One right that a role carries."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="rights")
    right = models.CharField(_("right"), max_length=60, choices=Right)

    class Meta:
        ordering = ("right",)
        verbose_name = _("right of a role")
        verbose_name_plural = _("rights of roles")
        constraints = [
            models.UniqueConstraint(fields=("role", "right"), name="people_roleright_once"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.get_right_display()}"


class Team(models.Model):
    """A group of agents that shares its tickets."""

    name = models.CharField(_("name"), max_length=100, unique=True)

    class Meta:
        ordering = ("name",)
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Finds people by user name or e-mail, and makes them."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a person by user name, else whoever may log in and has that e-mail address.

        Raises `DoesNotExist`. An address has one person at most, whatever its letters.
        """
        try:
            return super().get_by_natural_key(username)
        except self.model.DoesNotExist:
            if "@" not in (username or ""):
                raise
        rows = self.alias(address=Lower("email")).filter(is_active=True)
        return rows.get(address=str(username).lower())

    def create_user(
        self, username: str, *, password: str | None = None, **fields: object
    ) -> "User":
        """Make a person who can log in, or cannot where no password is given."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Someone who works at the desk, or whose name stands in a ticket.

    `is_admin` is the administrator of the desk and grants no right by itself: rights are read
    from roles only, and there is no superuser.
    """

    username = models.CharField(
        _("user name"), max_length=150, unique=True, validators=[UnicodeUsernameValidator()]
    )
    email = models.EmailField(_("e-mail address"), blank=True)
    display_name = models.CharField(_("display name"), max_length=200)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_zone]
    )
    mail_completed = models.BooleanField(_("a background export of mine is ready"), default=True)
    mail_failed = models.BooleanField(_("an export of mine failed"), default=True)
    mail_expiring = models.BooleanField(
        _("nobody fetched an export of mine, and it expires soon"), default=True
    )
    single_keys = models.BooleanField(
        _("single keys act on pages"),
        default=True,
        db_default=True,
        help_text=_("C makes a ticket, E edits, / searches. Turn it off where you dictate."),
    )
    is_admin = models.BooleanField(_("administrator"), default=False)
    is_active = models.BooleanField(_("may log in"), default=True)
    joined_at = models.DateTimeField(_("joined"), db_default=Now())
    roles = models.ManyToManyField(Role, related_name="people", blank=True, verbose_name=_("roles"))
    teams = models.ManyToManyField(Team, related_name="people", blank=True, verbose_name=_("teams"))

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    class Meta:
        ordering = ("display_name", "pk")
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="people_user_email_once",
                condition=~models.Q(email=""),
                violation_error_message=_("Another person has this e-mail address."),
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    @cached_property
    def rights(self) -> frozenset[str]:
        """The rights that this person's roles carry."""
        if not self.is_active:
            return frozenset()
        return frozenset(
            RoleRight.objects.filter(role__people=self).values_list("right", flat=True).distinct()
        )

    @property
    def is_staff(self) -> bool:
        """Whether Django's own admin lets this person in: administrators only."""
        return self.is_active and self.is_admin

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Say whether a role grants the right, named with or without an app label."""
        return perm.rpartition(".")[2] in self.rights

    def has_perms(self, perms: list[str], obj: object = None) -> bool:
        """Say whether roles grant every one of the rights."""
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        """Let administrators see every app of Django's own admin."""
        return self.is_staff


class Token(models.Model):
    """A key with which a person's programs use the API. The key itself is stored nowhere."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens", verbose_name=_("person"))
    name = models.CharField(_("name"), max_length=100)
    hint = models.CharField(_("begins with"), max_length=12)
    digest = models.CharField(_("SHA-256"), max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("good for"), default=list)
    created_at = models.DateTimeField(_("made"), db_default=Now())
    expires_at = models.DateTimeField(_("good until"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name = _("token")
        verbose_name_plural = _("tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"
