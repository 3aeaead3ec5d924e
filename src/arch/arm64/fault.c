/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An exception that interrupted the kernel: which, and what the hardware told of it. The
 * entry code passes ESR_EL1 and FAR_EL1 on and keeps neither. What the dying kernel
 * printed with the very stack pointer has both.
 */
#include "../printed.h"
#include "arm64.h"

/* Exception classes: asm/esr.h, ESR_ELx_EC_*. */
#define EC_UNKNOWN 0x00u
#define EC_BTI	   0x0du
#define EC_FPAC	   0x1cu
#define EC_IABT	   0x21u /* from the kernel itself */
#define EC_PC	   0x22u
#define EC_DABT	   0x25u
#define EC_SP	   0x26u
#define EC_SERROR  0x2fu
#define EC_BRK	   0x3cu

#define ESR_EC(esr)  ((esr) >> 26 & 0x3f)
#define ESR_WRITE    0x40u
#define ESR_FSC	     0x3fu
#define FSC_EXTERNAL 0x10u
#define FSC_ALIGN    0x21u

static const struct {
	unsigned int ec;
	const char *name; /* the kernel's, esr_get_class_string() */
	enum stk_fault_kind kind;
} classes[] = {
	{ EC_UNKNOWN, "unknown", STK_FAULT_OTHER },
	{ EC_BTI, "BTI", STK_FAULT_PROTECTION },
	{ EC_FPAC, "FPAC", STK_FAULT_PROTECTION },
	{ EC_IABT, "IABT", STK_FAULT_PAGE },
	{ EC_PC, "PC alignment", STK_FAULT_PROTECTION },
	{ EC_DABT, "DABT", STK_FAULT_PAGE },
	{ EC_SP, "SP alignment", STK_FAULT_PROTECTION },
	{ EC_SERROR, "SError", STK_FAULT_MACHINE_CHECK },
	{ EC_BRK, "BRK", STK_FAULT_TRAP },
};

static const struct stk_printed_words words = {
	.sp = "sp : ",
	.line = "Unable to handle",
	.address = "address ",
};

static void tell_class(uint64_t esr, struct stk_fault *out)
{
	unsigned int ec = ESR_EC(esr), fsc = esr & ESR_FSC;

	out->entry.code = ec;
	out->entry.code_name = "ec";
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (classes[i].ec == ec) {
			out->entry.name = classes[i].name;
			out->kind = classes[i].kind;
		}
	if (out->kind != STK_FAULT_PAGE)
		return;
	if (fsc == FSC_EXTERNAL)
		out->kind = STK_FAULT_MACHINE_CHECK;
	else if (fsc == FSC_ALIGN)
		out->kind = STK_FAULT_PROTECTION;
	out->access = ec == EC_IABT ? "execute" : esr & ESR_WRITE ? "write" : "read";
}

bool arm64_describe_fault(struct stk *s, uint64_t ip, const struct stk_regs *regs,
			  uint64_t at, struct stk_fault *out)
{
	struct stk_printed p;

	*out = (struct stk_fault){ 0 };
	arm64_describe_entry(s, ip, regs, at, &out->entry);
	if (out->entry.kind != ARM64_ENTRY(EXCEPTION) &&
	    out->entry.kind != ARM64_ENTRY(SERROR))
		return false;
	stk_find_printed(s, &words, regs->v[ARM64_SP], &p);
	if (out->entry.kind == ARM64_ENTRY(SERROR))
		out->kind = STK_FAULT_MACHINE_CHECK;
	if (!p.has_error)
		return true;
	out->entry.has_error = true;
	out->entry.error = p.error;
	tell_class(p.error, out);
	if (p.has_address) {
		out->address_name = "FAR";
		out->address = p.address;
	}
	return true;
}
