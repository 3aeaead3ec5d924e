/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The address that could not be accessed: whose, or what it would be but for a few bits.
 * NULL itself says no more than the event, and of a guard page there is another finding.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#include "../../arch/arch.h"
#include "../../base/context.h"
#include "../findings.h"
#include "../poison.h"
#include "about_address.h"

struct fault {
	bool protection, has_address;
	uint64_t address;
	const struct stk_regs *regs;	     /* of the dump; NULL: */
	const struct stk_event_trace *trace; /* those of the log; or NULL */
	uint64_t ip;			     /* of the dump's; 0: not known */
	/* What the instruction accessed, if it did; nr_regs is 0: not known. */
	struct stk_operand operand;
};

/* ---- the registers ---- */

/* One of the dump's, named as an oops has it. */
static struct stk_event_reg register_of(struct stk *s, const struct fault *fault,
					unsigned int nth)
{
	const char *name = stk_reg_name(s, nth);
	struct stk_event_reg reg = { 0 };

	snprintf(reg.name, sizeof(reg.name), "%s", name ? name : "?");
	for (char *c = reg.name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	reg.value = stk_has_reg(fault->regs, nth) ? fault->regs->v[nth] : 0;
	return reg;
}

/* The @nth register, named as an oops has it; false: there are no more. */
static bool nth_register(struct stk *s, const struct fault *fault, unsigned int nth,
			 struct stk_event_reg *reg)
{
	if (!fault->regs && (!fault->trace || nth >= fault->trace->nr_regs))
		return false;
	if (fault->regs && !stk_reg_name(s, nth))
		return false;
	*reg = fault->regs ? register_of(s, fault, nth) : fault->trace->regs[nth];
	return true;
}

static bool is_no_address(struct stk *s, uint64_t value)
{
	struct stk_place place = { .addr = value };

	s->arch->region(s, value, &place);
	return place.region_kind == STK_REGION_INVALID;
}

/* That the instruction took for a pointer, and that is none. */
static bool used_of(struct stk *s, const struct fault *fault, struct stk_event_reg *reg)
{
	for (unsigned int i = 0; i < fault->operand.nr_regs; i++) {
		*reg = register_of(s, fault, fault->operand.reg[i]);
		if (is_no_address(s, reg->value))
			return true;
	}
	return false;
}

/* The one which holds @value, or what is less than a page from it; false: none does. */
static bool holder_of(struct stk *s, const struct fault *fault, uint64_t value,
		      struct stk_event_reg *holder)
{
	uint64_t distance, best = 1ull << s->page_shift;
	struct stk_event_reg reg;

	if (used_of(s, fault, holder))
		return true;
	for (unsigned int i = 0; nth_register(s, fault, i, &reg); i++) {
		distance = reg.value < value ? value - reg.value : reg.value - value;
		if (distance >= best || !is_no_address(s, reg.value))
			continue;
		best = distance;
		*holder = reg;
	}
	return best < 1ull << s->page_shift;
}

/* ---- what is told ---- */

static enum stk_status tell(struct stk_triage *t, const struct stk_finding_info *info,
			    enum stk_severity severity, uint64_t address,
			    const char *text)
{
	const struct stk_event_trace *trace = stk_event_any_trace(t->event);
	struct stk_finding_info row = *info;
	struct stk_finding *f;

	row.severity = severity;
	f = stk_finding_add(t, &row, "%s", text);
	if (!f)
		return STK_ERR_NOMEM;
	if (t->trace)
		trace = t->trace;
	f->cpu = trace ? (int)trace->cpu : -1;
	f->pid = trace ? trace->pid : -1;
	f->has_address = true;
	f->address = address;
	return STK_OK;
}

/* No address of this machine. */
static enum stk_status tell_invalid(struct stk *s, struct stk_triage *t,
				    const struct stk_finding_info *info,
				    const struct fault *fault, uint64_t value)
{
	struct stk_event_reg held = { .value = value };
	char what[240], text[400], who[64] = "";
	bool known;

	if (holder_of(s, fault, value, &held))
		snprintf(who, sizeof(who), " (in %s%s)", held.name,
			 held.value == value ? "" : ", but for an offset");
	known = stk_about_no_address(s, held.value, what, sizeof(what));
	if (!known)
		known = stk_about_no_address(s, value, what, sizeof(what));
	if (known)
		snprintf(text, sizeof(text),
			 "0x%" PRIx64 "%s is no address: perhaps it is %s", held.value,
			 who, what);
	else
		snprintf(text, sizeof(text),
			 "0x%" PRIx64 "%s is no address of this machine", held.value,
			 who);
	return tell(t, info, known ? STK_SEVERITY_SUSPICIOUS : STK_SEVERITY_NOTICE, value,
		    text);
}

/* It called, jumped or returned there. */
static enum stk_status tell_jump(struct stk *s, struct stk_triage *t,
				 const struct stk_finding_info *info,
				 const struct fault *fault)
{
	char what[240], text[400];
	const bool known = stk_about_no_address(s, fault->ip, what, sizeof(what));

	snprintf(text, sizeof(text),
		 "it went on at 0x%" PRIx64 ", which is no address%s%s", fault->ip,
		 known ? ": perhaps it is " : " of this machine", known ? what : "");
	return tell(t, info, known ? STK_SEVERITY_SUSPICIOUS : STK_SEVERITY_NOTICE,
		    fault->ip, text);
}

/* It was not printed: registers that hold what may be told of. */
static enum stk_status tell_registers(struct stk *s, struct stk_triage *t,
				      const struct stk_finding_info *info,
				      const struct fault *fault)
{
	enum stk_status st = STK_OK;
	struct stk_event_reg reg;
	char what[240], text[400];

	if (fault->ip && is_no_address(s, fault->ip))
		return tell_jump(s, t, info, fault);
	if (used_of(s, fault, &reg))
		return tell_invalid(s, t, info, fault, reg.value);
	for (unsigned int i = 0; !st && nth_register(s, fault, i, &reg); i++) {
		if (!is_no_address(s, reg.value) ||
		    !stk_about_no_address(s, reg.value, what, sizeof(what)))
			continue;
		snprintf(text, sizeof(text),
			 "%s holds 0x%" PRIx64 ", no address: perhaps it is %s", reg.name,
			 reg.value, what);
		st = tell(t, info, STK_SEVERITY_SUSPICIOUS, reg.value, text);
	}
	return st;
}

/* "the error -22 (EINVAL)" */
static const char *error_text(uint64_t value, char *text, size_t size)
{
	const char *name = stk_errno_name(-value);

	snprintf(text, size, "the error -%" PRIu64 "%s%s%s", -value, name ? " (" : "",
		 name ? name : "", name ? ")" : "");
	return text;
}

/* An error that was taken for a pointer, by which register the instruction says. */
static bool about_error(struct stk *s, const struct fault *fault, char *text, size_t size)
{
	char error[40], from[48] = "";
	struct stk_event_reg reg;
	int64_t distance;

	if (!fault->operand.nr_regs)
		return false;
	reg = register_of(s, fault, fault->operand.reg[0]);
	if (reg.value < STK_FIRST_ERROR)
		return false;
	distance = (int64_t)(fault->address - reg.value);
	if (distance)
		snprintf(from, sizeof(from), "0x%" PRIx64 " bytes %s ",
			 distance < 0 ? -(uint64_t)distance : (uint64_t)distance,
			 distance < 0 ? "before" : "behind");
	snprintf(text, size, "0x%" PRIx64 " is %s%s in %s, which was taken for a pointer",
		 fault->address, from, error_text(reg.value, error, sizeof(error)),
		 reg.name);
	return true;
}

/* An error, or NULL, that was taken for a pointer. */
static enum stk_status tell_small(struct stk *s, struct stk_triage *t,
				  const struct stk_finding_info *info,
				  const struct fault *fault)
{
	const uint64_t address = fault->address;
	char text[200], error[40];

	if (about_error(s, fault, text, sizeof(text)))
		return tell(t, info, STK_SEVERITY_SUSPICIOUS, address, text);
	if (address < STK_FIRST_ERROR) {
		snprintf(text, sizeof(text),
			 "0x%" PRIx64
			 " is what lies so many bytes behind a pointer that is "
			 "NULL",
			 address);
		return tell(t, info, STK_SEVERITY_NOTICE, address, text);
	}
	snprintf(text, sizeof(text),
		 "0x%" PRIx64
		 " is %s, which was taken for a pointer, or lies before NULL",
		 address, error_text(address, error, sizeof(error)));
	return tell(t, info, STK_SEVERITY_SUSPICIOUS, address, text);
}

static enum stk_status tell_address(struct stk *s, struct stk_triage *t,
				    const struct stk_finding_info *info,
				    const struct fault *fault)
{
	struct stk_place place;
	char what[500], text[560];
	enum stk_status st;

	if (!fault->address)
		return STK_OK;
	if (fault->address < 1ull << s->page_shift || fault->address >= STK_FIRST_ERROR)
		return tell_small(s, t, info, fault);
	if (is_no_address(s, fault->address))
		return tell_invalid(s, t, info, fault, fault->address);
	st = stk_classify(s, fault->address, &place);
	if (st)
		return stk_is_passing(st) ? st : STK_OK;
	if (place.guard)
		return STK_OK;
	snprintf(text, sizeof(text), "0x%" PRIx64 " is %s", fault->address,
		 stk_about_address(s, &place, what, sizeof(what)));
	return tell(t, info, STK_SEVERITY_NOTICE, fault->address, text);
}

/* ---- the fault ---- */

/* Which registers lead to the address, or cannot lead to any. */
static void find_operand(struct stk *s, struct fault *fault)
{
	struct stk_operand *operand = &fault->operand;

	if (!s->arch->operand(s, fault->ip, fault->regs, operand) || !operand->memory ||
	    (fault->has_address && operand->value != fault->address))
		*operand = (struct stk_operand){ 0 };
}

static bool find_fault(struct stk *s, const struct stk_triage *t, struct fault *fault)
{
	const struct stk_event *e = t->event;
	const struct stk_segment *seg;
	const struct stk_frame *frame = NULL;
	struct stk_fault found;

	if (!t->died || (e->kind != STK_EVENT_NULL_DEREF &&
			 e->kind != STK_EVENT_PAGE_FAULT && e->kind != STK_EVENT_GPF))
		return false;
	*fault = (struct fault){ .protection = e->kind == STK_EVENT_GPF,
				 .has_address = e->has_address,
				 .address = e->address,
				 .trace = stk_event_main_trace(e) };
	if (t->chain)
		frame = stk_triage_fault(s, t->chain, &seg, &found);
	if (!frame || (found.kind == STK_FAULT_PROTECTION) != fault->protection ||
	    (!fault->protection && found.kind != STK_FAULT_PAGE))
		return true;
	fault->regs = frame->regs;
	fault->ip = stk_regs_ip(s, fault->regs);
	find_operand(s, fault);
	return true;
}

static enum stk_status look(struct stk *s, struct stk_triage *t,
			    const struct stk_finding_info *info)
{
	struct fault fault;

	if (!find_fault(s, t, &fault))
		return STK_OK;
	if (fault.has_address)
		return tell_address(s, t, info, &fault);
	return fault.protection ? tell_registers(s, t, info, &fault) : STK_OK;
}

const struct stk_finding_info stk_finding_fault_address = {
	.id = "fault-address",
	.severity = STK_SEVERITY_NOTICE,
	.look = look,
};
