# SPDX-License-Identifier: GPL-2.0-or-later
"""How fast the map is, and how it compares with crash's own answer to the same question.

Prints; decides nothing: how long something takes is no matter of right or wrong. Both
sides of a ratio are measured in one run, one after the other, in the same crash.
"""
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys

ADDRESSES = 2000


def bench(program, dump):
    """The library alone: NAME VALUE UNIT a line."""
    out = subprocess.run([program, dump], check=True, capture_output=True, text=True).stdout
    for line in out.splitlines():
        name, value, unit = line.split(None, 2)
        print(f'{name:22} {float(value):14,.3f} {unit}'.replace('.000 ', '     '))


COMMANDS = [], ['xbt', '-a'], ['xbt', '-A'], ['xbt', '-A', '-j'], ['xbt', '-A', '-g'], \
    ['stackof', '-m']
RUNS = 3


def floor(program, dump):
    """Commands beside what unpacking their pages once costs: the least of some runs."""
    print(f'\n{"command":22} {"CPU s":>8} {"floor s":>8} {"ratio":>6} {"pages":>8} '
          f'{"of them":>8} {"MiB":>5}')
    for command in COMMANDS:
        lines = [subprocess.run([program, *command, dump], check=True, capture_output=True,
                                text=True).stdout.split() for _ in range(RUNS)]
        took, least = (min(float(line[i]) for line in lines) for i in (0, 1))
        reads, pages, mib = lines[0][3:]
        print(f'{" ".join(command) or "(report)":22} {took:8.3f} {least:8.3f} '
              f'{took / least:6.2f} {reads:>8} {pages:>8} {mib:>5}')


def within(function, argv):
    """Instructions until @function returns."""
    counted = subprocess.run(['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null',
                              f'--toggle-collect={function}', *argv], check=True, text=True,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE).stderr
    return int(re.search(r'Collected *: *(\d+)', counted).group(1))


def instructions(program, dump):
    """The same, whatever else the machine does: the answer is main(), the floor comes then."""
    if not shutil.which('valgrind'):
        return
    print(f'\n{"command":22} {"M instr":>8} {"floor M":>8} {"ratio":>6}')
    for command in COMMANDS:
        argv = [program, *command, dump]
        answer = within('main', argv)
        least = within('__wrap_main', argv) - answer
        print(f'{" ".join(command) or "(report)":22} {answer / 1e6:8.1f} {least / 1e6:8.1f} '
              f'{answer / least:6.2f}')


def stack_addresses(stackinfo, dump):
    """Some addresses on tasks' stacks, spread over all tasks."""
    out = subprocess.run([stackinfo, 'xbt', '-A', '-j', dump], capture_output=True, text=True)
    begins = sorted({segment['stack']['begin'] for chain in json.loads(out.stdout)['chains']
                     for segment in chain['segments'] if segment['stack']['kind'] == 'TASK'})
    chooser = random.Random(1)
    return [hex(int(b, 16) + chooser.randrange(0, 0x4000, 8))[2:]
            for b in chooser.sample(begins, min(ADDRESSES, len(begins)))]


def crash(extension, namelist, dump, lines):
    """Seconds of CPU time: others may be busy, too."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(['crash', '-s', namelist, dump], text=True, check=True,
                   input='\n'.join([f'extend {extension}', *lines, 'quit', '']),
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    program, beside, stackinfo, extension, namelist, dump = sys.argv[1:]
    bench(program, dump)
    floor(beside, dump)
    instructions(beside, dump)
    if not os.path.exists(namelist):
        print(f'no comparison with crash: {namelist} is not there')
        return
    addresses = stack_addresses(stackinfo, dump)
    # Both know the machine before the clock counts: one address of each in any case.
    first = [f'kmem {addresses[0]}', f'stackof {addresses[0]}']
    start = min(crash(extension, namelist, dump, first) for _ in range(2))
    took = {}
    for command in 'kmem', 'stackof':
        lines = [f'{command} {a}' for a in addresses]
        took[command] = max(1e-6, crash(extension, namelist, dump, first + lines) - start)
        print(f'crash_{command:16} {took[command] / len(addresses) * 1e6:14,.0f} '
              'microseconds per address')
    print(f'ratio kmem/stackof     {took["kmem"] / took["stackof"]:14,.1f}')


if __name__ == '__main__':
    main()
