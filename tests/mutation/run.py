#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What share of the mistakes that one could make do the quick tests notice?

    run.py [-v] [-j N] [-n N] [--seed N] [--list] [ROOM | NAME ...]

Draws mutants of each room (mutants.py), as many of each operator, the same ones as long
as the functions have the same names. Each is built and given to the unit tests, the
recorded machines and the corpus tests of one dump, until one of them notices; one of
src/cli/ also to the quick tests of the command. A mutant
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
# The tests take most of the time, so they are optimized. UNIT_QUICK: see tests/unit/suite.h.
# Of check-unit's sanitizers the one that costs nothing.
FLAGS = "-O1 -w -DUNIT_QUICK -fsanitize=bounds-strict -fsanitize-undefined-trap-on-error"
COMPILER = "ccache gcc" if shutil.which("ccache") else "gcc"
LINKER = "-fuse-ld=lld" if shutil.which("ld.lld") else ""
DUMP = os.environ.get("MUTATION_DUMP", "6.1-nmi-panic")
JOBS = os.cpu_count() or 1
SECONDS = 240  # one that hangs is noticed, too
# In percent, of the mutants that are not equivalent.
BARS = dict.fromkeys(
    ("arch", "arch/arm64", "arch/riscv64", "arch/x86_64", "unwind"), 95)
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
    """{name of a mutant: the mark of its line when somebody read it}"""
    rows = {}
    for line in (HERE / "equivalent.txt").read_text().split("\n"):
        if line and not line.startswith("#"):
            name, mark, _ = line.split(maxsplit=2)
            rows[name] = mark
    return rows


def mark_of(source, mutant):
    """Another one where its number, or what it changes, is of another line now."""
    begin = source.rfind("\n", 0, mutant.begin) + 1
    end = source.find("\n", mutant.end)
    text = source[begin:mutant.begin] + "\0" + source[mutant.begin:end] + "\0" + mutant.text
    return hashlib.sha1(re.sub(r"\s+", "", text).encode()).hexdigest()[:4]


def check_equivalent(equivalent, everything):
    """Ends the program if a row is of no mutant, or of one that nobody has looked at."""
    wrong, sources = dict.fromkeys(equivalent, "there is no such mutant"), {}
    for drawn in everything.values():
        for file, mutant in drawn:
            if mutant.name in equivalent:
                source = sources.setdefault(file, (ROOT / file).read_text())
                mark = mark_of(source, mutant)
                wrong[mutant.name] = mark != equivalent[mutant.name] and (
                    f"read line {mutant.line} again, it has the mark {mark}")
    wrong = [f"equivalent.txt: {name}: {what}" for name, what in wrong.items() if what]
    if wrong:
        sys.exit("\n".join(wrong))


def same(a, b):
    return b.is_file() and a.read_bytes() == b.read_bytes()


def sync(source, copy):
    """Makes @copy as @source is. What is the same is not touched: make need not build it."""
    wanted = {p.relative_to(source) for p in source.rglob("*") if p.is_file()}
    for path in [p for p in copy.rglob("*") if p.is_file() or p.is_symlink()]:
        if path.relative_to(copy) not in wanted:
            path.unlink()
    for path in wanted:
        if not same(source / path, copy / path):
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / path, copy / path)
            shutil.copymode(source / path, copy / path)


def make(directory, target, build, flags, linker):
    """The error of the build, or None."""
    done = subprocess.run(["make", "-s", f"-j{JOBS}", f"B={build}", f"CC={COMPILER}",
                           f"SANITIZE={flags}", f"CFLAGS={flags}", f"LDFLAGS={linker}",
                           *target], cwd=directory, capture_output=True, text=True)
    return None if done.returncode == 0 else done.stderr[-2000:]


def execute(argv, directory, **env):
    # A crash is noticed as well in one process, and that takes a fifth of the time.
    return subprocess.run(argv, cwd=directory, env={**os.environ, "CK_FORK": "no", **env},
                          capture_output=True, timeout=SECONDS)


