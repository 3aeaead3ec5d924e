/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arm64.h"

/* The edges first, where x29 is not what it is elsewhere. */
static enum stk_step_result (*const methods[])(struct stk *s, const struct stk_cursor *c,
					       struct stk_step *out) = {
	arm64_step_entry,  arm64_step_sdei, arm64_step_leaf,
	arm64_step_record, arm64_step_cfi,
};

/* SP_EL0 has it, which is in no note. */
static const struct stk_place_row current_task[] = {
	{ .symbol = "__entry_task" },
};

static const char *const never_return[] = {
	"local_cpu_stop",
	"ipi_cpu_stop",
	"ipi_cpu_crash_stop",
	"cpu_park_loop",
	"machine_kexec",
	"__crash_kexec",
	"crash_kexec",
	"panic",
	"vpanic",
	"nmi_panic_self_stop",
	NULL,
};

/* What the tracer noted when the function was entered: x29, which is its caller's. */
static uint64_t tracer_key(struct stk *s, const struct stk_step *step)
{
	return arm64_has(&step->regs, ARM64_FP) && !step->signal ? step->regs.v[ARM64_FP]
								 : 0;
}

const struct stk_arch stk_arch_arm64 = {
	.name = "aarch64",
	.ip = ARM64_PC,
	.sp = ARM64_SP,
	.fp = ARM64_FP,
	.reg_names = arm64_reg_names,
	.reg_rows = arm64_reg_rows,
	.nr_reg_rows = ARM64_NR_REGS,
	.reg_words = arm64_reg_words,
	.code_align = 4,
	.fault_register = "FAR",
	.page_shift = arm64_page_shift,
	.translate = arm64_translate,
	.translate_in = arm64_translate_in,
	.direct_map = arm64_direct_map,
	.phys_base = arm64_phys_base,
	.image_map = arm64_image_map,
	.page_struct = arm64_page_struct,
	.code_alias = arm64_code_alias,
	.executable = arm64_executable,
	.region = arm64_region,
	.is_kernel_address = arm64_is_kernel_address,
	.task_kind = ARM64_STACK(TASK),
	.shadow_kind = ARM64_STACK(SCS),
	.shadow_reg = ARM64_SCS,
	.thread_size = arm64_thread_size,
	.cpu_stacks = arm64_cpu_stacks,
	.user_mode = arm64_user_mode,
	.interruptible = arm64_interruptible,
	.may_be_user = stk_may_be_user,
	.note_regs = arm64_note_regs,
	.read_pt_regs = arm64_read_pt_regs,
	.on_user_stack = arm64_on_user_stack,
	.entry_state = arm64_entry_state,
	.entry_words = arm64_entry_words,
	.entry_command = "entry",
	.saved_copies = arm64_saved_copies,
	.current_task = current_task,
	.nr_current_task = sizeof(current_task) / sizeof(current_task[0]),
	.saved_sp = arm64_saved_sp,
	.sleeping_regs = arm64_sleeping_regs,
	.never_return = never_return,
	.code_address = arm64_code_address,
	.call_before = arm64_call_before,
	.call_evidence = arm64_call_evidence,
	.leads_to = arm64_leads_to,
	.user_regs_at = stk_user_regs_at,
	.weigh_regs = arm64_weigh_regs,
	.user_below = arm64_user_below,
	.begins_sleep = arm64_begins_sleep,
	.begins_stack = arm64_begins_stack,
	.counts_context = arm64_counts_context,
	.methods = methods,
	.nr_methods = sizeof(methods) / sizeof(methods[0]),
	.tracer_key = tracer_key,
	.describe_entry = arm64_describe_entry,
	.describe_fault = arm64_describe_fault,
	.operand = arm64_operand,
};
