"""Commands: which lines of a comment are one, and what each says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.adapters.markdown.outline import read_outline
from gate.core.signoff.commands import Command, commands_in, may_hold_commands


def read(body: str) -> tuple[Command, ...]:
    return commands_in(body, read_outline(body), names=["payments-api", "storefront"])


class TestALineOfItsOwn:
    @pytest.mark.parametrize(
        ("body", "wanted"),
        [
            ("/signoff", Command("signoff", 1)),
            ("Looks right.\n\n/signoff  ", Command("signoff", 3)),
            ("Looks right.\n/signoff payments-api storefront", Command("signoff", 2, ("payments-api", "storefront"))),
            ("/signoff 0123abc", Command("signoff", 1, sha="0123abc")),
            ("/reject No.\r\n", Command("reject", 1, reason="No.")),
            ("/reject payments-api Rounds wrong.", Command("reject", 1, ("payments-api",), reason="Rounds wrong.")),
            ("/reject payments is wrong", Command("reject", 1, reason="payments is wrong")),
            ("/withdraw", Command("withdraw", 1)),
            ("/escalate", Command("escalate", 1)),
            ("/escalate storefront", Command("escalate", 1, ("storefront",))),
            ("/delegate @bob", Command("delegate", 1, to="bob")),
            ("/delegate @bob.b back soon", Command("delegate", 1, to="bob.b", reason="back soon")),
            ("/delegate @bob until 2026-12-24", Command("delegate", 1, to="bob", until="2026-12-24")),
            ("/delegate @bob until 2026-12-24 ski", Command("delegate", 1, to="bob", until="2026-12-24", reason="ski")),
        ],
    )
    def test_is_a_command(self, body: str, wanted: Command) -> None:
        assert read(body) == (wanted,)

    @pytest.mark.parametrize(
        "body",
        [
            "/signof", "/signoff!", "/Signoff", "/signoff please, somebody", "I would /signoff", "`/signoff`",
            "/reject", "/reject \u200b", "/withdraw it", "//signoff", "/signoff `x`", "\\/signoff",
            "/signoff <!-- x -->", "/escalate now", "/escalate storefront please",
            "/delegate", "/delegate bob", "/delegate @", "/delegate @bob until", "/delegate @bob until soon",
            "/delegate `@bob`", "/delegate @acme/owners",
        ],
    )  # fmt: skip
    def test_that_is_not_spelled_so_is_none(self, body: str) -> None:
        assert read(body) == ()


class TestEverybodyElsesText:
    @pytest.mark.parametrize(
        "body",
        [
            "> /signoff", "> said\n/signoff", "```\n/signoff\n```", "~~~\n/signoff", "    /signoff", "- /signoff",
            "1. x\n   /signoff", "<!--\n/signoff\n-->", "<details>\n/signoff\n</details>", "# /signoff",
            "| a |\n| - |\n| /signoff |", "[/signoff](https://x.example)", "~~/signoff~~", "![/signoff](x)",
        ],
    )  # fmt: skip
    def test_is_no_command(self, body: str) -> None:
        assert read(body) == ()


@given(st.text(alphabet="/signofreject withdawl`>~-#<!\n\t0a", max_size=60))
def test_nothing_ever_fails_or_counts_without_its_line(body: str) -> None:
    for command in read(body):
        assert may_hold_commands(body)
        assert body.split("\n")[command.line - 1].strip(" \r").startswith(f"/{command.kind}")
