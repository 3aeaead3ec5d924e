/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words are the kernel's, from 4.14 on: arch/x86/mm/fault.c, arch/x86/kernel/traps.c,
 * dumpstack.c, kernel/panic.c, lib/bug.c, kernel/watchdog*.c, kernel/rcu/tree_stall.h,
 * kernel/hung_task.c, mm/kasan/report.c, arch/arm64/mm/fault.c,
 * arch/arm64/kernel/traps.c, arch/riscv/mm/fault.c, arch/riscv/kernel/traps.c. The first
 * row that fits is taken.
 */
#include "events_heads.h"

#include <string.h>

#include "../base/bytes.h"

#define HEAD(pattern, kind, take, how, subject)                                          \
	{                                                                                \
		pattern, STK_EVENT_##kind, take, STK_HEAD_##how, subject                 \
	}
#define OPENS(pattern, kind, take)	    HEAD(pattern, kind, take, OPENS, NULL)
#define ABOUT(pattern, kind, take, subject) HEAD(pattern, kind, take, OPENS, subject)
#define JOINS(pattern, kind, take)	    HEAD(pattern, kind, take, JOINS, NULL)
#define ADDS(pattern, kind, take)	    HEAD(pattern, kind, take, ADDS, NULL)
#define PANIC(pattern, kind, take)	    HEAD(pattern, kind, take, PANIC, NULL)
#define TRACE(pattern)			    HEAD(pattern, BACKTRACE, "c", TRACE, NULL)

