# SPDX-License-Identifier: GPL-2.0-or-later
"""stackof off the stacks: regions, vmalloc areas, modules, per-CPU memory, mappings.

What is where is found here by the kernel's own tables: the markers that it dumps its page
tables with, its lists of areas and modules, its symbols; the offsets in them come from
the BTF in the dump (lib/btf.py).
"""
import struct
from collections import Counter

import cli
import tss
from btf import btf_of
from stacks import Asker
from vmcore import KERNEL_MAP, MASK, NotThere, PAGE

# include/linux/vmalloc.h; the last that is set names the area.
VM_KINDS = ((0x1, 'ioremap'), (0x2, 'vmalloc'), (0x4, 'vmap'), (0x10, 'DMA'),
            (0x1000, 'sparse vmap'))
VM_NO_GUARD = 0x40
RUN_TIME_CODE = ('BPF text', 'ftrace trampoline', 'kprobe page')

SECTIONS = (('text', '_text', '_etext'), ('rodata', '__start_rodata', '__end_rodata'),
            ('data', '_sdata', '_edata'),
            ('init (freed after boot)', '__init_begin', '__init_end'),
            ('bss', '__bss_start', '__bss_stop'), ('brk', '__brk_base', '__brk_limit'))

# enum mod_mem_type
MEM_TYPES = ('text', 'data', 'rodata', 'ro_after_init', 'init text', 'init data', 'init rodata')
LAYOUT = (('text_size', 'text'), ('ro_size', 'rodata'), ('ro_after_init_size', 'ro_after_init'),
          ('size', 'data'))


def text_at(core, at, room=256):
    out = b''
    while len(out) < room:
        part = core.read_blanked(at + len(out), min(room, PAGE - (at + len(out)) % PAGE))
        if b'\0' in part:
            return (out + part[:part.index(b'\0')]).decode(errors='replace')
        out += part
    return out.decode(errors='replace')


