"""Sentences of our own in the languages of the demo."""

from desk.demo.make.phrases.asia import ARABIC, CHINESE, HINDI, JAPANESE, THAI
from desk.demo.make.phrases.english import ENGLISH
from desk.demo.make.phrases.europe import FRENCH, SPANISH
from desk.demo.make.phrases.german import GERMAN

__all__ = ["LANGUAGES"]

LANGUAGES = (ENGLISH, GERMAN, FRENCH, SPANISH, JAPANESE, CHINESE, THAI, ARABIC, HINDI)
