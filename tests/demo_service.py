"""The demo's second half: the service with a stand-in for GitHub, sample changes in it, and one whole round.

make demo               # keeps serving on a terminal; ends after the round elsewhere
make demo ARGS=--once   # always ends after the round
"""

import datetime as dt
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from builders_forge_world import GATE_APP, GATE_CHECK, ForgeWorld, a_world
from doubles.github.pulls import Pull

from gate.bootstrap_service import Service
from gate.config import load_settings
from gate.core.forge.snapshot import ChangeKey
from gate.usecases.issue_link import issue_link

PORT = int(os.environ.get("GATE_DEMO_PORT", "8000"))
BASE_URL = f"http://127.0.0.1:{PORT}"
SECRET = "a secret for the demo only"  # noqa: S105  # nothing outside this process believes it
PATIENCE_SECONDS = 30
LIMITS = """\
version: 1
default_owner: platform
freezes:
  - {name: Year-end close, from: 2026-01-01, to: 2099-01-01, components: {components: [storefront]}}
"""


def main() -> int:
    """Run the demo and return its exit code."""
    is_once = "--once" in sys.argv[1:] or not sys.stdin.isatty()
    folder = _new_folder()
    server: subprocess.Popen[str] | None = None
    try:
        with a_world(files={".gate/policy.yaml": LIMITS}, start=_an_hour_ago()) as forge:
            forge.demand_the_gate()
            environment = _environment(forge, folder)
            server, link = _serve(environment, folder)
            forge.world.webhooks_to(f"http://127.0.0.1:{PORT}/webhooks/github", SECRET)
            first = _round(forge, environment)
            last = _samples(forge)
            _audit(forge, folder, first)
            approval = _approval_link(environment, last.number, forge.alice.id)
            _tell_evidence(folder)
            if is_once:
                print(
                    "  The service has ended with its round; `make demo` on a terminal keeps it and prints its pages.\n"
                )
            else:
                _tell(link, approval, last, first)
                print("  Stop with Ctrl-C.", flush=True)
                signal.pause()
        return 0
    finally:
        if server is not None:
            server.terminate()
            server.wait(20)


def _new_folder() -> Path:
    """Return the empty folder of this demo; what it leaves there can be looked at until the next one begins."""
    folder = Path(os.environ.get("GATE_DEMO_FOLDER") or Path(__file__).parents[1] / "build" / "demo")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _an_hour_ago() -> str:
    """Return when the stand-in's clock begins: each of its acts takes a second, and none may be in the time to come."""
    return (dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)).isoformat()


def _environment(forge: ForgeWorld, folder: Path) -> dict[str, str]:
    """Return the settings of a service on a database of its own."""
    key = folder / "app-key.pem"
    key.write_text(forge.private_key)
    key.chmod(0o600)
    return {
        **os.environ,
        "GATE_DATABASE_URL": f"sqlite:///{folder}/gate.db",
        "GATE_BASE_URL": BASE_URL,
        "GATE_GITHUB_API_URL": forge.url,
        "GATE_GITHUB_APP_ID": str(GATE_APP),
        "GATE_GITHUB_PRIVATE_KEY_FILE": str(key),
        "GATE_GITHUB_WEBHOOK_SECRET": SECRET,
        "GATE_RESYNC_SECONDS": "30",
        "GATE_LOG_LEVEL": "error",
    }


def _serve(environment: dict[str, str], folder: Path) -> tuple[subprocess.Popen[str], str]:
    """Start `gate serve`, and return it with the link to enter by."""
    command = [str(Path(sys.executable).with_name("gate")), "serve", "--migrate", "--port", str(PORT)]
    log = folder / "gate.log"
    with log.open("w") as opened:
        server = subprocess.Popen(command, env=environment, cwd=folder, stderr=opened, text=True)
    _until(lambda: _is_ready(server, log), f"the service on port {PORT}")
    link = next((line.split()[-1] for line in log.read_text().splitlines() if "/enter/" in line), "")
    return server, link


def _is_ready(server: subprocess.Popen[str], log: Path) -> bool:
    if server.poll() is not None:
        raise SystemExit(f"The service did not start: {log.read_text().strip()}")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _approval_link(environment: dict[str, str], number: int, account: int) -> str:
    """Return the address of a link to somebody for what waits for them, as it would stand in their message."""
    service = Service(load_settings(environment))
    try:
        gate = service.gate
        with gate.store.writing() as writing:
            repository = writing.repository_named("acme/shop")
            assert repository is not None  # the demo made it
            key = ChangeKey(repository.key.tenant, repository.key.id, number)
            subjects = {one.subject: one.scope for one in writing.asked(key) if one.account == f"github:{account}"}
            change = writing.change(key)
            facts = change.facts_digest if change else ""
            at = gate.instant()
            return issue_link(gate, writing, key=key, account=f"github:{account}", subjects=subjects, at=at,
                              facts_digest=facts)  # fmt: skip
    finally:
        service.close_store()