static const struct stk_event_head heads[] = {
	/* x86: what could not be accessed; up to 5.1 it was "unable to handle kernel
	   ...". */
	OPENS("BUG: kernel NULL pointer dereference, address: %x", NULL_DEREF, "a"),
	OPENS("BUG: unable to handle kernel NULL pointer dereference at %x", NULL_DEREF,
	      "a"),
	/* %p of NULL, up to 5.1 */
	OPENS("BUG: unable to handle kernel NULL pointer dereference%*", NULL_DEREF, "-"),
	OPENS("BUG: unable to handle page fault for address: %x", PAGE_FAULT, "a"),
	OPENS("BUG: unable to handle kernel paging request at %x", PAGE_FAULT, "a"),
	OPENS("BUG: unable to handle kernel %s at %x", PAGE_FAULT, "sa"),
	/* powerpc */
	OPENS("BUG: Kernel NULL pointer dereference%s at %x", NULL_DEREF, "-a"),
	OPENS("BUG: Unable to handle kernel %s at %x", PAGE_FAULT, "sa"),
	/* arm64, riscv, arm */
	OPENS("Unable to handle kernel NULL pointer dereference at virtual address %x",
	      NULL_DEREF, "a"),
	OPENS("Unable to handle kernel %s at virtual address %x", PAGE_FAULT, "sa"),
	/* s390 */
	OPENS("Unable to handle kernel pointer dereference%*", PAGE_FAULT, "-"),

	OPENS("BUG: stack guard page was hit at %x", STACK_GUARD, "a"),
	OPENS("BUG: %w stack guard page was hit at %x", STACK_GUARD, "sa"),
	OPENS("Insufficient stack space to handle exception!", STACK_GUARD, ""),
	OPENS("PANIC: double fault%*", DOUBLE_FAULT, "-"),
	JOINS("double fault: %x [#%d]", DOUBLE_FAULT, "e-"),
	JOINS("Oops: double fault: %x [#%d]", DOUBLE_FAULT, "e-"),

	OPENS("general protection fault, probably for non-canonical address %x: %x [#%d]",
	      GPF, "ae-"),
	OPENS("general protection fault, maybe for address %x: %x [#%d]", GPF, "ae-"),
	OPENS("general protection fault: %x [#%d]", GPF, "e-"),
	OPENS("general protection fault, %*", GPF, "-"),
	OPENS("Oops: general protection fault, probably for non-canonical address %x: %x [#%d]",
	      GPF, "ae-"),
	OPENS("Oops: general protection fault, maybe for address %x: %x [#%d]", GPF,
	      "ae-"),
	OPENS("Oops: general protection fault: %x [#%d]", GPF, "e-"),
	OPENS("Oops: general protection fault, %*", GPF, "-"),

	OPENS("kernel BUG at %s!", KERNEL_BUG, "l"),

	OPENS("Watchdog detected hard LOCKUP on cpu %d", HARD_LOCKUP, "c"),
	OPENS("CPU%d: Watchdog detected hard LOCKUP on cpu %d", HARD_LOCKUP, "-c"),
	OPENS("BUG: soft lockup - CPU#%d stuck for %ds! [%s]", SOFT_LOCKUP, "cnt"),
	OPENS("BUG: soft lockup%*", SOFT_LOCKUP, "-"),
	OPENS("INFO: %w detected stalls on CPUs/tasks%*", RCU_STALL, "sC"),
	OPENS("INFO: %w detected expedited stalls on CPUs/tasks%*", RCU_STALL, "sC"),
	OPENS("INFO: %w self-detected stall on CPU%*", RCU_STALL, "sC"),
	OPENS("INFO: task %s blocked for more than %d seconds", HUNG_TASK, "tn"),
	OPENS("INFO: task %s blocked in I/O wait for more than %d seconds", HUNG_TASK,
	      "tn"),
	OPENS("INFO: task %s can't die for more than %d seconds", HUNG_TASK, "tn"),

	OPENS("BUG: KASAN: %s in %*", KASAN, "sf"),
	OPENS("BUG: KFENCE: %s in %*", KFENCE, "sf"),
	OPENS("BUG: KFENCE: %*", KFENCE, "s"),
	OPENS("BUG: KMSAN: %s in %*", KMSAN, "sf"),
	OPENS("BUG: KCSAN: %s in %*", KCSAN, "s-"),
	OPENS("UBSAN: %s in %w", UBSAN, "sl"),

	OPENS("list_add corruption%*", LIST, "-"),
	OPENS("list_add double add%*", LIST, "-"),
	OPENS("list_del corruption%*", LIST, "-"),
	ABOUT("BUG: scheduling while atomic: %s/0x%x", BUG, "t-",
	      "scheduling while atomic"),
	ABOUT("BUG: sleeping function called from invalid context at %w", BUG, "l",
	      "sleeping function called from invalid context"),
	ABOUT("BUG: Bad page state in process %s pfn:%x", BUG, "m-", "Bad page state"),
	ABOUT("BUG: Bad page map in process %s pte:%x", BUG, "m-", "Bad page map"),
	ABOUT("BUG: using smp_processor_id() in preemptible [%x] code: %*", BUG, "-t",
	      "using smp_processor_id() in preemptible code"),
	ABOUT("BUG: using %w in preemptible [%x] code: %*", BUG, "--t",
	      "using per-CPU data in preemptible code"),
	ABOUT("BUG: spinlock lockup suspected on CPU#%d, %*", BUG, "ct",
	      "spinlock lockup suspected"),
	ABOUT("BUG: spinlock recursion on CPU#%d, %*", BUG, "ct", "spinlock recursion"),
	ABOUT("BUG: spinlock bad magic on CPU#%d, %*", BUG, "ct", "spinlock bad magic"),
	ABOUT("BUG: spinlock already unlocked on CPU#%d, %*", BUG, "ct",
	      "spinlock already unlocked"),
	ABOUT("BUG: spinlock wrong %w on CPU#%d, %*", BUG, "-ct", "spinlock wrong owner"),
	ABOUT("BUG: workqueue leaked lock or atomic: %*", BUG, "-",
	      "workqueue leaked lock or atomic"),
	OPENS("BUG: %*", BUG, "s"),
	/* lockdep, up to 4.11 */
	OPENS("[ BUG: %s ]", BUG, "s"),
	OPENS("[ INFO: %s ]", WARNING, "s"),
	OPENS("BUG %w (%s): %*", BUG, "--s"), /* slub */

	OPENS("WARNING: CPU: %d PID: %d at %w %*", WARNING, "cplf"),
	OPENS("WARNING: CPU: %d PID: %d at %w", WARNING, "cpl"),
	OPENS("WARNING: %w at %s, CPU#%d: %*", WARNING, "lfct"),
	OPENS("WARNING: %w at %w", WARNING, "l-"),
	OPENS("WARNING: at %s, CPU#%d: %*", WARNING, "fct"),
	/* Of lockdep, and the unwinder. Others say "WARNING: " too: a boot loader on the
	   same console, programs. */
	ABOUT("WARNING: possible circular locking dependency detected", WARNING, "",
	      "possible circular locking dependency detected"),
	ABOUT("WARNING: possible recursive locking detected", WARNING, "",
	      "possible recursive locking detected"),
	ABOUT("WARNING: possible irq lock inversion dependency detected", WARNING, "",
	      "possible irq lock inversion dependency detected"),
	ABOUT("WARNING: %w -> %w lock order detected", WARNING, "--",
	      "unsafe lock order detected"),
	ABOUT("WARNING: inconsistent lock state", WARNING, "", "inconsistent lock state"),
	ABOUT("WARNING: suspicious RCU usage", WARNING, "", "suspicious RCU usage"),
	ABOUT("WARNING: bad unlock balance detected!", WARNING, "",
	      "bad unlock balance detected!"),
	ABOUT("WARNING: bad contention detected!", WARNING, "",
	      "bad contention detected!"),
	ABOUT("WARNING: Nested lock was not taken", WARNING, "",
	      "Nested lock was not taken"),
	ABOUT("WARNING: held lock freed!", WARNING, "", "held lock freed!"),
	ABOUT("WARNING: lock held when returning to user space!", WARNING, "",
	      "lock held when returning to user space!"),
	ABOUT("WARNING: %s still has locks held!", WARNING, "t", "still has locks held!"),
	ABOUT("WARNING: kernel stack regs at %*", WARNING, "-", "kernel stack regs"),
	ABOUT("WARNING: kernel stack frame pointer at %*", WARNING, "-",
	      "kernel stack frame pointer"),
	ABOUT("WARNING: stack recursion on stack type %d", WARNING, "-",
	      "stack recursion"),
	OPENS("INFO: possible recursive locking detected%*", WARNING, "-"),
	OPENS("INFO: trying to register non-static key.%*", WARNING, "-"),
	OPENS("unchecked MSR access error: %w", WARNING, "s"),

	/* What the machine itself reports */
	ADDS("[Hardware Error]: CPU %d: Machine Check Exception: %x Bank %d: %x",
	     MACHINE_CHECK, "c---"),
	ADDS("[Hardware Error]: CPU %d: Machine Check%*", HARDWARE, "c-"),
	OPENS("SError Interrupt on CPU%d, code %x", MACHINE_CHECK, "ce"),
	ADDS("{%d}[Hardware Error]: %*", HARDWARE, "-s"),
	ADDS("[Hardware Error]: %*", HARDWARE, "s"),
	OPENS("Uhhuh. NMI received for unknown reason %x on CPU %d", HARDWARE, "-c"),
	OPENS("NMI: PCI system error (SERR) for reason %x on CPU %d", HARDWARE, "-c"),
	OPENS("NMI: IOCK error%*", HARDWARE, "-"),

	OPENS("%s invoked oom-killer:%*", OOM_KILL, "m-"),
	ADDS("Out of memory: Kill%w process %d (%s)", OOM_KILL, "---"),
	ADDS("Memory cgroup out of memory: Kill%w process %d (%s)", OOM_KILL, "---"),

	/* "SysRq : Trigger a crash" up to 4.20 */
	OPENS("Trigger a crash", SYSRQ, ""),
	OPENS("SysRq : Trigger a crash", SYSRQ, ""),

	PANIC("Kernel panic - not syncing: sysrq triggered crash", SYSRQ, ""),
	PANIC("Kernel panic - not syncing: Out of memory%*", OOM_PANIC, "-"),
	PANIC("Kernel panic - not syncing: System is deadlocked on memory%*", OOM_PANIC,
	      "-"),
	PANIC("Kernel panic - not syncing: out of memory%*", OOM_PANIC, "-"),
	PANIC("Kernel panic - not syncing: corrupted stack end%*", STACK_END, "-"),
	HEAD("Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: %w",
	     PANIC, "f", PANIC, "stack-protector: Kernel stack is corrupted"),
	PANIC("Kernel panic - not syncing: %*", PANIC, "s"),
	PANIC("Kernel panic - not syncing%*", PANIC, "-"),

	TRACE("NMI backtrace for cpu %d"),
	HEAD("Task dump for CPU %d:", BACKTRACE, "c", TRACE, "task"),
	HEAD("RCU grace-period kthread stack dump:", RCU_STALL, "", TRACE, "rcu"),

	/* die(): x86's with a name since 6.10, then arm64's, then riscv's. */
	JOINS("Oops: stack guard page: %x [#%d]", STACK_GUARD, "e-"),
	JOINS("kernel stack overflow (%s): %x [#%d]", STACK_GUARD, "-e-"),
	JOINS("Oops: %x [#%d]", DIE, "x-"),
	JOINS("Oops: Oops: %x [#%d]", DIE, "x-"),
	JOINS("Oops: %s: %x [#%d]", DIE, "se-"),
	JOINS("Internal error: Oops: %x [#%d]", DIE, "e-"),
	JOINS("Internal error: %s: %x [#%d]", DIE, "se-"),
	OPENS("Bad mode in %s handler detected on CPU%d, code %x", DIE, "-ce"),
	OPENS("Unhandled 64-bit %s exception on CPU%d, ESR %x", DIE, "sce"),
	OPENS("Unhandled fault: %s (%x) at %x", DIE, "sea"),
	JOINS("Kernel BUG [#%d]", KERNEL_BUG, "-"),
	JOINS("Oops [#%d]", DIE, "-"),
	JOINS("Oops - %s [#%d]", DIE, "s-"),
	JOINS("%s: %x [#%d]", DIE, "se-"),
};

