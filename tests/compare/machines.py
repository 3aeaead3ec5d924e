# SPDX-License-Identifier: GPL-2.0-or-later
"""As run.py, of the dumps of another machine: every CPU's chain by every tool.

usage: machines.py aarch64|riscv64

Debian has crash for it in one version, which runs under qemu-user; drgn is asked on this
machine, with the full vmlinux, where it knows the other's page tables. One of them names
what is in modules, so dumps that neither opens cannot be judged here.
"""
import bisect
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
# What Debian calls it, and in which releases drgn translates its addresses.
DEBIAN = {'aarch64': 'arm64', 'riscv64': 'riscv64'}
DRGN_IN = {'aarch64': SUITES, 'riscv64': ()}
# Where the kernel's half of its addresses begins, and user's ends.
KERNEL_HALF, USER_END = 1 << 63, 1 << 56


def listing(dump):
    """What has its symbols: the slim namelist, if there is one, or the full vmlinux."""
    full = os.path.join(CACHE, dump.release, 'vmlinux')
    return dump.namelist if os.path.exists(dump.namelist) else full


def is_name(symbol):
    """Not a label, nor a mark of where there is code or data (arm64's and riscv64's ELF)."""
    return symbol[:1] not in ('.', '$')


class Core:
    """Only what names want: there is no second reader of these page tables."""

    def __init__(self, dump):
        with open(dump.vmcore, 'rb') as f:
            kind = KdumpFile if f.read(8) == b'KDUMP   ' else ElfFile
            f.seek(0)
            info = lines_of(kind(f).info)
        self.kaslr = int(info.get('KERNELOFFSET', '0'), 16)
        self.symbols = Symbols(listing(dump))
        for at, names in list(self.symbols.names.items()):
            self.symbols.names[at] = [n for n in names if is_name(n)]
            if not self.symbols.names[at]:
                del self.symbols.names[at]

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


SYMBOL = re.compile(r'^([0-9a-f]{16}) \(.\) (\S+)')
BOUND = re.compile(r'^([0-9a-f]{16}) MODULE TEXT (START|END)')


def parse_modules(text):
    """(name, address, size) of what `sym -M` prints of their code. It tells no size: each
    ends where the next begins."""
    found, ends, in_text = [], set(), False
    for line in text.splitlines():
        symbol, bound = SYMBOL.match(line), BOUND.match(line)
        if bound:
            in_text = bound[2] == 'START'
            ends.add(int(bound[1], 16))
        elif in_text and symbol and is_name(symbol[2]):
            found.append((int(symbol[1], 16), symbol[2]))
    ends = sorted(ends.union(at for at, _ in found))
    for at, name in found:
        yield name, at, ends[bisect.bisect_right(ends, at)] - at


class OtherCrash(Crash):
    """Debian's for the machine, in the chroot where its libraries are."""
    parse = staticmethod(parse_bt)
    first = 'sym -M\n'
    namelist = staticmethod(listing)
    seconds = 3600

    def __init__(self, machine):
        self.program = (f'qemu-{machine}', f'/opt/crash-{DEBIAN[machine]}/usr/bin/crash')
        super().__init__('cross')

    def chains(self, dump):
        # Whether it opens a dump is not the kernel's doing alone.
        self.refused.clear()
        return super().chains(dump)

    def modules(self, dump):
        return list(parse_modules(self.printed(dump).partition('=== CPU ')[0]))


class OtherDrgn(Drgn):
    user_end = USER_END

    def modules(self, dump):
        return self.answer(dump).get('modules', ())


class OwnTrace:
    """What the dying kernel printed, from which the truth is: beside the truth's lines
    stands which of them its last trace lacks."""
    title = "the kernel's log"

    @staticmethod
    def judge(result):
        lacks = [x for x in result.truth.items if x.untold]
        return f'lacks {lacks[0]!r}' if lacks else None


OWN = OwnTrace()


def kernel(result):
    return result.dump.release.partition('+')[0].rsplit('.', 1)[0] + (
        ', 16 KiB' if result.dump.release.endswith('-16k') else '')


def ask_all(dump, tools):
    head, truth = expect.load(dump.expect)
    dump.cpus = head['cpus']
    # That which drgn says of them first: it has their sizes.
    modules = next(filter(None, (t.modules(dump) for t in reversed(tools[1:]))), None)
    if not modules:
        return []
    names = Names(Core(dump), modules, KERNEL_HALF)
    results = [Result(dump, c, False) for c in truth if c.cpu is not None]
    for tool in tools:
        judge_all(names, results, tool)
    for result in results:
        result.wrong[OWN] = OWN.judge(result)
    return results


def main():
    machine = sys.argv[1]
    tools = [Ours(), OtherCrash(machine),
             *(OtherDrgn(s, 'full vmlinux') for s in DRGN_IN[machine])]
    dumps = [d for d in cli.dumps(machine) if os.path.exists(listing(d))]
    with ThreadPoolExecutor(2) as pool:
        results = [r for rs in pool.map(lambda d: ask_all(d, tools), dumps) for r in rs]
    print(f'## {machine}: chains of CPUs that are exactly right\n')
    frames = [x for r in results for x in r.truth.items if x.kind in ('frame', 'regs')]
    untold = sum(x.untold for x in frames)
    shown = [tools[0], *([OWN] if untold else []), *tools[1:]]
    table('kernel', [*sorted(grouped(results, kernel).items()), ('all', results)], shown)
    table('dump', sorted(grouped(results, lambda r: r.dump.name).items()), shown)
    if untold:
        print(f"Of {len(frames)} frames the kernel's last traces lack {untold}, or have them "
              'by another name.\n')
    what_is_wrong(results, tools)
    judged = {r.dump.name for r in results}
    left = [d.name for d in cli.dumps(machine) if d.name not in judged]
    if left:
        print(f'Not judged, without a vmlinux or names of modules: {", ".join(left)}')


if __name__ == '__main__':
    main()
