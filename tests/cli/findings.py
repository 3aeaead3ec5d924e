# SPDX-License-Identifier: GPL-2.0-or-later
"""Each finding is in the manual page, with the severity that its row has; and words of a
dump that are changed are found, each by its own finding and by no other."""
import glob
import os
import re

import cli
from kdump_damage import Damage
from vmcore import Vmcore, symbols_of

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..')
SEVERITIES = 'fatal', 'damage', 'suspicious', 'notice'


def rows():
    """What the rows of the table say, by their sources."""
    found = {}
    for path in glob.glob(os.path.join(ROOT, 'src/report/findings/*.c')):
        with open(path) as f:
            for row_id, severity in re.findall(
                    r'\.id = "([^"]+)",\s*\.severity = STK_SEVERITY_([A-Z]+)', f.read()):
                found[row_id] = severity.lower()
    return found


def named_rows():
    """How many rows the table has."""
    with open(os.path.join(ROOT, 'src/report/findings/findings.c')) as f:
        table = f.read().partition('*const all[] = {')[2].partition('};')[0]
    return len(re.findall(r'&stk_finding_\w+', table))


def documented():
    """Of each entry of the section its id, its first severity, and its text."""
    with open(os.path.join(ROOT, 'man/stackinfo.8.in')) as f:
        section = f.read().partition('\n.SH FINDINGS\n')[2].partition('\n.SH ')[0]
    return {m[0].replace('\\-', '-'): (m[1], m[2]) for m in re.findall(
        r'^\.TP\n\.BR? ([a-z0-9\\-]+) "? ?\(([a-z]+)[^\n]*\n(.*?)(?=^\.TP\n|^\.PP\n|\Z)',
        section, re.S | re.M)}


def check_manual(suite):
    of_source, of_page = rows(), documented()
    suite.equal('findings: each row is in the table', named_rows(), len(of_source))
    suite.check('findings: there are some', len(of_source) > 8, '> 8', of_source)
    suite.equal('findings: the manual has each, and no other', sorted(of_source), sorted(of_page))
    for row_id, severity in of_source.items():
        told, text = of_page.get(row_id, ('', ''))
        suite.equal(f'findings: {row_id}: severity', severity, told)
        suite.check(f'findings: {row_id}: what is none', 'Not' in text, '"Not …"', text)


GARBAGE = 0x4141414141414141
IST1_IN_TSS = 36 + 8  # struct x86_hw_tss: the NMI's


def frames_of_task(chain):
    """Those of the panicking task's own stack, innermost first."""
    return [f for s in (chain['whole'] or chain)['segments'] if s['stack']['kind'] == 'TASK'
            for f in s['frames']]


def is_proven(frame):
    """The call before its return address reaches the function below."""
    return {'what': 'target', 'agrees': True} in frame['witnesses']


def damages(core, doc):
    """Of each case the words that are changed (address, value, bytes), which finding that
    makes, on which CPU or of which task, and what its text has."""
    dead = next(c for c in doc['chains'] if c['cpu'] == doc['panic_cpu'])
    other = next(c['cpu'] for c in doc['chains']
                 if c['end']['reason'] == 'user' and not c['segments'])
    cpu, frames = dead['cpu'], frames_of_task(dead)
    callee, caller = next(pair for pair in zip(frames, frames[1:])
                          if is_proven(pair[0]) and pair[1]['return_address_at'])
    slot = int(caller['return_address_at'], 16)
    sleeper = next(t for t in cli.run('stackof -m -j', core.path).json()['stacks']
                   if t['stack']['kind'] == 'TASK' and t['task'] and t['task']['state_name'] == 'sleeping')
    base = int(sleeper['stack']['begin'], 16)
    mark = [core.percpu('hardirq_stack_inuse', n) for n in (cpu, other)]
    return [
        ((slot, GARBAGE, 8), 'return-address-overwritten', cpu,
         f'CPU {cpu}: at {slot:#x}, where {callee["function"]}+'),
        ((mark[0], 0, 1), 'irq-stack-mark', cpu, f'the chain of CPU {cpu} is on its IRQ stack'),
        ((mark[1], 1, 1), 'irq-stack-mark', other, f'CPU {other} marks its IRQ stack as in use'),
        ((base, GARBAGE, 8), 'stack-end-overwritten', None, f'PID {sleeper["task"]["pid"]} '),
        ((core.percpu('cpu_tss_rw', cpu) + IST1_IN_TSS, GARBAGE, 8), 'tss-deviation', cpu,
         f"CPU {cpu}: the TSS's ist[1] is {GARBAGE:#x}: "),
    ]


def check_damaged(suite, at, kdump):
    core = Vmcore(kdump.vmcore, symbols_of(kdump.namelist))
    doc = cli.ask(suite, '-j', kdump.vmcore)
    sound = {f['id'] for f in doc['findings']}
    path = os.path.join(at, 'vmcore')
    for (addr, value, size), row_id, cpu, text in damages(core, doc):
        damage = Damage(kdump.vmcore, path)
        damage.patch(core.translate(addr), value.to_bytes(size, 'little'))
        damage.write()
        found = cli.run('-j', path).json()['findings']
        new = [f for f in found if f['id'] not in sound]
        # A frame that is lost is one that the log has and the stack has not.
        if row_id == 'return-address-overwritten':
            new = [f for f in new if f['id'] not in ('log-differs-from-stack', 'two-signatures')]
        suite.check(f'{row_id}: by one word', [f['id'] for f in new] == [row_id] and
                    new[0]['cpu'] == cpu and text in new[0]['text'], (row_id, cpu, text), new)
    core.close()


def check(suite, at, kdump):
    check_manual(suite)
    check_damaged(suite, at, kdump)
