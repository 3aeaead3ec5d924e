/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of unwind.h's enumerations. */
#include <stackinfo/unwind.h>

#include "../arch/arch.h"
#include "../base/bytes.h"
#include "../base/safe.h"
#include "../kernel/images.h"
#include "../base/context.h"
#include "unwind.h"
#include "../base/say.h"

const char *stk_how_name(enum stk_how how)
{
	static const char *const name[] = {
#define STK_NAME(id, name) name,
		STK_HOWS(STK_NAME)
#undef STK_NAME
	};

	return (size_t)how < STK_ARRAY_SIZE(name) ? name[how] : NULL;
}

const char *stk_from_name(enum stk_from from)
{
	static const char *const name[] = {
#define STK_NAME(id, name) name,
		STK_FROMS(STK_NAME)
#undef STK_NAME
	};

	return (size_t)from < STK_ARRAY_SIZE(name) ? name[from] : NULL;
}

const char *stk_confidence_name(enum stk_confidence confidence)
{
	static const char *const name[] = {
#define STK_NAME(id, name) name,
		STK_CONFIDENCES(STK_NAME)
#undef STK_NAME
	};

	return (size_t)confidence < STK_ARRAY_SIZE(name) ? name[confidence] : NULL;
}

static const char *const witnesses[] = {
#define STK_NAME(id, name, text) name,
	STK_WITNESSES(STK_NAME)
#undef STK_NAME
};

static const struct {
	const char *name, *text;
} doubts[] = {
#define STK_NAME(id, name, text) { name, text },
	STK_DOUBTS(STK_NAME)
#undef STK_NAME
};

const char *stk_witness_name(unsigned int bit)
{
	return bit < STK_ARRAY_SIZE(witnesses) ? witnesses[bit] : NULL;
}

const char *stk_doubt_name(enum stk_doubt doubt)
{
	return (size_t)doubt < STK_ARRAY_SIZE(doubts) ? doubts[doubt].name : NULL;
}

const char *stk_doubt_text(enum stk_doubt doubt)
{
	return (size_t)doubt < STK_ARRAY_SIZE(doubts) ? doubts[doubt].text : NULL;
}

static const struct {
	const char *name;
	bool good;
	const char *text;
} ends[] = {
#define STK_NAME(id, name, good, text) { name, good, text },
	STK_ENDS(STK_NAME)
#undef STK_NAME
};

const char *stk_end_name(enum stk_end end)
{
	return (size_t)end < STK_ARRAY_SIZE(ends) ? ends[end].name : NULL;
}

bool stk_end_is_good(enum stk_end end)
{
	return (size_t)end < STK_ARRAY_SIZE(ends) && ends[end].good;
}

const char *stk_end_text(enum stk_end end)
{
	return (size_t)end < STK_ARRAY_SIZE(ends) ? ends[end].text : NULL;
}

const char *stk_reg_name(struct stk *s, unsigned int reg)
{
	for (unsigned int i = 0; s->arch->reg_names[i]; i++)
		if (i == reg)
			return s->arch->reg_names[i];
	return NULL;
}

uint64_t stk_regs_ip(struct stk *s, const struct stk_regs *regs)
{
	return regs->v[s->arch->ip];
}

uint64_t stk_regs_sp(struct stk *s, const struct stk_regs *regs)
{
	return regs->v[s->arch->sp];
}

const char *stk_no_stack_text(struct stk *s, const struct stk_chain *chain, uint64_t sp)
{
	const struct stk_entry_state *entry = chain->start.entry;
	const char *text;

	if (s->arch->is_kernel_address(sp))
		return "on no stack";
	if (!entry || entry->stack)
		return "the user's stack: not switched yet";
	text = stk_say(s, "on no stack: %s temporarily holds another value",
		       stk_reg_name(s, s->arch->sp));
	return text ? text : "on no stack";
}

bool stk_frame_fault(struct stk *s, const struct stk_frame *frame, struct stk_fault *out)
{
	return frame->regs && frame->entered &&
	       s->arch->describe_fault(s, frame->entered, frame->regs, frame->regs_at,
				       out);
}

size_t stk_frame_lines(struct stk *s, const struct stk_frame *frame, struct stk_line *out,
		       size_t room)
{
	size_t nr = stk_image_lines(s, frame->ip - !frame->interrupted, out, room);

	/* The files may be from anywhere, too. */
	for (size_t i = 0; i < nr; i++) {
		if (out[i].function)
			out[i].function = stk_safe_name(&s->texts, out[i].function);
		if (out[i].file)
			out[i].file = stk_safe_name(&s->texts, out[i].file);
	}
	return nr;
}
