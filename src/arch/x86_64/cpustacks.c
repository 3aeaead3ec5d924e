/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a CPU's stacks are.
 *
 * Each way in which the kernel has arranged them is a row in a table: what must
 * exist, and where to look then. The first row whose needs are met wins, whatever
 * the kernel's version says.
 */
#include "exception.h"
#include "percpu_word.h"

#include "../../kernel/cpus.h"
#include "../../kernel/layout.h"
#include "../../machine/memory.h"
#include "../thread_size.h"

/* ---- the words of the IRQ stack ---- */

/* The true top of an IRQ stack, by the pointer at @addr. */
static uint64_t irq_top(struct stk *s, uint64_t addr)
{
	uint64_t top;

	if (stk_read_u64(s, addr, &top))
		return 0;
	/*
	 * Since 5.12 (commit 951c2a51ae75) the pointer is the place of the saved word,
	 * the top less 8; before, the top itself.
	 */
	return (top & 0xfff) == 0xff8 ? top + 8 : top;
}

/*
 * A kernel may have more than one of the words, when a vendor kept an old one; the one
 * in use points to memory. Nothing vouches for the mark, but it lies beside the pointer.
 */
static const struct x86_percpu_word *find_irq_word(struct stk *s, uint64_t percpu,
						   uint64_t *addr)
{
	const struct x86_percpu_word *found = NULL, *word;
	uint64_t at, top, phys;

	for (size_t i = 0;
	     (word = x86_next_word(s, X86_WORD_IRQ_STACK, percpu, &i, &at));) {
		top = irq_top(s, at);
		if (!(top & 0xfff) && !stk_translate(s, top - 8, &phys)) {
			*addr = at;
			return word;
		}
		if (!found) {
			found = word;
			*addr = at;
		}
	}
	return found;
}

static bool find_in_use_word(struct stk *s, uint64_t percpu, uint64_t *addr)
{
	const struct x86_percpu_word *word, *pointer;
	uint64_t at, unused;
	bool found = false;

	for (size_t i = 0;
	     (word = x86_next_word(s, X86_WORD_IRQ_IN_USE, percpu, &i, &at));) {
		if (!found || ((pointer = find_irq_word(s, percpu, &unused)) &&
			       !pointer->member == !word->member))
			*addr = at;
		found = true;
	}
	return found;
}

/* ---- task stacks ---- */

uint64_t x86_thread_size(struct stk *s)
{
	struct x86_state *x = x86_state(s);

	if (!x)
		return 0;
	if (!x->thread_size)
		x->thread_size = stk_thread_size(s, 4 * X86_PAGE_SIZE);
	return x->thread_size;
}

/*
 * With CONFIG_X86_FRED (6.9+) the pt_regs lie 16 bytes lower, on any hardware: the
 * frame that FRED pushes has two words more.
 */
uint64_t x86_top_padding(struct stk *s)
{
	return stk_has_symbol(s, "asm_fred_entrypoint_user") ? 16 : 0;
}

uint64_t x86_task_pt_regs(struct stk *s, const struct stk_stack *stack)
{
	return stack->end - x86_top_padding(s) - X86_PT_REGS_SIZE;
}

/* ---- the IRQ stack ---- */

static enum stk_status irq_stack(struct stk *s, unsigned int cpu, uint64_t percpu,
				 struct stk_stack *out)
{
	uint64_t at, top, sym;
	uint32_t size;
	enum stk_status st;

	if (!find_irq_word(s, percpu, &at))
		return STK_ERR_NO_SYMBOL;
	st = stk_read_u64(s, at, &top);
	if (st)
		return st;
	top = irq_top(s, at);
	if (!top || top & 0xfff)
		return stk_fail(s, STK_ERR_CORRUPT,
				"CPU %u: the IRQ stack's top is %#llx", cpu,
				(unsigned long long)top);
	if (!stk_find_size(s, "irq_stack", &size) &&
	    !stk_find_size(s, "irq_stack_union", &size))
		size = (uint32_t)x86_thread_size(s);
	if (!stk_is_stack_size(size))
		return STK_ERR_CORRUPT;
	*out = (struct stk_stack){
		.kind = X86_STACK(IRQ),
		.cpu = (int)cpu,
		.begin = top - size,
		.end = top,
		.mapped = true,
	};
	/* With VMAP_STACK the pages have a second address, in the per-CPU area. */
	if (stk_find_symbol(s, "irq_stack_backing_store", &sym) &&
	    sym + percpu != out->begin)
		out->store = sym + percpu;
	return STK_OK;
}

