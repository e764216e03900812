"""`gate check`: judge a change without a service."""

import datetime as dt
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gate import bootstrap
from gate.cli.config_folder import USUAL, require_folder
from gate.cli.times import written_time
from gate.core.errors import UnreadableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gate.core.change.facts import Rehearsal, Ticket
    from gate.core.verdict import Verdict
    from gate.usecases.judge_local_change import Judgement

FORMATS = ("text", "json", "markdown", "github")
TICKET_STATES = ("open", "closed", "missing", "unknown")
_MAX_BODY_BYTES = 1024 * 1024
_WIDEST = 110


@click.command(name="check")
@click.option("--repo", type=click.Path(path_type=Path), default=Path(), help="The git checkout.  [default: here]")
@click.option(
    "--base",
    help="The branch or commit that the change goes into; rules are read there.  [default: the default branch]",
)
@click.option("--head", default="HEAD", show_default=True, help="The change: a branch or commit.")
@click.option("--pr", "pull", metavar="OWNER/REPO#N", help="Judge this pull request of GitHub, through its API.")
@click.option("--branch", help="The base branch's name, where --base is a commit.")
@click.option("--body", "body_file", type=click.Path(path_type=Path), help="The request's text (`-`: standard input).")
@click.option("--title", help="The request's title.  [default: the head commit's first line]")
@click.option("--author", help="Who opened the request: a login, an address, or a name of the records.")
@click.option("--signoff", "signoffs", multiple=True, metavar="PERSON[:COMPONENT]", help="Count this sign-off.")
@click.option("--label", "labels", multiple=True, metavar="LABEL[=PERSON]", help="A label, and who set it.")
@click.option("--ticket", "tickets", multiple=True, metavar="KEY=KIND:STATE", help="What the tracker says of a ticket.")
@click.option("--rehearsal", "rehearsals", multiple=True, type=click.Path(path_type=Path), help="From `gate rehearse`.")
@click.option("--at", metavar="TIME", help="Judge as of this time (RFC 3339).  [default: now]")
@click.option("--config", default=".gate", show_default=True, help="The folder of policy and records.")
@click.option("--facts", "facts_file", type=click.Path(path_type=Path), help="Judge saved facts instead of a checkout.")
@click.option("--save-facts", type=click.Path(path_type=Path), help="Save what the verdict was made from.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--json", "is_json", is_flag=True, help="The same as --format json.")
@click.pass_context
def command(ctx: click.Context, /, **options: object) -> int:
    """Judge a change: who must sign off, is the way back real, and what is missing.

    Policy and ownership are read from the BASE, never from the change itself. Without --body the declaration is
    looked for in `.gate/changes/` at the head, then in the head commit's message. With --pr text, reviews and people
    come from GitHub (GATE_GITHUB_TOKEN), and the files too, unless --repo names a checkout that has them.

    \b
    Examples:
      gate check --base main --head my-branch
      gate check --base main --body pr.md --signoff alice --signoff bob:payments-api
      gate check --save-facts facts.json --base main; gate check --facts facts.json --format json
      GATE_GITHUB_TOKEN=... gate check --pr acme/shop#7

    Exit codes: 0 approved, 1 not approved, 2 invalid policy or records on the base, or wrong usage, 3 unreadable.
    """  # noqa: D301  # click reads the backspace
    form = "json" if options.pop("is_json") else str(options["form"])
    facts_file = options["facts_file"]
    if isinstance(facts_file, Path):
        given = [name for name in (*_OF_A_LOCAL_CHANGE, *_OF_A_CHANGE) if _is_given(ctx, name)]
        if given:
            raise UsageError(f"--facts goes alone; leave --{given[0].replace('_', '-')} out.")
        verdict, is_broken = _from_facts(facts_file, options["at"])
    elif options["pull"] is not None:
        from gate.cli.check_pull import judged_pull

        given = [name for name in _OF_A_LOCAL_CHANGE if _is_given(ctx, name)]
        if given:
            raise UsageError(f"--pr asks GitHub; leave --{given[0].replace('_', '-')} out.")
        checkout = Path(str(options["repo"])) if _is_given(ctx, "repo") else None
        judgement = judged_pull(str(options["pull"]), checkout=checkout, at=_time(options["at"]), options=options)
        verdict, is_broken = judgement.verdict, judgement.is_base_broken
        _save(judgement, options["save_facts"])
    else:
        verdict, is_broken = _from_checkout(options)
    _print(verdict, form)
    if is_broken and verdict.state == "error":
        return 2
    return 0 if verdict.state == "approved" else 1


