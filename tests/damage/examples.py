# SPDX-License-Identifier: GPL-2.0-or-later
"""examples.py DAMAGE DUMPS: changes of words that once gave wrong chains without a doubt.

Each must be seen in the chain that is named, where it first is wrong: not only further
on (weak). The addresses are those of a bundled dump.
"""
import subprocess
import sys

EXAMPLES = (
    # dump, words, whose chain, what it was that looked certain
    ('6.1-nmi-panic', ['1b41bf58=ff50c7f78015fe10'], ['0'],
     'an idle task shown asleep on the stack of PID 42'),
    ('6.1-nmi-panic', ['1e705ff8=ff50c7f780063f08'], ['cpu', '1'],
     'the interrupt of PID 223 goes on in the kthread with PID 11'),
    ('6.1-nmi-panic', ['1b2fbeb8=ff50c7f780117e60'], ['cpu', '1'],
     "an ORC step goes to another task's stack"),
    ('6.1-nmi-panic', ['1b2fbfe0=10', '1b2fbfd8=ffffffff9ca52e2a',
                       '1b2fbff0=ff50c7f780083ed0'], ['cpu', '1'],
     "the user's pt_regs lead to another task's stack"),
    ('6.1-nmi-panic', ['1e70fe38=ffffffffc0368f78'], ['cpu', '1'],
     'a return address has one bit more, and no call before it'),
    ('6.1-nmi-panic', ['1e71fb80=ff1d538edcfc0000'], ['cpu', '1'],
     'a CPU whose current task sleeps'),
    ('riscv64/rv-5.10-sysrq', ['810cff88=ffffffe0002017a8'], ['cpu', '7'],
     'an entry from user mode in the middle of a stack, its registers beyond the end'),
)


def main():
    damage, dumps = sys.argv[1:]
    failed = 0
    for dump, words, who, text in EXAMPLES:
        done = subprocess.run([damage, f'{dumps}/{dump}/vmcore', '--try', *words, *who],
                              capture_output=True, text=True, timeout=120, check=False)
        # The last lines are the verdicts, one for each chain that is not the true one.
        verdicts = [line for line in done.stdout.splitlines() if line.startswith('    ')
                    and line.split()[0] in ('doubt', 'lost', 'told', 'weak', 'strong')]
        if done.returncode or not verdicts or any(' weak ' in f' {v} ' for v in verdicts):
            failed += 1
            print(f'{dump}: {" ".join(words)}: {text}')
            print(done.stderr + '\n'.join(verdicts or ['    nobody noticed']))
    print(f'{len(EXAMPLES) - failed} of {len(EXAMPLES)} examples are told')
    return 1 if failed else 0


sys.exit(main())