def machines():
    return sorted(map(str, (B / "machines").glob("*.txt")))


def pytest(program, *args):
    return ([PYTHON, "-B", "-m", "pytest", "-x", "-p", "no:cacheprovider", *args],
            {"B": str(B), "STACKINFO": str(program), "DUMPS_ONLY": DUMP})


class Sound:
    """What the tests do without any mutant: which functions run in them, and what the
    corpus tests ask the command. What does not run a mutant cannot notice it."""

    def __init__(self, directory):
        self.dir = directory
        self.suites, self.questions, self.known = {}, {}, set()
        if error := make(directory, [UNIT, ERA, CLI], "build", FLAGS, LINKER):
            sys.exit(error)
        self.record_corpus()
        self.trace()

    def record_corpus(self):
        recorder, asked = self.dir / "recorder", self.dir / "asked"
        asked.unlink(missing_ok=True)
        recorder.write_text(f"#!/bin/sh\nprintf '%s\\0' \"$@\" >> {asked}\n"
                            f"echo >> {asked}\nexec {self.dir / CLI} \"$@\"\n")
        recorder.chmod(0o755)
        argv, env = pytest(recorder, "tests/corpus")
        done = execute(argv, self.dir, **env)
        if done.returncode:
            sys.exit("without any mutant: " + done.stdout.decode()[-2000:])
        for line in asked.read_text().split("\n"):
            words = tuple(line.split("\0")[:-1])
            if words and words not in self.questions:
                self.questions[words] = self.answer(self.dir, words)

    @staticmethod
    def answer(directory, words):
        done = execute([directory / CLI, *words], directory)
        return done.returncode, done.stdout, done.stderr

    def entered(self, program, *argv, **env):
        """The names of the functions that ran."""
        file = self.dir / "trace"
        file.unlink(missing_ok=True)
        done = execute([self.dir / program, *argv], self.dir, TRACE=str(file), **env)
        if done.returncode:
            sys.exit(f"without any mutant: {program}: " + done.stdout.decode()[-2000:])
        names, places = {}, {}
        for line in subprocess.run(["nm", self.dir / program], capture_output=True,
                                   text=True, check=True).stdout.splitlines():
            word = line.split()
            if len(word) == 3 and word[1] in "tTwW":
                # lld wraps what a function says of itself, too.
                name = word[2].split(".")[0].removeprefix("__wrap_")
                names.setdefault(int(word[0], 16), set()).add(name)
                places[word[2]] = int(word[0], 16)
        self.known |= set().union(*names.values())
        base, found = places["__cyg_profile_func_enter"], set()
        for line in file.read_text().split():
            found |= names.get(base + int(line), set())
        return found

    def may_notice(self, entered, function):
        # None: a table, of which is not known who reads it.
        return not function or function in entered or function not in self.known

    def trace(self):
        flags, into = FLAGS + " -finstrument-functions", "build/traced"
        programs = [p.replace("build/", into + "/", 1) for p in (UNIT, ERA, CLI)]
        (self.dir / into).mkdir(parents=True, exist_ok=True)
        subprocess.run([*COMPILER.split(), "-O1", "-c", "-o", f"{into}/trace.o",
                        "tests/mutation/trace.c"], cwd=self.dir, check=True)
        if error := make(self.dir, programs, into, flags, f"{LINKER} {into}/trace.o"):
            sys.exit(error)
        unit, era, cli = programs
        listed = execute([self.dir / UNIT], self.dir)
        names = [line[1:] for line in listed.stdout.decode().split("\n")
                 if line.startswith(" ")]
        first = re.search(r"^Running suite\(s\): (.*)$", listed.stdout.decode(), re.M)
        if listed.returncode:
            sys.exit("without any mutant: " + listed.stdout.decode()[-2000:])
        for name in [first[1], *names]:
            self.suites[name] = self.entered(unit, CK_RUN_SUITE=name)
        self.era = self.entered(era, *machines())
        self.cli = set()
        for words in self.questions:
            self.cli |= self.entered(cli, *words) if self.questions[words][0] == 0 else set()


