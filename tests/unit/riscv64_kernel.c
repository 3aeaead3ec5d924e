/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Its functions have the code that makes their frames, and calls where they called. */
#include "riscv64.h"

#include <string.h>

enum kind {
	PLAIN,	  /* addi sp; sd ra; sd s0; addi s0, sp, frame */
	VARIADIC, /* the same, with room for eight registers above that */
	LEAF,	  /* nothing */
	LEAF_S0,  /* addi sp, -16; sd s0, 8(sp); addi s0, sp, 16: up to GCC 13 */
	ENTRY,	  /* in entry code: nothing that the code tells */
	SWITCH,	  /* PLAIN, and goes on on the IRQ stack */
	BOOT,	  /* where stacks begin */
};

static const struct {
	const char *name;
	enum kind kind;
	int32_t frame;
} function[] = {
	{ "call_on_irq_stack", SWITCH, 16 },
	{ "ret_from_fork", BOOT, 0 },
	{ "_start_kernel", BOOT, 0 },
	{ "__switch_to", LEAF, 0 },
	{ "do_irq", PLAIN, 64 },
	{ "handle_riscv_irq", PLAIN, 32 },
	{ "hrtimer_interrupt", PLAIN, 128 },
	{ "timer_fn", PLAIN, 32 },
	{ "do_trap_ecall_u", PLAIN, 48 },
	{ "__riscv_sys_write", PLAIN, 48 },
	{ "vfs_write", PLAIN, 96 },
	{ "task_spin", PLAIN, 32 },
	{ "leaf_fn", LEAF, 0 },
	{ "old_leaf_fn", LEAF_S0, 16 },
	{ "do_page_fault", PLAIN, 96 },
	{ "panic", VARIADIC, 160 },
	{ "handle_bad_stack", PLAIN, 32 },
	{ "kthread", PLAIN, 64 },
	{ "worker_thread", PLAIN, 64 },
	{ "start_kernel", PLAIN, 32 },
	{ "do_idle", PLAIN, 48 },
	{ "arch_cpu_idle_dead", PLAIN, 16 },
	{ "schedule", PLAIN, 32 },
	{ "__schedule", PLAIN, 112 },
	{ "last_function", PLAIN, 32 },
	{ "no_function", BOOT, 0 },
};

#define NR_FUNCTIONS (sizeof(function) / sizeof(function[0]))

static bool shadows; /* its code has shadow call stacks */

/* Compiled code that saves ra at all. */
static bool pushes_shadow(size_t i)
{
	return function[i].kind == PLAIN || function[i].kind == VARIADIC;
}

static size_t find_function(const char *name)
{
	for (size_t i = 0; i < NR_FUNCTIONS; i++)
		if (!strcmp(function[i].name, name))
			return i;
	ck_abort_msg("the test wants function %s", name);
}

/* ---- code ---- */

#define RA 1u
#define SP 2u
#define GP 3u
#define S0 8u
#define A5 15u

#define ADDI(rd, rs, n)                                                                  \
	(0x13u | (uint32_t)(rd) << 7 | (uint32_t)(rs) << 15 |                            \
	 ((uint32_t)(n)&0xfffu) << 20)
#define SD(rs2, n, rs1)                                                                  \
	(0x3023u | (uint32_t)(rs2) << 20 | (uint32_t)(rs1) << 15 |                       \
	 ((uint32_t)(n)&31u) << 7 | ((uint32_t)(n) >> 5 & 127u) << 25)
#define LD(rd, n, rs1)                                                                   \
	(0x3003u | (uint32_t)(rd) << 7 | (uint32_t)(rs1) << 15 |                         \
	 ((uint32_t)(n)&0xfffu) << 20)
#define JALR(rd, rs) (0x67u | (uint32_t)(rd) << 7 | (uint32_t)(rs) << 15)
#define JAL(rd, by)                                                                      \
	(0x6fu | (uint32_t)(rd) << 7 | ((uint32_t)(by) >> 20 & 1u) << 31 |               \
	 ((uint32_t)(by) >> 1 & 0x3ffu) << 21 | ((uint32_t)(by) >> 11 & 1u) << 20 |      \
	 ((uint32_t)(by) >> 12 & 0xffu) << 12)
