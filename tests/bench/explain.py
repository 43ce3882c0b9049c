#!/usr/bin/python3
"""explain.py BUILD [NAME…] [--events N] [--issues N]: prints the plan of each statement of src/*/sql on a filled database.

Makes a PostgreSQL server of its own, fills it (generate.py), and asks for the generic plan of each statement, which is
what a prepared one settles on: parameters are NULL of their types.  NAME is as store/admit; without any, all."""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).parents[2]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--events", type=int, default=100000)
    parser.add_argument("--issues", type=int, default=2000)
    return parser.parse_args()


def text_of(path):
    text = subprocess.run([TOP / "src/embed-sql", "-p", path], capture_output=True, text=True, check=True).stdout
    for key, value in re.findall(r"^--   :([a-z_]+) = (.*)$", path.read_text(), re.M):
        text = re.sub(rf"(?<!:):{key}\b", lambda _, v=value: v, re.sub(rf":'{key}'", f"'{value}'", text))
    return text.strip().rstrip(";")


def explain(cursor, path):
    cursor.execute(f"PREPARE x AS {text_of(path)}")
    cursor.execute("SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'x'")
    count = cursor.fetchone()[0]
    cursor.execute(f"EXPLAIN EXECUTE x{'(' + ', '.join(['NULL'] * count) + ')' if count else ''}")
    lines = [row[0] for row in cursor.fetchall()]
    cursor.execute("DEALLOCATE x")
    return lines


def main():
    args = arguments()
    os.environ["MESHER_BUILD"] = str(args.build.resolve())
    sys.path[:0] = [str(TOP / "tests/box"), str(TOP / "tests/bench")]
    # pylint: disable=C0415
    import psycopg2
    from generate import generate
    from harness.postgres import Postgres
    from harness.stack import run_ctl
    paths = [p for p in sorted(TOP.glob("src/*/sql/*.sql")) if "PREPARE" in p.read_text()]
    wanted = [p for p in paths if not args.names or f"{p.parts[-3]}/{p.stem}" in args.names]
    unknown = set(args.names) - {f"{p.parts[-3]}/{p.stem}" for p in paths}
    if unknown:
        sys.exit(f"explain.py: no such statement: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory(prefix="explain-", dir="/tmp") as top:
        os.chmod(top, 0o755)
        server = Postgres(pathlib.Path(top) / "pg")
        server.start()
        try:
            server.make_template(run_ctl)
            conninfo = server.conninfo(server.make_database())
            generate(conninfo, args.events, args.issues, 3)
            connection = psycopg2.connect(conninfo)
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute("SET plan_cache_mode = force_generic_plan")
            for path in wanted:
                print(f"==== {path.parts[-3]}/{path.stem}")
                print("\n".join(explain(cursor, path)), end="\n\n")
            connection.close()
        finally:
            server.stop()


if __name__ == "__main__":
    main()
