"""`gate links`: list the approval links that were issued, and revoke them."""

from typing import TYPE_CHECKING

import click

from gate import bootstrap
from gate.cli.groups import WholeHelpGroup
from gate.cli.output import table, write_json, write_lines
from gate.cli.service_store import opened_store
from gate.core.counting import count_of
from gate.core.errors import UsageError
from gate.core.explain.escaping import visible
from gate.core.ledger.entries import EntryDraft
from gate.core.times import instant

if TYPE_CHECKING:
    from gate.core.forge.snapshot import ChangeKey
    from gate.usecases.links import IssuedLink
    from gate.usecases.store_ports import Reading

_MOST = 1000


@click.group(name="links", cls=WholeHelpGroup)
def command() -> None:
    """Look after the approval links that were sent to people."""


@command.command(name="list")
@click.option("--change", metavar="OWNER/REPO#N", default="", help="Only those of one change.")
@click.option("--account", metavar="ACCOUNT", default=None, help="Only those of one account, such as github:1001.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def list_(*, change: str, account: str | None, is_json: bool) -> int:
    """Show links, newest first, without the tokens: those are kept nowhere.

    \b
    Example: gate links list --change acme/shop#7

    Exit codes: 0 shown, 2 wrong usage or settings, 3 the database could not be reached.
    """  # noqa: D301  # click reads the backspace
    with opened_store(is_read_only=True) as store, store.reading() as reading:
        key = _key(reading, change) if change else None
        found = [(link, _state(reading, link)) for link in reading.links(key, account=account, limit=_MOST)]
        names = {link.key.repository_key: reading.repository(link.key.repository_key) for link, _ in found}
    rows = []
    for link, state in found:
        repository = names[link.key.repository_key]
        place = f"{repository.name if repository else link.key.repository}#{link.key.number}"
        rows.append([link.jti, place, visible(link.account), link.purpose, link.expires_at, state])
    titles = ["link", "change", "account", "purpose", "until", "state"]
    if is_json:
        write_json([dict(zip(titles, row, strict=True)) for row in rows])
    elif rows:
        write_lines(table(titles, rows))
    else:
        write_lines(["There are no links."])
    return 0


@command.command(name="revoke")
@click.argument("jti", metavar="LINK", default="")
@click.option("--change", metavar="OWNER/REPO#N", default="", help="All of one change.")
@click.option("--account", metavar="ACCOUNT", default=None, help="All of one account, such as github:1001.")
@click.option("--all", "is_all", is_flag=True, help="All of them, as after a backup was restored.")
@click.option("--why", default="revoked by an operator", help="The reason, for the ledger.")
def revoke(*, jti: str, change: str, account: str | None, is_all: bool, why: str) -> int:
    """Revoke links for good; whoever opens one is told so, and nothing that was decided is undone.

    \b
    Example: gate links revoke --account github:1001 --why "left the company"

    Exit codes: 0 revoked, 2 wrong usage or none that holds, 3 the database could not be reached.
    """  # noqa: D301  # click reads the backspace
    if sum(map(bool, (jti, change, account, is_all))) != 1:
        raise UsageError("Say which links: one, or --change, --account or --all.")
    at = instant(bootstrap.now())
    with opened_store() as store, store.writing() as writing:
        key = _key(writing, change) if change else None
        gone = writing.revoke_links(at=at, why=why[:200], jti=jti, key=key, account=account)
        if not gone:
            raise UsageError("No such link holds.", next_step="`gate links list` shows them.")
        payload = {"action": "links-revoked", "count": len(gone), "links": list(gone)[:200]}
        personal = {"why": why[:200]}
        writing.append(EntryDraft("access-changed", at, "service", authenticated="command-line", payload=payload,
                                  personal=personal))  # fmt: skip
    write_lines([f"{count_of(len(gone), 'link')} revoked."])
    return 0


def _key(reading: "Reading", change: str) -> "ChangeKey":
    from gate.core.forge.snapshot import ChangeKey

    name, _, number = change.rpartition("#")
    found = reading.repository_named(name)
    if found is None or not number.isdecimal() or len(number) > 9:  # noqa: PLR2004  # of nine digits at most
        step = "Write it as owner/name#number, of a repository that the gate is installed on."
        raise UsageError(f"{visible(change)!r} is no change known here.", next_step=step)
    return ChangeKey(found.key.tenant, found.key.id, int(number))


def _state(reading: "Reading", link: "IssuedLink") -> str:
    use = reading.link_use(link.jti)
    if use is not None:
        return f"used: {use.decision}"
    if link.revoked_at:
        return "revoked"
    return "ended" if link.expires_at <= instant(bootstrap.now()) else "holds"
