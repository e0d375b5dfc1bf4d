"""Search in lists: words by their beginnings, and inside scripts that have no spaces.

The functions `desk_words` and `desk_query` of the database make both sides alike (migration
assets.0002): `simple` words, and pairs of letters for Thai, Chinese, Japanese, Korean and others.
Pairs may stand apart, so longer runs are looked for once more as they are.
"""

import re
from collections.abc import Sequence

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.expressions import Combinable

__all__ = ["Match", "all_stand", "runs_stand", "words_index", "words_of"]

RUN = re.compile(
    r"[\u0e00-\u1dff\u2e80-\ua71f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U00020000-\U0003ffff]{3,}"
)


def words_index(name: str, *columns: str) -> GinIndex:
    """Declare an index of the words of exactly these three columns."""
    return GinIndex(Func(*map(F, columns), function="desk_words"), name=name)


def words_of(*columns: str) -> Func:
    """Give the words of three columns."""
    return Func(*map(F, columns), function="desk_words", output_field=SearchVectorField())


class Match(Func):
    """Whether words match a text that somebody searches for."""

    output_field = BooleanField()
    template = "(%(expressions)s)"
    arg_joiner = " @@ "
    conditional = True

    def __init__(self, words: Combinable, text: str) -> None:
        """Take the words and the text."""
        query = Func(Value(text), function="desk_query", output_field=BooleanField())
        super().__init__(words, query)


def runs_stand(columns: Sequence[str], text: str) -> Q:
    """Ask that every longer run of letters without spaces stands in a column as it is."""
    return all_stand(columns, RUN.findall(text))


def all_stand(columns: Sequence[str], parts: Sequence[str]) -> Q:
    """Ask that each of the parts stands somewhere in one of the columns."""
    wanted = Q()
    for part in parts:
        anywhere = Q()
        # Most scripts have no upper case, and to turn every text into it takes longer than to look.
        lookup = "contains" if part.upper() == part.lower() else "icontains"
        for column in columns:
            anywhere |= Q(**{f"{column}__{lookup}": part})
        wanted &= anywhere
    return wanted
