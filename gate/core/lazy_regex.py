"""Lazy regex: regular expressions that are compiled when they are first used, so that starting stays quick."""

import re
from typing import AnyStr, Generic, cast

_USED = ("fullmatch", "match", "search", "sub", "subn", "split", "findall", "finditer", "pattern", "flags", "groups")


class _LazyRegex(Generic[AnyStr]):
    """Stands for a pattern until something of it is asked for; from then on it answers as quickly as the pattern."""

    def __init__(self, text: AnyStr, flags: int) -> None:
        self._source: tuple[AnyStr, int] = (text, flags)

    def __getattr__(self, name: str) -> object:
        """Compile, and keep everything that callers use where it is found without coming here again."""
        if name not in _USED:
            raise AttributeError(name)
        compiled = re.compile(*self._source)
        self.__dict__.update({used: getattr(compiled, used) for used in _USED})
        return self.__dict__[name]


def lazy_regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return a pattern for a module's constant, compiled at its first use.

    The gate's modules hold some two hundred patterns; one run of the command line needs few of them.
    """
    return cast("re.Pattern[AnyStr]", _LazyRegex(text, flags))