bool x86_inline_irq_switch(struct stk *s)
{
	return x86_has_word(s, X86_WORD_IRQ_IN_USE);
}

int x86_irq_in_use(struct stk *s, unsigned int cpu)
{
	uint64_t percpu, at, sym;
	uint32_t count;
	uint8_t flag;

	if (stk_percpu_offset(s, cpu, &percpu))
		return X86_UNKNOWN;
	if (find_in_use_word(s, percpu, &at))
		return stk_read(s, at, &flag, 1) ? X86_UNKNOWN : !!flag;
	if (stk_find_symbol(s, "irq_count", &sym))
		return stk_read_u32(s, sym + percpu, &count) ? X86_UNKNOWN
							     : (int32_t)count >= 0;
	return X86_UNKNOWN;
}

int x86_in_use(struct stk *s, const struct stk_stack *stack, const char **why)
{
	const struct x86_exception_frame *frame;
	int in_use = X86_UNKNOWN;

	if (stack->kind == X86_STACK(IRQ)) {
		in_use = x86_irq_in_use(s, (unsigned int)stack->cpu);
		*why = in_use == 1 ? "the CPU was on its IRQ stack"
				   : "the CPU was not on its IRQ stack";
	} else if (x86_keeps_copies(stack)) {
		/* Up to 5.1 a call went to this stack, over that word. */
		frame = x86_frame_on(s, stack);
		in_use = frame ? x86_is_handled(s, stack, frame) : X86_UNKNOWN;
		*why = in_use == 1 ? "an NMI was being handled"
				   : "no NMI was being handled";
	}
	return in_use;
}

/* ---- the exception (IST) stacks ---- */

static enum stk_status exception_stacks(struct stk *s, unsigned int cpu, uint64_t percpu,
					struct stk_stack *out, size_t room, size_t *nr)
{
	uint64_t sym, cea, store = 0, phys;
	enum stk_status st = stk_symbol(s, "cea_exception_stacks", &sym);

	if (!st)
		st = stk_read_u64(s, sym + percpu, &cea);
	if (st)
		return st;
	if (cea & 0xfff || !x86_is_kernel_address(cea))
		return stk_fail(s, STK_ERR_CORRUPT,
				"CPU %u: cea_exception_stacks is %#llx", cpu,
				(unsigned long long)cea);
	if (stk_find_symbol(s, "exception_stacks", &sym))
		store = sym + percpu;
	for (size_t i = 0; i < X86_NR_EXCEPTIONS && *nr < room; i++) {
		const struct x86_exception *e = &x86_exceptions[i];
		struct stk_member m, b;

		/* A hole has a member of size 0 in the store and of full size here. */
		if (!stk_find_member(s, "cea_exception_stacks", e->member, &m) ||
		    !stk_is_stack_size(m.size))
			continue;
		out[*nr] = (struct stk_stack){
			.kind = e->kind,
			.cpu = (int)cpu,
			.begin = cea + m.offset,
			.end = cea + m.offset + m.size,
			/* Each is preceded by its X_stack_guard[4096]. */
			.guard = cea + m.offset - X86_PAGE_SIZE,
		};
		out[*nr].mapped =
			stk_translate(s, out[*nr].begin, &phys) != STK_ERR_UNMAPPED;
		if (store && out[*nr].mapped &&
		    stk_find_member(s, "exception_stacks", e->member, &b) &&
		    b.size == m.size)
			out[*nr].store = store + b.offset;
		(*nr)++;
	}
	return STK_OK;
}

/*
 * Up to 5.1 the stacks lay one after the other without guards; orig_ist.ist[] holds
 * their tops and, unlike the TSS's ist[], is never moved by a handler. The #DB stack
 * has twice the size, for one nested #DB (DEBUG_STKSZ).
 */
#define NR_CONTIGUOUS 4u

static enum stk_status read_orig_ist(struct stk *s, unsigned int cpu, uint64_t percpu,
				     uint64_t *top)
{
	uint64_t sym, size;
	enum stk_status st = stk_symbol(s, "orig_ist", &sym);

	if (!st)
		st = stk_read(s, sym + percpu, top, NR_CONTIGUOUS * sizeof(*top));
	if (st)
		return st;
	size = top[1] - top[0]; /* EXCEPTION_STKSZ: one page, more with KASAN */
	if (!x86_is_kernel_address(top[0]) || top[0] & 0xfff || size < X86_PAGE_SIZE ||
	    size > 16 * X86_PAGE_SIZE || size & 0xfff)
		return stk_fail(s, STK_ERR_CORRUPT, "CPU %u: orig_ist is damaged", cpu);
	return STK_OK;
}

