/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "x86_64.h"

/* Rules first; what only follows from the shape of the code or the stack last. */
static enum stk_step_result (*const methods[])(struct stk *s, const struct stk_cursor *c,
					       struct stk_step *out) = {
	x86_step_orc, x86_step_kprobe,	 x86_step_fp,	x86_step_bare,
	x86_step_cfi, x86_step_callsite, x86_step_link,
};

/* 6.2-6.14, commit e57ef2ed97c1 "Put hot per CPU variables into a struct" */
static const struct stk_place_row current_task[] = {
	{ "pcpu_hot", { { "pcpu_hot", "current_task" } } },
	{ .symbol = "current_task" },
};

static const char *const never_return[] = {
	"crash_nmi_callback", "stop_this_cpu", "machine_kexec",	      "__crash_kexec",
	"crash_kexec",	      "panic",	       "nmi_panic_self_stop", NULL,
};

static unsigned int page_shift(struct stk *s)
{
	return X86_PAGE_SHIFT;
}

const struct stk_arch stk_arch_x86_64 = {
	.name = "x86_64",
	.ip = X86_IP,
	.sp = X86_SP,
	.fp = X86_BP,
	.reg_names = x86_reg_names,
	.reg_rows = x86_reg_rows,
	.nr_reg_rows = X86_NR_REGS,
	.reg_words = x86_reg_words,
	.fault_register = "CR2",
	.page_shift = page_shift,
	.translate = x86_translate,
	.translate_in = x86_translate_in,
	.direct_map = x86_direct_map,
	.image_map = x86_image_map,
	.page_struct = x86_page_struct,
	.executable = x86_executable,
	.region = x86_region,
	.is_kernel_address = x86_is_kernel_address,
	.percpu_alias = x86_percpu_alias,
	.guess_vmcoreinfo = x86_guess_vmcoreinfo,
	.whole_table = x86_whole_table,
	.task_kind = X86_STACK(TASK),
	.thread_size = x86_thread_size,
	.cpu_stacks = x86_cpu_stacks,
	.irq_in_use = x86_irq_in_use,
	.in_use = x86_in_use,
	.residue = x86_residue,
	.user_mode = x86_user_mode,
	.interruptible = x86_interruptible,
	.may_be_user = x86_may_be_user,
	.note_regs = x86_note_regs,
	.read_pt_regs = x86_read_pt_regs,
	.on_user_stack = x86_on_user_stack,
	.entry_state = x86_entry_state,
	.entry_command = "tss",
	.saved_copies = x86_saved_copies,
	.foreign_regs = x86_foreign_regs,
	.vouched_regs = x86_vouched_regs,
	.current_task = current_task,
	.nr_current_task = sizeof(current_task) / sizeof(current_task[0]),
	.saved_sp = x86_saved_sp,
	.sleeping_regs = x86_sleeping_regs,
	.never_return = never_return,
	.call_before = x86_is_return,
	.call_evidence = x86_weigh_call,
	.leads_to = x86_leads_to,
	.user_regs_at = x86_user_regs_at,
	.weigh_regs = x86_weigh_regs,
	.user_below = x86_user_below,
	.begins_sleep = x86_begins_sleep,
	.counts_context = x86_counts_context,
	.begins_stack = x86_begins_stack,
	.methods = methods,
	.nr_methods = sizeof(methods) / sizeof(methods[0]),
	.link_word = x86_link_word,
	.left_at = x86_left_at,
	.describe_entry = x86_describe_entry,
	.describe_fault = x86_describe_fault,
	.operand = x86_operand,
};
