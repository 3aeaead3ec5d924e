# SPDX-License-Identifier: GPL-2.0-or-later
"""log against NAME.log: the end of what makedumpfile --dump-dmesg, or crash, said."""
import re

import cli

CALLER = re.compile(r'^\[ *\d+\.\d+\] \[ +[TC]\d+\] ')
# crash 8.0.2 prints all of 5.10's log, and then stumbles.
STUMBLED = '/crash] error trace: '


def check(suite, dump):
    with open(dump.log, newline='\n') as f:
        wanted = f.read().splitlines()
    stumbled = next((i for i, line in enumerate(wanted) if STUMBLED in line), None)
    wanted = wanted[:stumbled]
    # Newer versions of makedumpfile print the caller as well.
    command = 'log -c' if CALLER.match(wanted[0]) else 'log'
    r = cli.run(command, dump.vmcore)
    suite.equal(f'{dump.name} {command}: exit status', 0, r.status)
    told = r.out.splitlines() or ['']
    suite.contains(f'{dump.name} {command}: begins with the boot', 'Linux version',
                   '\n'.join(told[:2]))
    suite.check(f'{dump.name} {command}: there is more before', len(told) > len(wanted),
                f'more than {len(wanted)} lines', len(told))
    for i, (want, got) in enumerate(zip(wanted, told[-len(wanted):])):
        suite.equal(f'{dump.name} {command}: line {i + 1} of the end', want, got)
    suite.equal(f'{dump.name} log: with and without the caller', len(told),
                len(cli.run('log', dump.vmcore).out.splitlines()))
    suite.note(f'{dump.name}: {len(told)} lines of log, {len(wanted)} compared')
