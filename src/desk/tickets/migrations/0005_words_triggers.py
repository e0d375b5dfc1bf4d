from django.db import migrations

# Few new tickets get their words at once; for many only their range is noted.
NEW = """
CREATE FUNCTION tickets_words_of_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM (SELECT FROM new_rows LIMIT 101) AS few) <= 100 THEN
        INSERT INTO tickets_ticketwords (ticket_id, words)
        SELECT id, desk_words(ticket_code, subject, description) FROM new_rows
        ON CONFLICT (ticket_id) DO UPDATE SET words = excluded.words;
    ELSE
        INSERT INTO tickets_wordswaiting (first, last) SELECT min(id), max(id) FROM new_rows;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER tickets_words_new AFTER INSERT ON tickets_ticket
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_words_of_new();
ALTER TABLE tickets_ticket ENABLE ALWAYS TRIGGER tickets_words_new;
"""

CHANGED = """
CREATE FUNCTION tickets_words_of_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tickets_ticketwords
    SET words = desk_words(NEW.ticket_code, NEW.subject, NEW.description)
    WHERE ticket_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER tickets_words_changed
    AFTER UPDATE OF ticket_code, subject, description ON tickets_ticket
    FOR EACH ROW WHEN (
        (OLD.ticket_code, OLD.subject, OLD.description)
        IS DISTINCT FROM (NEW.ticket_code, NEW.subject, NEW.description)
    ) EXECUTE FUNCTION tickets_words_of_changed();
ALTER TABLE tickets_ticket ENABLE ALWAYS TRIGGER tickets_words_changed;
"""

# What was there before the search.
OLD = """
INSERT INTO tickets_wordswaiting (first, last)
SELECT min(id), max(id) FROM tickets_ticket HAVING count(*) > 0
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0004_fast_lists"), ("assets", "0003_search_index")]

    operations = [
        migrations.RunSQL(
            NEW,
            "DROP TRIGGER tickets_words_new ON tickets_ticket;DROP FUNCTION tickets_words_of_new()",
        ),
        migrations.RunSQL(
            CHANGED,
            "DROP TRIGGER tickets_words_changed ON tickets_ticket;"
            "DROP FUNCTION tickets_words_of_changed()",
        ),
        migrations.RunSQL(OLD, migrations.RunSQL.noop),
    ]