#define RET	 JALR(0, RA)
#define C_NOP	 0x0001u
#define MV_SP_T0 ADDI(SP, 5, 0)

#define VARIABLE 64 /* a0 … a7, where they may be arguments of any number */

static void write_code(struct syn *m, size_t i)
{
	const bool pushes = shadows && pushes_shadow(i);
	const uint64_t first = syn_sym(m, function[i].name);
	const uint64_t at = first + (pushes ? 8 : 0), end = first + 0x100 - (at - first);
	const int32_t n = function[i].frame;

	if (pushes) {
		syn_put32(m, first, ADDI(GP, GP, 8));
		syn_put32(m, first + 4, SD(RA, -8, GP));
		syn_put32(m, end - 4, LD(RA, -8, GP));
		syn_put32(m, end, ADDI(GP, GP, -8));
	}
	switch (function[i].kind) {
	case SWITCH:
		syn_put32(m, at + 16, MV_SP_T0);
		/* fall through */
	case PLAIN:
		syn_put32(m, at, ADDI(SP, SP, -n));
		syn_put32(m, at + 4, SD(RA, n - 8, SP));
		syn_put32(m, at + 8, SD(S0, n - 16, SP));
		syn_put32(m, at + 12, ADDI(S0, SP, n));
		syn_put32(m, end - 16, LD(RA, n - 8, SP));
		syn_put32(m, end - 12, LD(S0, n - 16, SP));
		syn_put32(m, end - 8, ADDI(SP, SP, n));
		break;
	case VARIADIC:
		syn_put32(m, at, ADDI(SP, SP, -n));
		syn_put32(m, at + 4, SD(RA, n - VARIABLE - 8, SP));
		syn_put32(m, at + 8, SD(S0, n - VARIABLE - 16, SP));
		syn_put32(m, at + 12, ADDI(S0, SP, n - VARIABLE));
		break;
	case LEAF_S0:
		syn_put32(m, at, ADDI(SP, SP, -16));
		syn_put32(m, at + 4, SD(S0, 8, SP));
		syn_put32(m, at + 8, ADDI(S0, SP, 16));
		syn_put32(m, end - 12, LD(S0, 8, SP));
		syn_put32(m, end - 8, ADDI(SP, SP, 16));
		break;
	default:
		break;
	}
	syn_put32(m, first + 0x100 - 4, RET);
}

uint64_t rv_call_insn(struct syn *m, const char *caller, unsigned int off,
		      const char *callee)
{
	uint64_t ret = syn_sym(m, caller) + off;

	syn_put32(m, ret - 4, JAL(RA, syn_sym(m, callee) - (ret - 4)));
	return ret;
}

/* ---- the kernel ---- */

static const struct other_member own_types[] = {
	{ "pt_regs", 0, RV_REGS_SIZE },
	{ "thread_struct.ra", 0, 8 },
	{ "thread_struct.sp", 8, 8 },
	{ "thread_struct.s", 16, 96 },
	{ NULL, 0, 0 },
};

void rv_shadows(struct syn *m)
{
	other_percpu_symbol(m, "irq_shadow_call_stack_ptr", 0x130);
	other_shadows(m, "irq_shadow_call_stack_ptr", 4096);
	shadows = true;
	for (size_t i = 0; i < NR_FUNCTIONS; i++)
		if (pushes_shadow(i))
			write_code(m, i);
}

struct syn *rv_kernel(enum riscv_mode_id id)
{
	const struct riscv_mode *mode = &riscv_modes[id];
	struct syn *m = riscv_machine(id);
	const struct other_layout layout = {
		.text = RV_TEXT,
		.image = RV_IMAGE,
		.ram = RV_RAM,
		.direct = riscv_linear(mode, 0),
		.vmalloc = mode->vmalloc,
		.nop = C_NOP << 16 | C_NOP,
	};

	shadows = false;
	other_kernel(m, &layout, own_types);
	syn_symbol(m, "handle_exception", RV_TEXT + OTHER_ENTRY);
	syn_symbol(m, "ret_from_exception", RV_TEXT + OTHER_ENTRY + 0x200);
	syn_symbol(m, "ret_from_exception_end", RV_TEXT + OTHER_ENTRY + 0x300);
	for (size_t i = 0; i < NR_FUNCTIONS; i++) {
		syn_symbol(m, function[i].name, RV_TEXT + 0x1000 + 0x100 * i);
		write_code(m, i);
	}
	other_percpu_symbol(m, "irq_stack_ptr", 0x100);
	other_percpu_symbol(m, "overflow_stack", 0x1070); /* no more aligned than that */
	for (unsigned int cpu = 0; cpu < OTHER_NR_CPUS; cpu++)
		other_new_stack(m, "irq_stack_ptr", cpu);
	return m;
}

