#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Break one rule at a time; the unit tests or the recorded machines must notice.

    run.py [-v] [-j N] [--skip N] [TEXT ...]    only the rules whose name has one of the texts

Each worker has a copy of the tree, in which it applies a mutation of rules.txt, builds
the two test programs without sanitizers, runs them and takes the mutation back. A
mutation whose text does not occur exactly once, or does not compile, is an error of the
table.
"""
import argparse
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
B = Path(os.environ.get("B", ROOT / "build")).resolve()
UNIT, ERA = "build/san/unit", "build/san/replay"
SECONDS = 120  # one that hangs is noticed, too


class Mutation:
    def __init__(self, file, rule):
        self.file, self.rule = file, rule
        self.old, self.new = [], []

    def apply(self, text):
        old, new = "\n".join(self.old), "\n".join(self.new)
        if not old or text.count(old) != 1:
            raise ValueError(f"its text occurs {text.count(old)} times in {self.file}")
        return text.replace(old, new)


def read_table(path):
    table, file = [], None
    for number, line in enumerate(path.read_text().split("\n"), 1):
        mark, rest = line[:1], line[2:]
        if mark == "@":
            file = rest
        elif mark == "=":
            table.append(Mutation(file, rest))
        elif mark == "-":
            table[-1].old.append(rest)
        elif mark == "+":
            table[-1].new.append(rest)
        elif mark not in ("", "#"):
            sys.exit(f"{path}:{number}: what is this?")
    return table


class Worker:
    def __init__(self, number, run_all, other=None):
        self.all = run_all
        self.dir = B / "mutation" / str(number)
        shutil.rmtree(self.dir, ignore_errors=True)
        if other:
            shutil.copytree(other.dir, self.dir)
            return
        self.dir.mkdir(parents=True)
        for name in ("include", "src", "tests"):
            shutil.copytree(ROOT / name, self.dir / name)
        shutil.copy(ROOT / "Makefile", self.dir)
        # What holds for a mutation must not hold without one.
        failed, error = self.test()
        if failed or error:
            sys.exit(f"without any mutation: {failed or error}")

    def build(self, *programs):
        done = subprocess.run(["make", "-s", f"-j{os.cpu_count()}", "B=build", "SANITIZE=-O0 -w", *programs],
                              cwd=self.dir, capture_output=True, text=True)
        return None if done.returncode == 0 else done.stderr[-2000:]

    def run(self, program, *args):
        """What the program complained about, or None."""
        try:
            # A crash is noticed as well in one process, and that takes a fifth of the time.
            done = subprocess.run([self.dir / program, *args], cwd=self.dir,
                                  env={**os.environ, "CK_FORK": "no"},
                                  capture_output=True, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return "does not end"
        if done.returncode == 0:
            return None
        text = (done.stdout + done.stderr).decode(errors="replace")
        failed = re.findall(r"^tests\S+:\d+:[EF]:[^:]*:([^:]*):", text, re.M)
        return ", ".join(dict.fromkeys(failed)) or f"exit {done.returncode}"

    def test(self):
        """What fails, and an error of the build. The recorded machines are quick: first."""
        machines = sorted(map(str, (B / "machines").glob("*.txt")))
        failed = []
        for program, name, args in ((ERA, "era", machines), (UNIT, "unit", [])):
            error = self.build(program)
            if error:
                return [], error
            why = self.run(program, *args)
            if why:
                failed.append(f"{name}: {why}")
                if not self.all:
                    break
        return failed, None

    def try_mutation(self, mutation):
        """("killed" | "SURVIVED" | "ERROR", details)"""
        path = self.dir / mutation.file
        before = path.read_text()
        try:
            path.write_text(mutation.apply(before))
        except (OSError, ValueError) as e:
            return "ERROR", str(e)
        try:
            noticed, error = self.test()
        finally:
            path.write_text(before)
        if error:
            return "ERROR", "does not compile:\n" + error
        return ("killed" if noticed else "SURVIVED"), "; ".join(noticed)


def work(worker, jobs, report):
    while True:
        try:
            mutation = jobs.get_nowait()
        except queue.Empty:
            return
        report(mutation, *worker.try_mutation(mutation))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-v", action="store_true", help="say which tests noticed")
    parser.add_argument("-j", type=int, default=os.cpu_count() or 1, help="workers")
    parser.add_argument("--skip", type=int, default=0, help="so many rules of the table")
    parser.add_argument("only", nargs="*")
    args = parser.parse_args()
    jobs, count, lock = queue.Queue(), {}, threading.Lock()
    table = read_table(Path(__file__).with_name("rules.txt"))
    for mutation in table[args.skip:]:
        if not args.only or any(text in mutation.rule for text in args.only):
            jobs.put(mutation)

    workers = [Worker(0, args.v)]
    workers += [Worker(n, args.v, workers[0]) for n in range(1, args.j)]

    def report(mutation, result, details):
        with lock:
            count[result] = count.get(result, 0) + 1
            if args.v or result != "killed":
                print(f"{result:9} {mutation.rule}" + (f"\n\t{details}" if details else ""),
                      flush=True)

    threads = [threading.Thread(target=work, args=(w, jobs, report)) for w in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("mutation: " + ", ".join(f"{count.get(r, 0)} {t}" for r, t in (
        ("killed", "killed"), ("SURVIVED", "survived"), ("ERROR", "errors of the table"))))
    sys.exit(0 if count.get("killed", 0) == sum(count.values()) else 1)


if __name__ == "__main__":
    main()
