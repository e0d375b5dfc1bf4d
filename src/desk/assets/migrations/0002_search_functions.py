from django.db import migrations

# Scripts that are written without spaces between words, and what stands among them: from Thai on
# without Latin Extended Additional, general punctuation and symbols.
SPACELESS = (
    r"[\u0e00-\u1dff\u2e80-\ua71f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U00020000-\U0003ffff]"
)

# Signs that PostgreSQL's parser would take for parts of hosts, files, tags and numbers.
CLEANED = """
    replace(replace(replace(replace(replace(replace(replace(replace(
        said, '-', ' '), '.', ' '), '/', ' '), '_', ' '), '@', ' '), '<', ' '), '&', ' '), '+', ' ')
"""

# ruff: noqa: S608  (nothing in these texts comes from outside)

# A tsvector holds at most 1 MB: 80,000 letters of four bytes fit, whatever they are.
WORDS = rf"""
CREATE FUNCTION desk_words(code text, title text, body text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 500 AS $$
DECLARE
    said text := lower(left(concat_ws(' ', code, title, body), 80000));
    words tsvector := strip(to_tsvector('simple', {CLEANED}));
BEGIN
    IF said COLLATE "C" ~ '{SPACELESS}' THEN
        words := words || (
            SELECT array_to_tsvector(array_agg(one || coalesce(two, '')))
            FROM unnest(string_to_array(said, NULL), (string_to_array(said, NULL))[2:])
                AS pair (one, two)
            WHERE one COLLATE "C" >= chr(3584)
        );
    END IF;
    RETURN words;
END
$$
"""

# Words by their beginnings, from three letters on; of a run without spaces every pair of letters.
QUERY = rf"""
CREATE FUNCTION desk_query(asked text) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    said text := lower(left(asked, 1000));
    spaced text := regexp_replace({CLEANED}, '{SPACELESS}+', ' ', 'g');
    parts text[];
BEGIN
    SELECT array_agg(part) INTO parts FROM (
        SELECT desk_lexeme(lexeme, length(lexeme) > 2)
        FROM unnest(to_tsvector('simple', spaced))
        UNION ALL
        SELECT desk_lexeme(substr(run[1], place, 2), length(run[1]) = 1)
        FROM regexp_matches(said, '{SPACELESS}+', 'g') AS run,
            generate_series(1, greatest(length(run[1]) - 1, 1)) AS place
    ) AS found (part);
    RETURN coalesce(array_to_string(parts, ' & '), '')::tsquery;
END
$$
"""

LEXEME = r"""
CREATE FUNCTION desk_lexeme(word text, beginning boolean) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT '''' || replace(replace(word, '\', '\\'), '''', '''''') || ''''
        || CASE WHEN beginning THEN ':*' ELSE '' END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("assets", "0001_initial")]

    operations = [
        migrations.RunSQL(WORDS, "DROP FUNCTION desk_words(text, text, text)"),
        migrations.RunSQL(LEXEME, "DROP FUNCTION desk_lexeme(text, boolean)"),
        migrations.RunSQL(QUERY, "DROP FUNCTION desk_query(text)"),
    ]
