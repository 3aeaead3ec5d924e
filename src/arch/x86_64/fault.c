/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An exception that interrupted the kernel: which, and what the hardware told of it. The
 * entry code passes the error code on and keeps none, and CR2 is in no note of the
 * kernel's. What the dying kernel printed with the very stack pointer has both.
 */
#include "../printed.h"
#include "x86_64.h"

#define INVALID_OPCODE 6 /* ud2 is what BUG() is made of */
#define DOUBLE_FAULT   8
#define PROTECTION     13
#define PAGE_FAULT     14
#define MACHINE_CHECK  18

/* Bits of a page fault's error code. */
#define ERROR_WRITE 0x2u
#define ERROR_FETCH 0x10u

static enum stk_fault_kind kind_of(int64_t vector)
{
	switch (vector) {
	case INVALID_OPCODE:
		return STK_FAULT_TRAP;
	case DOUBLE_FAULT:
		return STK_FAULT_DOUBLE;
	case PROTECTION:
		return STK_FAULT_PROTECTION;
	case PAGE_FAULT:
		return STK_FAULT_PAGE;
	case MACHINE_CHECK:
		return STK_FAULT_MACHINE_CHECK;
	default:
		return STK_FAULT_OTHER;
	}
}

static const char *access_of(const struct stk_entry *e)
{
	if (e->code != PAGE_FAULT || !e->has_error)
		return NULL;
	if (e->error & ERROR_FETCH)
		return "execute";
	return e->error & ERROR_WRITE ? "write" : "read";
}

/*
 * show_opcodes() reads the code around the instruction pointer (dumpstack.c), and where
 * that begins in a page that is not there, CR2 is of this when it is printed.
 */
#define CODE_BEFORE 42u
#define CODE_SIZE   64u

/* handle_stack_overflow() has no error code to tell, and says 0. */
static const struct stk_printed_words words = {
	.sp = "RSP: ",
	.selector = true,
	.line = "BUG: ",
	.address = "address: ",
	.late_address = "CR2: ",
	.no_error = { "stack guard page", "stack overflow" },
};

static bool is_code_dump(const struct stk_printed *p, uint64_t ip)
{
	return p->late + CODE_BEFORE >= ip && p->late < ip - CODE_BEFORE + CODE_SIZE;
}

/* What the log has of it. */
static void ask_log(struct stk *s, const struct stk_regs *regs, struct stk_fault *out)
{
	struct stk_printed p;
	struct stk_entry *e = &out->entry;

	stk_find_printed(s, &words, regs->v[X86_SP], &p);
	if (!e->has_error && p.has_error && x86_pushes_error(e->code)) {
		e->has_error = true;
		e->error = p.error;
	}
	if (e->code != PAGE_FAULT && e->code != DOUBLE_FAULT)
		return;
	if (e->code == PAGE_FAULT && p.has_address) {
		out->address_name = "CR2";
		out->address = p.address;
	} else if (p.has_late && !is_code_dump(&p, regs->v[X86_IP])) {
		out->address_name = "CR2";
		out->address = p.late;
	}
}

bool x86_describe_fault(struct stk *s, uint64_t ip, const struct stk_regs *regs,
			uint64_t at, struct stk_fault *out)
{
	struct stk_entry *e = &out->entry;

	*out = (struct stk_fault){ 0 };
	x86_describe_entry(s, ip, regs, at, e);
	if (e->kind != X86_ENTRY(EXCEPTION))
		return false;
	ask_log(s, regs, out);
	out->kind = kind_of(e->code);
	out->access = access_of(e);
	return true;
}
