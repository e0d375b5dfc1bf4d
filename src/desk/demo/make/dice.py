"""Chance that is the same everywhere."""

__all__ = ["Dice"]

MASK = (1 << 64) - 1
ENOUGH = 1 << 24  # bits left for a fair roll of a few thousand sides


class Dice:
    """Rolls that depend on nothing but a seed and a place.

    SplitMix64 (Steele, Lea and Flood, 2014): unlike `random.Random`, starting anew for each row
    costs nothing, so that row 1,000,000 needs none of those before it.
    """

    __slots__ = ("_bits", "_state")

    def __init__(self, seed: int, place: int) -> None:
        self._state = (seed * 0x2545F4914F6CDD1D + place * 0xD1342543DE82EF95) & MASK
        self._bits = 0

    def roll(self, sides: int) -> int:
        """Give a number from 0 to `sides` - 1."""
        if self._bits < ENOUGH:
            self._bits = self._next()
        self._bits, face = divmod(self._bits, sides)
        return face

    def pick[T](self, items: tuple[T, ...]) -> T:
        """Give one of the items."""
        return items[self.roll(len(items))]

    def _next(self) -> int:
        self._state = (self._state + 0x9E3779B97F4A7C15) & MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        return mixed ^ (mixed >> 31)
