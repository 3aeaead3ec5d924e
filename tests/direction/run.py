#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Do the rooms keep their direction?  tests/direction/run.py [--objects build/o]

A room may include and call what is to its left, never what is to its right. What a file
includes is read from it; what it calls is what its object lacks and another one defines
(nm). Headers of include/ have the library's types and are no room's: calls are seen all
the same. words.txt names what only some files may know.
"""
import argparse
import fnmatch
import glob
import os
import re
import subprocess
import sys

# From left to right: a name and the paths that begin with one of these.
ROOMS = [
    ("base", ["src/base/"]),
    ("arch", ["src/arch/arch."]),
    ("file", ["src/file/"]),
    ("debuginfo", ["src/debuginfo/"]),
    ("machine", ["src/machine/"]),
    ("kernel", ["src/kernel/"]),
    ("stack", ["src/stacks/stack."]),
    ("arch/NAME", ["src/arch/"]),
    ("stacks", ["src/stacks/"]),
    ("unwind", ["src/unwind/"]),
    ("report", ["src/report/"]),
    ("render", ["src/render/"]),
    ("session", ["src/session/"]),
    ("api", ["src/api/"]),
    ("commands", ["src/commands/"]),
    ("doors", ["src/cli/", "extensions/"]),
]
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def room_of(path):
    for i, (_, begins) in enumerate(ROOMS):
        if path.startswith(tuple(begins)):
            return i
    return None


def sources():
    for top in ("src", "extensions"):
        for folder, _, names in sorted(os.walk(top)):
            yield from (os.path.join(folder, n) for n in sorted(names)
                        if n.endswith((".c", ".h")))


def text_of(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def included(path):
    """The files of ours that @path includes, by the folder and by -Isrc."""
    for name in re.findall(r'^\s*#\s*include\s+"([^"]+)"', text_of(path), re.M):
        for base in (os.path.dirname(path), "src"):
            full = os.path.normpath(os.path.join(base, name))
            if os.path.exists(full):
                yield full
                break


def symbols(objects):
    """What each source's object defines, and what it lacks."""
    defines, lacks, path_of = {}, {}, {}
    for path in (p for p in sources() if p.endswith(".c")):
        obj = os.path.join(objects, path[:-2] + ".o")
        if not os.path.exists(obj):
            sys.exit(f"direction: there is no {obj}: make all")
        path_of[obj] = path
    # All in one run: to start nm takes longer than what it does.
    out = subprocess.run(["nm", "-A", "-P", "--", *path_of], stdout=subprocess.PIPE,
                         text=True, check=True).stdout
    for line in out.splitlines():
        obj, name, kind = line.split()[:3]
        path = path_of[obj.rstrip(":")]
        if kind == "U":
            lacks.setdefault(path, []).append(name)
        elif kind.isupper():
            defines.setdefault(name, path)
    return defines, lacks


def edges(objects):
    """(from, to, what) of each include and each symbol."""
    for path in sources():
        for to in included(path):
            yield path, to, "includes it"
    defines, lacks = symbols(objects)
    for path, names in lacks.items():
        for name in names:
            if name in defines:
                yield path, defines[name], name


def wrong_edges(objects):
    for path, to, what in edges(objects):
        a, b = room_of(path), room_of(to)
        if a is None or b is None:
            yield ("no room", path if a is None else to, to, what)
        elif a < b:
            yield (f"{ROOMS[a][0]} -> {ROOMS[b][0]}", path, to, what)


def without_comments(text):
    """The same lines, without comments."""
    def blank(m):
        return m.group(0) if m.group(0)[0] == '"' else re.sub(r"[^\n]", "", m.group(0))
    return re.sub(r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/|//[^\n]*', blank, text, flags=re.S)


def word_rules(path=os.path.join(HERE, "words.txt")):
    """A line: a regular expression, tabs, and where it may stand (globs)."""
    for line in text_of(path).splitlines():
        if line and not line.startswith("#"):
            word, *where = line.split("\t")
            yield re.compile(word), " ".join(where).split()


def check_words():
    """The words out of place, and the places that no word needs any more."""
    rules = list(word_rules())
    unused = {(word.pattern, w) for word, where in rules for w in where}
    wrong = []
    for name in [*sources(), *sorted(glob.glob("include/stackinfo/*.h"))]:
        lines = without_comments(text_of(name)).splitlines()
        for word, where in rules:
            allowed = [w for w in where if fnmatch.fnmatch(name, w)]
            found = [nr for nr, line in enumerate(lines, 1) if word.search(line)]
            if found:
                unused -= {(word.pattern, w) for w in allowed}
            if not allowed:
                wrong += [f"{name}:{nr}: {word.pattern} may not stand here: "
                          f"{lines[nr - 1].strip()}" for nr in found]
    return wrong, [f"words.txt: {word}: nothing needs {where}"
                   for word, where in sorted(unused)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--objects", default="build/o")
    args = parser.parse_args()
    os.chdir(ROOT)
    wrong = sorted(set(wrong_edges(args.objects)))
    for pair, path, to, what in wrong:
        print(f"{pair}: {path}: {what} ({to})" if what != "includes it"
              else f"{pair}: {path}: includes {to}")
    words, unused = check_words()
    for line in words + unused:
        print(line)
    pairs = sorted({w[0] for w in wrong})
    print(f"direction: {len(ROOMS)} rooms, {len(wrong)} steps to the right in "
          f"{len(pairs)} pairs, {len(words)} words out of place, "
          f"{len(unused)} rows that nothing needs")
    return bool(wrong or words or unused)


if __name__ == "__main__":
    sys.exit(main())
