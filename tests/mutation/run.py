#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What share of the mistakes that one could make do the quick tests notice?

    run.py [-v] [-j N] [-n N] [--seed N] [--list] [ROOM | NAME ...]

Draws mutants of each room (mutants.py), as many of each operator, the same ones as long
as the functions have the same names. Each is built and given to the unit tests, the
recorded machines and the corpus tests of one dump, until one of them notices. A mutant
that changes nothing that anybody could see is struck off in equivalent.txt, with the
reason. A whole NAME, or the beginning of one, tries just that.
"""
import argparse
import hashlib
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import mutants

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
B = Path(os.environ.get("B", ROOT / "build")).resolve()
PYTHON = os.environ.get("PYTHON", "python3")
UNIT, ERA, CLI = "build/san/unit", "build/san/replay", "build/stackinfo"
DUMP = os.environ.get("MUTATION_DUMP", "6.1-nmi-panic")
SECONDS = 240  # one that hangs is noticed, too
# In percent, of the mutants that are not equivalent.
BARS = {"arch/x86_64": 95, "unwind": 95}
BAR = 85


def room_of(file):
    parts = Path(file).parts[1:-1]
    return "/".join(parts) or "session"


def all_mutants():
    """{room: [(file, mutant)]}"""
    rooms = {}
    for path in sorted((ROOT / "src").rglob("*.c")):
        file = str(path.relative_to(ROOT))
        short = file[len("src/"):]
        for mutant in mutants.mutants_of(short, path.read_text()):
            rooms.setdefault(room_of(file), []).append((file, mutant))
    return rooms


def draw(candidates, count, seed, equivalent):
    """As many of each operator, in an order that other functions' changes leave alone."""
    by_operator = {}
    for file, mutant in candidates:
        if mutant.name not in equivalent:
            by_operator.setdefault(mutant.name.split(":")[2], []).append((file, mutant))
    rank = lambda m: hashlib.sha1(f"{seed}:{m[1].name}".encode()).digest()
    piles = [sorted(by_operator[o], key=rank) for o in sorted(by_operator)]
    # More than are wanted: one that does not build is replaced by the next.
    return [pile[i] for i in range(max(map(len, piles), default=0))
            for pile in piles if i < len(pile)][:2 * count]


def read_equivalent():
    rows = {}
    for line in (HERE / "equivalent.txt").read_text().split("\n"):
        if line and not line.startswith("#"):
            name, _, reason = line.partition("  ")
            rows[name] = reason.strip()
    return rows


