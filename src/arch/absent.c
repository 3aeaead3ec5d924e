/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is answered in place of the hooks that an architecture does not have: "not known",
 * never a guess. So no caller has to ask whether there is one.
 */
#include <string.h>

#include "arch.h"

static enum stk_status unsupported(struct stk *s, const char *what)
{
	return stk_fail(s, STK_ERR_UNSUPPORTED, "%s: %s is not supported yet",
			s->arch->name, what);
}

/* ---- memory ---- */

static bool absent_map(struct stk *s, uint64_t phys, uint64_t *addr)
{
	return false;
}

static uint64_t absent_code_alias(struct stk *s, uint64_t addr)
{
	return 0;
}

static bool absent_executable(struct stk *s, uint64_t addr)
{
	return false;
}

static enum stk_status absent_translate_in(struct stk *s, uint64_t root, uint64_t addr,
					   uint64_t *phys)
{
	return unsupported(s, "what a process has mapped");
}

static void absent_region(struct stk *s, uint64_t addr, struct stk_place *place)
{
	place->region = s->arch->is_kernel_address(addr) ? "kernel space" : "user space";
}

static bool absent_percpu_alias(struct stk *s, unsigned int cpu, uint64_t addr,
				const char **view, uint64_t *alias)
{
	return false;
}

/* ---- stacks ---- */

static enum stk_status absent_cpu_stacks(struct stk *s, unsigned int cpu,
					 struct stk_stack *out, size_t room, size_t *nr)
{
	*nr = 0;
	return STK_OK;
}

static int absent_irq_in_use(struct stk *s, unsigned int cpu)
{
	return -1;
}

static int absent_in_use(struct stk *s, const struct stk_stack *stack, const char **why)
{
	return -1;
}

static bool absent_residue(struct stk *s, const struct stk_stack *stack,
			   struct stk_residue *out)
{
	return false;
}

/* ---- registers ---- */

static bool absent_user_mode(const struct stk_regs *regs)
{
	return false;
}

static int absent_interruptible(const struct stk_regs *regs)
{
	return -1;
}

static bool absent_may_be_user(struct stk *s, const struct stk_stack *stack,
			       const struct stk_regs *regs, uint64_t regs_at)
{
	return false;
}

static enum stk_status absent_note_regs(struct stk *s, const struct stk_saved *saved,
					struct stk_regs *regs)
{
	memset(regs, 0, sizeof(*regs));
	return unsupported(s, "what notes hold of registers");
}

static unsigned int absent_machine_cpu(struct stk *s, unsigned int cpu)
{
	return cpu;
}

static enum stk_status absent_read_pt_regs(struct stk *s, uint64_t addr,
					   struct stk_regs *regs)
{
	memset(regs, 0, sizeof(*regs));
	return unsupported(s, "the layout of saved registers");
}

static const char *absent_foreign_regs(struct stk *s, const struct stk_saved *saved,
				       bool *capture)
{
	*capture = false;
	return NULL;
}

static bool absent_on_user_stack(struct stk *s, const struct stk_regs *regs)
{
	return false;
}

static const struct stk_entry_state *absent_entry_state(struct stk *s, unsigned int cpu,
							const struct stk_saved *saved)
{
	return NULL;
}

static void absent_entry_words(struct stk *s, const struct stk_regs *regs,
			       struct stk_entry_words *out)
{
}

static size_t absent_saved_copies(struct stk *s, int cpu, const struct stk_stack *task,
				  const struct stk_regs *regs, struct stk_copy *out,
				  size_t room)
{
	return 0;
}

static bool absent_vouched_regs(struct stk *s, unsigned int cpu, struct stk_regs *regs,
				bool *signal, const char **why)
{
	return false;
}

static enum stk_status absent_sleeping_regs(struct stk *s, const struct stk_task *task,
					    struct stk_regs *regs, bool *signal)
{
	memset(regs, 0, sizeof(*regs));
	return unsupported(s, "where a sleeping task's registers are");
}

/* ---- code ---- */

static bool absent_call_before(struct stk *s, uint64_t addr, uint64_t *target)
{
	return false;
}