/* ---- what a CPU did ---- */

uint64_t rv_user_regs(struct syn *m, uint64_t task)
{
	return syn_stack(m, task) + m->thread_size - RV_REGS_SIZE;
}

static void push_record(struct syn_cpu *c, uint64_t above)
{
	syn_put64(c->m, above - 8, c->lr);
	syn_put64(c->m, above - 16, c->bp);
	c->bp = above;
}

/* The function has been called from @c->lr, and makes its frame. */
static void begin_function(struct syn_cpu *c, const char *callee)
{
	const size_t i = find_function(callee);
	const uint64_t cfa = c->sp;

	c->function = callee;
	c->ip = syn_sym(c->m, callee) + 0x40;
	if (c->scs && pushes_shadow(i)) {
		syn_put64(c->m, c->scs, c->lr);
		c->scs += 8;
	}
	c->sp -= (uint64_t)function[i].frame;
	switch (function[i].kind) {
	case PLAIN:
	case SWITCH:
		push_record(c, cfa);
		break;
	case VARIADIC:
		push_record(c, cfa - VARIABLE);
		break;
	case LEAF_S0:
		syn_put64(c->m, cfa - 8, c->bp);
		syn_put64(c->m, cfa - 16, 0x1111);
		c->bp = cfa;
		break;
	default:
		break;
	}
	if (function[i].kind == SWITCH) {
		c->sp = other_irq_stack(c->m, "irq_stack_ptr", c->cpu) +
			c->m->thread_size;
		other_save_shadow(c);
		c->scs = c->scs ? other_irq_stack(c->m, "irq_shadow_call_stack_ptr",
						  c->cpu)
				: 0;
	}
}

void rv_call(struct syn_cpu *c, unsigned int off, const char *callee)
{
	c->lr = rv_call_insn(c->m, c->function, off, callee);
	begin_function(c, callee);
}

void rv_call_pointer(struct syn_cpu *c, unsigned int off, const char *callee)
{
	c->lr = syn_sym(c->m, c->function) + off;
	syn_put32(c->m, c->lr - 4, JALR(RA, A5));
	begin_function(c, callee);
}

void rv_jump(struct syn_cpu *c, uint64_t ret, const char *callee)
{
	c->lr = ret;
	begin_function(c, callee);
}

static void put_regs(struct syn_cpu *c, uint64_t at, uint64_t pc, uint64_t sp,
		     uint64_t status, uint64_t cause)
{
	for (uint64_t r = 0; r < 32; r++)
		syn_put64(c->m, at + 8 * r, 0x7700 + r);
	syn_put64(c->m, at, pc);
	syn_put64(c->m, at + 8 * RV_RA, c->lr);
	syn_put64(c->m, at + 8 * RV_SP, sp);
	if (c->scs)
		syn_put64(c->m, at + 8 * RV_GP, c->scs);
	syn_put64(c->m, at + 8 * RV_TP, c->task);
	syn_put64(c->m, at + 8 * RV_S0, c->bp);
	syn_put64(c->m, at + 8 * RV_STATUS, status);
	syn_put64(c->m, at + 8 * RV_BADADDR, 0);
	syn_put64(c->m, at + 8 * RV_CAUSE, cause);
	syn_put64(c->m, at + 8 * 35, 0x7700);
	/* handle_exception() has it in s0 from then on. */
	c->bp = sp;
	c->sp = at;
	c->function = "handle_exception";
}

uint64_t rv_exception(struct syn_cpu *c, uint64_t cause)
{
	put_regs(c, c->sp - RV_REGS_SIZE, c->ip, c->sp, 0x120, cause);
	return c->sp;
}

static void begin_shadow(struct syn_cpu *c)
{
	c->scs = shadows ? other_shadow(c->m, c->task) : 0;
}

