import django.db.models.deletion
from django.db import migrations, models

BEGINNING = """
CREATE OR REPLACE FUNCTION tickets_words_of_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
"""
END = """
    RETURN NULL;
END
$$
"""

# ruff: noqa: S608  (nothing in these texts comes from outside)

# A ticket that waits gets its words here: what indexes it later leaves them alone.
WRITTEN = f"""{BEGINNING}
    INSERT INTO tickets_ticketwords (ticket_id, words)
    VALUES (NEW.id, desk_words(NEW.ticket_code, NEW.subject, NEW.description))
    ON CONFLICT (ticket_id) DO UPDATE SET words = excluded.words;
{END}"""

UPDATED = f"""{BEGINNING}
    UPDATE tickets_ticketwords
    SET words = desk_words(NEW.ticket_code, NEW.subject, NEW.description)
    WHERE ticket_id = NEW.id;
{END}"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0006_count_open")]

    operations = [
        migrations.AlterField(
            model_name="ticketwords",
            name="ticket",
            field=models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                primary_key=True,
                related_name="searched_words",
                serialize=False,
                to="tickets.ticket",
            ),
        ),
        migrations.RunSQL(WRITTEN, UPDATED),
    ]