class Worker:
    def __init__(self, number, run_all, other=None):
        self.all = run_all
        self.dir = B / "mutation" / str(number)
        shutil.rmtree(self.dir, ignore_errors=True)
        if other:
            shutil.copytree(other.dir, self.dir)
            return
        self.dir.mkdir(parents=True)
        for name in ("include", "src", "tests", "man", "extensions"):
            shutil.copytree(ROOT / name, self.dir / name)
        # The corpus tests find what they expect beside the dumps' archives.
        (self.dir / "testdata").symlink_to(ROOT / "testdata")
        shutil.copy(ROOT / "Makefile", self.dir)
        # What holds for a mutant must not hold without one.
        failed, error = self.test()
        if failed or error:
            sys.exit(f"without any mutant: {failed or error}")

    def build(self):
        done = subprocess.run(["make", "-s", "B=build", "SANITIZE=-O0 -w", "CFLAGS=-O0 -w",
                               UNIT, ERA, CLI], cwd=self.dir, capture_output=True, text=True)
        return None if done.returncode == 0 else done.stderr[-2000:]

    def run(self, *argv, **env):
        """What the program complained about, or None."""
        try:
            # A crash is noticed as well in one process, and that takes a fifth of the time.
            done = subprocess.run(argv, cwd=self.dir, env={**os.environ, "CK_FORK": "no", **env},
                                  capture_output=True, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return "does not end"
        if done.returncode == 0:
            return None
        text = (done.stdout + done.stderr).decode(errors="replace")
        failed = re.findall(r"^tests\S+:\d+:[EF]:[^:]*:([^:]*):", text, re.M) or \
            re.findall(r"^FAILED ([^\n]*)", text, re.M)[:3]
        return ", ".join(dict.fromkeys(failed)) or f"exit {done.returncode}"

    def test(self):
        """What fails, and an error of the build. The quick ones first."""
        error = self.build()
        if error:
            return [], error
        machines = sorted(map(str, (B / "machines").glob("*.txt")))
        tests = (("era", [self.dir / ERA, *machines]), ("unit", [self.dir / UNIT]),
                 ("corpus", [PYTHON, "-B", "-m", "pytest", "-x", "tests/corpus"]))
        failed = []
        for name, argv in tests:
            why = self.run(*argv, B=str(B), STACKINFO=str(self.dir / CLI), DUMPS_ONLY=DUMP)
            if why:
                failed.append(f"{name}: {why}")
                if not self.all:
                    break
        return failed, None

    def try_mutant(self, file, mutant):
        """("noticed" | "SURVIVED" | "unbuilt", details)"""
        path = self.dir / file
        before = path.read_text()
        try:
            path.write_text(mutant.apply(before))
            noticed, error = self.test()
        finally:
            path.write_text(before)
        if error:
            return "unbuilt", error
        return ("noticed" if noticed else "SURVIVED"), "; ".join(noticed)


class Room:
    """The mutants of a room that wait, and what became of the others."""

    def __init__(self, name, drawn, wanted):
        self.name, self.waiting, self.wanted = name, drawn, wanted
        self.noticed, self.survived, self.busy = 0, [], 0

    def next(self):
        if not self.waiting or self.noticed + len(self.survived) + self.busy >= self.wanted:
            return None
        self.busy += 1
        return self.waiting.pop(0)

    def share(self):
        tried = self.noticed + len(self.survived)
        return 100 * self.noticed / tried if tried else 100.0

    def bar(self):
        return BARS.get(self.name, BAR)


def work(worker, rooms, lock, verbose):
    while True:
        with lock:
            room, job = next(((r, j) for r in rooms for j in [r.next()] if j), (None, None))
        if not job:
            return
        result, details = worker.try_mutant(*job)
        file, mutant = job
        with lock:
            room.busy -= 1
            if result == "noticed":
                room.noticed += 1
            elif result == "SURVIVED":
                room.survived.append(mutant)
            if verbose or result == "SURVIVED":
                source = (ROOT / file).read_text()
                print(f"{result:9} {mutant.name}\n\t{file}:{mutant.line}: "
                      f"{source[mutant.begin:mutant.end][:100]!r} -> {mutant.text!r}"
                      + (f"\n\t{details[:300]}" if verbose else ""), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-v", action="store_true", help="say which tests noticed")
    parser.add_argument("-j", type=int, default=os.cpu_count() or 1, help="workers")
    parser.add_argument("-n", type=int, default=40, help="mutants of each room")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", action="store_true", help="only say which")
    parser.add_argument("only", nargs="*")
    args = parser.parse_args()

    everything, equivalent, rooms = all_mutants(), read_equivalent(), []
    names = {m.name for drawn in everything.values() for _, m in drawn}
    stale = [name for name in equivalent if name not in names]
    if stale:
        sys.exit("equivalent.txt: no such mutant: " + ", ".join(stale))
    for name, candidates in everything.items():
        chosen = [c for c in candidates if any(c[1].name.startswith(o) for o in args.only)]
        if not args.only or name in args.only:
            rooms.append(Room(name, draw(candidates, args.n, args.seed, equivalent), args.n))
        elif chosen:
            rooms.append(Room(name, chosen, len(chosen)))
    if args.list:
        for room in rooms:
            print("\n".join(mutant.name for _, mutant in room.waiting[:room.wanted]))
        return

    workers = [Worker(0, args.v)]
    workers += [Worker(n, args.v, workers[0]) for n in range(1, args.j)]
    lock = threading.Lock()
    threads = [threading.Thread(target=work, args=(w, rooms, lock, args.v)) for w in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("room            tried  noticed   share  bar")
    for room in rooms:
        tried = room.noticed + len(room.survived)
        print(f"{room.name:15} {tried:5} {room.noticed:8} {room.share():6.1f} % {room.bar()} %"
              + ("  FAILED" if room.share() < room.bar() else ""))
    sys.exit(any(room.share() < room.bar() for room in rooms))


if __name__ == "__main__":
    main()
