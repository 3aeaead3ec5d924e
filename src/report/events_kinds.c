/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What kinds of events there are. The codes go into JSON and into signatures, and never
 * change; the titles are what people search for.
 */
#include "events.h"

static const struct stk_event_kind_info kinds[STK_NR_EVENT_KINDS] = {
	[STK_EVENT_STACK_GUARD] = { "stack-guard", "stack guard page hit", STK_RANK_FATAL,
				    .dies = true },
	[STK_EVENT_DOUBLE_FAULT] = { "double-fault", "double fault", STK_RANK_FATAL,
				     .dies = true },
	[STK_EVENT_NULL_DEREF] = { "null-deref", "BUG: kernel NULL pointer dereference",
				   STK_RANK_FATAL, .dies = true },
	[STK_EVENT_PAGE_FAULT] = { "page-fault", "BUG: unable to handle page fault",
				   STK_RANK_FATAL, .dies = true },
	[STK_EVENT_GPF] = { "gpf", "general protection fault", STK_RANK_FATAL,
			    .dies = true },
	[STK_EVENT_KERNEL_BUG] = { "kernel-bug", "kernel BUG", STK_RANK_FATAL,
				   .dies = true },
	[STK_EVENT_DIE] = { "die", "%s", STK_RANK_FATAL, .dies = true },
	/* lib/list_debug.c tells first, and BUG()s or warns then. */
	[STK_EVENT_LIST] = { "list-corruption", "BUG: corrupted list", STK_RANK_DAMAGE,
			     .dies = true },
	[STK_EVENT_STACK_END] = { "stack-end", "BUG: corrupted stack end",
				  STK_RANK_FATAL },
	[STK_EVENT_PANIC] = { "panic", "panic: %s", STK_RANK_FATAL },
	/* Whoever wanted memory last is not to blame. */
	[STK_EVENT_OOM_PANIC] = { "oom-panic", "panic: out of memory", STK_RANK_FATAL,
				  .not_code = true },
	[STK_EVENT_SYSRQ] = { "sysrq", "sysrq", STK_RANK_FATAL, .dies = true,
			      .not_code = true },
	[STK_EVENT_MACHINE_CHECK] = { "machine-check", "machine check", STK_RANK_FATAL,
				      .not_code = true },
	[STK_EVENT_HARD_LOCKUP] = { "hard-lockup", "hard lockup", STK_RANK_STUCK,
				    .backtraces = true },
	[STK_EVENT_SOFT_LOCKUP] = { "soft-lockup", "soft lockup", STK_RANK_STUCK,
				    .backtraces = true },
	[STK_EVENT_RCU_STALL] = { "rcu-stall", "RCU stall", STK_RANK_STUCK,
				  .backtraces = true },
	[STK_EVENT_HUNG_TASK] = { "hung-task", "hung task", STK_RANK_STUCK,
				  .backtraces = true },
	[STK_EVENT_KASAN] = { "kasan", "KASAN: %s", STK_RANK_DAMAGE },
	[STK_EVENT_KFENCE] = { "kfence", "KFENCE: %s", STK_RANK_DAMAGE },
	[STK_EVENT_KMSAN] = { "kmsan", "KMSAN: %s", STK_RANK_DAMAGE },
	[STK_EVENT_KCSAN] = { "kcsan", "KCSAN: %s", STK_RANK_MINOR },
	[STK_EVENT_UBSAN] = { "ubsan", "UBSAN: %s", STK_RANK_MINOR },
	[STK_EVENT_BUG] = { "bug", "BUG: %s", STK_RANK_DAMAGE },
	[STK_EVENT_WARNING] = { "warning", "WARNING: %s", STK_RANK_MINOR },
	[STK_EVENT_OOM_KILL] = { "oom-kill", "out of memory: a process was killed",
				 STK_RANK_MINOR, .not_code = true },
	[STK_EVENT_HARDWARE] = { "hardware", "hardware error", STK_RANK_MINOR,
				 .not_code = true },
	[STK_EVENT_BACKTRACE] = { "backtrace", "backtrace", STK_RANK_NONE,
				  .backtraces = true },
};

const struct stk_event_kind_info *stk_event_kind(enum stk_event_kind kind)
{
	return &kinds[kind];
}
