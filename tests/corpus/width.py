# SPDX-License-Identifier: GPL-2.0-or-later
"""No line is wider than a terminal that many people have."""
import cli

COLUMNS = 100
COMMANDS = ('', 'xbt -a', 'xbt -A -v', 'xbt -a -r -v', 'xbt -A -g', 'tss', 'tss -v', 'stackof -m',
            'stackof -m -v')
# One of each kernel, with chains over many stacks.
DUMPS = ('5.10-multi', '6.1-nmi-panic', '6.12-oops-irq', '7.3-multi3')


def check(suite, dump):
    with cli.keep(dump.vmcore):
        check_lines(suite, dump)


def check_lines(suite, dump):
    for command in COMMANDS:
        lines = cli.run(command, dump.vmcore).out.splitlines()
        suite.check(f'{dump.name} {command}: an answer', len(lines) > 5, 'lines', lines)
        suite.equal(f'{dump.name} {command}: lines that are too wide', [],
                    [line for line in lines if len(line) > COLUMNS])
