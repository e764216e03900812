"""Records of a shop whose payments depend on a ledger, with everything that an incident asks for."""

from builders_forge_world import OWNERSHIP

RECORDS = (
    OWNERSHIP.replace(
        "  - {name: payments-api, owner: payments, paths: [/api/]}\n",
        """\
  - name: payments-api
    title: Payments API
    tier: 1
    owner: payments
    backup: platform
    paths: [/api/]
    depends_on: [ledger]
    escalation: ladder
    links: {runbook: "https://runbooks.example.com/payments", dashboard: "https://grafana.example.com/d/1"}
    rollback: {method: redeploy-previous, steps: [deploy the previous tag], restore_minutes: 15}
  - {name: ledger, owner: platform, paths: [/ledger/]}
""",
    )
    + "escalations:\n  ladder: {levels: [{notify: [owner], channel: pager, acknowledge_within: 15m}]}\n"
)
