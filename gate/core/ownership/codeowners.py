"""CODEOWNERS: the file as GitHub or GitLab reads it, line by line, with every line they ignore named."""

from gate.core.lazy_regex import lazy_regex
from gate.core.ownership.codeowners_gitlab import read_gitlab
from gate.core.ownership.codeowners_lines import (
    DEFAULT_SECTION,
    MAX_RULES,
    QUIET_STARTS,
    CodeownersFile,
    CodeownersRule,
    CodeownersSection,
    FaultList,
    lines_of,
    note_pattern_problem,
    plain_lines,
    shortened,
    unusable_reason,
    word_place,
    words_of,
)
from gate.core.ownership.patterns import Dialect, PatternError, are_simple, check_pattern, is_simple

__all__ = ["CodeownersFile", "CodeownersRule", "CodeownersSection", "codeowner_error", "parse_codeowners"]

# GitHub: `@username`, `@org/team-name`, or an e-mail address. Managed users have an underscore in their login.
_OWNER = lazy_regex(
    r"@[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:/[A-Za-z0-9_][A-Za-z0-9._-]{0,99})?"
    r"|[A-Za-z0-9.!$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"
)
_BARE_NAME = lazy_regex(r"[A-Za-z0-9][A-Za-z0-9_-]*(?:/[A-Za-z0-9._-]+)?")
_new = tuple.__new__
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
        _note_owners_as_paths(rules, faults)
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
    reader = _Reader(faults)
    lines = plain_lines(text)
    if lines is None:
        return tuple([reader.rule(number, column, line) for number, column, line in lines_of(text, faults)])
    rules = reader.plain_rules(lines)
    patterns = [rule.pattern for rule in rules]
    if None in reader.owners.values() or not are_simple(patterns):
        for index, rule in enumerate(rules):
            if rule.owners is None or not is_simple(rule.pattern):
                rules[index] = reader.rule(rule.line, rule.column, lines[rule.line - 1].strip(" \t"))
    return tuple(rules)


def _note_owners_as_paths(rules: tuple[CodeownersRule, ...], faults: FaultList) -> None:
    """Warn of each line whose first word looks like an owner and which names none: it asks nobody for anything."""
    for rule in rules:
        if rule.pattern.startswith("@") and not rule.owners and _OWNER.fullmatch(rule.pattern):
            name = shortened(rule.pattern)
            message = f"`{name}` stands where a path belongs, so the line names no owner"
            step = f"write `* {name}` for all files"
            faults.add((rule.line, rule.column), "codeowners-owner-as-path", message, step, severity="warning")


class _Reader:
    """Reads the lines of one file; a word is looked at once however many lines it stands in."""

    def __init__(self, faults: FaultList) -> None:
        self._faults = faults
        self._known: dict[str, tuple[str, str] | None] = {}
        self._good: set[str] = set()
        self.owners: dict[str, tuple[str, ...] | None] = {"": ()}

    def rule(self, number: int, column: int, line: str) -> CodeownersRule:
        """Return the rule of a line, whatever it holds, and note what is wrong with it."""
        place = (number, column)
        pattern, *words = words_of(line, place, self._faults)
        owners: list[str] = []
        problem = None
        try:
            check_pattern(pattern)
        except PatternError as error:
            problem = note_pattern_problem(_explained(error, line), place, pattern, self._faults)
        for index, word in enumerate(words, 1):
            if word[0] == "#":
                break
            wrong = self._wrong(word)
            if wrong is None:
                owners.append(word)
            else:
                message = f"{wrong[0]}, so the platform skips the line"
                problem = problem or message
                self._faults.add(word_place(line, index, place), "codeowners-owner", message, wrong[1])
        return CodeownersRule(number, column, pattern, _each_once(owners), DEFAULT_SECTION, problem)

    def plain_rules(self, lines: list[str]) -> list[CodeownersRule]:
        """Return the rules of lines that `plain_lines` gave, as if nothing were wrong with them.

        Patterns are not looked at, and owners are None where a word is not one. Nothing is made here but the rules: the
        collector of garbage would walk it again and again.
        """
        rules: list[CodeownersRule] = []
        known, owners_in = self.owners, self._owners_in
        for number, line in enumerate(lines, 1):
            column = 1
            if line[:1] in QUIET_STARTS:
                start = line.lstrip()
                if not start or start[0] == "#":
                    continue
                column += len(line) - len(start)
            pattern, *rest = line.split(None, 1)
            after = rest[0] if rest else ""
            if after not in known:
                known[after] = owners_in(after)
            rules.append(_new(CodeownersRule, (number, column, pattern, known[after], DEFAULT_SECTION, None, False)))
        return rules

    def _owners_in(self, text: str) -> tuple[str, ...] | None:
        """Return the owners that stand behind the pattern of a plain line; None where a word is not one."""
        words = text.split()
        if "#" in text:
            words = words[: next((place for place, word in enumerate(words) if word[0] == "#"), None)]
        good = self._good
        for word in words:
            if word not in good:
                if not _OWNER.fullmatch(word):
                    return None
                good.add(word)
        return _each_once(words)

    def _wrong(self, word: str) -> tuple[str, str] | None:
        if word not in self._known:
            self._known[word] = codeowner_error(word)
        return self._known[word]


def _each_once(owners: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(owners)) if len(owners) > 1 else tuple(owners)


def _explained(error: PatternError, line: str) -> PatternError:
    if _SECTION.match(line):
        return PatternError(error.reason, "sections are GitLab's: set the dialect to gitlab, or take the line out")
    return error
