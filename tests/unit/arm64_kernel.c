/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Its functions have the code that makes their frames, and calls where they called. */
#include "arm64.h"

#include <string.h>

enum kind {
	PLAIN,	/* stp x29, x30, [sp, #-frame]!; mov x29, sp */
	LOCALS, /* sub sp; stp x29, x30, [sp, #16]; add x29, sp, #16 */
	LEAF,	/* nothing */
	ENTRY,	/* in entry code: nothing that the code tells */
	SWITCH, /* PLAIN, and goes on on the IRQ stack */
	BOOT,	/* where stacks begin */
};

static const struct {
	const char *name, *old; /* up to 5.13 */
	enum kind kind;
	uint32_t frame;
} function[] = {
	{ "el1h_64_sync", "el1_sync", ENTRY, 0 },
	{ "el1h_64_irq", "el1_irq", ENTRY, 0 },
	{ "el1h_64_error", "el1_error", ENTRY, 0 },
	{ "el0t_64_sync", "el0_sync", ENTRY, 0 },
	{ "el0t_64_irq", "el0_irq", ENTRY, 0 },
	{ "el0t_32_sync", "el0_sync_compat", ENTRY, 0 },
	{ "ret_to_user", NULL, ENTRY, 0 },
	{ "__bad_stack", NULL, ENTRY, 0 },
	{ "call_on_irq_stack", NULL, SWITCH, 16 },
	{ "ret_from_fork", NULL, BOOT, 0 },
	{ "__primary_switched", NULL, BOOT, 0 },
	{ "cpu_switch_to", NULL, LEAF, 0 },
	{ "el1h_64_irq_handler", NULL, PLAIN, 16 },
	{ "el1_interrupt", NULL, PLAIN, 32 },
	{ "do_interrupt_handler", NULL, PLAIN, 48 },
	{ "gic_handle_irq", NULL, PLAIN, 64 },
	{ "hrtimer_interrupt", NULL, LOCALS, 128 },
	{ "timer_fn", NULL, PLAIN, 32 },
	{ "el0t_64_sync_handler", NULL, PLAIN, 32 },
	{ "invoke_syscall", NULL, PLAIN, 64 },
	{ "__arm64_sys_write", NULL, PLAIN, 48 },
	{ "vfs_write", NULL, LOCALS, 96 },
	{ "task_spin", NULL, PLAIN, 32 },
	{ "leaf_fn", NULL, LEAF, 0 },
	{ "el1h_64_sync_handler", NULL, PLAIN, 16 },
	{ "do_mem_abort", NULL, PLAIN, 48 },
	{ "panic", NULL, LOCALS, 256 },
	{ "handle_bad_stack", NULL, PLAIN, 32 },
	{ "kthread", NULL, PLAIN, 48 },
	{ "worker_thread", NULL, PLAIN, 64 },
	{ "start_kernel", NULL, PLAIN, 32 },
	{ "do_idle", NULL, PLAIN, 48 },
	{ "schedule", NULL, PLAIN, 32 },
	{ "__schedule", NULL, PLAIN, 112 },
	{ "__switch_to", NULL, PLAIN, 32 },
	{ "__sdei_asm_handler", NULL, BOOT, 0 },
	{ "sdei_handler", NULL, PLAIN, 48 },
	{ "__efi_rt_asm_wrapper", NULL, PLAIN, 112 },
	{ "last_function", NULL, PLAIN, 32 },
	{ "no_function", NULL, BOOT, 0 },
};

#define NR_FUNCTIONS (sizeof(function) / sizeof(function[0]))

static enum a64_era kernel_era;
static uint64_t pac_mask;
static bool shadows; /* its code has shadow call stacks */
/* Of small ones code that changes stacks puts the pointer on the stack that it leaves. */
static bool shadow_kept_on_stack;

static const char *name_of(size_t i)
{
	return kernel_era == A64_5_10 && function[i].old ? function[i].old
							 : function[i].name;
}

