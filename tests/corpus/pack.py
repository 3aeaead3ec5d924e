# SPDX-License-Identifier: GPL-2.0-or-later
"""The small dump that pack makes of a dump: each command answers as on the whole one."""
import contextlib
import os
import re

import cli

QUESTIONS = ('', '-j', 'xbt', 'xbt -a -v', 'xbt -a -f', 'tss -v', 'tss -j', 'xbt -A -v',
             'xbt -A -j', 'stackof -m -v', 'stackof -m -j', 'log -c', 'oops', 'oops -v -j',
             'xbt -A -T', 'stackof -l')
# One of each kernel, and one that QEMU wrote; all of them, by "make check-pack", take long.
SAMPLE = ('5.10-guard', '6.1-irq-panic', '6.1-fp-nmi-panic', '6.1-entry-pf', '6.12-oops-irq',
          '7.3-nonote')
ALL = os.environ.get('PACK') == 'all'
# Under sanitizers one takes half a minute, else a few seconds.
SANITIZED = '6.1-irq-panic'
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


def dumps():
    return [d for d in cli.dumps() if ALL or d.name in SAMPLE]


def check(suite, dump, at):
    with contextlib.nullcontext() if dump.name == SANITIZED else cli.unsanitized():
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
