"""The one setting, `WAYBILL = {...}`, as one frozen object.

Nothing else in Waybill reads `django.conf.settings`.
"""

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings
from django.core.signals import setting_changed
from django.utils.encoding import force_bytes

from waybill import errors

__all__ = ["Settings", "reset", "secret", "served", "settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a host project can set, with the defaults.

    `max_filter_values` and `max_text` (characters) bound what one request may carry;
    `zone_field` and `language_field` name the attributes of a user that hold those;
    `lock_seconds` is how long an export waits for its tables while one of them is altered.

    Waiting times and limits of time are seconds, sizes bytes.

    - `data_dir` holds what this host keeps: keys, the spool, and the files unless a storage is
      named; `keys_dir`, `spool_dir` and `files_dir` place them elsewhere.
    - `storage` is a name in Django's `STORAGES`; where none is named, files lie in `files_dir`.
    - `quota_bytes` bounds the kept files in all, `spool_limit_bytes` one file; 0 is no limit.
    - `redirect_seconds` is how long an address of the storage is good that downloads are sent to;
      0, the default, has the files go through the host, which checks them.
    - `orphan_seconds` is how old an object without a row must be to be removed,
      `orphan_check_seconds` how often the storage is searched for such.
    - `doorbell` is the dotted path of what wakes a worker, called with the job's id and a delay.
    - `tidy` are dotted paths of functions that each sweep calls too; they say how much they did.
    - `running_per_person` bounds the exports of one person that run at a time in the background,
      0 does not; `overtaken_seconds` is by how much a large one lets later, smaller ones go first.
    - `count_seconds` is how long the count may take that decides on the way of an export, and
      how long a dry run may read.
    - `stream_seconds` is how long the sending of a direct export may take.
    - `patience_seconds` is how long a worker waits for a database that went away.
    - `direct_rows` is how many rows come at once, `direct_rows_forced` how many where that is
      asked for.
    - `api_auth` are dotted paths of django-ninja authenticators, tried in order; `client_address`
      is the dotted path of a function from a request to the caller's address, behind a proxy.
    - `base_url` is the address of the site, the only one that links in mails begin with;
      `wants_notice` is the dotted path of a function from a person and a kind of notice to
      whether they want it. A notice is tried `notice_tries` times, first `notice_gap_seconds`
      apart, then twice that and so on; `notice_lease_seconds` is how long one sender may take.
    - A worker says that it is there every `presence_seconds`. With a `metrics_token` the metrics
      are for whoever brings it, without one for this machine alone. The sweep walks over the
      whole log every `verify_log_seconds`; 0 leaves that to the command.
    - `command` are the words that start an export in the shell, as the dialog spells one to copy.
    - `log_words` is the dotted path of a function that says the host's own lines of the log: from
      the name of an event or a fact to its word, and from a fact and its value to the value's.
    - `fault_hook` lets tests break a run; refused unless Django's settings say `TESTING = True`.
    - `anchor_file` takes the head of the audit at each sweep; kept on another disk, it shows a
      log whose end was cut off.
    - `guard_log` False leaves out the triggers that refuse to change the log, for a test database
      that is emptied between tests; it is read when the tables are made.
    """

    max_filter_values: int = 1_000
    max_selected: int = 10_000
    max_text: int = 1_000
    lock_seconds: int = 10
    zone_field: str = "time_zone"
    language_field: str = "language"

    data_dir: Path = Path("var")
    keys_dir: Path | None = None
    spool_dir: Path | None = None
    files_dir: Path | None = None
    anchor_file: Path | None = None
    storage: str = ""
    redirect_seconds: int = 0
    quota_bytes: int = 0
    spool_limit_bytes: int = 0

    doorbell: str = "waybill.tasks.ring"
    tidy: tuple[str, ...] = ("waybill.contrib.tasks_db.tidy",)
    tasks_backend: str = "default"
    tasks_queue: str = "default"

    count_seconds: float = 30
    stream_seconds: float = 900
    lease_seconds: float = 20
    beat_seconds: float = 1
    bell_grace_seconds: float = 2
    right_check_seconds: float = 10
    patience_seconds: float = 90
    max_attempts: int = 3
    attempt_gap_seconds: float = 60
    max_interruptions: int = 20
    running_per_person: int = 2
    overtaken_seconds: float = 600

    direct_rows: int = 10_000
    direct_rows_forced: int = 100_000
    api_auth: tuple[str, ...] = ("ninja.security.django_auth",)
    client_address: str = ""

    starts_per_minute: int = 5
    starts_window_seconds: float = 60

    sweep_seconds: float = 20
    lost_ring_seconds: float = 30
    expiry_warning_seconds: float = 86_400
    orphan_seconds: float = 86_400
    orphan_check_seconds: float = 3_600

    base_url: str = ""
    wants_notice: str = ""
    notice_tries: int = 10
    notice_gap_seconds: float = 60
    notice_lease_seconds: float = 120

    presence_seconds: float = 10
    metrics_token: str = ""
    verify_log_seconds: float = 86_400

    command: tuple[str, ...] = ("manage.py", "waybill_export")
    log_words: str = ""

    fault_hook: str = ""
    guard_log: bool = True

    audit_key: str = ""
    signing_key: str = ""

    @property
    def keys(self) -> Path:
        """The folder of the keys."""
        return self.keys_dir or self.data_dir / "keys"

    @property
    def spool(self) -> Path:
        """The folder of the files being written. On one disk with `files`, keeping is a rename."""
        return self.spool_dir or self.data_dir / "spool"

    @property
    def files(self) -> Path:
        """The folder of the kept files, where no storage is named."""
        return self.files_dir or self.data_dir / "exports"


PATHS = {"data_dir", "keys_dir", "spool_dir", "files_dir", "anchor_file"}


@cache
def settings() -> Settings:
    """Read the setting; raises `SettingsError` for an unknown key."""
    given: dict[str, Any] = getattr(django_settings, "WAYBILL", {})
    known = {one.name for one in fields(Settings)}
    if unknown := sorted(set(given) - known):
        raise errors.SettingsError(
            f"WAYBILL has no key {unknown[0]!r}; it has {', '.join(sorted(known))}"
        )
    paths = {name: Path(given[name]) for name in PATHS & given.keys() if given[name]}
    if given.get("fault_hook") and not getattr(django_settings, "TESTING", False):
        raise errors.SettingsError("fault_hook is for tests; it needs TESTING = True")
    if not isinstance(most := given.get("running_per_person", 0), int) or most < 0:
        raise errors.SettingsError("running_per_person is a whole number; 0 is no limit")
    return Settings(**given | paths)


def served() -> tuple[Path, ...]:
    """Name the folders of the host that web servers give to anybody."""
    roots = (django_settings.MEDIA_ROOT, django_settings.STATIC_ROOT)
    return tuple(Path(root).resolve() for root in roots if root)


def secret() -> bytes:
    """Give the host's secret key, from which others are derived."""
    return force_bytes(django_settings.SECRET_KEY)


def reset(*, setting: str, **_: Any) -> None:
    """Forget what was read when a test changes the setting."""
    if setting == "WAYBILL":
        settings.cache_clear()


setting_changed.connect(reset)
