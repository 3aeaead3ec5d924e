/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An exception that interrupted the kernel: which, and what the hardware told of it. The
 * entry code passes the error code on and keeps none, and CR2 is in no note of the
 * kernel's. What the dying kernel printed with the very stack pointer has both.
 */
#include <stdlib.h>
#include <string.h>

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

#define MAX_LINE 256u

/* What was printed of a context: the last time counts, as that is why it died. */
struct printed {
	uint64_t sp;
	bool here; /* the lines are of that context */
	bool has_error, has_address, has_cr2;
	uint64_t error, address, cr2;
	/* Of lines that come before the registers. */
	bool next_error, next_address;
	uint64_t next[2];
};

/* The number behind @what; false: it is not there. */
static bool number_behind(const char *line, const char *what, uint64_t *out)
{
	const char *at = strstr(line, what);
	char *end;

	if (!at)
		return false;
	at += strlen(what);
	*out = strtoull(at, &end, 16);
	return end > at;
}

/*
 * "Oops: 0002 [#1] SMP": die_counter comes behind the error code. handle_stack_overflow()
 * has none to tell, and says 0.
 */
static bool error_code(const char *line, uint64_t *out)
{
	const char *at = strstr(line, " [#");
	size_t digits = 0;
	char *end;

	if (!at || strstr(line, "stack guard page") || strstr(line, "stack overflow"))
		return false;
	while (at > line && strchr("0123456789abcdef", at[-1])) {
		at--;
		digits++;
	}
	if (digits < 4 || at == line || at[-1] != ' ')
		return false;
	*out = strtoull(at, &end, 16);
	return true;
}

/* "RSP: 0018:ffffc900000b8cf8 EFLAGS: 00000046" */
static bool stack_pointer(const char *line, uint64_t *out)
{
	const char *at = strstr(line, "RSP: ");

	at = at ? strchr(at + 5, ':') : NULL;
	return at && number_behind(at, ":", out);
}

static void take_registers(struct printed *p, uint64_t sp)
{
	p->here = sp == p->sp;
	if (p->here && p->next_error) {
		p->has_error = true;
		p->error = p->next[0];
	}
	if (p->here && p->next_error) {
		p->has_address = p->next_address;
		p->address = p->next[1];
	}
	p->next_error = p->next_address = false;
}

static bool on_record(void *ctx, const struct stk_log_record *record)
{
	struct printed *p = ctx;
	char line[MAX_LINE];
	uint64_t value;
	size_t len = record->len < sizeof(line) - 1 ? record->len : sizeof(line) - 1;

	if (!record->text)
		return true;
	memcpy(line, record->text, len);
	line[len] = '\0';
	if (error_code(line, &value)) {
		p->next_error = true;
		p->next[0] = value;
	} else if (!strncmp(line, "BUG: ", 5)) {
		p->next_address = number_behind(line, "address: ", &p->next[1]);
	} else if (stack_pointer(line, &value)) {
		take_registers(p, value);
	} else if (p->here && number_behind(line, "CR2: ", &value)) {
		p->has_cr2 = true;
		p->cr2 = value;
	}
	return true;
}

static bool is_code_dump(const struct printed *p, uint64_t ip)
{
	return p->cr2 + CODE_BEFORE >= ip && p->cr2 < ip - CODE_BEFORE + CODE_SIZE;
}

/* What the log has of it. */
static void ask_log(struct stk *s, const struct stk_regs *regs, struct stk_fault *out)
{
	struct printed p = { .sp = regs->v[X86_SP] };
	struct stk_entry *e = &out->entry;

	if (stk_log(s, on_record, &p))
		return;
	if (!e->has_error && p.has_error && x86_pushes_error(e->code)) {
		e->has_error = true;
		e->error = p.error;
	}
	if (e->code != PAGE_FAULT && e->code != DOUBLE_FAULT)
		return;
	if (e->code == PAGE_FAULT && p.has_address) {
		out->address_name = "CR2";
		out->address = p.address;
	} else if (p.has_cr2 && !is_code_dump(&p, regs->v[X86_IP])) {
		out->address_name = "CR2";
		out->address = p.cr2;
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
