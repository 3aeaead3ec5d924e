# SPDX-License-Identifier: GPL-2.0-or-later
"""Both front doors answer the same questions with equal documents.

Inside crash, symbols come from the namelist, types from gdb, memory from readmem(); outside,
all comes from the dump alone: kallsyms, BTF, libkdumpfile. So equal answers are two
opinions, not one. The text is compared with the same namelist given to both.
"""
import json
import os

import cli
from suite import difference

# What differs between a frame that CFI found, of which crash's namelist has some, and the
# same frame found without: how it is known, and how well. No address, no name.
CFI_ONLY = ('how', 'note', 'reliable', 'doubt')
CONFIDENCE = ('broken', 'doubtful', 'certain')


def all_chains(doc):
    for chain in doc.get('chains', ()):
        yield chain
        for part in (chain['start'].get('live'), chain['whole']):
            if part:
                yield part


def take(keys, *objects):
    for key in keys:
        for o in objects:
            o.pop(key, None)


def excuse_cfi(outside, inside):
    """Take from both documents what only CFI can tell; returns of how many frames."""
    count = 0
    for mine, theirs in zip(all_chains(outside), all_chains(inside)):
        behind = guessed = False
        for (_, a), (_, b) in zip(cli.frames_of(mine), cli.frames_of(theirs)):
            # CFI also knows the frame pointer, which the ORC rule of panic() wants.
            behind = a['how'] == 'scan' and (b['how'] == 'cfi' or (behind and b['how'] == 'orc'))
            if behind:
                count += 1
                guessed |= not a['reliable'] and b['reliable']
                take(CFI_ONLY, a, b)
            elif guessed and not a['reliable']:
                # Reached from a guess outside: less sure there, never surer.
                take(('note', 'reliable', 'doubt'), a, b)
        if guessed and (CONFIDENCE.index(mine['confidence']) <
                        CONFIDENCE.index(theirs['confidence'])):
            take(('confidence', 'confidence_why'), mine, theirs)
    return count


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
    every = cli.ask(suite, 'xbt -a -j', dump.vmcore)
    tasks = cli.ask(suite, 'xbt -A -j', dump.vmcore)
    tss = cli.ask(suite, 'tss -j', dump.vmcore)
    if not every or not tasks or not tss:
        return
    yield 'stackinfo -j', ()
    yield 'tss -j', ()
    yield 'tss -j -c 1', ()
    yield 'xbt -a -j', ()
    yield 'xbt -A -j', ()
    yield 'xbt -c 0-1 -j', ()
    for chain in tasks['chains'][::8]:
        if chain['task']['pid']:
            yield 'xbt -j', (str(chain['task']['pid']),)
        yield 'xbt -j', (chain['task']['address'],)
    words = ['init_task', 'jiffies+8', 'cpu_tss_rw:1', 'cpu_tss_rw:0', 'vfs_write', '0',
             'deadbeef', 'ffffffffffffffff', '8000000000000000']
    for chain in every['chains'] + tasks['chains'][::8]:
        for segment in chain['segments']:
            if segment['stack']['begin']:  # else on no stack
                words += [segment['stack']['begin'], segment['stack']['end']]
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


def outside_of(command):
    """The report has no name there."""
    return command.removeprefix('stackinfo').strip()


def check_text(suite, dump, session, command, *words):
    """The text of both doors, too."""
    line = ' '.join((command,) + words)
    inside = session.command(line).strip()
    # -S and its like take their value at once: the dump's name comes after.
    outside = cli.run(outside_of(command), dump.vmcore, *words, namelist=dump.namelist)
    suite.equal(f'{dump.name} {line}: text of both doors', outside.out.strip(), inside)


def check(suite, dump, session, scratch):
    count = 0
    for command, words in questions(suite, dump):
        what = f'{dump.name} {command} {" ".join(words[:2])}'
        if command.endswith('-R'):
            outside = cli.ask(suite, f'{command} {words[0]}', dump.vmcore)
        else:
            outside = cli.ask(suite, outside_of(command), dump.vmcore, *words)
        inside = ask(suite, what, session, ' '.join((command,) + words), scratch)
        if outside is None or inside is None:
            continue
        excused = excuse_cfi(outside, inside)
        # panic() and its caller, behind __crash_kexec.
        suite.check(f'{what}: frames that only CFI is sure of',
                    excused <= 2 * len(list(all_chains(inside))), 'two a chain', excused)
        found = difference(outside, inside)
        suite.check(f'{what}: equal documents', not found, 'none', f'CLI and crash: {found}')
        froms = [[c['start']['from'] for c in d.get('chains', ())] for d in (outside, inside)]
        suite.equal(f'{what}: where chains start', froms[0], froms[1])
        count += 1
    for command in ('stackinfo', 'tss', 'tss -v', 'xbt -a', 'xbt -rv -a', 'xbt -A'):
        check_text(suite, dump, session, command)
        count += 1
    for words in (('init_task', 'jiffies+8', 'cpu_tss_rw:1'), ('0', 'fffffe0000000000')):
        check_text(suite, dump, session, 'stackof -v', *words)
        check_text(suite, dump, session, 'stackof', *words)
        count += 2
    suite.note(f'{dump.name}: {count} questions put to both doors')