void rv_syscall(struct syn_cpu *c)
{
	c->bp = 0x00000000deadbf00ull;
	c->lr = RV_USER_PC + 0x100;
	put_regs(c, rv_user_regs(c->m, c->task), RV_USER_PC, RV_USER_SP, 0x20, 8);
	syn_put64(c->m, c->sp + 8 * 17, 64); /* a7 */
	begin_shadow(c);
	rv_call_pointer(c, 0x14a, "do_trap_ecall_u");
	rv_call_pointer(c, 0x70, "__riscv_sys_write");
	rv_call(c, 0x50, "vfs_write");
	rv_call(c, 0x90, "task_spin");
}

void rv_kthread(struct syn_cpu *c)
{
	syn_fill(c->m, rv_user_regs(c->m, c->task), RV_REGS_SIZE, 0);
	c->sp = rv_user_regs(c->m, c->task);
	c->bp = syn_sym(c->m, "worker_thread"); /* thread.s[0]: what it is to run */
	c->function = "ret_from_fork";
	begin_shadow(c);
	rv_call_pointer(c, 0x14, "kthread");
	rv_call_pointer(c, 0x70, "worker_thread");
}

void rv_idle(struct syn_cpu *c)
{
	syn_fill(c->m, rv_user_regs(c->m, c->task), RV_REGS_SIZE, 0);
	c->sp = rv_user_regs(c->m, c->task);
	c->bp = 0x80048ef0; /* the firmware's */
	c->function = "_start_kernel";
	begin_shadow(c);
	rv_call(c, 0x9c, "start_kernel");
	rv_call(c, 0x90, "do_idle");
}

void rv_irq(struct syn_cpu *c)
{
	const bool on_task = c->sp - syn_stack(c->m, c->task) <= c->m->thread_size;

	rv_exception(c, 1ull << 63 | 5);
	rv_call(c, 0x128, "do_irq");
	if (on_task)
		rv_call(c, 0x38, "call_on_irq_stack");
	rv_call_pointer(c, 0x52, "handle_riscv_irq");
	rv_call_pointer(c, 0x80, "hrtimer_interrupt");
	rv_call_pointer(c, 0xa0, "timer_fn");
}

void rv_fault(struct syn_cpu *c)
{
	rv_exception(c, 15);
	rv_call_pointer(c, 0x14a, "do_page_fault");
	rv_call(c, 0x60, "panic");
}

/* A jump, not a call: ra and s0 are those of what ran out of stack. */
uint64_t rv_overflow(struct syn_cpu *c)
{
	const uint64_t top = other_percpu(c->m, "overflow_stack", c->cpu) + 4096;
	const uint64_t ra = c->lr;

	put_regs(c, top - RV_REGS_SIZE, c->ip, c->sp, 0x120, 15);
	syn_put64(c->m, c->sp + 8 * RV_TP, 0);
	c->lr = ra;
	begin_function(c, "handle_bad_stack");
	rv_call(c, 0x50, "panic");
	return top - RV_REGS_SIZE;
}

void rv_sleep(struct syn_cpu *c)
{
	struct syn *m = c->m;
	uint64_t at = c->task + syn_off(m, "task_struct.thread");

	rv_call(c, 0xa0, "schedule");
	rv_call(c, 0x50, "__schedule");
	rv_call(c, 0x90, "__switch_to");
	other_save_shadow(c);
	syn_put64(m, at, c->lr);
	syn_put64(m, at + 8, c->sp);
	syn_put64(m, at + 16, c->bp);
	for (uint64_t r = 1; r < 12; r++)
		syn_put64(m, at + 16 + 8 * r, 0x8800 + r);
	other_set_current(m, c->cpu, other_idle(m, c->cpu));
}

void rv_note(struct syn_cpu *c)
{
	struct syn_note *n = syn_note(c->m, STK_NOTE_PRSTATUS, c->cpu + 1);

	for (unsigned int r = 0; r < 32; r++)
		n->gpr[r] = 0x6600 + r;
	n->gpr[0] = c->ip;
	n->gpr[RV_RA] = c->lr;
	n->gpr[RV_SP] = c->sp;
	if (c->scs)
		n->gpr[RV_GP] = c->scs;
	n->gpr[RV_TP] = c->task;
	n->gpr[RV_S0] = c->bp;
}
