"""Writes the table test × database of the store's conformance suite, out of what the test runner reported.

Usage: table.py JUNIT.xml FOLDER
Writes conformance.md and conformance.json there and prints the sums. Fails when a test failed, when a database that always
has to be met was not met, and when one was asked less than another.
"""

import json
import pathlib
import sys
import xml.etree.ElementTree

# Column, the runner's name of the test program, what stands before the test's own name, whether it must be there.
DATABASES = [
    ("SQLite", "store-sql::conformance", "", True),
    ("MariaDB", "store-sql::mariadb", "", True),
    ("SQL Server", "store-sql::mssql", "live::", False),
]
# Tests of those programs that belong to no module of the suite are particular to one database.
MODULES = pathlib.Path(__file__).parent / "store"


def results(report):
    """For each test of the suite what each database said: passed or failed."""
    modules = {file.stem for file in MODULES.glob("*.rs")}
    table = {}
    for case in xml.etree.ElementTree.parse(report).iter("testcase"):
        for column, program, prefix, _ in DATABASES:
            name = case.get("name")
            if case.get("classname") != program or not name.startswith(prefix):
                continue
            name = name.removeprefix(prefix)
            if name.count("::") != 1 or name.split("::")[0] not in modules or case.find("skipped") is not None:
                continue
            broken = case.find("failure") is not None or case.find("error") is not None
            table.setdefault(name, {})[column] = "failed" if broken else "passed"
    return table


def main():
    report, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    table = results(report)
    columns = [column for column, *_ in DATABASES]
    lines = ["| test | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name, said in sorted(table.items()):
        lines.append(f"| `{name}` | " + " | ".join(said.get(column, "not run") for column in columns) + " |")
    sums, complaints = [], []
    for column, _, _, required in DATABASES:
        said = [row.get(column, "not run") for row in table.values()]
        passed, failed, missing = (said.count(word) for word in ("passed", "failed", "not run"))
        sums.append(f"{column}: {passed} passed, {failed} failed, {missing} not run")
        if failed or missing not in ((0,) if required else (0, len(said))) or not said:
            complaints.append(sums[-1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "conformance.md").write_text("\n".join([*lines, "", *(f"* {line}" for line in sums), ""]))
    (folder / "conformance.json").write_text(json.dumps(table, indent=2, sort_keys=True) + "\n")
    print("store conformance, test × database: " + "; ".join(sums))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