static size_t find_function(const char *name)
{
	for (size_t i = 0; i < NR_FUNCTIONS; i++)
		if (!strcmp(function[i].name, name))
			return i;
	ck_abort_msg("the test wants function %s", name);
}

static uint64_t address_of(struct syn *m, const char *name)
{
	return syn_sym(m, name_of(find_function(name)));
}

static uint64_t functions_at(size_t i)
{
	return A64_TEXT + (function[i].kind == ENTRY ? OTHER_ENTRY + 0x800 : 0x1000) +
	       0x100 * (uint64_t)i;
}

/* ---- code ---- */

#define NOP	    0xd503201fu
#define RET	    0xd65f03c0u
#define BL(to)	    (0x94000000u | ((uint32_t)((to) >> 2) & 0x3ffffffu))
#define BLR(reg)    (0xd63f0000u | (uint32_t)(reg) << 5)
#define STP_PRE(by) (0xa9807bfdu | ((uint32_t)(-(int32_t)(by) / 8) & 0x7f) << 15)
#define LDP_POST(n) (0xa8c07bfdu | ((uint32_t)(n) / 8 & 0x7f) << 15)
#define STP(at)	    (0xa9007bfdu | ((uint32_t)(at) / 8 & 0x7f) << 15)
#define LDP(at)	    (0xa9407bfdu | ((uint32_t)(at) / 8 & 0x7f) << 15)
#define SUB_SP(by)  (0xd10003ffu | (uint32_t)(by) << 10)
#define ADD_SP(by)  (0x910003ffu | (uint32_t)(by) << 10)
#define FP_SP(by)   (0x910003fdu | (uint32_t)(by) << 10)
#define SP_X16	    0x9100021fu
#define STP_X18	    0xa9bf7ff2u /* stp x18, xzr, [sp, #-16]! */
#define SCS_PUSH    0xf800865eu /* str x30, [x18], #8 */
#define SCS_POP	    0xf85f8e5eu /* ldr x30, [x18, #-8]! */

/* Compiled code that saves x30 at all. */
static bool pushes_shadow(size_t i)
{
	return function[i].kind == PLAIN || function[i].kind == LOCALS;
}

static void write_code(struct syn *m, size_t i)
{
	const bool pushes = shadows && pushes_shadow(i);
	const uint64_t at = functions_at(i) + (pushes ? 4 : 0);
	const uint64_t end = functions_at(i) + 0x100 - (pushes ? 4 : 0);
	const uint32_t n = function[i].frame;

	if (pushes) {
		syn_put32(m, at - 4, SCS_PUSH);
		syn_put32(m, end - 4, SCS_POP);
	}
	switch (function[i].kind) {
	case SWITCH:
		syn_put32(m, at + 8, SP_X16);
		if (shadows && shadow_kept_on_stack) {
			syn_put32(m, at, STP_X18);
			syn_put32(m, at + 4, STP_PRE(16));
			syn_put32(m, at + 8, FP_SP(0));
			syn_put32(m, at + 12, SP_X16);
			break;
		}
		/* fall through */
	case PLAIN:
		syn_put32(m, at, STP_PRE(n));
		syn_put32(m, at + 4, FP_SP(0));
		syn_put32(m, end - 8, LDP_POST(n));
		break;
	case LOCALS:
		syn_put32(m, at, SUB_SP(n));
		syn_put32(m, at + 4, STP(16));
		syn_put32(m, at + 8, FP_SP(16));
		syn_put32(m, end - 12, LDP(16));
		syn_put32(m, end - 8, ADD_SP(n));
		break;
	default:
		break;
	}
	syn_put32(m, functions_at(i) + 0x100 - 4, RET);
}

uint64_t a64_call_insn(struct syn *m, const char *caller, unsigned int off,
		       const char *callee)
{
	uint64_t ret = address_of(m, caller) + off;

	syn_put32(m, ret - 4, BL(address_of(m, callee) - (ret - 4)));
	return ret;
}

/* ---- the kernel ---- */

