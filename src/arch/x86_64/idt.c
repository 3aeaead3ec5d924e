/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interrupt descriptor table, and what it tells of an entry into the kernel. */
#include <string.h>

#include "../../base/bytes.h"
#include "../../kernel/layout.h"
#include "../syscall_name.h"
#include "x86_64.h"

#define GATE_SIZE 16u

/* SDM volume 3, table 6-1. */
bool x86_pushes_error(int64_t vector)
{
	switch (vector) {
	case 8:
	case 10:
	case 11:
	case 12:
	case 13:
	case 14:
	case 17:
	case 21:
	case 29:
	case 30:
		return true;
	default:
		return false;
	}
}

bool x86_idt_gate(struct stk *s, unsigned int vector, uint64_t *handler,
		  unsigned int *ist)
{
	unsigned char g[GATE_SIZE];
	uint64_t idt;

	if (!stk_find_symbol(s, "idt_table", &idt) ||
	    stk_read(s, idt + vector * GATE_SIZE, g, sizeof(g)))
		return false;
	*ist = g[4] & 7;
	*handler = (uint64_t)g[0] | (uint64_t)g[1] << 8 | (uint64_t)g[6] << 16 |
		   (uint64_t)g[7] << 24 | (uint64_t)g[8] << 32 | (uint64_t)g[9] << 40 |
		   (uint64_t)g[10] << 48 | (uint64_t)g[11] << 56;
	return true;
}

const struct stk_entry_kind x86_entries[X86_NR_ENTRIES] = {
	[X86_ENTRY_SYSCALL] = { "syscall" },
	[X86_ENTRY_SYSCALL_COMPAT] = { "syscall_compat" },
	[X86_ENTRY_INT80] = { "int80" },
	[X86_ENTRY_EXCEPTION] = { "exception" },
	[X86_ENTRY_INTERRUPT] = { "interrupt" },
	[X86_ENTRY_NMI] = { "nmi" },
};

/* Entry points of system calls, in all eras; the longest name first. */
static const struct {
	const char *prefix;
	const struct stk_entry_kind *kind;
} syscall_entry[] = {
	{ "entry_SYSCALL_compat", X86_ENTRY(SYSCALL_COMPAT) },
	{ "entry_SYSENTER_compat", X86_ENTRY(SYSCALL_COMPAT) },
	{ "entry_SYSCALL_64", X86_ENTRY(SYSCALL) },
	{ "entry_INT80_compat", X86_ENTRY(INT80) },
	{ "asm_int80_emulation", X86_ENTRY(INT80) },
};

/* What sys_call_table[] leads to: __x64_sys_write() and the like, or any function. */
static void name_syscall(struct stk *s, struct stk_entry *out)
{
	static const char *const prefix[] = { "__x64_sys_", "__se_sys_", "sys_",
					      "SyS_",	    "",		 NULL };

	if (out->kind == X86_ENTRY(SYSCALL) && out->nr >= 0 && out->nr <= 4095)
		out->name =
			stk_syscall_name(s, "sys_call_table", (uint64_t)out->nr, prefix);
}

/* The vector whose gate leads to the function at @start. */
static int find_vector(struct stk *s, uint64_t start)
{
	uint64_t handler;
	unsigned int ist;

	for (unsigned int v = 0; v < X86_IDT_ENTRIES; v++)
		if (x86_idt_gate(s, v, &handler, &ist) && handler == start)
			return (int)v;
	return -1;
}

/* orig_ax keeps the number while ax becomes the result. */
static void set_syscall(struct stk *s, const struct stk_entry_kind *kind,
			const struct stk_regs *user, struct stk_entry *out)
{
	out->kind = kind;
	if (x86_has(user, X86_ORIG_AX) && user->v[X86_ORIG_AX] < 1u << 31)
		out->nr = (int64_t)user->v[X86_ORIG_AX];
	name_syscall(s, out);
}

/* EVENT_TYPE_* of asm/trapnr.h, and vectors of EVENT_TYPE_OTHER. */
enum fred_type {
	FRED_EXTINT = 0,
	FRED_NMI = 2,
	FRED_HWEXC = 3,
	FRED_SWINT = 4,
	FRED_PRIV_SWEXC = 5,
	FRED_SWEXC = 6,
	FRED_OTHER = 7,
};

