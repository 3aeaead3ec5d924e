/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kernel was built with to be unwound: ORC's tables, frame pointers, or nothing
 * (CONFIG_UNWINDER_GUESS; its own traces print each word that looks like an address).
 */
#include <stackinfo/kernel.h>

#include "../../kernel/layout.h"
#include "prologue.h"
#include "x86_64.h"

#define PROLOGUE 24u /* bytes: endbr64, the call of __fentry__, the pushes */

/* In each kernel; written in C, and each calls other functions. */
static const char *const functions[] = {
	"panic",	"do_exit",	"schedule", "kthread",
	"vprintk_emit", "kernel_wait4", "kfree",
};

/* Do most of them begin with a frame? That of one may be put off to where it calls. */
static bool keeps_frame_pointers(struct stk *s)
{
	unsigned char code[PROLOGUE];
	unsigned int asked = 0, framed = 0;
	uint64_t at;

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		if (!stk_find_symbol(s, functions[i], &at) ||
		    stk_read(s, at, code, sizeof(code)))
			continue;
		asked++;
		framed += x86_sets_rbp(code, sizeof(code));
	}
	/* Nobody knows: what frame pointers lead to must prove itself. */
	return !asked || 2 * framed > asked;
}

enum x86_unwinder x86_unwinder(struct stk *s)
{
	struct x86_state *x = x86_state(s);
	enum x86_unwinder kind;

	if (x && x->unwinder)
		return x->unwinder;
	if (stk_has_symbol(s, "__start_orc_unwind_ip"))
		kind = X86_UNWINDER_ORC;
	else
		kind = keeps_frame_pointers(s) ? X86_UNWINDER_FP : X86_UNWINDER_NONE;
	if (x && !stk_must_stop(s))
		x->unwinder = kind;
	return kind;
}