static enum stk_status contiguous_stacks(struct stk *s, unsigned int cpu, uint64_t percpu,
					 struct stk_stack *out, size_t room, size_t *nr)
{
	uint64_t sym, top[NR_CONTIGUOUS], store = 0, base, begin;
	enum stk_status st = read_orig_ist(s, cpu, percpu, top);

	if (st)
		return st;
	begin = base = top[0] - (top[1] - top[0]);
	/* Before page-table isolation the CPU used the per-CPU address itself. */
	if (stk_find_symbol(s, "exception_stacks", &sym) && sym + percpu != base)
		store = sym + percpu;
	for (unsigned int i = 0; i < NR_CONTIGUOUS && *nr < room; begin = top[i++]) {
		if (top[i] <= begin || top[i] - begin > 32 * X86_PAGE_SIZE)
			break;
		out[(*nr)++] = (struct stk_stack){
			.kind = x86_ist_kind(i),
			.cpu = (int)cpu,
			.begin = begin,
			.end = top[i],
			.store = store ? store + (begin - base) : 0,
			.mapped = true,
		};
	}
	return STK_OK;
}

/* ---- the entry stack in the cpu_entry_area ---- */

#define CPU_ENTRY_AREA_PER_CPU (X86_RO_IDT + X86_PAGE_SIZE)

uint64_t x86_cpu_entry_area(struct stk *s, unsigned int cpu)
{
	struct stk_member estacks;
	uint64_t percpu, sym, cea;
	uint32_t size;

	if (stk_percpu_offset(s, cpu, &percpu))
		return 0;
	/* Since 6.2 the areas are in random order: take the CPU's own pointer. */
	if (stk_find_symbol(s, "cea_exception_stacks", &sym)) {
		if (!stk_find_member(s, "cpu_entry_area", "estacks", &estacks) ||
		    stk_read_u64(s, sym + percpu, &cea) || !cea)
			return 0;
		return cea - estacks.offset;
	}
	/* Up to 5.1 they are in the order of the CPUs. None before 4.15 (4.14.y late). */
	if (!stk_find_size(s, "cpu_entry_area", &size))
		return 0;
	return CPU_ENTRY_AREA_PER_CPU + (uint64_t)cpu * size;
}

/*
 * What is no stack and yet has a second address there: setup_cpu_entry_area() of
 * arch/x86/mm/cpu_entry_area.c.
 */
static const struct {
	const char *symbol;
	const char *member; /* of struct cpu_entry_area */
} entry_area_alias[] = {
	{ "cpu_tss_rw", "tss" },
	{ "gdt_page", "gdt" },
};

bool x86_percpu_alias(struct stk *s, unsigned int cpu, uint64_t addr, const char **view,
		      uint64_t *alias)
{
	uint64_t percpu, sym, cea = x86_cpu_entry_area(s, cpu), here, there;
	struct stk_member m;

	if (!cea || stk_percpu_offset(s, cpu, &percpu))
		return false;
	for (size_t i = 0; i < sizeof(entry_area_alias) / sizeof(entry_area_alias[0]);
	     i++) {
		if (!stk_find_symbol(s, entry_area_alias[i].symbol, &sym) ||
		    !stk_find_member(s, "cpu_entry_area", entry_area_alias[i].member,
				     &m) ||
		    addr - sym - percpu >= m.size)
			continue;
		*alias = cea + m.offset + (addr - sym - percpu);
		*view = "cpu_entry_area";
		/* The page tables have the last word. */
		return !stk_translate(s, addr, &here) &&
		       !stk_translate(s, *alias, &there) && here == there;
	}
	return false;
}

static enum stk_status entry_stack(struct stk *s, unsigned int cpu, uint64_t percpu,
				   struct stk_stack *out)
{
	uint64_t cea = x86_cpu_entry_area(s, cpu), sym;
	struct stk_member page;
	uint32_t size;
	enum stk_status st;

	if (!cea)
		return STK_ERR_NOT_FOUND;
	st = stk_member(s, "cpu_entry_area", "entry_stack_page", &page);
	if (!st)
		st = stk_size(s, "entry_stack", &size);
	if (st)
		return st;
	if (!stk_is_stack_size(size))
		return STK_ERR_CORRUPT;
	*out = (struct stk_stack){
		.kind = X86_STACK(ENTRY),
		.cpu = (int)cpu,
		.begin = cea + page.offset,
		.end = cea + page.offset + size,
		.mapped = true,
	};
	if (stk_find_symbol(s, "entry_stack_storage", &sym))
		out->store = sym + percpu;
	return STK_OK;
}

