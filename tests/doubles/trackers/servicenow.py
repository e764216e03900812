"""A double of ServiceNow's Table API: tasks, their journal, encoded queries of the operators that are used."""

import base64
import itertools
import re
from typing import Any

from doubles.trackers.server import Asked

USER, PASSWORD = "gate.service", "a password of a test"  # a double's own


class ServiceNowDouble:
    """An instance with tasks of several tables."""

    def __init__(self) -> None:
        self.rows: list[dict[str, str]] = []
        self.journal: list[dict[str, str]] = []
        self.ids = (f"{number:032x}" for number in itertools.count(0xA1))

    def a_task(self, number: str, *, table: str = "incident", title: str = "Payments fail") -> None:
        self._add(table, {"number": number, "short_description": title})

    def notes(self, number: str) -> list[str]:
        identity = next(row["sys_id"] for row in self.rows if row["number"] == number)
        return [row["value"] for row in self.journal if row["element_id"] == identity]

    def answer(self, asked: Asked) -> tuple[int, Any]:
        wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if asked.headers.get("authorization") != wanted:
            return 401, {"error": {"message": "User Not Authenticated"}, "status": "failure"}
        match = re.fullmatch(r"/api/now/table/([a-z_]+)(?:/([0-9a-f]{32}))?", asked.path)
        if match is None:
            return 400, {"error": {"message": "Requested URI does not represent any resource"}}
        table, identity = match.groups()
        if asked.method == "GET" and identity is None:
            return 200, {"result": self._found(table, asked.query)}
        if asked.method == "POST" and identity is None:
            return 201, {"result": self._add(table, asked.body)}
        row = next((one for one in self.rows if one["sys_id"] == identity and one["sys_class_name"] == table), None)
        if asked.method == "PATCH" and row is not None:
            for name, value in asked.body.items():
                if name == "work_notes":
                    self.journal.append({"element_id": row["sys_id"], "element": name, "value": value})
                else:
                    row[name] = value
            return 200, {"result": row}
        return 404, {"error": {"message": "No Record found"}}

    def _add(self, table: str, values: dict[str, str]) -> dict[str, str]:
        identity = next(self.ids)
        row = {"number": f"INC9{len(self.rows):06}", "active": "true", **values, "sys_id": identity}
        row["sys_class_name"] = table
        self.rows.append(row)
        return row

    def _found(self, table: str, query: dict[str, str]) -> list[dict[str, str]]:
        rows = self.journal if table == "sys_journal_field" else self.rows
        if table not in {"task", "sys_journal_field"}:
            rows = [row for row in rows if row["sys_class_name"] == table]
        for condition in query["sysparm_query"].split("^"):
            name, mark, value = re.fullmatch(r"([a-z_]+)(=|LIKE)(.*)", condition).groups()  # type: ignore[union-attr]
            rows = [row for row in rows if (value in row.get(name, "") if mark == "LIKE" else row.get(name) == value)]
        fields = query["sysparm_fields"].split(",")
        found = [{name: row.get(name, "") for name in fields} for row in rows]
        return found[: int(query["sysparm_limit"])]
