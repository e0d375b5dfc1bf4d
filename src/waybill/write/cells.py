"""What a cell looks like: the formula guard and the text of every kind of value.

Each rule stands here twice, as SQL over a column and as Python over a value; both give the same
text. The guard is requirement F2 (OWASP, CSV injection).
"""

import re
from collections.abc import Iterable

__all__ = ["guard", "guard_sql", "literal", "needs_guard", "needs_guard_sql", "tallied"]

# Characters that are not seen at the start of a cell: all of the Unicode categories Cc, Cf, Zl, Zp
# and Zs, whatever else may be ignored in display (Default_Ignorable_Code_Point), the empty Braille
# pattern. Fixed code points, so that no Unicode version changes what a file holds.
UNSEEN = (
    (0x01, 0x08), (0x0B, 0x0C), (0x0E, 0x20), (0x7F, 0xA0), (0xAD, 0xAD), (0x034F, 0x034F),
    (0x0600, 0x0605), (0x061C, 0x061C), (0x06DD, 0x06DD), (0x070F, 0x070F), (0x0890, 0x0891),
    (0x08E2, 0x08E2), (0x115F, 0x1160), (0x1680, 0x1680), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x206F), (0x2800, 0x2800), (0x3000, 0x3000),
    (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB),
    (0x110BD, 0x110BD), (0x110CD, 0x110CD), (0x13430, 0x1343F), (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
TRIGGERS = "=+-@;|%\t\r\n＝＋－＠"


def code_class(pairs: Iterable[tuple[int, int]]) -> str:
    """Give the inside of a bracket expression, as both regular expression engines read it."""
    return "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in pairs)


triggers = code_class((ord(one), ord(one)) for one in TRIGGERS)
FIRST_CLASS = f"'{code_class(UNSEEN)}{triggers}"  # what a guarded text can start with
HIT = f"^('|[{code_class(UNSEEN)}]*[{triggers}])"

# A number of at most 15 digits, or a telephone number: a plus, then groups of digits.
EXEMPT = (
    r"^([+-]?(?=([.,]?[0-9]){1,15}$)[0-9]+([.,][0-9]+)?"
    r"|\+(?=( ?[0-9]){2,15}$)[0-9]+( [0-9]+)+)$"
)

hit = re.compile(HIT.replace("\\U00000001", "\\U00000000"))  # no NUL is in a PostgreSQL text
exempt = re.compile(EXEMPT[:-1] + r"\Z")  # Python's $ also stands before a last line feed

# What a guarded text can start with: a look at one number costs half of a regular expression.
STARTS = frozenset(
    ("\0", "'", *TRIGGERS, *(chr(one) for low, high in UNSEEN for one in range(low, high + 1)))
)
# From there on nearly all are ones to guard, and few texts start with any: SQL takes them for one.
RARE = 0xE0000
FIRST = sorted({min(ord(one), RARE) for one in STARTS - {"\0"}})
# None of them, and most texts start so: to compare is cheaper than to look up. It takes half of
# what the guard costs: 5 texts of 1,000,000 rows 0.40 s before, 0.19 s after.
PLAIN = (ord("A"), ord("z"))


def needs_guard(text: str) -> bool:
    """Say whether a spreadsheet could take the text for a formula."""
    return text[:1] in STARTS and bool(hit.match(text)) and not exempt.match(text)


def guard(text: str) -> str:
    """Put an apostrophe before a text that needs one; dropping it gives the text back."""
    return f"'{text}" if needs_guard(text) else text


def guard_sql(column: str) -> str:
    """Give SQL that does as `guard` and counts its hits."""
    return (
        f"CASE WHEN {needs_guard_sql(column)} THEN {tallied('guarded')} || '''' || {column} "
        f"ELSE {column} END"
    )


def needs_guard_sql(column: str, *, rarely: bool = False) -> str:
    """Give SQL that says as `needs_guard`; `rarely` asked, it is short rather than quick."""
    plain = f"ascii({column}) BETWEEN {PLAIN[0]} AND {PLAIN[1]}"
    hit = f"{column} ~ {literal(HIT)} AND {column} !~ {literal(EXEMPT)}"
    if rarely:
        return f"(NOT {plain} AND {hit})"
    first = "{" + ",".join(map(str, FIRST)) + "}"
    return f"(NOT {plain} AND least(ascii({column}), {RARE}) = ANY('{first}'::int[]) AND {hit})"


def tallied(name: str) -> str:
    """Give an empty text that counts one up in the transaction's setting of that name."""
    setting = literal(f"waybill.{name}")
    return f"left(set_config({setting}, (current_setting({setting})::bigint + 1)::text, true), 0)"


def literal(text: str) -> str:
    """Quote a text for SQL that goes through psycopg with parameters."""
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"
