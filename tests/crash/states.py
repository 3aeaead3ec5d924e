# SPDX-License-Identifier: GPL-2.0-or-later
"""States of tasks: those that crash's ps and foreach tell."""
import re

import cli

# Of ps; a task that is being woken is WA there.
CODES = {'RU': 'R', 'WA': 'R', 'IN': 'S', 'UN': 'D', 'ST': 'T', 'TR': 't', 'ZO': 'Z', 'DE': 'X',
         'PA': 'P', 'ID': 'I', 'NE': 'new'}


def of_ps(session):
    """By the task's address."""
    return {task: CODES[code] for task, code in
            re.findall(r'^[> ]\s*\d+\s+\d+\s+\d+\s+([0-9a-f]{16})\s+([A-Z]{2})\s',
                       session.command('ps'), re.M)}


def check(suite, dump, session):
    doc = cli.ask(suite, 'xbt -A -j', dump.vmcore)
    if not doc:
        return
    ours = {c['task']['address'][2:]: c['task']['state'] for c in doc['chains']}
    theirs = of_ps(session)
    # With a slim namelist crash knows all tasks of 5.10 only, of others those that run.
    least = 20 if dump.version < (6, 0) else 2
    suite.check(f'{dump.name}: crash tells states', len(theirs) >= least, least, len(theirs))
    suite.equal(f'{dump.name}: states that differ from those of ps', {},
                {t: (theirs[t], ours[t]) for t in ours if t in theirs and ours[t] != theirs[t]})
    told = session.command('foreach kernel task -R pid')
    # Idle tasks apart: xbt -A leaves those of CPUs that are offline out.
    suite.equal(f'{dump.name}: kernel threads',
                sorted(re.findall(r'PID: [1-9]\d*\s+TASK: ([0-9a-f]+)', told)),
                sorted(c['task']['address'][2:] for c in doc['chains']
                       if c['task']['kernel_thread'] and c['task']['pid']
                       and c['task']['address'][2:] in theirs))