def _approve(address: str) -> None:
    """Open an approval link, and press Approve."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with browser.open(urllib.request.Request(address, headers={"Accept": "text/html"}), timeout=10) as page:  # noqa: S310  # our own address
        token = re.findall(r'name="csrf_token" value="([0-9a-f]+)"', page.read().decode())[0]
        form = urllib.parse.urlencode({"decision": "approve", "comment": "Looks right.", "csrf_token": token})
        answer = urllib.request.Request(page.url, data=form.encode(), headers={"Accept": "text/html"})  # noqa: S310  # likewise
    browser.open(answer, timeout=10).close()


def _round(forge: ForgeWorld, environment: dict[str, str]) -> Pull:
    """Open a pull request, approve it by a review and by a link, and wait for the check on its head each time."""
    print("\nThe service, beside a stand-in for GitHub:\n")
    pull = forge.a_pull(title="Round amounts half to even")
    _shown(forge, pull, "in_progress", "dave opens a pull request")
    pull.review(forge.alice, "APPROVED")
    _shown(forge, pull, "success", "alice, an owner, approves it")
    forge.shop.commit(pull.head_ref, {"api/pay.py": "amount = 'other'\n"}, author=forge.dave)
    _shown(forge, pull, "in_progress", "dave pushes into her files")
    _approve(_approval_link(environment, pull.number, forge.alice.id))
    _shown(forge, pull, "success", "alice approves that by her link")
    return pull


def _samples(forge: ForgeWorld) -> Pull:
    """Open one change for each further state, and return one that waits."""
    missing = forge.a_pull({"README.md": "Shop!\n"}, title="Say hello louder", body="Nothing to see.\n")
    _shown(forge, missing, "action_required", "a change without a rollback plan")
    refused = forge.a_pull(title="Round amounts down")
    _shown(forge, refused, "in_progress", "another change of the same files")
    refused.review(forge.bob, "CHANGES_REQUESTED")
    _shown(forge, refused, "failure", "bob, an owner, says no")
    frozen = forge.a_pull({"web/page.html": "<p>Sale</p>\n"}, title="Announce the sale")
    _shown(forge, frozen, "action_required", "a change within a freeze window")
    broken = forge.a_pull({".gate/policy.yaml": "version: 7\n"}, title="A policy that is none")
    _shown(forge, broken, "action_required", "a change that breaks the policy")
    waiting = forge.a_pull({"api/tax.py": "rate = 19\n"}, title="Add the tax rate")
    _shown(forge, waiting, "in_progress", "a change that waits for alice or bob")
    return waiting


def _audit(forge: ForgeWorld, folder: Path, pull: Pull) -> None:
    """Merge the approved change, account for every commit of a clone, export the evidence, and verify it elsewhere."""
    began = time.monotonic()
    pull.merge(forge.dave)
    _until(lambda: _is_merged(folder), f"#{pull.number} to be recorded as merged")
    clone, elsewhere, archive = folder / "clone.git", folder / "elsewhere", folder / "audit.zip"
    subprocess.run(["git", "clone", "--quiet", "--bare", forge.shop.objects.path, clone], check=True)
    environment = {**os.environ, "GATE_DATABASE_URL": f"sqlite:///{folder}/gate.db", "GATE_BASE_URL": BASE_URL}
    gate = str(Path(sys.executable).with_name("gate"))
    for command in (
        [gate, "audit", "reconcile", clone, "--repository", "acme/shop"],
        [gate, "audit", "export", "--from", "2026-01-01", "--to", "2099-01-01", "-o", archive],
    ):
        ran = subprocess.run(command, env=environment, cwd=folder, check=False, capture_output=True, text=True)
        if ran.returncode:
            raise SystemExit(f"{command[2]} failed:\n{ran.stdout}{ran.stderr}")
    shutil.unpack_archive(archive, elsewhere)
    verify = [sys.executable, "-I", "-S", elsewhere / "verify.py", "--clone", clone]
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    claims = done.stdout.count("PASS ")
    if done.returncode or not claims:
        raise SystemExit(f"The export does not verify:\n{done.stdout}{done.stderr}")
    told = f"{claims} claims hold, after {time.monotonic() - began:.2f} s"
    print(f"  {'merged; its evidence exported and verified':<42} {told}", flush=True)


def _is_merged(folder: Path) -> bool:
    with closing(sqlite3.connect(f"file:{folder}/gate.db?mode=ro", uri=True)) as database:
        return bool(database.execute("SELECT count(*) FROM changes WHERE state = 'merged'").fetchone()[0])


def _shown(forge: ForgeWorld, pull: Pull, wanted: str, what: str) -> None:
    """Wait until the check on a head says what is expected, and print it."""
    began = time.monotonic()
    _until(lambda: _check(forge, pull) == wanted, f"`{wanted}` on #{pull.number} ({what})")
    print(f"  {what:<42} {GATE_CHECK}: {wanted} after {time.monotonic() - began:.2f} s", flush=True)


def _check(forge: ForgeWorld, pull: Pull) -> str | None:
    token = forge.world.installation_token(forge.installation)
    found = forge.world.get(f"/repos/acme/shop/commits/{pull.head_sha}/check-runs", token=token)
    return next((run["conclusion"] or run["status"] for run in found["check_runs"]), None)


def _until(is_so: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > end:
            raise SystemExit(f"Gave up waiting for {what}.")
        time.sleep(0.05)


def _tell(link: str, approval: str, waiting: Pull, pull: Pull) -> None:
    print(f"  Enter once by     {link}")
    print(f"  Approve as alice  {approval}")
    print(f"  What that is for  {BASE_URL}/changes/acme/shop/{waiting.number}")
    print(f"  The merged change {BASE_URL}/changes/acme/shop/{pull.number}")
    print(f"  Open changes      {BASE_URL}/")
    print(f"  Who owns what     {BASE_URL}/ownership")
    print(f"  Incidents         {BASE_URL}/incidents")
    print(f"  Audit and export  {BASE_URL}/audit")
    print(f"  The API           {BASE_URL}/docs\n", flush=True)


def _tell_evidence(folder: Path) -> None:
    gate = Path(sys.executable).with_name("gate")
    print("\n  The evidence stays until the next demo; export it, unpack it anywhere, and verify it:\n")
    print(f"  GATE_DATABASE_URL=sqlite:///{folder}/gate.db {gate} audit export --from 2026-01-01 -o x.zip")
    print(f"  python3 verify.py --clone {folder}/clone.git\n", flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))  # the terminal was closed; the server goes with it
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