static enum stk_call absent_call_evidence(struct stk *s, uint64_t ret, uint64_t callee,
					  bool exact, const char **why)
{
	return STK_CALL_UNASKED;
}

/* ---- proof ---- */

static uint64_t absent_user_regs_at(struct stk *s, const struct stk_stack *stack)
{
	return 0;
}

static void absent_weigh_regs(struct stk *s, const struct stk_stack *stack,
			      const struct stk_regs *regs, uint64_t at, uint64_t by,
			      struct stk_evidence *evidence)
{
}

static bool absent_user_below(struct stk *s, const struct stk_kind *kind, uint64_t ip)
{
	return false;
}

static int absent_begins_sleep(struct stk *s, const struct stk_regs *regs)
{
	return -1;
}

static bool absent_begins_stack(struct stk *s, const struct stk_cursor *c, bool idle)
{
	return false;
}

static int absent_counts_context(struct stk *s, unsigned int cpu,
				 const struct stk_kind *kind)
{
	return -1;
}

/* ---- unwinding ---- */

static bool absent_link_word(struct stk *s, const struct stk_stack *stack, uint64_t *at,
			     uint64_t *value)
{
	return false;
}

static bool absent_left_at(struct stk *s, const struct stk_stack *stack, uint64_t *sp)
{
	return false;
}

static void absent_describe_entry(struct stk *s, uint64_t ip, const struct stk_regs *user,
				  uint64_t at, struct stk_entry *out)
{
}

static bool absent_describe_fault(struct stk *s, uint64_t ip, const struct stk_regs *regs,
				  uint64_t at, struct stk_fault *out)
{
	return false;
}

static bool absent_operand(struct stk *s, uint64_t ip, const struct stk_regs *regs,
			   struct stk_operand *out)
{
	return false;
}

/* No stack may lead to any. */
static const uint32_t absent_leads_to[32];

/* clang-format off */
#define HOOKS(X)                                                               \
	X(direct_map, absent_map) X(image_map, absent_map)                     \
	X(page_struct, absent_map)                                             \
	X(code_alias, absent_code_alias) X(executable, absent_executable) X(translate_in, absent_translate_in)  \
	X(region, absent_region) X(percpu_alias, absent_percpu_alias)          \
	X(cpu_stacks, absent_cpu_stacks) X(irq_in_use, absent_irq_in_use)      \
	X(in_use, absent_in_use) X(residue, absent_residue)                    \
	X(user_mode, absent_user_mode) X(may_be_user, absent_may_be_user)      \
	X(interruptible, absent_interruptible)                                 \
	X(note_regs, absent_note_regs) X(read_pt_regs, absent_read_pt_regs)    \
	X(on_user_stack, absent_on_user_stack)                                 \
	X(entry_state, absent_entry_state) X(entry_words, absent_entry_words)  \
	X(saved_copies, absent_saved_copies)                                   \
	X(machine_cpu, absent_machine_cpu)                                     \
	X(foreign_regs, absent_foreign_regs)                                   \
	X(vouched_regs, absent_vouched_regs)                                   \
	X(sleeping_regs, absent_sleeping_regs)                                 \
	X(call_before, absent_call_before)                                     \
	X(call_evidence, absent_call_evidence)                                 \
	X(leads_to, absent_leads_to) X(user_regs_at, absent_user_regs_at)      \
	X(weigh_regs, absent_weigh_regs) X(user_below, absent_user_below)      \
	X(begins_sleep, absent_begins_sleep)                                   \
	X(begins_stack, absent_begins_stack)                                   \
	X(counts_context, absent_counts_context)                               \
	X(link_word, absent_link_word) X(left_at, absent_left_at)              \
	X(describe_entry, absent_describe_entry)                               \
	X(describe_fault, absent_describe_fault) X(operand, absent_operand)
/* clang-format on */

void stk_arch_complete(struct stk_arch *a)
{
#define FILL(hook, answer)                                                               \
	if (!a->hook)                                                                    \
		a->hook = answer;
	HOOKS(FILL)
#undef FILL
}
