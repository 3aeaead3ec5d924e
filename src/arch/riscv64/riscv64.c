/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "riscv64.h"

/* The edges first, where s0 is not what it is elsewhere. */
static enum stk_step_result (*const methods[])(struct stk *s, const struct stk_cursor *c,
					       struct stk_step *out) = {
	riscv_step_entry,  riscv_step_ftrace, riscv_step_code,
	riscv_step_record, riscv_step_cfi,
};

static const char *const never_return[] = {
	"ipi_stop",	 "ipi_cpu_crash_stop", "machine_kexec",
	"__crash_kexec", "crash_kexec",	       "panic",
	"vpanic",	 "arch_cpu_idle_dead", NULL,
};

/*
 * Up to 5.15 the entry code's own is in thread_info: __switch_to() swaps that of two
 * tasks, so that only those of running ones are right.
 */
static const struct stk_place_row task_cpu[] = {
	{ NULL, { { "task_struct", "cpu" } } },
	{ NULL, { { "task_struct", "thread_info" }, { "thread_info", "cpu" } } },
};

static unsigned int page_shift(struct stk *s)
{
	return 12;
}

/* What the tracer noted when the function was entered: s0, which is its caller's. */
static uint64_t tracer_key(struct stk *s, const struct stk_step *step)
{
	return riscv_has(&step->regs, RISCV_FP) && !step->signal ? step->regs.v[RISCV_FP]
								 : 0;
}

const struct stk_arch stk_arch_riscv64 = {
	.name = "riscv64",
	.ip = RISCV_PC,
	.sp = RISCV_SP,
	.fp = RISCV_FP,
	.current = RISCV_TP,
	.task_cpu = task_cpu,
	.nr_task_cpu = sizeof(task_cpu) / sizeof(task_cpu[0]),
	.reg_names = riscv_reg_names,
	.reg_rows = riscv_reg_rows,
	.nr_reg_rows = RISCV_NR_REGS,
	.reg_words = riscv_reg_words,
	.code_align = 2,
	.fault_register = "badaddr",
	.page_shift = page_shift,
	.translate = riscv_translate,
	.translate_in = riscv_translate_in,
	.direct_map = riscv_direct_map,
	.image_map = riscv_image_map,
	.page_struct = riscv_page_struct,
	.executable = riscv_executable,
	.region = riscv_region,
	.complete_vmcoreinfo = riscv_complete_vmcoreinfo,
	.is_kernel_address = riscv_is_kernel_address,
	.task_kind = RISCV_STACK(TASK),
	.shadow_kind = RISCV_STACK(SCS),
	.shadow_reg = RISCV_GP,
	.thread_size = riscv_thread_size,
	.cpu_stacks = riscv_cpu_stacks,
	.user_mode = riscv_user_mode,
	.interruptible = riscv_interruptible,
	.may_be_user = stk_may_be_user,
	.machine_cpu = riscv_machine_cpu,
	.note_regs = riscv_note_regs,
	.foreign_regs = riscv_foreign_regs,
	.read_pt_regs = riscv_read_pt_regs,
	.on_user_stack = riscv_on_user_stack,
	.entry_state = riscv_entry_state,
	.entry_words = riscv_entry_words,
	.entry_command = "entry",
	.saved_copies = riscv_saved_copies,
	.saved_sp = riscv_saved_sp,
	.sleeping_regs = riscv_sleeping_regs,
	.never_return = never_return,
	.call_before = riscv_call_before,
	.call_evidence = riscv_call_evidence,
	.leads_to = riscv_leads_to,
	.user_regs_at = riscv_user_regs_at,
	.weigh_regs = riscv_weigh_regs,
	.user_below = riscv_user_below,
	.begins_sleep = riscv_begins_sleep,
	.begins_stack = riscv_begins_stack,
	.counts_context = riscv_counts_context,
	.methods = methods,
	.nr_methods = sizeof(methods) / sizeof(methods[0]),
	.tracer_key = tracer_key,
	.describe_entry = riscv_describe_entry,
	.describe_fault = riscv_describe_fault,
};