#define MORE(pattern, take, detail, frames)                                              \
	{                                                                                \
		pattern, take, detail, frames                                            \
	}
#define TAKEN(pattern, take)  MORE(pattern, take, false, false)
#define TOLD(pattern, take)   MORE(pattern, take, true, false)
#define FRAMES(pattern, take) MORE(pattern, take, true, true)

static const struct stk_event_more more[] = {
	TOLD("#PF: error_code(%x) - %*", "x-"),
	TOLD("#PF: %*", "-"),
	TOLD("KASAN: %s in range [%x-%x]", "---"),
	TOLD("KASAN: %*", "-"),
	TOLD("%w of size %d at addr %x by task %s", "rbat"),
	TOLD("Free of addr %x by task %s", "at"),
	FRAMES("write to %x of %d bytes by %s on cpu %d", "abtc"),
	FRAMES("read to %x of %d bytes by %s on cpu %d", "abtc"),
	FRAMES("race at unknown origin, with %w to %x of %d bytes by %s on cpu %d",
	       "rab-c"),
	FRAMES("race at unknown origin, with %*", "-"),
	FRAMES("Use-after-free %w at %x (%s)", "ra-"),
	FRAMES("Out-of-bounds %w at %x (%s)", "ra-"),
	FRAMES("Invalid %w at %x", "ra"),
	FRAMES("Invalid free of %x", "a"),
	FRAMES("backtrace%*", "-"), /* of kmemleak */
	FRAMES("Corrupted memory at %x", "a"),
	TOLD("The buggy address %*", "-"),
	TOLD("which belongs to the cache %*", "-"),
	/* arm64, of which bit 6 of the syndrome means a write */
	TAKEN("ESR = %x", "e"),
	TOLD("ESR: %x -- %*", "e-"),
	TAKEN("FAR: %x", "a"),
	TAKEN("CM = %d, WnR = %d", "-w"),
	TOLD("Task stack: [%*", "-"),
	TOLD("IRQ stack: [%*", "-"),
	TOLD("Overflow stack: [%*", "-"),
	TOLD("Hardware error: %*", "-"),
	TOLD("[Hardware Error]: %*", "-"),
	TOLD("Tasks blocked on %*", "-"),
	TOLD("(detected by %*", "-"),
	TOLD("(t=%d jiffies%*", "--"),
	TOLD("%w kthread starved for %*", "--"),
	TOLD("Unless %s kthread gets sufficient CPU time%*", "--"),
	TOLD("blocked by %*", "-"),
};

