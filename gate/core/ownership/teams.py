"""Teams: everything that some names lead to through the teams of the records, however these hold one another."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from gate.core.ownership.records import TeamRecord


def within(
    names: Iterable[str], teams: Mapping[str, TeamRecord], *, is_end: Callable[[str], bool] | None = None
) -> Iterator[str]:
    """Yield some names and whatever is in them as teams, directly or by way of others, each once, members as written.

    The forge's team of a record is yielded as `@organisation/team`. A name that is an end is not looked into.
    """
    met, todo = set[str](), [*reversed(tuple(names))]
    while todo:
        one = todo.pop()
        if one in met:
            continue
        met.add(one)
        yield one
        team = teams.get(one) if is_end is None or not is_end(one) else None
        if team is not None:
            todo += [f"@{team.github_team}"] if team.github_team else []
            todo += reversed(team.members)


def is_team_of_forge(reference: str) -> bool:
    """Return whether a reference is `@organisation/team`, whose members the forge alone knows."""
    return reference.startswith("@") and "/" in reference
