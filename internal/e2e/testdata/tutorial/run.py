"""Runs a file's statements as a program with psycopg2 does, and prints what comes back."""
import sys

import psycopg2

host, port, path = sys.argv[1:]

statements, lines, quoted = [], [], False
for line in open(path, encoding="utf-8"):
    if not lines and (line.startswith("--") or not line.strip()):
        continue
    lines.append(line)
    quoted ^= line.count("$$") % 2 == 1
    if line.rstrip().endswith(";") and not quoted:
        statements.append("".join(lines).strip().rstrip(";"))
        lines = []

conn = psycopg2.connect(host=host, port=port, user="awsuser", password="Emulator1", dbname="dev")
conn.autocommit = True
cur = conn.cursor()
for number, statement in enumerate(statements, 1):
    print(f"{number}> {' '.join(statement.split())}")
    del conn.notices[:]
    try:
        cur.execute(statement)
    except psycopg2.Error as e:
        print(f"{type(e).__name__} {e.pgcode}: {str(e).strip()}")
        continue
    finally:
        for notice in conn.notices:
            print(notice.strip())
    print(cur.statusmessage, cur.rowcount)
    if cur.description:
        print([(c.name, c.type_code) for c in cur.description])
        for row in cur.fetchall():
            print(row)
conn.close()
