# SPDX-License-Identifier: GPL-2.0-or-later
"""The small dump that pack makes of a dump: each command answers as on the whole one."""
import contextlib
import os
import re

import cli

QUESTIONS = ('', '-j', 'xbt', 'xbt -a -v', 'xbt -a -f', 'tss -v', 'tss -j', 'xbt -A -v',
             'xbt -A -j', 'stackof -m -v', 'stackof -m -j', 'log -c', 'oops', 'oops -v -j',
             'xbt -A -T', 'stackof -l')
# One of each kernel, one that QEMU wrote, one that is small already; all of them, by
# "make check-pack", take long.
SAMPLE = ('5.10-guard', '6.1-nmi-panic', '6.1-fp-nmi-panic', '6.1-entry-pf', '6.12-oops-irq',
          '7.3-nonote')
ALL = os.environ.get('PACK') == 'all'
# Under sanitizers one takes half a minute, else a few seconds: one of each machine is.
SANITIZED = ('6.1-nmi-panic', 'a64-6.12-multi', 'rv-6.12-multi')
MOST_BYTES = 8 << 20


def pack(suite, dump, at, *options):
    """The path of the small dump, and what was said of it."""
    small = os.path.join(at, 'small')
    doc = cli.ask(suite, 'pack -j', dump.vmcore, '-o', small, *options)
    return small, doc and doc['packed']


def same(suite, dump, small, question, *words):
    """Only what names the file may differ."""
    whole, part = (cli.run(question, path, *words) for path in (dump.vmcore, small))
    name = f'{dump.name} {question} {" ".join(words)}'
    suite.equal(f'{name}: exit status', whole.status, part.status)
    suite.check(f'{name}: an answer', whole.out)
    for a, b in zip(whole.out.splitlines(), part.out.splitlines()):
        if not suite.equal(name, a, b):
            break
    suite.equal(f'{name}: how much', len(whole.out), len(part.out))
    # A warning of the file is not one of the small one, which has what was found.
    if not re.search(re.escape(dump.vmcore) + '|in its memory|VMCOREINFO', whole.err):
        suite.equal(f'{name}: complaints', whole.err, part.err)


def places(dump):
    """The ends of stacks, what is beside those of a CPU, wherever their memory is mapped,
    and of some pages the first byte."""
    found, below = set(), set()
    for row in cli.run('stackof -m -j', dump.vmcore).json()['stacks']:
        begin, end = (cli.number(row['stack'][w]) for w in ('begin', 'end'))
        found |= {begin, end - 1}
        if row['stack']['cpu'] is not None:
            found |= {begin - 1, end}
            below.add(begin)
    doc = cli.run('stackof -j', dump.vmcore, *map(hex, sorted(found))).json()
    for answer in doc['addresses']:
        found |= {cli.number(a['address']) & -4096 for a in answer['aliases']}
        if cli.number(answer['address']) in below:
            found |= {cli.number(a['address']) - 1 for a in answer['aliases']}
    return sorted(found)


def dumps():
    return [d for d in cli.dumps() if ALL or d.name in SAMPLE]


def asked(dump):
    return contextlib.nullcontext() if dump.name in SANITIZED else cli.unsanitized()


def check(suite, dump, at):
    with asked(dump):
        check_answers(suite, dump, at)


def check_answers(suite, dump, at):
    small, told = pack(suite, dump, at)
    if not told:
        return
    suite.equal(f'{dump.name}: its size', os.path.getsize(small), told['bytes'])
    suite.check(f'{dump.name}: a small one', told['bytes'] < MOST_BYTES, MOST_BYTES, told['bytes'])
    suite.equal(f'{dump.name}: nothing is left out', [], told['left_out'])
    with cli.keep(dump.vmcore), cli.keep(small):
        for question in QUESTIONS:
            same(suite, dump, small, question)
        same(suite, dump, small, 'stackof -v', 'init_task', 'jiffies+8', 'cpu_tss_rw:1',
             'vfs_write', *map(hex, places(dump)))