static const struct other_member own_types[] = {
	{ "pt_regs", 0, A64_REGS_SIZE }, { "pt_regs.orig_x0", 272, 8 },
	{ "pt_regs.syscallno", 280, 4 }, { "thread_struct.cpu_context", 16, 104 },
	{ "cpu_context.x19", 0, 8 },	 { "cpu_context.x20", 8, 8 },
	{ "cpu_context.x21", 16, 8 },	 { "cpu_context.x22", 24, 8 },
	{ "cpu_context.x23", 32, 8 },	 { "cpu_context.x24", 40, 8 },
	{ "cpu_context.x25", 48, 8 },	 { "cpu_context.x26", 56, 8 },
	{ "cpu_context.x27", 64, 8 },	 { "cpu_context.x28", 72, 8 },
	{ "cpu_context.fp", 80, 8 },	 { "cpu_context.sp", 88, 8 },
	{ "cpu_context.pc", 96, 8 },	 { NULL, 0, 0 },
};

static uint64_t stackframe_of(uint64_t regs)
{
	return regs + (kernel_era == A64_6_14 ? 296 : 304);
}

/* The outermost record is in the place of the user's pt_regs: { 0, 0 }. */
static void end_records(struct syn *m, uint64_t task)
{
	syn_fill(m, a64_user_regs(m, task), A64_REGS_SIZE, 0);
	if (kernel_era == A64_6_14)
		syn_put64(m, stackframe_of(a64_user_regs(m, task)) + 16, 1);
}

static void add_cpu_stacks(struct syn *m)
{
	for (unsigned int cpu = 0; cpu < OTHER_NR_CPUS; cpu++) {
		other_new_stack(m, "irq_stack_ptr", cpu);
		other_set_current(m, cpu, other_idle(m, cpu));
	}
}

struct syn *a64_kernel(enum arm64_shape_id id, enum a64_era era)
{
	const struct arm64_shape *shape = &arm64_shapes[id];
	struct syn *m = arm64_machine(id);
	const struct other_layout layout = {
		.text = A64_TEXT,
		.image = A64_IMAGE,
		.ram = A64_RAM,
		.direct = arm64_linear(shape, 0),
		.vmalloc = 0xffffc00000000000ull,
		.nop = NOP,
	};

	kernel_era = era;
	pac_mask = 0;
	shadows = false;
	other_kernel(m, &layout, own_types);
	syn_member(m, "pt_regs.stackframe", era == A64_6_14 ? 296 : 304,
		   era == A64_6_14 ? 24 : 16);
	if (era == A64_6_14) {
		syn_size(m, "frame_record_meta", 24);
		syn_member(m, "frame_record_meta.type", 16, 8);
	}
	syn_symbol(m, "vectors", A64_TEXT + OTHER_ENTRY);
	for (size_t i = 0; i < NR_FUNCTIONS; i++) {
		syn_symbol(m, name_of(i), functions_at(i));
		write_code(m, i);
	}
	other_percpu_symbol(m, "irq_stack_ptr", 0x100);
	other_percpu_symbol(m, "__entry_task", 0x108);
	other_percpu_symbol(m, "sdei_stack_normal_ptr", 0x110);
	other_percpu_symbol(m, "sdei_stack_critical_ptr", 0x118);
	other_percpu_symbol(m, "sdei_active_normal_event", 0x120);
	other_percpu_symbol(m, "overflow_stack", 0x1010); /* no more aligned than that */
	add_cpu_stacks(m);
	return m;
}

#define FIXMAP	   0xffffffffff5f4000ull
#define TRAMPOLINE 0x170000u

uint64_t a64_trampoline(struct syn *m, unsigned int nr)
{
	const uint64_t begin = A64_TEXT + TRAMPOLINE, page = syn_page_size(m);

	/* Of names of one address any may be told. */
	syn_symbol(m, nr == 1 ? "__entry_tramp_text_start" : "tramp_vectors", begin);
	syn_symbol(m, nr == 1 ? "tramp_vectors" : "__entry_tramp_text_start", begin);
	syn_symbol(m, "tramp_exit", begin + 0x800 * (uint64_t)nr);
	syn_symbol(m, "__sdei_asm_entry_trampoline", begin + 0x800 * (uint64_t)nr + 0x40);
	syn_symbol(m, "__entry_tramp_text_end", begin + 3 * page);
	for (unsigned int i = 0; i < 3; i++)
		syn_map(m, FIXMAP + i * page, A64_IMAGE + TRAMPOLINE + i * page, page);
	return FIXMAP;
}