class Worker:
    # {file: the suites of unit tests that noticed its last mutants}
    likely = {}

    def __init__(self, number, run_all, other=None):
        self.all = run_all
        self.dir = B / "mutation" / str(number)
        if other and not self.dir.exists():
            shutil.copytree(other.dir, self.dir, symlinks=True)
        self.dir.mkdir(parents=True, exist_ok=True)
        for name in ("include", "src", "tests", "man", "extensions", "packaging"):
            sync(ROOT / name, self.dir / name)
        # The corpus tests find what they expect beside the dumps' archives.
        if not (self.dir / "testdata").exists():
            (self.dir / "testdata").symlink_to(ROOT / "testdata")
        if not same(ROOT / "Makefile", self.dir / "Makefile"):
            shutil.copy(ROOT / "Makefile", self.dir)
        self.sound = other.sound if other else Sound(self.dir)

    def run(self, argv, **env):
        """What the program complained about, or None."""
        try:
            done = execute(argv, self.dir, **env)
        except subprocess.TimeoutExpired:
            return "does not end"
        if done.returncode == 0:
            return None
        text = (done.stdout + done.stderr).decode(errors="replace")
        failed = re.findall(r"^tests\S+:\d+:[EF]:[^:]*:([^:]*):", text, re.M) or \
            re.findall(r"^FAILED ([^\n]*)", text, re.M)[:3]
        return ", ".join(dict.fromkeys(failed)) or f"exit {done.returncode}"

    def run_unit(self, file, function):
        suites = [name for name, entered in self.sound.suites.items()
                  if self.sound.may_notice(entered, function)]
        likely = self.likely.setdefault(file, [])
        for name in sorted(suites, key=lambda n: likely.index(n) if n in likely else 99):
            why = self.run([self.dir / UNIT], CK_RUN_SUITE=name)
            if why:
                likely[:] = [name] + [n for n in likely if n != name]
                return f"{name}: {why}"
        return None

    def run_era(self, file, function):
        if not self.sound.may_notice(self.sound.era, function):
            return None
        return self.run([self.dir / ERA, *machines()])

    def run_corpus(self, file, function):
        if not self.sound.may_notice(self.sound.cli, function):
            return None
        # The same answers are as good as before: Python need not look at them again.
        try:
            if all(self.sound.answer(self.dir, words) == before
                   for words, before in self.sound.questions.items()):
                return None
        except subprocess.TimeoutExpired:
            return "does not end"
        argv, env = pytest(self.dir / CLI, "tests/corpus")
        return self.run(argv, **env)

    def run_cli(self, file, function):
        """The command by itself, which no unit test has: seconds."""
        if not file.startswith("src/cli/"):
            return None
        quick = "usage or line or by_hand or overview or batch or habits"
        argv, env = pytest(self.dir / CLI, "tests/cli", "-k",
                           "pack" if Path(file).name.startswith("pack") else quick)
        return self.run(argv, **env)

    def test(self, file, function):
        """What fails, and an error of the build. The quick ones first."""
        failed = []
        for name, target, run in (("unit", UNIT, self.run_unit), ("era", ERA, self.run_era),
                                  ("corpus", CLI, self.run_corpus),
                                  ("cli", CLI, self.run_cli)):
            error = make(self.dir, [target], "build", FLAGS, LINKER)
            if error:
                return [], error
            why = run(file, function)
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
            noticed, error = self.test(
                file, None if mutant.is_table else mutant.name.split(":")[1])
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
    check_equivalent(equivalent, everything)
    names = [o for o in args.only if o not in everything]
    for name, candidates in everything.items():
        chosen = [c for c in candidates if any(c[1].name.startswith(o) for o in names)]
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
