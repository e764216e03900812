"""Packet page: the evidence of one change for people, a page that needs nothing else and prints well."""

import html
from collections.abc import Iterable, Mapping
from typing import Any

from gate.core.explain.escaping import visible

STYLE = """\
:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #8886;overflow-wrap:anywhere}
code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}.bad{color:#b3261e;font-weight:600}
.good{color:#1b7a34;font-weight:600}.soft{opacity:.75}svg{max-width:100%;height:auto}svg text{fill:currentColor}
@media print{body{margin:0;max-width:none;font-size:10pt}h2{break-after:avoid}tr,svg{break-inside:avoid}}
"""


def esc(text: object) -> str:
    """Return a text as HTML that shows exactly it: escaped, and with nothing hidden."""
    return html.escape(visible(str(text)), quote=True)


def page(title: str, parts: Iterable[str]) -> Iterable[str]:
    """Yield a whole page, part by part; it loads nothing and runs nothing."""
    yield "<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n"
    yield "<meta name=viewport content='width=device-width,initial-scale=1'>\n"
    yield "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    yield f"<title>{esc(title)}</title><style>{STYLE}</style></head><body>\n"
    yield from parts
    yield "</body></html>\n"


def table(headers: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterable[str]:
    """Yield a table; every cell is escaped."""
    yield "<table><thead><tr>" + "".join(f"<th scope=col>{esc(one)}</th>" for one in headers) + "</tr></thead><tbody>\n"
    for row in rows:
        yield "<tr>" + "".join(f"<td>{esc(cell)}</td>" for cell in row) + "</tr>\n"
    yield "</tbody></table>\n"


def packet_page(packet: Mapping[str, Any]) -> bytes:
    """Return the page of a packet."""
    change = packet["change"]
    title = f"{change['repository']} #{change['number']}"
    return "".join(page(title, _parts(packet, title))).encode()


def _parts(packet: Mapping[str, Any], title: str) -> Iterable[str]:
    merge, verdict, row = packet["merge"], packet["verdict"], packet["row"]
    yield f"<h1>{esc(title)}: {esc(packet['change']['title'] or '(no title)')}</h1>\n"
    mark = "good" if verdict["state"] == "approved" and not packet["exceptions"] else "bad"
    yield f"<p class={mark}>{esc(verdict['state'] or 'not judged')}. {esc(verdict['summary'])}</p>\n"
    if packet["exceptions"]:
        yield f"<p class=bad>Exceptions: {esc(', '.join(packet['exceptions']))}</p>\n"
    facts = (
        ("Requested by", packet["change"]["requester"]),
        ("Written by", ", ".join(row["authors"])),
        ("Components and owners", f"{', '.join(row['components'])}; {', '.join(row['owners'])}"),
        ("Decided", f"{verdict['decided_at']}, ledger entry {verdict['entry']}"),
        ("Merged", f"{merge['at']} as {merge['sha']}, ledger entry {merge['entry']}"),
        ("Risk", row["risk"]),
        ("Way back", f"{packet['rollback'].get('method') or 'none'}: {'; '.join(packet['rollback'].get('steps', ()))}"),
        ("Tickets when it was decided", "; ".join(map(_ticket, packet["tickets"])) or "none"),
        ("Incidents", "; ".join(map(_incident, packet["incidents"])) or "none linked"),
        ("Facts", packet["facts"]["digest"]),
    )
    yield from table(("", ""), facts)
    yield "<h2>Sign-offs</h2>\n"
    yield from table(("What counted",), ([one] for one in row["signoffs"]))
    yield "<h2>What happened</h2>\n"
    yield from table(("Entry", "What", "When"), packet["entries"])
    yield "<p class=soft>facts.json and verdict.json beside this page hold the exact bytes; "
    yield "<code>gate audit verify</code> decides anew from them and compares.</p>\n"


def _ticket(ticket: Mapping[str, Any]) -> str:
    """Return a ticket with its kind and state as they were in the facts."""
    known = ", ".join(word for word in (ticket["kind"], ticket["state"]) if word)
    return f"{ticket['key']} ({known})" + (f": {ticket['title']}" if ticket["title"] else "")


def _incident(act: Mapping[str, Any]) -> str:
    said = act["payload"]
    return f"{said['relation']} {said['incident']} ({said['confirmation']} {act['at']}, ledger entry {act['entry']})"
