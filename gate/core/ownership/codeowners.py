"""CODEOWNERS: the file as GitHub or GitLab reads it, line by line, with every line they ignore named."""

from gate.core.lazy_regex import lazy_regex
from gate.core.ownership.codeowners_gitlab import read_gitlab
from gate.core.ownership.codeowners_lines import (
    DEFAULT_SECTION,
    MAX_RULES,
    CodeownersFile,
    CodeownersRule,
    CodeownersSection,
    FaultList,
    lines_of,
    note_pattern_problem,
    shortened,
    unusable_reason,
    word_place,
    words_of,
)
from gate.core.ownership.patterns import Dialect, PatternError, check_pattern

__all__ = ["CodeownersFile", "CodeownersRule", "CodeownersSection", "codeowner_error", "parse_codeowners"]

# GitHub: `@username`, `@org/team-name`, or an e-mail address. Managed users have an underscore in their login.
_OWNER = lazy_regex(
    r"@[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:/[A-Za-z0-9_][A-Za-z0-9._-]{0,99})?"
    r"|[A-Za-z0-9.!$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"
)
_BARE_NAME = lazy_regex(r"[A-Za-z0-9][A-Za-z0-9_-]*(?:/[A-Za-z0-9._-]+)?")
_SECTION = lazy_regex(r"\^?\[[^\]]+\](?:\[[^\]]*\])?(?:[ \t]|\Z)")


def parse_codeowners(text: bytes | str, *, file: str, dialect: Dialect = "github") -> CodeownersFile:
    """Return what a CODEOWNERS file says on its platform; never raises, whatever the text is.

    A line that the platform ignores keeps its rule with a `problem` where its pattern can be read, and is reported
    either way; it takes no other line with it ("About code owners": "that line will be skipped").
    """
    faults = FaultList(file)
    unusable = unusable_reason(text)
    sections: tuple[CodeownersSection, ...] = (
        CodeownersSection(DEFAULT_SECTION, is_optional=False, required=1, default_owners=(), line=0),
    )
    rules: tuple[CodeownersRule, ...] = ()
    if unusable is None and dialect == "gitlab":
        sections, rules = read_gitlab(text, faults)
    elif unusable is None:
        rules = _read_github(text, faults)
    if len(rules) > MAX_RULES:
        rules = ()
        unusable = ("codeowners-too-large", f"the file has more than {MAX_RULES:,} rules", "join lines with `*`")
    if unusable is not None:
        code, reason, suggestion = unusable
        faults.add((0, 0), code, reason, suggestion)
    return CodeownersFile(file, dialect, sections, rules, faults.result(), unusable[1] if unusable else None)


def codeowner_error(word: str) -> tuple[str, str] | None:
    """Return why a word is no owner on GitHub, and what to write instead; None where it is one."""
    if _OWNER.fullmatch(word):
        return None
    shown = shortened(word)
    if _BARE_NAME.fullmatch(word):
        return f"`{shown}` is not an owner", f"write `@{shown}`"
    if word.startswith("@@"):
        return f"`{shown}` is a role, which GitHub does not know", "name a team: `@organisation/team`"
    if "/" in word and "@" not in word:
        return f"`{shown}` is not an owner", "escape a blank in a path as `\\ `, and give each pattern its own line"
    return f"`{shown}` is not an owner", "write `@user`, `@organisation/team` or an e-mail address"


def _read_github(text: bytes | str, faults: FaultList) -> tuple[CodeownersRule, ...]:
    rules: list[CodeownersRule] = []
    known: dict[str, tuple[str, str] | None] = {}
    for number, column, line in lines_of(text, faults):
        place = (number, column)
        pattern, *words = words_of(line, place, faults)
        owners: list[str] = []
        problem = None
        try:
            check_pattern(pattern)
        except PatternError as error:
            problem = note_pattern_problem(_explained(error, line), place, pattern, faults)
        for index, word in enumerate(words, 1):
            if word[0] == "#":
                break
            if word not in known:
                known[word] = codeowner_error(word)
            wrong = known[word]
            if wrong is None:
                owners.append(word)
            else:
                message = f"{wrong[0]}, so the platform skips the line"
                problem = problem or message
                faults.add(word_place(line, index, place), "codeowners-owner", message, wrong[1])
        unique = tuple(dict.fromkeys(owners)) if len(owners) > 1 else tuple(owners)
        rules.append(CodeownersRule(number, column, pattern, unique, DEFAULT_SECTION, problem))
    return tuple(rules)


def _explained(error: PatternError, line: str) -> PatternError:
    if _SECTION.match(line):
        return PatternError(error.reason, "sections are GitLab's: set the dialect to gitlab, or take the line out")
    return error