/* ---- ESPFIX ---- */

/*
 * IRET to a 16-bit stack goes by way of these 64 bytes, mapped read-only 65536 times,
 * 64 KiB apart; espfix_stack is the lowest of it (CONFIG_X86_ESPFIX64, commit
 * 3891a04aafd6, arch/x86/kernel/espfix_64.c). Where it is written is in the direct map.
 */
#define ESPFIX_STACK_SIZE 64u

static enum stk_status espfix_stack(struct stk *s, unsigned int cpu, uint64_t percpu,
				    struct stk_stack *out)
{
	uint64_t sym, bottom;
	enum stk_status st = stk_symbol(s, "espfix_stack", &sym);

	if (!st)
		st = stk_read_u64(s, sym + percpu, &bottom);
	if (st)
		return st;
	if (!bottom)
		return STK_ERR_NOT_FOUND; /* a CPU that never came up */
	if (bottom % ESPFIX_STACK_SIZE || !x86_is_kernel_address(bottom))
		return stk_fail(s, STK_ERR_CORRUPT, "CPU %u: espfix_stack is %#llx", cpu,
				(unsigned long long)bottom);
	*out = (struct stk_stack){
		.kind = X86_STACK(ESPFIX),
		.cpu = (int)cpu,
		.begin = bottom,
		.end = bottom + ESPFIX_STACK_SIZE,
		.mapped = true,
	};
	return STK_OK;
}

enum stk_status x86_cpu_stacks(struct stk *s, unsigned int cpu, struct stk_stack *out,
			       size_t room, size_t *nr)
{
	uint64_t percpu, phys;
	enum stk_status st = stk_percpu_offset(s, cpu, &percpu), first = STK_OK;

	*nr = 0;
	if (st)
		return st;
	/* One that cannot be found does not hide the others. */
	if (*nr < room) {
		st = entry_stack(s, cpu, percpu, &out[*nr]);
		*nr += !st;
		first = st;
	}
	st = exception_stacks(s, cpu, percpu, out, room, nr);
	if (st == STK_ERR_NO_SYMBOL)
		st = contiguous_stacks(s, cpu, percpu, out, room, nr);
	first = first ? first : st;
	if (*nr < room) {
		st = irq_stack(s, cpu, percpu, &out[*nr]);
		if (!st) {
			/* A vmapped stack has unmapped pages around it. */
			uint64_t below = out[*nr].begin - X86_PAGE_SIZE;

			if (stk_translate(s, below, &phys) == STK_ERR_UNMAPPED)
				out[*nr].guard = below;
			(*nr)++;
		}
		first = first ? first : st;
	}
	if (*nr < room && !espfix_stack(s, cpu, percpu, &out[*nr]))
		(*nr)++;
	return *nr ? STK_OK : first;
}

/*
 * Which word at the top of an exception stack says where rsp was: the hardware's. A
 * nested NMI has its own there: then the copy in the pt_regs tells of the first one, and
 * the hardware's of the second.
 */
static uint64_t exception_link(struct stk *s, const struct stk_stack *stack,
			       const struct x86_exception_frame *frame)
{
	uint64_t at = stack->end - frame->hw + X86_HW_SP, sp;

	if (x86_is_handled(s, stack, frame) == 1 && !stk_read_u64(s, at, &sp) &&
	    stk_within(sp, stack->begin, stack->end))
		return stack->end - frame->pt_regs + X86_IRET_OFFSET + X86_HW_SP;
	return at;
}

/*
 * What get_stack_info() of the kernel calls next_sp: the word by which the switch
 * saved the stack before.
 *
 *   exception stacks	the hardware pushed it: see above
 *   IRQ stack		the switch stored it in the topmost word: *(end - 8)
 *
 * An exception stack that was called has it in the topmost word, too, or nowhere.
 */
bool x86_link_word(struct stk *s, const struct stk_stack *stack, uint64_t *at,
		   uint64_t *value)
{
	const struct x86_exception_frame *frame = x86_frame_on(s, stack);
	struct x86_called called;

	if (frame)
		*at = exception_link(s, stack, frame);
	else if (stack->kind == X86_STACK(IRQ) ||
		 (x86_called_stack(s, stack, &called) && called.saved))
		*at = stack->end - 8;
	else
		return false;
	return stk_read_u64(s, *at, value) == STK_OK;
}
