# SPDX-License-Identifier: GPL-2.0-or-later
"""Both front doors answer the same questions with equal documents.

Inside crash, types come from gdb and memory from readmem(); outside, from BTF and
libkdumpfile. So equal answers are two opinions, not one.
"""
import json
import os

import cli
from suite import difference

# What may differ, as a function that makes it equal. Both are given the same namelist,
# so both have DWARF CFI: nothing is known to differ.
def allowed(doc):
    return doc


def load(suite, what, path):
    """The one document in a file that crash wrote."""
    try:
        with open(path) as f:
            return json.load(f)
    except (OSError, ValueError) as e:
        suite.check(f'{what}: one JSON document', False, 'JSON', e)
        return None


def ask(suite, what, session, question, scratch):
    """A command's JSON, through "> file", as a user would save it."""
    path = os.path.join(scratch, 'answer')
    if os.path.exists(path):
        os.unlink(path)
    said = session.command(f'{question} > {path}')
    suite.equal(f'{what}: nothing on the terminal when "> file" is given', '', said.strip())
    return load(suite, what, path)


def questions(suite, dump):
    """(command, arguments): of every stack, of tasks, of symbols."""
    every = cli.ask(suite, 'xbt -a -j', dump.vmcore, namelist=dump.namelist)
    tasks = cli.ask(suite, 'xbt -A -j', dump.vmcore, namelist=dump.namelist)
    tss = cli.ask(suite, 'tss -j', dump.vmcore, namelist=dump.namelist)
    if not every or not tasks or not tss:
        return
    yield 'tss -j', ()
    yield 'tss -j -c 1', ()
    yield 'xbt -a -j', ()
    yield 'xbt -A -j', ()
    yield 'xbt -c 0-1 -j', ()
    for chain in tasks['chains'][::8]:
        if chain['task']['pid']:
            yield 'xbt -j', (str(chain['task']['pid']),)
        yield 'xbt -j', (chain['task']['address'],)
    words = ['init_task', 'jiffies+8', 'current_task:1', 'cpu_tss_rw:0', 'vfs_write', '0',
             'deadbeef', 'ffffffffffffffff', '8000000000000000']
    for chain in every['chains'] + tasks['chains'][::8]:
        for segment in chain['segments']:
            for name in ('begin', 'end'):
                words.append(segment['stack'][name])
            words += [f['return_address_at'] for f in segment['frames'][:4]
                      if f['return_address_at']]
    for slot in (s for t in tss['tss'] for s in t['slots'] if s['stack']):
        for base in (slot['stack']['begin'], slot['stack']['percpu'] or slot['value']):
            words += [hex(cli.number(base) + d & (1 << 64) - 1) for d in (-1, 0, 8, 4095)]
    for i in range(0, len(words), 40):  # crash takes 100 words at most
        yield 'stackof -j', tuple(words[i:i + 40])
    for chain in every['chains']:
        for _, frame in cli.frames_of(chain):
            if frame['regs_at']:
                yield 'xbt -j -R', (frame['regs_at'],)


def check_text(suite, dump, session, command, *words):
    """The text of both doors, too."""
    line = ' '.join((command,) + words)
    inside = session.command(line).strip()
    # -S and its like take their value at once: the dump's name comes after.
    outside = cli.run(command, dump.vmcore, *words, namelist=dump.namelist)
    suite.equal(f'{dump.name} {line}: text of both doors', outside.out.strip(), inside)


def check(suite, dump, session, scratch):
    count = 0
    for command, words in questions(suite, dump):
        what = f'{dump.name} {command} {" ".join(words[:2])}'
        if command.endswith('-R'):
            outside = cli.ask(suite, f'{command} {words[0]}', dump.vmcore,
                              namelist=dump.namelist)
        else:
            outside = cli.ask(suite, command, dump.vmcore, *words, namelist=dump.namelist)
        inside = ask(suite, what, session, ' '.join((command,) + words), scratch)
        if outside is None or inside is None:
            continue
        found = difference(allowed(outside), allowed(inside))
        suite.check(f'{what}: equal documents', not found, 'none', f'CLI and crash: {found}')
        froms = [[c['start']['from'] for c in d.get('chains', ())] for d in (outside, inside)]
        suite.equal(f'{what}: where chains start', froms[0], froms[1])
        count += 1
    for command in ('tss', 'tss -v', 'xbt -a', 'xbt -rv -a', 'xbt -A'):
        check_text(suite, dump, session, command)
        count += 1
    for words in (('init_task', 'jiffies+8', 'current_task:1'), ('0', 'fffffe0000000000')):
        check_text(suite, dump, session, 'stackof -v', *words)
        check_text(suite, dump, session, 'stackof', *words)
        count += 2
    suite.note(f'{dump.name}: {count} questions put to both doors')
