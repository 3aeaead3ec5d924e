# SPDX-License-Identifier: GPL-2.0-or-later
"""run.py [--afl] [--seconds N] [--hours N] FOLDER TARGET... - fuzzers, in turns.

FOLDER has the programs, one for each target; FOLDER/../fuzz/seeds/ their first inputs. What
leads to new code is kept in FOLDER/corpus/, a find as FOLDER/TARGET-crash-... With --hours
the turns, of --seconds each, begin anew until these are over.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
# Whole commands take a hundred times as long as any reader, and have as much more time.
LONGER = {'commands': 8}
# libkdumpfile loses memory, and asks for what a header says.
OPTIONS = {'commands': ['-max_len=602'],
           'debuginfo': ['-max_len=65536'],
           'dump': ['-max_len=32768', '-detect_leaks=0', '-malloc_limit_mb=4000000'],
           'decode': ['-max_len=256']}


def dictionary(target):
    path = HERE / 'dictionaries' / target
    return path if path.exists() else None


def lib_fuzzer(folder, target, seconds):
    """How many inputs were tried; None: one of them is a find."""
    corpus = folder / 'corpus' / target
    corpus.mkdir(parents=True, exist_ok=True)
    words = dictionary(target)
    log = folder / f'{target}.log'
    found = HERE / 'found' / target
    with open(log, 'wb') as err:
        p = subprocess.run(
            [folder / target, f'-max_total_time={seconds}', '-timeout=20', '-max_len=8192',
             *OPTIONS.get(target, []), '-print_final_stats=1',
             f'-artifact_prefix={folder}/{target}-', *([f'-dict={words}'] if words else []),
             corpus, seeds_of(folder) / target, *([found] if found.exists() else [])],
            stdin=subprocess.DEVNULL, stderr=err, check=False)
    text = log.read_text(errors='replace')
    if p.returncode:
        print(text[-4000:])
        return None
    return int(re.search(r'number_of_executed_units: *(\d+)', text)[1])


def afl(folder, target, seconds):
    out = folder / 'out' / target
    out.mkdir(parents=True, exist_ok=True)
    words = dictionary(target)
    env = dict(os.environ, AFL_SKIP_CPUFREQ='1', AFL_NO_AFFINITY='1', AFL_NO_UI='1',
               AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES='1', AFL_AUTORESUME='1')
    # It refuses to begin with options of sanitizers that lack these.
    for name in 'ASAN_OPTIONS', 'LSAN_OPTIONS', 'UBSAN_OPTIONS':
        if name in env:
            env[name] += ':symbolize=0:abort_on_error=1'
    with open(folder / f'{target}.log', 'wb') as log:
        p = subprocess.run(
            ['afl-fuzz', '-V', str(seconds), '-t', '20000', '-m', 'none', '-i',
             seeds_of(folder) / target, '-o', out, *(['-x', words] if words else []), '--',
             folder / target],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, check=False)
    stats = out / 'default/fuzzer_stats'
    if p.returncode or not stats.exists():
        sys.exit((folder / f'{target}.log').read_text(errors='replace')[-4000:] +
                 f'\n{target}: afl-fuzz did not run')
    text = stats.read_text()
    if int(re.search(r'(?:saved|unique)_crashes\s*: (\d+)', text)[1]):
        print(f'{target}: see {out}/default/crashes')
        return None
    return int(re.search(r'execs_done\s*: (\d+)', text)[1])


def seeds_of(folder):
    return folder.parent / 'fuzz/seeds'


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--afl', action='store_true')
    parser.add_argument('--seconds', type=int, default=60)
    parser.add_argument('--hours', type=float, default=0)
    parser.add_argument('folder', type=pathlib.Path)
    parser.add_argument('targets', nargs='+')
    args = parser.parse_args()
    end = time.monotonic() + args.hours * 3600
    run = afl if args.afl else lib_fuzzer
    tried = dict.fromkeys(args.targets, 0)
    finds = 0
    while True:
        for target in args.targets:
            seconds = args.seconds * (LONGER.get(target, 1) if args.hours else 1)
            nr = run(args.folder, target, seconds)
            finds += nr is None
            tried[target] += nr or 0
            print(f'fuzz {target}: inputs tried: {"a find" if nr is None else nr}', flush=True)
            if args.hours and time.monotonic() >= end:
                break
        if time.monotonic() >= end:
            break
    if args.hours:
        print(''.join(f'fuzz: {nr:12} {target}\n' for target, nr in tried.items()) +
              f'fuzz: {sum(tried.values()):12} in all, {finds} finds')
    return finds > 0


if __name__ == '__main__':
    sys.exit(main())