/* Nobody but these begins a message of ours. */
static const char *const subsystems[] = { "watchdog: ", "NMI watchdog: ", "rcu: ",
					  "traps: ",	"sysrq: ",	  "mce: ",
					  "rcu_tree: " };

void stk_event_subsystem(const char **text, size_t *len)
{
	for (size_t i = 0; i < STK_ARRAY_SIZE(subsystems); i++) {
		size_t n = strlen(subsystems[i]);

		if (*len < n || memcmp(*text, subsystems[i], n))
			continue;
		*text += n;
		*len -= n;
		while (*len && (**text == ' ' || **text == '\t')) {
			++*text;
			--*len;
		}
		return;
	}
}

/* What may begin with anything begins with a quote in the source of a program. */
static bool is_source(const struct stk_event_head *head, const struct stk_taken *taken)
{
	return stk_begins_with(head->pattern, strlen(head->pattern), "%s") &&
	       memchr(taken->text, '"', taken->len);
}

const struct stk_event_head *stk_event_head(const char *text, size_t len,
					    struct stk_taken *taken)
{
	for (size_t i = 0; i < STK_ARRAY_SIZE(heads); i++)
		if (stk_event_match(heads[i].pattern, text, len, taken) &&
		    !is_source(&heads[i], taken))
			return &heads[i];
	return NULL;
}

const struct stk_event_more *stk_event_more(const char *text, size_t len,
					    struct stk_taken *taken)
{
	for (size_t i = 0; i < STK_ARRAY_SIZE(more); i++)
		if (stk_event_match(more[i].pattern, text, len, taken))
			return &more[i];
	return NULL;
}
