# SPDX-License-Identifier: GPL-2.0-or-later
"""How far a chain may differ from its truth file; for the tests of ours, and for the
comparison with other tools, so that all are measured alike."""
import cli

# What runs between the end of the printed trace and the saving of the registers.
DUMP_MACHINERY = {'__crash_kexec', 'crash_kexec', 'panic', 'vpanic', 'nmi_panic', 'native_stop_other_cpus',
                  'crash_smp_send_stop', 'crash_setup_regs', 'machine_kexec',
                  'native_machine_crash_shutdown', 'crash_save_cpu', 'kdump_nmi_callback',
                  'crash_nmi_callback', 'stop_this_cpu', 'default_machine_kexec',
                  # a machine check's panic prints no trace of its own
                  'mce_panic', 'do_machine_check', 'exc_machine_check',
                  'asm_exc_machine_check', 'machine_check', 'mce_reign', 'mce_end'}

# What a dump by QEMU shows above that: the panicking CPU waits in panic(), the others
# were stopped by an interrupt, or by an NMI where those are off.
AFTER_PANIC = {'__const_udelay', '__delay', 'delay_tsc', 'delay_loop', 'native_halt',
               'asm_sysvec_reboot', 'sysvec_reboot', '__sysvec_reboot',
               'smp_stop_nmi_callback', 'nmi_handle', 'default_do_nmi', 'exc_nmi',
               'asm_exc_nmi', 'end_repeat_nmi'}

# Code that the kernel makes at run time: the log has its address only.
RUN_TIME = {None, '__builtin__ftrace', '__builtin__kprobes', 'bpf'}


def same_code(item, frame):
    """Same function, module and place in it ("moved-ok" frees the last)."""
    if item.name is None:
        return (frame['module'] in RUN_TIME and
                item.offset in (None, cli.number(frame['ip'])))
    return (frame['function'] == item.name and frame['module'] == item.module and
            (item.moved_ok or frame['offset'] == item.offset))


def first_expected(first, frames, same=same_code, newer=DUMP_MACHINERY, handler=False):
    """Where the first expected frame is: (index, None), or (None, the newer frame that
    cannot be one), or (None, None) if it is not there. With handler the handler of the
    exception that the first expected frame met may be on top of it."""
    for i, frame in enumerate(frames):
        if same(first, frame):
            return i, None
        certain = frame.get('reliable', True)
        # A CPU that went on may have been interrupted where it was, since.
        if (first.moved_ok or handler) and certain and any(
                f['interrupted'] and same(first, f) for f in frames[i + 1:]):
            continue
        if not certain or frame['function'] not in newer:
            return None, frame
    return None, None
