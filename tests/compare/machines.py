# SPDX-License-Identifier: GPL-2.0-or-later
"""As run.py, of the dumps of another machine: every CPU's chain by every tool.

usage: machines.py aarch64

Debian has crash for it in one version, which runs under qemu-user; drgn is asked on this
machine, with the full vmlinux. It names what is in modules, so dumps that it does not open,
as those of riscv64, cannot be judged here.
"""
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '../lib'), HERE]

import cli
import expect
from judge import Chain
from names import Names
from run import NOT_OPENED, Result, judge_all, table, what_is_wrong, grouped
from tools import CACHE, Crash, Drgn, FRAME, Ours
from vmcore import ElfFile, KdumpFile, Symbols, lines_of

SUITES = ('trixie', 'sid')
# What Debian calls it; where the kernel's half of its addresses begins, and user's ends.
DEBIAN = {'aarch64': 'arm64'}
KERNEL_HALF, USER_END = 1 << 63, 1 << 56


def listing(dump):
    """What has its symbols: the slim namelist, if there is one, or the full vmlinux."""
    full = os.path.join(CACHE, dump.release, 'vmlinux')
    return dump.namelist if os.path.exists(dump.namelist) else full


class Core:
    """Only what names want: there is no second reader of these page tables."""

    def __init__(self, dump):
        with open(dump.vmcore, 'rb') as f:
            kind = KdumpFile if f.read(8) == b'KDUMP   ' else ElfFile
            f.seek(0)
            info = lines_of(kind(f).info)
        self.kaslr = int(info.get('KERNELOFFSET', '0'), 16)
        self.symbols = Symbols(listing(dump))

    def symbol(self, name):
        return self.symbols.value[name] + self.kaslr


REGISTERS = re.compile(r'^ +PC: ([0-9a-f]{16}) ')


def parse_bt(text):
    """Where registers were saved, the PC is a frame, which the next line repeats."""
    frames, user, complaint = [], None, 'prints no frame'
    for line in text.splitlines():
        frame, regs = FRAME.match(line), REGISTERS.match(line)
        ip = int((frame or regs)[1], 16) if frame or regs else None
        if regs and ip < USER_END:
            user = ip
        elif ip and frames[-1:] != [ip]:
            frames.append(ip)
        elif line.startswith('bt:'):
            complaint = line.strip()
    return Chain(frames, user, None if frames or user else complaint)


class OtherCrash(Crash):
    """Debian's for the machine, in the chroot where its libraries are."""
    parse = staticmethod(parse_bt)

    def __init__(self, machine):
        self.program = (f'qemu-{machine}', f'/opt/crash-{DEBIAN[machine]}/usr/bin/crash')
        super().__init__('cross')

    def chains(self, dump):
        # Whether it opens a dump is not the kernel's doing alone.
        self.refused.clear()
        return super().chains(dump) if os.path.exists(dump.namelist) else None


class OtherDrgn(Drgn):
    user_end = USER_END


def kernel(result):
    return result.dump.release.partition('+')[0].rsplit('.', 1)[0] + (
        ', 16 KiB' if result.dump.release.endswith('-16k') else '')


def ask_all(dump, tools):
    head, truth = expect.load(dump.expect)
    dump.cpus = head['cpus']
    told = [t.answer(dump).get('modules', ()) for t in tools if isinstance(t, Drgn)]
    names = Names(Core(dump), next(filter(None, told), ()), KERNEL_HALF)
    results = [Result(dump, c, False) for c in truth if c.cpu is not None]
    for tool in tools:
        judge_all(names, results, tool)
    return results


def main():
    machine = sys.argv[1]
    tools = [Ours(), OtherCrash(machine),
             *(OtherDrgn(s, 'full vmlinux') for s in SUITES)]
    dumps = [d for d in cli.dumps(machine) if os.path.exists(listing(d))]
    with ThreadPoolExecutor(2) as pool:
        results = [r for rs in pool.map(lambda d: ask_all(d, tools), dumps) for r in rs]
    print(f'## {machine}: chains of CPUs that are exactly right\n')
    table('kernel', [*sorted(grouped(results, kernel).items()), ('all', results)], tools)
    table('dump', sorted(grouped(results, lambda r: r.dump.name).items()), tools)
    what_is_wrong(results, tools)
    left = [d.name for d in cli.dumps(machine) if not os.path.exists(listing(d))]
    if left:
        print(f'Not asked, without a vmlinux: {", ".join(left)}')


if __name__ == '__main__':
    main()
