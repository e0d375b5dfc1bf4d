"""Seal the head of the log, so that nobody without the key can set it back.

The head that is there is sealed here, by whoever has the log's key. Where the key at hand is not
the one of the last lines, the head stays without a seal and `verify_audit` says so; going back to
0009 and forth again with the right key seals it.
"""

import hashlib
import hmac
from typing import Any

from django.db import migrations, models, transaction

from waybill import keys

LOOKED_AT = 100  # lines; of a log whose last line was changed the key fits one before it


def mac_of(*parts: str) -> str:
    return hmac.new(keys.audit_key(), "\n".join(parts).encode(), hashlib.sha256).hexdigest()


def seal_head(apps: Any, schema_editor: Any) -> None:
    using = schema_editor.connection.alias
    heads = apps.get_model("waybill", "AuditHead").objects.using(using)
    with transaction.atomic(using=using):
        head = heads.filter(length__gt=0).first()
        if head is None:
            return
        if not has_key(apps.get_model("waybill", "ExportLog").objects.using(using)):
            print("\n  The log's head is not sealed: its key is not here (see the upgrade notes).")  # noqa: T201
            return
        seal = mac_of("head", str(head.length), head.mac)
        heads.filter(pk=head.pk).update(sealed=head.length, seal=seal)


def has_key(lines: Any) -> bool:
    """Say whether one of the last lines was sealed with the key that is here."""
    names = ("site_seq", "site_mac", "mac")
    last = list(lines.order_by("-site_seq").values_list(*names)[: LOOKED_AT + 1])
    befores = [site_mac for _seq, site_mac, _mac in last[1:]]
    if last and last[-1][0] == 1:
        befores.append("")
    return any(
        site_mac == mac_of("site", before, str(seq), mac)
        for (seq, site_mac, mac), before in zip(last, befores, strict=False)
    )


class Migration(migrations.Migration):
    """Add the seal. The version before moves the head past it, which is no harm."""

    no_downtime = "adds two columns with defaults of the database to a table of one row"

    dependencies = [("waybill", "0009_turn")]
    operations = [
        migrations.AddField(
            model_name="audithead",
            name="seal",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="audithead",
            name="sealed",
            field=models.PositiveBigIntegerField(db_default=0, default=0),
        ),
        migrations.RunPython(seal_head, migrations.RunPython.noop),
    ]
