from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE tickets_code AS bigint START WITH 10001",
            "DROP SEQUENCE tickets_code",
        ),
    ]
