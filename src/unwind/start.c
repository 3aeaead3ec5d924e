/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a chain begins: which registers to believe.
 *
 * What a note says is checked before it is used: user mode is believed at once (the
 * kernel's stack is empty then); otherwise the stack pointer must lie on a stack of that
 * CPU or on a task's, or in the guard below one, and the instruction pointer in code.
 */
#include <string.h>

#include "../arch/arch.h"
#include "../kernel/cpus.h"
#include "../kernel/layout.h"
#include "../kernel/task_state.h"
#include "../stacks/claims.h"
#include "../stacks/map.h"
#include "../machine/memory.h"
#include "note.h"
#include "running.h"
#include "unwind.h"
#include "../base/say.h"

static bool on_stack_of(struct stk *s, const struct stk_task *task, uint64_t sp)
{
	return task->stack && sp >= task->stack &&
	       sp < task->stack + s->arch->thread_size(s);
}

/*
 * A sleeping task's saved stack pointer is on its own stack and nowhere else. Where it
 * and the task's vmalloc area say the same, its pointer to the stack is the wrong one:
 * the chain goes on, in doubt.
 */
static const char *bad_sleeper(struct stk *s, const struct stk_start *start)
{
	uint64_t sp = start->task.sp;
	struct stk_stack stack;
	int guard;

	if (!on_stack_of(s, &start->task, sp)) {
		if (stk_find_near(s, sp, &stack, &guard) || guard)
			return "the saved stack pointer is on no stack";
		if (stack.task != start->task.addr || stack.kind != s->arch->task_kind)
			return "the saved stack pointer is on a stack that is not the "
			       "task's";
	}
	return sp & 7 ? "the saved stack pointer is not aligned" : NULL;
}

/* Of its own two words, both say so. */
static bool is_stack_of(const struct stk_stack *stack, const struct stk_task *task)
{
	return stack->task == task->addr && stack->begin == task->stack;
}

/* The stack pointer of a CPU is on a stack that is none of its own. */
static const char *bad_stack(const struct stk_start *start, const struct stk_stack *stack)
{
	if (stk_stack_is_free(stack))
		return "the stack pointer is on a stack that no task has";
	if (start->given || start->cpu < 0 || !start->has_task)
		return NULL;
	if (stack->cpu >= 0 && stack->cpu != start->cpu)
		return "the stack pointer is on another CPU's stack";
	if (!stack->task || is_stack_of(stack, &start->task) ||
	    (start->switching && is_stack_of(stack, &start->other)))
		return NULL;
	return stack->task == start->task.addr
		       ? "the stack pointer is on a stack to which the task's own "
			 "pointer does not lead"
		       : "the stack pointer is on a stack of a task that the CPU did not "
			 "run";
}

static bool on_own_stack(struct stk *s, const struct stk_start *start, uint64_t sp)
{
	return (start->cpu >= 0 && stk_cpu_stack_at(s, (unsigned int)start->cpu, sp)) ||
	       (start->has_task && on_stack_of(s, &start->task, sp)) ||
	       (start->switching && on_stack_of(s, &start->other, sp));
}

const char *stk_bad_start(struct stk *s, const struct stk_start *start)
{
	uint64_t ip = start->regs.v[s->arch->ip], sp = start->regs.v[s->arch->sp], phys;
	struct stk_stack stack;
	int guard;

	if (start->from == STK_FROM_THREAD_SP)
		return bad_sleeper(s, start);
	if (s->arch->user_mode(&start->regs))
		return s->arch->may_be_user(s, NULL, &start->regs, 0)
			       ? NULL
			       : "the instruction pointer is not one of user mode";
	if (on_own_stack(s, start, sp) || s->arch->on_user_stack(s, &start->regs))
		return NULL;
	/* A guard page is not mapped; if it is, the stack's bounds are wrong. */
	if (!stk_find_near(s, sp, &stack, &guard) &&
	    (!guard || stk_translate(s, sp, &phys)))
		return bad_stack(start, &stack);
	if (!stk_is_text(s, ip))
		return "neither the stack pointer nor the instruction pointer makes sense";
	return "the stack pointer is on no stack";
}

/* Is it the task that it says it is? */
static void weigh_pid(struct stk *s, struct stk_start *start)
{
	int says = stk_pid_agrees(s, &start->task);

	stk_weigh(&start->evidence, STK_WITNESS_PID, says);
	if (!says && !start->doubt)
		start->doubt = "the task's struct pid has another number";
}

/*
 * What speaks for the note: that the file has it, too, and that it is of the task that
 * the CPU ran (crash_save_cpu() writes the current task's PID into it).
 */
static void weigh_note(struct stk *s, struct stk_start *start,
		       const struct stk_cpu_note *note)
{
	uint32_t pid = stk_saved_pid(&note->saved);
	int copy = stk_note_has_copy(s, note);

	stk_weigh(&start->evidence, STK_WITNESS_COPY, copy);
	if (!copy)
		start->doubt = "the dump's own notes have no such registers";
	if (!start->has_task || start->switching || pid == start->task.pid)
		return;
	stk_weigh(&start->evidence, STK_WITNESS_COPY, 0);
	start->doubt =
		stk_say(s, "the saved registers are those of PID %u", (unsigned int)pid);
}

/* Whom the CPU was running, and what speaks for and against it. */
static void set_running(struct stk *s, unsigned int cpu, struct stk_start *out)
{
	const struct stk_running_task *r = stk_running_task(s, cpu);

	if (!r || !r->known)
		return;
	out->has_task = true;
	out->task = r->task;
	out->switching = r->switching;
	out->other = r->other;
	out->evidence = r->evidence;
	out->doubt = r->doubt ? r->doubt : stk_running_elsewhere(s, cpu);
	weigh_pid(s, out);
}

void stk_start_switching(struct stk *s, struct stk_start *start)
{
	struct stk_task task = start->task;

	if (!start->switching ||
	    !on_stack_of(s, &start->other, start->regs.v[s->arch->sp]))
		return;
	start->task = start->other;
	start->other = task;
}

/* What was @taken in place of the registers that the CPU had at last. */
static const char *instead_of_foreign(struct stk *s, const struct stk_start *start,
				      const char *taken)
{
	return stk_say(s, "%s; since then %s", taken, start->foreign);
}

/*
 * What the CPU's own stacks vouch for. The code that stops a CPU never returns, so what
 * is found of it is in use still; of an interrupt's stack only a mark says so.
 */
static bool find_vouched(struct stk *s, unsigned int cpu, struct stk_start *out,
			 const char **why)
{
	const bool online = stk_cpu_online(s, cpu),
		   vouched = online &&
			     s->arch->vouched_regs(s, cpu, &out->regs, &out->signal, why);
	struct stk_name name;
	struct stk_regs stop;

	if (vouched && out->signal)
		return true;
	/* A CPU that never came up has for its task one that another CPU may run. */
	if ((online || (out->has_task && stk_running_cpu(s, out->task.addr) < 0)) &&
	    stk_stopped_in(s, out, &stop)) {
		out->regs = stop;
		out->signal = false;
		stk_symbolize(s, stop.v[s->arch->ip], true, &name);
		*why = stk_say(
			s,
			"no registers were saved; the chain begins with the call of %s(), "
			"which never returns: what that led to is not known",
			name.function ? name.function : "code");
		return true;
	}
	return vouched;
}

static enum stk_status start_without_note(struct stk *s, unsigned int cpu,
					  const struct stk_cpu_note *note,
					  struct stk_start *out)
{
	const char *why;

	if (find_vouched(s, cpu, out, &why)) {
		out->partial = !out->signal;
		out->from = out->signal ? STK_FROM_PT_REGS : STK_FROM_STACK;
		if (out->foreign)
			why = instead_of_foreign(s, out, why);
		/* One mark of the CPU's says so, and no register. */
		if (out->signal || out->doubt)
			out->note = why;
		else
			out->doubt = why;
		return STK_OK;
	}
	if (note->unreadable)
		return stk_fail(s, STK_ERR_NO_REGS,
				"CPU %u: the registers in its note cannot be read", cpu);
	if (out->foreign)
		return stk_fail(
			s, STK_ERR_NO_REGS,
			"no registers of CPU %u were saved, and its last are not this "
			"kernel's: %s",
			cpu, out->foreign);
	if (!stk_cpu_online(s, cpu))
		return stk_fail(s, STK_ERR_NO_REGS,
				"no registers of CPU %u were saved (it is offline)", cpu);
	if (!out->has_task)
		return stk_fail(s, STK_ERR_NO_REGS, "no registers of CPU %u were saved",
				cpu);
	return stk_fail(s, STK_ERR_NO_REGS,
			"no registers of CPU %u were saved; it ran PID %u \"%s\"", cpu,
			out->task.pid, out->task.comm);
}

enum stk_status stk_start_running(struct stk *s, unsigned int cpu, struct stk_start *out)
{
	enum stk_status st;

	memset(out, 0, sizeof(*out));
	out->cpu = (int)cpu;
	if (!stk_cpu_possible(s, cpu)) {
		/* Distinguish a number that is out of range from an unreadable kernel. */
		st = stk_prepare(s);
		return st ? st : stk_fail(s, STK_ERR_ARG, "there is no CPU %u", cpu);
	}
	set_running(s, cpu, out);
	out->signal = true;
	if (s->target.live)
		return stk_fail(
			s, STK_ERR_NO_REGS,
			"CPU %u is running: nothing but itself knows its registers", cpu);
	return STK_OK;
}

static enum stk_status start_at_cpu(struct stk *s, unsigned int cpu,
				    struct stk_start *out)
{
	enum stk_status st = stk_start_running(s, cpu, out);
	struct stk_cpu_note note;
	bool found;

	if (st)
		return st;
	found = stk_cpu_note(s, cpu, &note);
	out->foreign = note.foreign;
	if (!found)
		return start_without_note(s, cpu, &note, out);
	out->regs = note.regs;
	out->from = note.from;
	stk_start_switching(s, out);
	if (out->from == STK_FROM_PRSTATUS)
		weigh_note(s, out, &note);
	out->entry = s->arch->entry_state(s, cpu, &note.saved);
	out->note = out->entry ? out->entry->text : NULL;
	if (out->from == STK_FROM_MONITOR)
		out->note = stk_say(s, "registers by %s%s%s", s->target.monitor->name,
				    out->note ? "; " : "", out->note ? out->note : "");
	if (out->foreign)
		out->note = instead_of_foreign(
			s, out, "these registers were saved when the kernel crashed");
	return STK_OK;
}

enum stk_status stk_start_cpu(struct stk *s, unsigned int cpu, struct stk_start *out)
{
	stk_enter(s);
	return stk_leave(s, start_at_cpu(s, cpu, out));
}

bool stk_stack_is_aligned(struct stk *s, uint64_t stack)
{
	uint64_t size = s->arch->thread_size(s);

	return !size || !(stack % size);
}

/* What speaks for it that the task slept there, and against it. */
static void weigh_sleeper(struct stk *s, struct stk_start *start)
{
	struct stk_evidence *e = &start->evidence;
	struct stk_task other;
	bool shared = stk_claimed_by_other(s, &start->task, &other);
	int slept = s->arch->begins_sleep(s, &start->regs);

	/* A dump that has the stacks of tasks has the code of the switch. */
	stk_weigh(e, STK_WITNESS_SWITCH, slept == -2 ? 0 : slept);
	stk_weigh(e, STK_WITNESS_VM_AREA, stk_vm_area_agrees(s, &start->task));
	stk_weigh(e, STK_WITNESS_CLAIM, !shared);
	if (e->differ & 1u << STK_WITNESS_VM_AREA)
		start->doubt = "the task's vmalloc area is not the stack that it has";
	else if (!stk_stack_is_aligned(s, start->task.stack))
		start->doubt = "the task's stack is not aligned to its size";
	else if (shared)
		start->doubt = stk_say(s, "PID %u \"%s\" has the same stack", other.pid,
				       other.comm);
	else if (slept == -2)
		start->doubt = "the code that should switch tasks before where this one "
			       "is to go on is not in the dump";
	else if (e->differ & 1u << STK_WITNESS_SWITCH)
		start->doubt = "no task switch ends where this task is to go on";
	else
		weigh_pid(s, start);
}

void stk_regs_behind(struct stk *s, uint64_t slot, uint64_t ip, struct stk_regs *out)
{
	const struct stk_arch *a = s->arch;

	*out = (struct stk_regs){ .valid = 1ull << a->ip | 1ull << a->sp };
	out->v[a->ip] = ip;
	out->v[a->sp] = slot + 8;
}

static enum stk_status start_sleeper(struct stk *s, const struct stk_task *task,
				     struct stk_start *out)
{
	enum stk_status st;

	memset(out, 0, sizeof(*out));
	out->from = STK_FROM_THREAD_SP;
	out->cpu = -1;
	out->task = *task;
	out->has_task = true;
	if (stk_task_left_stack(task))
		return stk_fail(s, STK_ERR_NOT_FOUND,
				"PID %u has exited: its stack was freed", task->pid);
	if (!task->stack)
		return stk_fail(
			s, STK_ERR_NO_REGS,
			"PID %u has not exited, but its pointer to its stack is 0",
			task->pid);
	st = s->arch->sleeping_regs(s, task, &out->regs, &out->signal);
	if (st)
		return stk_fail(s, st, "PID %u: cannot read its saved stack pointer: %s",
				task->pid, stk_status_text(st));
	weigh_sleeper(s, out);
	return STK_OK;
}

/*
 * A task that says that it is running though no CPU's current pointer names it: the
 * pointer cannot be read, or the task was being switched in or out.
 */
static enum stk_status start_unclaimed(struct stk *s, const struct stk_task *task,
				       struct stk_start *out)
{
	enum stk_status st = STK_ERR_NO_REGS;

	if (task->cpu >= 0)
		st = stk_start_cpu(s, (unsigned int)task->cpu, out);
	if (!st && !out->has_task) {
		out->task = *task;
		out->has_task = true;
		return STK_OK;
	}
	st = start_sleeper(s, task, out);
	if (!st)
		out->doubt =
			"the task says that it is on a CPU, but no CPU says so: this "
			"is where it slept last";
	return st;
}

/* Where the machine goes on, a task may run by now that slept when it was listed. */
static enum stk_status start_live(struct stk *s, const struct stk_task *task,
				  struct stk_start *out)
{
	struct stk_task now;
	enum stk_status st;

	stk_forget_memory(s);
	st = stk_task_read(s, task->addr, &now);
	if (st || now.pid != task->pid)
		return stk_fail(s, STK_ERR_NOT_FOUND, "PID %u has exited", task->pid);
	now.idle = task->idle;
	if (now.on_cpu)
		return stk_fail(
			s, STK_ERR_NO_REGS,
			"PID %u is running: nothing but its CPU knows its registers",
			task->pid);
	return start_sleeper(s, &now, out);
}

/* The task that @cpu says it was running says that it is on no CPU. */
static bool claims_a_sleeper(struct stk *s, unsigned int cpu)
{
	const struct stk_running_task *r = stk_running_task(s, cpu);

	return r && r->evidence.differ & 1u << STK_WITNESS_ON_CPU;
}

static enum stk_status start_at_task(struct stk *s, const struct stk_task *task,
				     struct stk_start *out)
{
	int cpu = stk_running_cpu(s, task->addr);

	if (s->target.live)
		return start_live(s, task, out);
	/* thread.sp of a running task is stale. */
	if (cpu >= 0 && !claims_a_sleeper(s, (unsigned int)cpu))
		return stk_start_cpu(s, (unsigned int)cpu, out);
	if (cpu >= 0) {
		enum stk_status st = start_sleeper(s, task, out);

		if (!st)
			out->doubt = stk_say(
				s,
				"CPU %d says that it ran this task, which says that it "
				"slept",
				cpu);
		return st;
	}
	if (task->on_cpu)
		return start_unclaimed(s, task, out);
	return start_sleeper(s, task, out);
}

enum stk_status stk_start_task(struct stk *s, const struct stk_task *task,
			       struct stk_start *out)
{
	stk_enter(s);
	return stk_leave(s, start_at_task(s, task, out));
}

/* Whose stack is it? Gives the CPU, and the task that runs or ran there. */
static void owner_of_sp(struct stk *s, struct stk_start *start)
{
	struct stk_stack stack;
	int guard;

	start->cpu = -1;
	start->given = true;
	if (stk_find_near(s, start->regs.v[s->arch->sp], &stack, &guard))
		return;
	start->doubt = stack.doubt;
	start->has_task = stk_stack_owner(s, &stack, &start->task);
	start->cpu = stk_stack_is_free(&stack) ? -1 : stack.cpu;
	if (stack.task)
		start->cpu = stk_running_cpu(s, stack.task);
}

static enum stk_status start_at_regs(struct stk *s, uint64_t addr, struct stk_start *out)
{
	enum stk_status st;

	memset(out, 0, sizeof(*out));
	out->from = STK_FROM_PT_REGS;
	out->signal = true;
	out->cpu = -1;
	st = s->arch->read_pt_regs(s, addr, &out->regs);
	if (st)
		return stk_fail(s, st, "cannot read a pt_regs at %#llx: %s",
				(unsigned long long)addr, stk_status_text(st));
	owner_of_sp(s, out);
	return STK_OK;
}

enum stk_status stk_start_regs(struct stk *s, uint64_t addr, struct stk_start *out)
{
	stk_enter(s);
	return stk_leave(s, start_at_regs(s, addr, out));
}

static enum stk_status start_at_stack(struct stk *s, uint64_t sp, uint64_t ip,
				      uint64_t bp, struct stk_start *out)
{
	const struct stk_arch *a = s->arch;
	enum stk_status st;

	memset(out, 0, sizeof(*out));
	out->from = STK_FROM_STACK;
	out->signal = ip != 0;
	if (!ip) {
		st = stk_read_u64(s, sp, &ip);
		if (st)
			return stk_fail(s, st, "cannot read the stack at %#llx: %s",
					(unsigned long long)sp, stk_status_text(st));
		sp += 8;
	}
	out->regs.v[a->ip] = ip;
	out->regs.v[a->sp] = sp;
	out->regs.v[a->fp] = bp;
	out->regs.valid = 1ull << a->ip | 1ull << a->sp;
	if (bp)
		out->regs.valid |= 1ull << a->fp;
	owner_of_sp(s, out);
	return STK_OK;
}

enum stk_status stk_start_stack(struct stk *s, uint64_t sp, uint64_t ip, uint64_t bp,
				struct stk_start *out)
{
	stk_enter(s);
	return stk_leave(s, start_at_stack(s, sp, ip, bp, out));
}