void a64_shadows(struct syn *m, uint32_t size)
{
	static const struct {
		const char *name;
		uint32_t offset;
	} pointer[] = {
		{ "irq_shadow_call_stack_ptr", 0x130 },
		{ "sdei_shadow_call_stack_normal_ptr", 0x138 },
		{ "sdei_shadow_call_stack_critical_ptr", 0x140 },
		{ "scs_cache", 0x148 },
	};

	for (size_t i = 0; i < sizeof(pointer) / sizeof(pointer[0]); i++)
		other_percpu_symbol(m, pointer[i].name, pointer[i].offset);
	other_shadows(m, "irq_shadow_call_stack_ptr", size);
	shadows = true;
	shadow_kept_on_stack = size < syn_page_size(m);
	for (size_t i = 0; i < NR_FUNCTIONS; i++)
		if (pushes_shadow(i) || function[i].kind == SWITCH)
			write_code(m, i);
}

void a64_sign(struct syn *m)
{
	pac_mask = UINT64_MAX << 48;
	syn_vmcoreinfo(m, "NUMBER(KERNELPACMASK)", "0x%llx",
		       (unsigned long long)pac_mask);
}

uint64_t a64_signed(struct syn *m, uint64_t addr)
{
	/* All of the upper bits but the one that tells the kernel's half. */
	return addr & ~(pac_mask & (0x5a5aull << 48) & ~(1ull << 55));
}

/* ---- what a CPU did ---- */

uint64_t a64_user_regs(struct syn *m, uint64_t task)
{
	return syn_stack(m, task) + m->thread_size - A64_REGS_SIZE;
}

static void push_record(struct syn_cpu *c, uint64_t below, bool is_signed)
{
	syn_put64(c->m, c->sp + below, c->bp);
	syn_put64(c->m, c->sp + below + 8, is_signed ? a64_signed(c->m, c->lr) : c->lr);
	c->bp = c->sp + below;
}

/* The function has been called from @c->lr, and makes its frame. */
static void begin_function(struct syn_cpu *c, const char *callee)
{
	const size_t i = find_function(callee);

	c->function = callee;
	c->ip = address_of(c->m, callee) + 0x40;
	if (c->scs && pushes_shadow(i)) {
		syn_put64(c->m, c->scs, a64_signed(c->m, c->lr));
		c->scs += 8;
	}
	if (c->scs && function[i].kind == SWITCH && shadow_kept_on_stack) {
		c->sp -= 16;
		syn_put64(c->m, c->sp, c->scs);
		syn_put64(c->m, c->sp + 8, 0);
	}
	c->sp -= function[i].frame;
	if (function[i].kind == PLAIN || function[i].kind == SWITCH)
		push_record(c, 0, function[i].kind == PLAIN);
	else if (function[i].kind == LOCALS)
		push_record(c, 16, true);
	if (function[i].kind == SWITCH) {
		c->sp = other_irq_stack(c->m, "irq_stack_ptr", c->cpu) +
			c->m->thread_size;
		if (!shadow_kept_on_stack)
			other_save_shadow(c);
		c->scs = c->scs ? other_irq_stack(c->m, "irq_shadow_call_stack_ptr",
						  c->cpu)
				: 0;
	}
}

void a64_call(struct syn_cpu *c, unsigned int off, const char *callee)
{
	c->lr = a64_call_insn(c->m, c->function, off, callee);
	begin_function(c, callee);
}

void a64_call_pointer(struct syn_cpu *c, unsigned int off, const char *callee)
{
	c->lr = address_of(c->m, c->function) + off;
	syn_put32(c->m, c->lr - 4, BLR(8));
	begin_function(c, callee);
}

