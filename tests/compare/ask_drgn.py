# SPDX-License-Identifier: GPL-2.0-or-later
"""What drgn says of a dump, as JSON. Runs where drgn is, which may be a chroot.

usage: ask_drgn.py VMCORE VMLINUX OUTPUT

Frames of inlined functions are left out: they have no place on the stack. ORC and
symbols of modules come from the dump; drgn does both by itself, if told to.
"""
import json
import sys

import drgn
from drgn.helpers.linux.cpumask import for_each_online_cpu, for_each_possible_cpu
from drgn.helpers.linux.kallsyms import load_module_kallsyms
from drgn.helpers.linux.percpu import per_cpu
from drgn.helpers.linux.pid import for_each_task
from drgn.helpers.linux.sched import cpu_curr


def sp_of(frame):
    try:
        return frame.sp
    except LookupError:  # a frame that was found by its frame record
        return None


def frames_of(chain):
    """Up to the first that has no address."""
    for frame in chain:
        try:
            frame.pc
        except LookupError:
            return
        if not frame.is_inline:
            yield frame


def trace(prog, task):
    told = {'pid': task.pid.value_(), 'comm': task.comm.string_().decode(errors='replace')}
    try:
        told['frames'] = [
            {'ip': f.pc, 'sp': sp_of(f), 'name': f.name, 'interrupted': f.interrupted}
            for f in frames_of(prog.stack_trace(task))]
    except Exception as e:
        told['error'] = f'{type(e).__name__}: {e}'
    return told


def main():
    vmcore, vmlinux, output = sys.argv[1:]
    prog = drgn.Program()
    prog.set_core_dump(vmcore)
    prog.load_debug_info([vmlinux])
    prog.create_loaded_modules()
    modules = load_module_kallsyms(prog)
    prog.register_symbol_finder('modules', modules, enable_index=0)
    # Before it stops them, a panic without NMIs takes the other CPUs offline.
    for_each_cpu = (for_each_online_cpu if prog.platform.arch == drgn.Architecture.X86_64
                    else for_each_possible_cpu)
    running = {cpu: cpu_curr(prog, cpu) for cpu in for_each_cpu(prog)}
    cpus = {cpu: trace(prog, task) for cpu, task in running.items()}
    addresses = {task.value_() for task in running.values()}
    tasks = list(for_each_task(prog))
    tasks += [per_cpu(prog['runqueues'], cpu).idle for cpu in for_each_possible_cpu(prog)]
    tasks = {hex(t.value_()): trace(prog, t) for t in tasks if t.value_() not in addresses}
    symbols = [(s.name, s.address, s.size) for s in modules(prog, None, None, False)]
    with open(output, 'w') as f:
        json.dump({'version': drgn.__version__, 'cpus': cpus, 'tasks': tasks,
                   'modules': symbols}, f)


if __name__ == '__main__':
    main()
