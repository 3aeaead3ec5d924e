/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What else lies in a frame: its raw words with what each is (-f), or only those that
 * look like return addresses (-t), as the kernel prints them with a "?".
 */
#include "text_words.h"

#include <inttypes.h>

#include "../arch/arch.h"
#include "../machine/memory.h"

#define MAX_WORDS 4096u

/* A pointer into a stack is told by the stack, any other by its symbol. */
static void print_meaning(struct stk *s, FILE *fp, const struct stk_segment *seg,
			  uint64_t word)
{
	struct stk_stack stack;
	struct stk_name name;
	char text[600];

	if (seg->stack.kind && stk_within(word, seg->stack.begin, seg->stack.end)) {
		fprintf(fp, "  this stack, top-%#" PRIx64, seg->stack.end - word);
		return;
	}
	if (!s->arch->is_kernel_address(word))
		return;
	stk_symbolize(s, word, false, &name);
	if (name.function)
		fprintf(fp, "  %s", stk_name_text(&name, text, sizeof(text)));
	else if (!stk_find_stack(s, word, &stack))
		fprintf(fp, "  %s, top-%#" PRIx64,
			stk_stack_title(s, &stack, text, sizeof(text)), stack.end - word);
}

static void raw_words(struct stk *s, FILE *fp, const struct stk_segment *seg,
		      uint64_t from, uint64_t to)
{
	for (uint64_t at = from; at < to; at += 8) {
		uint64_t word;

		fprintf(fp, "    %016" PRIx64 ": ", at);
		if (stk_read_u64(s, at, &word)) {
			fprintf(fp, "(cannot be read)\n");
			return;
		}
		fprintf(fp, "%016" PRIx64, word);
		print_meaning(s, fp, seg, word);
		fputc('\n', fp);
	}
}

static void text_words(struct stk *s, FILE *fp, uint64_t from, uint64_t to)
{
	for (uint64_t at = from; at < to; at += 8) {
		struct stk_name name;
		char text[600];
		uint64_t word;

		if (stk_read_u64(s, at, &word)) {
			/* Of what was never in use pages may be missing. */
			at |= stk_page_size(s) - 8;
			continue;
		}
		word = stk_code_address(s, word);
		if (!stk_is_text(s, word))
			continue;
		stk_symbolize(s, word, true, &name);
		fprintf(fp, "   ? [%016" PRIx64 "] %s at %" PRIx64 "\n", at,
			stk_name_text(&name, text, sizeof(text)), word);
	}
}

void stk_text_stale_words(struct stk *s, FILE *fp, const struct stk_segment *seg,
			  const struct stk_text_options *opt)
{
	const uint64_t begin = seg->stack.begin;
	uint64_t end = seg->nr_frames ? seg->frames[0].sp : begin;

	if (!opt->stale_words || !seg->stack.kind || end < begin ||
	    (end - begin) / 8 > MAX_WORDS)
		return;
	text_words(s, fp, begin, end);
}

void stk_text_words(struct stk *s, FILE *fp, const struct stk_segment *seg, size_t i,
		    const struct stk_text_options *opt)
{
	const struct stk_frame *f = &seg->frames[i], *next;
	uint64_t from = f->at, to;

	if (!seg->stack.kind)
		return;
	/* Up to where the next frame's address was stored; the last one to the top. */
	next = i + 1 < seg->nr_frames ? &seg->frames[i + 1] : NULL;
	to = seg->stack.end;
	if (next)
		to = next->slot ? next->slot : next->regs_at;
	if (to < from || (to - from) / 8 > MAX_WORDS)
		return;
	if (opt->words)
		raw_words(s, fp, seg, from, to);
	else if (opt->text_words)
		text_words(s, fp, from, to);
}