static void put_regs(struct syn_cpu *c, uint64_t at, uint64_t pc, uint64_t sp,
		     uint64_t pstate)
{
	for (uint64_t r = 0; r < A64_FP; r++)
		syn_put64(c->m, at + 8 * r, 0x7700 + r);
	if (c->scs && pstate)
		syn_put64(c->m, at + 8 * A64_SCS, c->scs);
	syn_put64(c->m, at + 8 * A64_FP, c->bp);
	syn_put64(c->m, at + 8 * A64_LR, c->lr);
	syn_put64(c->m, at + 8 * A64_SP, sp);
	syn_put64(c->m, at + 8 * A64_PC, pc);
	syn_put64(c->m, at + 8 * A64_PSTATE, pstate);
	syn_put64(c->m, at + 272, 0x7700);
	syn_put32(c->m, at + 280, UINT32_MAX);
	syn_put64(c->m, stackframe_of(at), pstate && kernel_era != A64_6_14 ? c->bp : 0);
	syn_put64(c->m, stackframe_of(at) + 8, pstate && kernel_era != A64_6_14 ? pc : 0);
	if (kernel_era == A64_6_14)
		syn_put64(c->m, stackframe_of(at) + 16, pstate ? 2 : 1);
	c->bp = stackframe_of(at);
}

uint64_t a64_exception(struct syn_cpu *c, const char *entry)
{
	uint64_t at = c->sp - A64_REGS_SIZE;

	put_regs(c, at, c->ip, c->sp, A64_EL1H);
	c->sp = at;
	c->function = entry;
	return at;
}

static void begin_shadow(struct syn_cpu *c)
{
	c->scs = shadows ? other_shadow(c->m, c->task) : 0;
}

static void from_user(struct syn_cpu *c, const char *entry)
{
	uint64_t at = a64_user_regs(c->m, c->task);

	c->bp = 0x0000ffffdeadbf00ull;
	c->lr = A64_USER_PC + 0x100;
	put_regs(c, at, A64_USER_PC, A64_USER_SP, 0);
	begin_shadow(c);
	c->sp = at;
	c->function = entry;
}

void a64_syscall(struct syn_cpu *c)
{
	from_user(c, "el0t_64_sync");
	syn_put32(c->m, c->sp + 280, 64);
	a64_call(c, 0x80, "el0t_64_sync_handler");
	a64_call(c, 0x60, "invoke_syscall");
	a64_call_pointer(c, 0x70, "__arm64_sys_write");
	a64_call(c, 0x50, "vfs_write");
	a64_call(c, 0x90, "task_spin");
}

void a64_kthread(struct syn_cpu *c)
{
	end_records(c->m, c->task);
	c->sp = a64_user_regs(c->m, c->task);
	c->bp = kernel_era == A64_5_10 ? 0 : stackframe_of(c->sp);
	c->function = "ret_from_fork";
	begin_shadow(c);
	a64_call_pointer(c, 0x14, "kthread");
	a64_call_pointer(c, 0x70, "worker_thread");
}

void a64_idle(struct syn_cpu *c)
{
	end_records(c->m, c->task);
	c->sp = a64_user_regs(c->m, c->task);
	c->bp = kernel_era == A64_5_10 ? 0 : stackframe_of(c->sp);
	c->function = "__primary_switched";
	begin_shadow(c);
	a64_call(c, 0x80, "start_kernel");
	a64_call(c, 0x90, "do_idle");
}

void a64_irq(struct syn_cpu *c)
{
	const uint64_t top =
		other_irq_stack(c->m, "irq_stack_ptr", c->cpu) + c->m->thread_size;
	const bool on_task = c->sp - syn_stack(c->m, c->task) <= c->m->thread_size;

	a64_exception(c, "el1h_64_irq");
	if (kernel_era == A64_5_10) {
		/* irq_stack_entry: x29 stays where it is. */
		c->sp = on_task ? top : c->sp;
		a64_call_pointer(c, 0x90, "gic_handle_irq");
	} else {
		a64_call(c, 0x70, "el1h_64_irq_handler");
		a64_call(c, 0x40, "el1_interrupt");
		a64_call(c, 0x60, "do_interrupt_handler");
		if (on_task)
			a64_call(c, 0x50, "call_on_irq_stack");
		a64_call_pointer(c, 0x30, "gic_handle_irq");
	}
	a64_call(c, 0x80, "hrtimer_interrupt");
	a64_call_pointer(c, 0xa0, "timer_fn");
}

