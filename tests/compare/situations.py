# SPDX-License-Identifier: GPL-2.0-or-later
"""What a CPU was doing, from its truth: the stacks, newest first, and what is special."""

# Functions of the rig's module, testdata/make/stackcase/stackcase.c → what they mean.
SPECIAL = {
    'sc_go_guard': 'write to the guard page',
    'sc_recurse': 'stack overflow',
    'sc_go_null': 'oops',
    'sc_go_bug': 'BUG()',
    'sc_retprobed': 'kretprobe',
    'sc_ftraced': 'kprobe by ftrace',
    'sc_int3_here': 'kprobe by int3',
    'sc_detour_here': 'optimized kprobe',
    'sc_go_bpf': 'BPF program',
    'sc_go_static': 'static call',
    'sc_go_last': 'call as last instruction',
}


def graph_traced(core):
    """Was the function-graph tracer on (kernel/trace/fgraph.c)?"""
    return core.u64(core.symbol('ftrace_graph_active')) & 0xffffffff != 0


def situation(chain, traced):
    code = [x for x in chain.items if x.kind in ('frame', 'regs')]
    if not code:
        return 'user mode'
    if chain.end == 'idle':
        return 'idle'
    special = [SPECIAL[n] for n in SPECIAL if n in {x.name for x in code}]
    special += ['function graph'] * traced
    stacks = [x.name for x in chain.items if x.kind == 'stack']
    stacks = [s for i, s in enumerate(stacks) if i == 0 or stacks[i - 1] != s]
    if not stacks or stacks == ['ENTRY_TRAMPOLINE']:
        return 'entry code'
    # A softirq runs on the IRQ stack, too; an interrupt in it does not switch.
    nested = sum(x.kind == 'regs' for x in code[1:])
    shape = ' over '.join(s if s.startswith('#') else s.replace('TASK', 'task') for s in stacks)
    if stacks[:1] == ['IRQ'] and nested > 1 or stacks[:2] == ['NMI', 'IRQ'] and nested > 1:
        shape += ', nested'
    return ', '.join([shape, *special])
