# SPDX-License-Identifier: GPL-2.0-or-later
"""From nothing to a printed report: stackinfo, crash, drgn.

usage: start.py [--tasks] VMCORE SLIM_NAMELIST [VMLINUX]

--tasks: of all tasks, too. crash is this system's, drgn that of the rig's chroot of sid;
what is not there is left out, as is the full vmlinux if none is given.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
STACKINFO = os.environ.get('STACKINFO', os.path.join(TOP, 'build/stackinfo'))
CHROOT = os.path.join(TOP, 'testdata/make/chroot')
CACHE = os.environ.get('STACKINFO_RIG_CACHE', os.path.expanduser('~/.cache/stackinfo-rig'))
TIMES = int(os.environ.get('TIMES', 5))


def measure(name, times, argv, before=()):
    p = subprocess.run([*before, 'python3', os.path.join(HERE, 'measure.py'), str(times), *argv],
                       capture_output=True, text=True)
    try:
        told = json.loads(p.stdout)
    except ValueError:
        print(f'| {name} | failed: {p.stderr.strip()[-200:]} |')
        return None
    status = f', exit status {told["status"]}' if told['status'] else ''
    print(f'| {name} | {told["median"]:.3f} | {told["least"]:.3f} | {told["cpu"]:.3f} | '
          f'{told["kib"] / 1024:.0f} | {told["output"]}{status} |')
    sys.stdout.flush()
    return told


def compare(title, ours, crash_command, drgn_args, vmcore, slim, vmlinux, at):
    print(f'\n{title}\n\n| what | median s | least s | CPU s | MiB | bytes printed |\n'
          '|---|---|---|---|---|---|')
    mine = measure(f'`stackinfo {" ".join(ours)}`', TIMES * 4, [STACKINFO, *ours, vmcore])
    measure('the same, -n the slim namelist', TIMES, [STACKINFO, '-n', slim, *ours, vmcore])
    script = os.path.join(at, 'commands')
    with open(script, 'w') as f:
        f.write(f'{crash_command}\nquit\n')
    others = []
    if shutil.which('crash'):
        for name, namelist in (('slim', slim), ('full', vmlinux)):
            if namelist:
                others.append(measure(f'crash, {name} namelist: `{crash_command}`', TIMES,
                                      ['crash', '-s', '-i', script, namelist, vmcore]))
    if vmlinux and os.path.exists(os.path.join(CACHE, 'chroot/sid/.done')):
        others.append(measure('drgn, full namelist', TIMES,
                              ['drgn', '-q', '-c', vmcore, '-s', vmlinux,
                               os.path.join(HERE, 'drgn_traces.py'), *drgn_args],
                              [CHROOT, 'sid', 'run']))
    if mine:
        print('\nstackinfo is faster by: ' +
              ', '.join(f'{o["median"] / mine["median"]:.0f}' for o in others if o))


def main():
    argv = sys.argv[1:]
    tasks = argv[:1] == ['--tasks']
    argv = argv[tasks:] + [None]
    vmcore, slim, vmlinux = argv[:3]
    with tempfile.TemporaryDirectory() as at:
        compare('Start, every CPU', [], 'bt -a', [], vmcore, slim, vmlinux, at)
        if tasks:
            compare('Start, every task', ['xbt', '-A'], 'foreach bt', ['all'], vmcore, slim,
                    vmlinux, at)


if __name__ == '__main__':
    main()
