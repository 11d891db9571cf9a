"""Runs pkilint's linters over many files in one process.

Reads a JSON list of [linter, arguments..., file] from standard input; writes a JSON list with, for each, the codes of
its findings of severity WARNING and above ("refused: ..." where a linter could not read its arguments or the file).
"""

import contextlib
import importlib
import io
import json
import sys


def findings(linter, *arguments):
    main = importlib.import_module(f"pkilint.bin.{linter}").main
    written = io.StringIO()
    with contextlib.redirect_stdout(written), contextlib.redirect_stderr(written):
        try:
            main(["lint", "-s", "WARNING", "-f", "JSON", "--document-format", "DER", *arguments])
        except SystemExit:
            pass
    text = written.getvalue().strip()
    try:
        results = json.loads(text)["results"]
    except ValueError:
        return [f"refused: {text}"]
    return [
        f"{finding['severity']} {finding['code']}: {finding['message']}"
        for result in results
        for finding in result["finding_descriptions"]
    ]


json.dump([findings(*job) for job in json.load(sys.stdin)], sys.stdout)
