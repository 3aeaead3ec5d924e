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
               'asm_exc_nmi', 'end_repeat_nmi',
               # Other machines': they have no NMI, so an interrupt stops CPUs.
               '__delay_cycles', 'udelay', 'die', 'die_kernel_fault', '__do_kernel_fault',
               'do_page_fault', 'do_translation_fault', 'do_mem_abort', 'el1_abort',
               'el1h_64_sync_handler', 'el1h_64_sync', 'vectors', 'local_cpu_stop',
               'arm64_nmi_cpu_stop', 'no_context', 'sc_callback_spin', 'sc_helper_spin',
               'sc_static_spin',
               'ipi_handler', 'handle_percpu_devid_irq', 'handle_irq_desc',
               'generic_handle_domain_irq', 'gic_handle_irq', 'call_on_irq_stack',
               'do_interrupt_handler', 'el0_interrupt', '__el0_irq_handler_common',
               'el0t_64_irq_handler', 'el0t_64_irq', 'el0t_32_irq_handler', 'el0t_32_irq',
               'el1_interrupt', 'el1h_64_irq_handler', 'el1h_64_irq',
               'handle_IPI', 'ipi_mux_process', 'sbi_ipi_handle', 'riscv_intc_irq',
               'handle_riscv_irq', 'do_irq', 'handle_exception', '_skip_scs',
               'generic_handle_arch_irq',
               'ret_from_syscall_rejected', 'handle_page_fault',
               'handle_break', 'do_trap_break', 'handle_bad_stack', 'smp_send_stop',
               # and one that printed its own trace goes on to spin
               'sc_task_spin', 'sc_soft_spin', 'sc_hard_spin', 'sc_work_spin',
               'sc_watch_spin', 'sc_int3_spin', 'sc_ftrace_spin'}

# Code that the kernel makes at run time: the log has its address only.
RUN_TIME = {None, '__builtin__ftrace', '__builtin__kprobes', 'bpf'}


def same_code(item, frame):
    """Same function, module and place in it ("moved-ok" frees the last)."""
    if item.name is None:
        return (frame['module'] in RUN_TIME and
                item.offset in (None, cli.number(frame['ip'])))
    return (frame['function'] == item.name and frame['module'] == item.module and
            (item.moved_ok or frame['offset'] == item.offset))


# Of a CPU that stands where an exception comes in, the interrupted instruction is in no
# register of the note: one frame, or none, may be missing.
UNKNOWN = 'the function that was interrupted is not known'


def is_unknown(frame):
    return UNKNOWN in (frame.get('note') or '')


def first_expected(first, frames, same=same_code, newer=DUMP_MACHINERY, handler=False):
    """Where the first expected frame is: (index, None), or (None, the newer frame that
    cannot be one), or (None, None) if it is not there. With handler the handler of the
    exception that the first expected frame met may be on top of it."""
    for i, frame in enumerate(frames):
        if same(first, frame):
            return i, None
        certain = frame.get('reliable', True) or is_unknown(frame)
        # A CPU that went on may have been interrupted where it was, since.
        if (first.moved_ok or handler) and certain and any(
                f['interrupted'] and same(first, f) for f in frames[i + 1:]):
            continue
        if not certain or frame['function'] not in newer:
            return None, frame
    return None, None