#define FRED_SYSCALL   1u
#define FRED_SYSENTER  2u
#define INT80	       0x80
#define FRED_LONG_MODE (1ull << 57)

/*
 * FRED has one entry point for everything from user mode (6.9+, commit 14619d912b65).
 * What came in is in the upper bits of ss: struct fred_ss, commit ee63291aa820.
 */
static void describe_fred(struct stk *s, const struct stk_regs *user, uint64_t at,
			  struct stk_entry *out)
{
	uint64_t ss;

	if (!at || stk_read_u64(s, at + 8 * X86_SS, &ss))
		return;
	out->code = (int64_t)(ss >> 32 & 0xff);
	switch ((enum fred_type)(ss >> 48 & 0xf)) {
	case FRED_EXTINT:
		out->kind = X86_ENTRY(INTERRUPT);
		break;
	case FRED_NMI:
		out->kind = X86_ENTRY(NMI);
		break;
	case FRED_HWEXC:
	case FRED_PRIV_SWEXC:
	case FRED_SWEXC:
		out->kind = X86_ENTRY(EXCEPTION);
		break;
	case FRED_SWINT:
		/* Any "int n" raises an exception but int 0x80. */
		out->kind = X86_ENTRY(EXCEPTION);
		if (out->code == INT80) {
			out->code = -1;
			set_syscall(s, X86_ENTRY(INT80), user, out);
		}
		break;
	case FRED_OTHER:
		if (out->code == FRED_SYSCALL && ss & FRED_LONG_MODE)
			set_syscall(s, X86_ENTRY(SYSCALL), user, out);
		else if (out->code == FRED_SYSENTER && !(ss & FRED_LONG_MODE))
			set_syscall(s, X86_ENTRY(SYSCALL_COMPAT), user, out);
		out->code = -1;
		break;
	default:
		out->code = -1;
	}
}

static bool describe_syscall(struct stk *s, const char *function,
			     const struct stk_regs *user, struct stk_entry *out)
{
	for (size_t i = 0; i < sizeof(syscall_entry) / sizeof(syscall_entry[0]); i++) {
		if (!stk_starts_with(function, syscall_entry[i].prefix))
			continue;
		set_syscall(s, syscall_entry[i].kind, user, out);
		return true;
	}
	return false;
}

static bool is_interrupt_entry(const char *function)
{
	return stk_starts_with(function, "asm_sysvec_") ||
	       !strcmp(function, "asm_common_interrupt") ||
	       !strcmp(function, "ret_from_intr");
}

/* What orig_rax says, where the entry code leaves it. */
static void describe_orig_ax(const struct stk_regs *user, struct stk_entry *out)
{
	uint64_t value;

	if (!x86_has(user, X86_ORIG_AX))
		return;
	value = user->v[X86_ORIG_AX];
	/* The entry code passes the code on and puts -1 in its place. */
	out->has_error = x86_pushes_error(out->code) && value != UINT64_MAX;
	out->error = out->has_error ? value : 0;
	/* Of an interrupt it is negative; of a system call its number. */
	if ((int64_t)value >= 0)
		out->odd = "the saved orig_rax is that of a system call";
}

void x86_describe_entry(struct stk *s, uint64_t ip, const struct stk_regs *user,
			uint64_t at, struct stk_entry *out)
{
	struct stk_name name;

	*out = (struct stk_entry){ .nr = -1, .code = -1, .code_name = "vector" };
	stk_symbolize(s, ip, true, &name);
	if (!name.function || name.module ||
	    describe_syscall(s, name.function, user, out))
		return;
	if (!strcmp(name.function, "asm_fred_entrypoint_user") ||
	    !strcmp(name.function, "asm_fred_exit_user")) {
		describe_fred(s, user, at, out);
		return;
	}
	out->code = find_vector(s, ip - name.offset);
	if (out->code == 2)
		out->kind = X86_ENTRY(NMI);
	else if (out->code >= 32 || is_interrupt_entry(name.function))
		out->kind = X86_ENTRY(INTERRUPT);
	else if (out->code >= 0)
		out->kind = X86_ENTRY(EXCEPTION);
	else
		return;
	out->name = name.function;
	if (stk_starts_with(out->name, "asm_"))
		out->name += 4;
	describe_orig_ax(user, out);
}
