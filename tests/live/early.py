# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernels that die early in boot: stopped by QEMU at the first instruction of a function.

usage: early.py STACKINFO KERNEL VMLINUX INITRD NAMELIST

What each stop must tell is in STOPS; the truth is where QEMU stopped, and the order in
which init/main.c calls. The serial port's log and the dump go to a temporary directory.
"""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '../lib')]

import cli
from suite import Suite
from vmcore import Symbols

# (function, CPUs online, functions that must call it, innermost first)
STOPS = (('start_kernel', 0, None),                     # no CPU is online yet
         ('trap_init', 1, ['start_kernel']),            # the boot CPU alone, on init's stack
         ('rest_init', 1, ['start_kernel']),
         ('smp_init', 1, ['kernel_init_freeable', 'kernel_init', 'ret_from_fork']),
         ('populate_rootfs', 2,                         # VMCOREINFO is written, no user mode
          ['do_one_initcall', 'kernel_init_freeable', 'kernel_init', 'ret_from_fork']))


class Stub:
    """QEMU's gdbstub: as much of it as stops a guest."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        while True:
            try:
                self.sock.connect(path)
                break
            except OSError:
                time.sleep(0.1)
        self.buf = b''

    def ask(self, text):
        data = text.encode()
        self.sock.sendall(b'$%s#%02x' % (data, sum(data) & 255))
        while not (match := re.search(rb'\$([^#]*)#..', self.buf)):
            self.buf += self.sock.recv(65536)
        self.buf = self.buf[match.end():]
        self.sock.sendall(b'+')
        return match.group(1).decode()


def stop(kernel, initrd, address, at):
    """Boots, stops at the address; returns the dump's path."""
    gdb, monitor, dump = (os.path.join(at, x) for x in ('gdb', 'monitor', 'vmcore'))
    qemu = subprocess.Popen(
        ['qemu-system-x86_64', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2',
         '-nodefaults', '-display', 'none', '-no-reboot', '-m', '256', '-S', '-kernel', kernel,
         '-initrd', initrd, '-append', 'no_timer_check nokaslr panic=0',
         '-gdb', f'unix:{gdb},server=on,wait=off', '-monitor', f'unix:{monitor},server=on,wait=off'])
    try:
        stub = Stub(gdb)
        stub.sock.settimeout(120)
        stub.ask(f'Z1,{address:x},1')
        stub.ask('c')
        subprocess.run(['socat', '-t', '60', '-', f'UNIX-CONNECT:{monitor}'], text=True,
                       input=f'dump-guest-memory {dump}\nquit\n', stdout=subprocess.DEVNULL)
        qemu.wait(60)
    finally:
        qemu.kill()
    return dump


def check(suite, stackinfo, what, stop_at, online, callers, dump, namelist):
    argv = [stackinfo, *(['-n', namelist] if namelist else []), 'xbt', '-a', '-j', dump]
    p = subprocess.run(argv, capture_output=True, text=True)
    if not namelist and p.returncode == 3:
        suite.contains(f'{what}: what is missing', '-n VMLINUX', p.stderr)
        return
    doc = json.loads(p.stdout)
    suite.equal(f'{what}: CPUs', online, len(doc['chains']))
    if callers is None:
        suite.contains(f'{what}: says so', 'no CPU is online', p.stderr)
        return
    suite.contains(f'{what}: is told of VMCOREINFO', 'no VMCOREINFO', p.stderr)
    chains = [[f['function'] for _, f in cli.frames_of(c)] for c in doc['chains']]
    mine = next((c for c in chains if c[:1] == [stop_at]), [])
    suite.equal(f'{what}: the chain, callers', callers,
                [f for f in mine if f in callers])
    for chain in doc['chains']:
        suite.check(f'{what}: CPU {chain["cpu"]} ends well', chain['end']['ok'], True,
                    chain['end'])


def main():
    stackinfo, kernel, vmlinux, initrd, namelist = sys.argv[1:]
    suite = Suite('early')
    symbols = Symbols(vmlinux)
    for function, online, callers in STOPS:
        with tempfile.TemporaryDirectory() as at:
            dump = stop(kernel, initrd, symbols.value[function], at)
            for path in (namelist, None):
                what = f'{function}, {"with" if path else "without"} a namelist'
                check(suite, stackinfo, what, function, online, callers, dump, path)
    return suite.end()


if __name__ == '__main__':
    sys.exit(main())