void a64_fault(struct syn_cpu *c)
{
	a64_exception(c, "el1h_64_sync");
	a64_call(c, 0x70, "el1h_64_sync_handler");
	a64_call(c, 0x40, "do_mem_abort");
	a64_call(c, 0x60, "panic");
}

uint64_t a64_firmware(struct syn_cpu *c, const char *pointer, bool user, bool event)
{
	struct syn *m = c->m;
	uint64_t top = other_new_stack(m, pointer, c->cpu) + m->thread_size;
	uint64_t regs = m->direct + syn_alloc(m, 1) + 0x40;

	put_regs(c, regs, c->ip, c->sp, A64_EL1H);
	if (c->scs) {
		c->scs = other_new_shadow(m);
		syn_put64(m, other_percpu(m, "sdei_shadow_call_stack_normal_ptr", c->cpu),
			  c->scs);
	}
	c->bp = syn_get64(m, regs + 8 * A64_FP);
	syn_fill(m, regs + 272, A64_REGS_SIZE - 272, 0);
	if (event) {
		syn_member(m, "sdei_registered_event.interrupted_regs", 0x20,
			   A64_REGS_SIZE);
		syn_put64(m, other_percpu(m, "sdei_active_normal_event", c->cpu),
			  regs - 0x20);
	}
	c->sp = top - 16;
	syn_put64(m, c->sp, user ? 0 : c->bp);
	syn_put64(m, c->sp + 8, user ? 0 : c->ip);
	c->bp = c->sp;
	c->function = "__sdei_asm_handler";
	a64_call(c, 0x90, "sdei_handler");
	return regs;
}

uint64_t a64_overflow(struct syn_cpu *c)
{
	uint64_t at = other_percpu(c->m, "overflow_stack", c->cpu) + 4096 - A64_REGS_SIZE;

	put_regs(c, at, c->ip, c->sp, A64_EL1H);
	c->sp = at;
	c->function = "__bad_stack";
	a64_call(c, 0x78, "handle_bad_stack");
	a64_call(c, 0x50, "panic");
	return at;
}

void a64_sleep(struct syn_cpu *c)
{
	struct syn *m = c->m;
	uint64_t at = c->task + syn_off(m, "task_struct.thread") +
		      syn_off(m, "thread_struct.cpu_context");

	a64_call(c, 0xa0, "schedule");
	a64_call(c, 0x50, "__schedule");
	a64_call(c, 0x90, "__switch_to");
	a64_call(c, 0x60, "cpu_switch_to");
	other_save_shadow(c);
	for (uint64_t r = 0; r < 10; r++)
		syn_put64(m, at + 8 * r, 0x8800 + r);
	syn_put64(m, at + 80, c->bp);
	syn_put64(m, at + 88, c->sp);
	syn_put64(m, at + 96, a64_signed(m, c->lr));
	other_set_current(m, c->cpu, other_idle(m, c->cpu));
}

void a64_note(struct syn_cpu *c)
{
	struct syn_note *n = syn_note(c->m, STK_NOTE_PRSTATUS, c->cpu + 1);

	for (unsigned int r = 0; r < A64_FP; r++)
		n->gpr[r] = 0x6600 + r;
	if (c->scs)
		n->gpr[A64_SCS] = c->scs;
	n->gpr[A64_FP] = c->bp;
	n->gpr[A64_LR] = c->lr;
	n->gpr[A64_SP] = c->sp;
	n->gpr[A64_PC] = c->ip;
	n->gpr[A64_PSTATE] = A64_EL1H;
}
