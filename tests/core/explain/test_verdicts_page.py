"""The page docs/verdicts.md: it shows what the gate prints, never what it once printed."""

from builders_verdicts_page import PAGE, examples, page


def test_each_example_has_the_state_it_stands_for() -> None:
    assert {name: verdict.state for name, verdict in examples().items()} == {name: name for name in examples()}


def test_the_page_shows_what_is_printed_now() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python tests/builders_verdicts_page.py"