_OF_A_LOCAL_CHANGE = (
    "base", "head", "branch", "body_file", "title", "author", "signoffs", "labels", "tickets",
)  # fmt: skip
_OF_A_CHANGE = ("repo", "rehearsals", "config", "save_facts", "pull")


def _is_given(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) == click.core.ParameterSource.COMMANDLINE


def _from_facts(file: Path, at: object) -> tuple["Verdict", bool]:
    from gate.core.change.sealing import parse_facts_file
    from gate.usecases.judge_local_change import judge_facts

    facts, saved_at = parse_facts_file(_read(file), file=str(file))
    moment = _time(at).isoformat().replace("+00:00", "Z") if isinstance(at, str) else saved_at
    return judge_facts(facts, at=moment), bool(facts.broken_base)


def _from_checkout(options: dict[str, object]) -> tuple["Verdict", bool]:
    from gate.usecases.judge_local_change import judge_local_change
    from gate.usecases.local_question import LocalQuestion

    body_file = options["body_file"]
    checkout = bootstrap.open_checkout(Path(str(options["repo"])))
    question = LocalQuestion(
        base=str(options["base"] or checkout.default_base),
        head=str(options["head"]),
        at=_time(options["at"]),
        config=str(options["config"]).strip("/"),
        body=_read_body(body_file) if isinstance(body_file, Path) else None,
        title=_text(options["title"]),
        author=_text(options["author"]),
        branch=_text(options["branch"]),
        signoffs=tuple(map(str, _many(options["signoffs"]))),
        labels=tuple(map(str, _many(options["labels"]))),
        tickets=tuple(_ticket(str(text)) for text in _many(options["tickets"])),
        rehearsals=rehearsals_of(options),
    )
    try:
        if question.config != USUAL:
            require_folder(question.config, checkout.tree(question.base), checkout.tree(question.head))
        judgement = judge_local_change(checkout, question, readers=bootstrap.readers())
    finally:
        checkout.close()
    _save(judgement, options["save_facts"])
    return judgement.verdict, judgement.is_base_broken


def _save(judgement: "Judgement", file: object) -> None:
    if isinstance(file, Path):
        from gate.usecases.judge_local_change import saved_facts

        bootstrap.write_whole(file, saved_facts(judgement))


def _print(verdict: "Verdict", form: str) -> None:
    if form == "json":
        from gate.core.explain.json import verdict_bytes

        sys.stdout.buffer.write(verdict_bytes(verdict))
    elif form == "markdown":
        from gate.core.explain.markdown import markdown

        click.echo(markdown(verdict), nl=False)
    elif form == "github":
        from gate.core.explain.annotations import annotations

        click.echo(annotations(verdict), nl=False)
    else:
        from gate.core.explain.terminal import terminal

        width = min(shutil.get_terminal_size().columns, _WIDEST)
        click.echo(terminal(verdict, width=width, colour=bootstrap.is_coloured(sys.stdout)), nl=False)


def _time(text: object) -> dt.datetime:
    if text is None:
        return bootstrap.now()
    return written_time(str(text), step="Write 2026-12-01T10:00:00Z.").replace(microsecond=0)


def _ticket(text: str) -> "Ticket":
    from gate.core.change.facts import Ticket

    key, _, rest = text.rpartition("=")
    kind, _, state = rest.partition(":")
    if not key or not kind or state not in TICKET_STATES:
        step = f"Write KEY=KIND:STATE, such as INC-12=incident:open; a state is one of {', '.join(TICKET_STATES)}."
        raise UsageError(f"--ticket {text[:60]!r} cannot be read.", next_step=step)
    return Ticket(key, kind, state)  # type: ignore[arg-type]  # its state was checked above


def rehearsals_of(options: "Mapping[str, object]") -> tuple["Rehearsal", ...]:
    """Return what the reports of the `--rehearsal` options say. Raises InvalidFileError for what is no report."""
    return tuple(one for file in _many(options["rehearsals"]) for one in _rehearsals(Path(str(file))))


def _rehearsals(file: Path) -> tuple["Rehearsal", ...]:
    from gate.core.change.rehearsal import parse_report

    return parse_report(_read(file), file=str(file)).rehearsals()


def _read_body(file: Path) -> str:
    raw = sys.stdin.buffer.read(_MAX_BODY_BYTES + 1) if str(file) == "-" else _read(file)
    if len(raw) > _MAX_BODY_BYTES:
        raise UsageError(f"{file} is longer than 1 MiB.", next_step="A request's text is at most that long.")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8.", next_step="Save it as UTF-8.") from None


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UnreadableError(
            f"{file} cannot be read: {error.strerror}.", next_step="Name a file that exists."
        ) from None


def _text(value: object) -> str | None:
    return str(value) if value is not None else None


def _many(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()