class Truth:
    def __init__(self, core, cpus):
        self.core, self.cpus, self.btf = core, cpus, btf_of(core)

    def read(self, at, name, path):
        return self.btf.read(self.core, at, name, path)

    def u32(self, at):
        return struct.unpack('<I', self.core.read(at, 4))[0]

    def has_markers(self):
        return 'address_markers' in self.core.symbols.value

    def markers(self):
        """name: first address, from what arch/x86/mm/dump_pagetables.c set at boot.
        Without CONFIG_PTDUMP_CORE it is not there: of all these one is fixed, anyway."""
        if not self.has_markers():
            return {'CPU entry Area': 0xfffffe0000000000}
        at, found = self.core.symbol('address_markers'), {}
        while self.core.u64(at) != MASK:
            found[text_at(self.core, self.core.u64(at + 8))] = self.core.u64(at)
            at += self.btf.size('addr_marker')
        return found

    def regions(self):
        """(name, first, last): sizes as in Documentation/arch/x86/x86_64/mm.rst."""
        core, m, l5 = self.core, self.markers(), self.core.levels == 5
        half = 1 << (56 if l5 else 47)
        direct, vmalloc = m['Low Kernel Mapping'], m['vmalloc() Area']
        vmemmap, pages = m['Vmemmap'], core.u64(core.symbol('max_pfn'))
        section = 0x8000  # pages: 128 MiB
        yield 'user space', 0, half - 1
        yield 'not canonical', half, MASK - half
        yield 'LDT of page-table isolation', m['LDT remap'], m['LDT remap'] + (1 << (48 if l5 else 39)) - 1
        yield 'direct map', direct, direct + pages * PAGE - 1
        yield 'vmalloc', vmalloc, min(vmalloc + ((12800 if l5 else 32) << 40), vmemmap) - 1
        yield 'vmemmap', vmemmap, vmemmap + -(-pages // section) * section * self.btf.size('page') - 1
        yield 'cpu_entry_area', m['CPU entry Area'], m['CPU entry Area'] + (1 << 39) - 1
        yield 'ESPFIX stacks', m['ESPfix Area'], m['ESPfix Area'] + (1 << 39) - 1
        yield 'EFI runtime', m['EFI Runtime Services'], 0xfffffffeffffffff
        yield 'kernel image', core.symbol('_text'), core.symbol('_end') - 1
        yield 'module area', m['Modules'], m['End Modules'] - 1
        yield 'vsyscall', 0xffffffffff600000, 0xffffffffff600fff
        if 'KASAN shadow' in m:
            yield 'KASAN shadow', m['KASAN shadow'], m['KASAN shadow end'] - 1

    def areas(self):
        """(begin, end, what, guard, caller) of each busy vmap_area."""
        core, symbols = self.core, self.core.symbols.value
        heads = []
        if 'vmap_nodes' in symbols:
            nodes = core.u64(core.symbol('vmap_nodes'))
            for i in range(self.u32(core.symbol('nr_vmap_nodes'))):
                heads.append(nodes + i * self.btf.size('vmap_node') +
                             self.btf.member('vmap_node', 'busy.head')[0])
        else:
            heads.append(core.symbol('vmap_area_list'))
        for head in heads:
            for va in self.btf.list(core, head, 'vmap_area', 'list'):
                yield self.area(va)

    def area(self, va):
        begin, end = (self.read(va, 'vmap_area', m) for m in ('va_start', 'va_end'))
        vm = self.read(va, 'vmap_area', 'vm')
        if not vm or self.read(vm, 'vm_struct', 'addr') != begin:
            return begin, end, 'vm_map_ram', None, None
        flags = self.read(vm, 'vm_struct', 'flags')
        what = [name for bit, name in VM_KINDS if flags & bit][-1]
        guard = None if flags & VM_NO_GUARD else end - PAGE
        return begin, end, what, guard, self.read(vm, 'vm_struct', 'caller')

    def modules(self):
        """(name, [(begin, end, what)], percpu begin, percpu size)"""
        for m in self.btf.list(self.core, self.core.symbol('modules'), 'module', 'list'):
            name = text_at(self.core, m + self.btf.member('module', 'name')[0])
            yield (name, list(self.parts(m)), self.read(m, 'module', 'percpu'),
                   self.read(m, 'module', 'percpu_size'))

    def parts(self, m):
        if self.btf.member('module', 'mem'):
            for i, what in enumerate(MEM_TYPES):
                at = m + self.btf.member('module', 'mem')[0] + i * self.btf.size('module_memory')
                base, size = (self.read(at, 'module_memory', f) for f in ('base', 'size'))
                if base and size:
                    yield base, base + size, what
            return
        base, done = self.read(m, 'module', 'core_layout.base'), 0
        for member, what in LAYOUT:
            until = self.read(m, 'module', f'core_layout.{member}')
            if until > done:
                yield base + done, base + until, what
                done = until

    def offset(self, cpu):
        return self.core.u64(self.core.symbol('__per_cpu_offset') + 8 * cpu)

    def percpu_symbols(self):
        """(value, names) of the variables that the kernel was linked with."""
        core = self.core
        begin, end = (core.symbols.value[f'__per_cpu_{w}'] for w in ('start', 'end'))
        # In zero-based kernels, constants of assembler code have such values, too.
        for value, names in sorted(core.symbols.names.items()):
            names = {n for n in names - core.symbols.absolute
                     if not n.startswith(('__UNIQUE_ID', '.L', '__pcpu_unique'))}
            if begin <= value < end and names:
                yield value + (core.kaslr if value >= KERNEL_MAP else 0), names

    def dynamic(self):
        """Per-CPU pointers that alloc_percpu() gave: those of the slab caches, or with SLOB,
        which has none, those of the bound workqueues."""
        core = self.core
        head, kind, member = next(
            w for w in (('slab_caches', 'kmem_cache', 'cpu_slab'),
                        ('slab_caches', 'kmem_cache', 'cpu_sheaves'),
                        ('workqueues', 'workqueue_struct', 'cpu_pwqs'))
            if self.btf.member(*w[1:]))
        for owner in self.btf.list(core, core.symbol(head), kind, 'list'):
            pointer = self.read(owner, kind, member)
            if pointer:
                yield pointer

    def entry_area(self, cpu):
        """(begin, end, what): the parts of the CPU's struct cpu_entry_area."""
        where = {m: self.btf.member('cpu_entry_area', m)
                 for m in ('gdt', 'entry_stack_page', 'tss', 'cpu_debug_store',
                           'cpu_debug_buffers')}
        sp0, _ = tss.hardware(self.core, cpu)
        base = sp0 - PAGE - where['entry_stack_page'][0]
        bitmap = self.btf.member('tss_struct', 'io_bitmap')
        at = base + where['tss'][0]
        yield at, at + bitmap[0], 'TSS'
        yield at + bitmap[0], at + sum(bitmap), 'I/O bitmap'
        for member, what in (('gdt', 'GDT'), ('cpu_debug_store', 'debug store'),
                             ('cpu_debug_buffers', "debug store's buffers")):
            at = base + where[member][0]
            yield at, at + where[member][1], what

    # ---- mappings ----

    def vmas(self, mm):
        if self.btf.member('mm_struct', 'mm_mt'):
            yield from self.maple(self.read(mm, 'mm_struct', 'mm_mt.ma_root'), MASK)
            return
        vma = self.read(mm, 'mm_struct', 'mmap')
        while vma:
            yield vma
            vma = self.read(vma, 'vm_area_struct', 'vm_next')

    def maple(self, entry, until):
        if entry & 3 != 2:
            if entry:
                yield entry
            return
        node, kind = entry & ~0xff, entry >> 3 & 15
        name = 'maple_arange_64' if kind == 3 else 'maple_range_64'
        pivot, slot = (self.btf.member(name, m) for m in ('pivot', 'slot'))
        count, last = slot[1] // 8, 0
        for i in range(count):
            limit = self.core.u64(node + pivot[0] + 8 * i) if i < count - 1 else until
            limit = limit if limit or not i else until
            value = self.core.u64(node + slot[0] + 8 * i)
            if kind != 1 or value:
                yield from self.maple(value, limit)
            if limit == until:
                return

    def mapping(self, vma):
        """(begin, end, access, name of the file)"""
        begin, end, flags, file = (self.read(vma, 'vm_area_struct', m)
                                   for m in ('vm_start', 'vm_end', 'vm_flags', 'vm_file'))
        access = ''.join(c if flags & 1 << i else '-' for i, c in enumerate('rwx'))
        name = None
        if file:
            dentry = self.read(file, 'file', 'f_path.dentry')
            name = text_at(self.core, self.read(dentry, 'dentry', 'd_name.name'))
        return begin, end, access + ('s' if flags & 8 else 'p'), name

    def process(self):
        """The mm of the task on the CPU that panicked, and its PID; (None, None)."""
        core = self.core
        cpu = self.u32(core.symbol('panic_cpu'))
        if cpu >= self.cpus:
            return None, None
        if 'current_task' in core.symbols.value:
            task = core.u64(core.percpu('current_task', cpu))
        else:
            task = self.read(core.percpu('pcpu_hot', cpu), 'pcpu_hot', 'current_task')
        return self.read(task, 'task_struct', 'mm') or None, self.read(task, 'task_struct', 'pid')


class Check:
    def __init__(self, suite, dump, truth):
        self.suite, self.dump, self.truth = suite, dump, truth
        self.asker, self.counts = Asker(), Counter()
        self.wrong_before = suite.failed

    def expect(self, at, what, wanted, told):
        """@told: a function that gives of an answer what must equal @wanted."""
        self.asker.add(at, lambda answer: self.suite.equal(
            f'{self.dump.name} stackof {at:#x}: {what}', wanted, told(answer)))

    def count(self, what):
        self.counts[what] += 1

    def regions(self):
        for name, first, last in self.truth.regions() if self.truth.has_markers() else ():
            for at in (first, last):
                self.expect(at, f'an end of {name}', (name, hex(first), hex(last)),
                            lambda a: (a['region'], a['region_first'], a['region_last']))
            for at in (first - 1, last + 1):
                if 0 <= at <= MASK:
                    self.expect(at, f'just outside {name}', True,
                                lambda a, name=name: a['region'] != name)
            self.count('regions')
        for what, begin, end in SECTIONS:
            begin, end = self.truth.core.symbol(begin), self.truth.core.symbol(end)
            for at in (begin, end - 1):
                self.expect(at, f'an end of {what}', (what, hex(begin), hex(end)), told_area)
            self.count('sections')

    def entry_areas(self):
        for cpu in range(self.truth.cpus):
            for begin, end, what in self.truth.entry_area(cpu):
                for at in (begin, end - 1):
                    self.expect(at, f'{what} of CPU {cpu}', (True, hex(begin), hex(end), cpu),
                                lambda a, what=what: (told_area(a)[0].startswith(what),
                                                      *told_area(a)[1:], a['percpu_cpu']))
                self.count('parts of entry areas')
        idt = self.truth.markers()['CPU entry Area']
        for at in (idt, idt + PAGE - 1):
            self.expect(at, 'IDT', ('IDT (read-only)', hex(idt), hex(idt + PAGE)), told_area)

    def modules(self):
        self.module_parts = []
        for name, parts, percpu, size in self.truth.modules():
            for begin, end, what in parts:
                self.module_parts.append((begin, end))
                for at in (begin, end - 1):
                    self.expect(at, f'{what} of {name}', (what, hex(begin), hex(end), name),
                                lambda a: (*told_area(a), a['area']['name']))
            for cpu in range(self.truth.cpus if percpu else 0):
                for ptr in (percpu, percpu + size - 1):
                    self.expect(ptr + self.truth.offset(cpu) & MASK, f'per-CPU memory of {name}',
                                (cpu, hex(ptr), name),
                                lambda a: (a['percpu_cpu'], a['percpu_ptr'], a['module']))
            self.count('modules')

    def areas(self):
        found = sorted(self.truth.areas())
        for (begin, end, what, guard, caller), following in zip(found, found[1:] + [None]):
            wanted = (what, hex(begin), hex(end), guard and hex(guard), caller and hex(caller))
            inside = [begin, (begin + end) // 2, (guard or end) - 1] + [guard] * bool(guard)
            for at in inside:
                # Modules and what the JIT made are told by their own names.
                if any(b <= at < e for b, e in self.module_parts):
                    continue
                self.expect(at, f'{what} area {begin:#x}', wanted, lambda a, wanted=wanted:
                            wanted if told_area(a)[0] in RUN_TIME_CODE else
                            (*told_area(a), a['area']['guard'], a['area']['caller']))
            if following and following[0] > end:
                self.expect(end, f'behind the area {begin:#x}', True, lambda a, begin=begin:
                            told_area(a)[1] != hex(begin))
            self.count('vmalloc areas')

    def percpu(self):
        core = self.truth.core
        for i, (value, names) in enumerate(self.truth.percpu_symbols()):
            cpu = i % self.truth.cpus
            self.expect(value + self.truth.offset(cpu) & MASK, f'per-CPU {sorted(names)}',
                        (cpu, hex(value), True, 0), lambda a, names=names: (
                            a['percpu_cpu'], a['percpu_ptr'], a['function'] in names,
                            a['offset']))
            self.count('per-CPU symbols')
        # Lists of caches and workqueues no answer reads, so no small dump has them.
        for pointer in () if core.packed else self.truth.dynamic():
            for cpu in range(self.truth.cpus):
                self.expect(pointer + self.truth.offset(cpu) & MASK,
                            f'the per-CPU pointer {pointer:#x}', (cpu, hex(pointer)),
                            lambda a: (a['percpu_cpu'], a['percpu_ptr']))
            self.count('per-CPU pointers')
        for name in ('init_task', 'vfs_write', 'jiffies'):
            at = core.symbol(name)
            self.expect(core.direct(core.translate(at)), f'{name} in the direct map',
                        (True, hex(at)), lambda a, at=at: (
                            a['function'] in core.names(at),
                            next((x['address'] for x in a['aliases']
                                  if x['view'] == 'kernel image'), None)))

    def mappings(self):
        # A small dump has those mappings that an answer told of.
        mm, pid = (None, None) if self.truth.core.packed else self.truth.process()
        for vma in self.truth.vmas(mm) if mm else ():
            begin, end, access, name = self.truth.mapping(vma)
            for at in (begin, end - 1):
                self.expect(at, f'a mapping of PID {pid}',
                            (pid, hex(begin), hex(end), access, name), lambda a: (
                                a['owner']['task']['pid'], *told_area(a)[1:],
                                a['area']['access'], a['area']['name']))
            self.count('mappings')
        for what in ('stack', 'heap') if mm else ():
            at = self.truth.read(mm, 'mm_struct', {'stack': 'start_stack', 'heap': 'brk'}[what])
            if what == 'heap' and at == self.truth.read(mm, 'mm_struct', 'start_brk'):
                continue
            self.expect(at - 1, f'the {what} of PID {pid}', what, lambda a: told_area(a)[0])

    def end(self):
        self.asker.ask(self.suite, self.dump)
        said = ', '.join(f'{n} {what}' for what, n in self.counts.items())
        self.suite.note(f'{self.dump.name}: {len(self.asker.questions)} addresses of {said}: '
                        f'{self.suite.failed - self.wrong_before} wrong answers')


def told_area(answer):
    area = answer['area'] or {}
    return area.get('what'), area.get('begin'), area.get('end')


def check(suite, dump, core, cpus):
    try:
        c = Check(suite, dump, Truth(core, cpus))
        c.regions()
        c.entry_areas()
        c.modules()
        c.areas()
        c.percpu()
        c.mappings()
    except NotThere as e:
        suite.check(f'{dump.name}: the kernel\'s tables can be read', False, 'readable', e)
        return
    c.end()
    pointers = () if core.packed else ('per-CPU pointers',)
    for what in ('vmalloc areas', 'modules', 'per-CPU symbols', *pointers):
        suite.check(f'{dump.name}: {what} to ask about', c.counts[what], 'some', 0)
