# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the truth's FUNCTION+OFFSET is in a dump.

Tools name the same address differently (aliases, crash drops .part.0, drgn prefers
global symbols). So a frame is taken by its address, whatever it is called.
"""
import bisect

from truth import RUN_TIME, same_code

KERNEL = 0xffffffff80000000


class Names:
    def __init__(self, core, modules, kernel=KERNEL):
        """core: a Vmcore with symbols; modules: (name, address, size) of all modules."""
        self.starts = {}  # name → addresses
        self.at = {}      # address → names
        self.sizes = {}   # of modules' functions, by address
        for address, names in core.symbols.names.items():
            if address >= kernel:  # else it is per-CPU
                for name in names:
                    self.add(name, address + core.kaslr)
        self.begin, self.end = core.symbol('_stext'), core.symbol('_end')
        for name, address, size in modules:
            if address >= kernel:
                self.add(name, address)
                self.sizes[address] = max(size, self.sizes.get(address, 0))
        self.sorted = sorted(self.at)

    def add(self, name, address):
        self.starts.setdefault(name, set()).add(address)
        self.at.setdefault(address, set()).add(name)

    def known(self, ip):
        """Is that an address of code that has a name?"""
        if self.begin <= ip < self.end:
            return True
        # Between modules there is code that has none. A call may be the last instruction.
        start, _ = self.around(ip)
        return start in self.sizes and ip <= start + self.sizes[start]

    def around(self, ip):
        """(start, names) of what is at ip."""
        i = bisect.bisect_right(self.sorted, ip)
        return (self.sorted[i - 1], self.at[self.sorted[i - 1]]) if i else (0, set())

    def fits(self, item, frame):
        """Is the frame at the place that the truth file's line says?"""
        ip = frame['ip']
        if item.name is None:
            named = {'module': 'kernel' if self.known(ip) else None, 'ip': hex(ip)}
            assert 'kernel' not in RUN_TIME
            return same_code(item, named)
        for start in self.starts.get(item.name, ()):
            named = {'function': item.name, 'module': item.module, 'offset': ip - start}
            if same_code(item, named) and (not item.moved_ok or self.around(ip)[0] == start):
                return True
        return False

    def text(self, ip):
        """For the reader: the shortest name, of the call rather than what follows it."""
        if not self.known(ip):
            return f'{ip:#x}'
        start, names = self.around(ip - 1)
        return f'{min(names, key=lambda n: (len(n), n))}+{ip - start:#x}'

    def functions(self, ip):
        return (self.around(ip)[1] | self.around(ip - 1)[1]) if self.known(ip) else set()
