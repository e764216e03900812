"""Groups: commands under one word, listed with whole sentences; a word that is nearly right is told the right one."""

import click

_UNBOUNDED = 1_000_000


class WholeHelpGroup(click.Group):
    """A group whose help says what each command is for as a whole sentence, not cut where the line ends."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, found.get_short_help_str(_UNBOUNDED)) for name, found in commands if found])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is meant. Raises UsageError, which names the nearest one, for a word that is none."""
        word = args[0]
        if self.get_command(ctx, word) is None and not word.startswith("-") and not ctx.resilient_parsing:
            from difflib import get_close_matches

            near = get_close_matches(word, self.list_commands(ctx), n=1)
            hint = f" Did you mean `{ctx.command_path} {near[0]}`?" if near else ""
            ctx.fail(f"No such command {word!r}.{hint}")
        return super().resolve_command(ctx, args)
