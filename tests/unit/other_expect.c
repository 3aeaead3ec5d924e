/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "other_expect.h"

#include "fixture.h"

#include "arch/arch.h"
#include "base/context.h"
#include "kernel/layout.h"
#include "machine/memory.h"

#include <stackinfo/entry.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- the machine's registers ---- */

struct joined {
	char text[4096];
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void join(struct joined *j, const char *fmt,
						       ...)
{
	va_list ap;

	va_start(ap, fmt);
	j->len += (size_t)vsnprintf(j->text + j->len, sizeof(j->text) - j->len, fmt, ap);
	va_end(ap);
	ck_assert_uint_lt(j->len, sizeof(j->text));
}

static void expect_joined(struct joined *j, const char *want)
{
	ck_assert_str_eq(j->text, want);
	*j = (struct joined){ .len = 0 };
}

void other_expect_registers(const char *names, const char *rows, const char *words)
{
	const struct stk_arch *a = syn_open(m)->arch;
	struct joined j = { .len = 0 };

	for (size_t i = 0; a->reg_names[i]; i++)
		join(&j, "%s%s", i ? " " : "", a->reg_names[i]);
	expect_joined(&j, names);
	for (size_t i = 0; i < a->nr_reg_rows; i++)
		join(&j, "%s=%s:%d%s", a->reg_rows[i].title,
		     a->reg_names[a->reg_rows[i].reg], a->reg_rows[i].width,
		     a->reg_rows[i].newline ? "\n" : " ");
	expect_joined(&j, rows);
	for (const struct stk_reg_word *w = a->reg_words; w->name; w++) {
		join(&j, "%s=%s ", w->name, a->reg_names[w->reg]);
		ck_assert_int_eq(w->before, -1);
	}
	expect_joined(&j, words);
}

void other_expect_tracer_key(void)
{
	const struct stk_arch *a = syn_open(m)->arch;
	struct stk_step step = { .regs.valid = 1ull << a->fp };

	step.regs.v[a->fp] = 0x1230;
	ck_assert_uint_eq(a->tracer_key(m->s, &step), 0x1230);
	step.signal = true;
	ck_assert_uint_eq(a->tracer_key(m->s, &step), 0);
	step = (struct stk_step){ .signal = false };
	step.regs.v[a->fp] = 0x1230;
	ck_assert_uint_eq(a->tracer_key(m->s, &step), 0);
}

void other_expect_words(int cpu, const struct stk_regs *regs, const char *want)
{
	struct stk_entry_words words = { .cpu = cpu };
	struct joined j = { .len = 0 };

	syn_open(m)->arch->entry_words(m->s, regs, &words);
	for (size_t i = 0; i < words.nr; i++) {
		const struct stk_entry_word *w = &words.word[i];

		join(&j, "%s%s%s%s%s%s%s%s:", w->name, w->readable ? "" : " unread",
		     w->is_code ? " code" : "", w->is_task ? " task" : "",
		     w->has_task ? " of" : "", w->has_stack ? " " : "",
		     w->has_stack ? stk_stack_kind_name(w->stack.kind) : "",
		     w->detail ? " detail" : "");
		if (w->meaning)
			join(&j, " %s", w->meaning);
		if (w->problem)
			join(&j, " !%s", w->problem);
		join(&j, "\n");
	}
	expect_joined(&j, want);
}

void other_expect_places(const struct other_place *row, struct stk_regs regs)
{
	struct stk_stack stack = { .begin = m->next_stack };
	const struct stk_arch *a = syn_open(m)->arch;
	uint32_t room = 0;

	ck_assert(stk_find_size(m->s, "pt_regs", &room));
	stack.end = stack.begin + 0x4000;
	for (size_t i = 0; row[i].kind; i++) {
		struct stk_evidence e = { 0 };
		int got;

		stack.kind = row[i].kind;
		regs.v[a->sp] = stack.begin + (uint64_t)row[i].sp;
		a->weigh_regs(m->s, &stack, &regs,
			      stack.begin + (uint64_t)row[i].end - room, 0, &e);
		got = e.agree >> STK_WITNESS_PLACE & 1	  ? 1
		      : e.differ >> STK_WITNESS_PLACE & 1 ? 0
							  : -1;
		ck_assert_msg(got == row[i].want, "row %zu: %d", i, got);
	}
}

/* ---- instructions ---- */

void other_flip_bits(size_t row, uint32_t insn, unsigned int nr, uint32_t decide,
		     uint32_t free, bool (*same)(uint32_t insn, uint32_t flipped))
{
	ck_assert(same(insn, insn));
	ck_assert(!(decide & free));
	for (unsigned int bit = 0; bit < nr; bit++) {
		const uint32_t flip = 1u << bit;

		if (decide & flip)
			ck_assert_msg(!same(insn, insn ^ flip),
				      "row %zu: %x, bit %u does not decide", row, insn,
				      bit);
		if (free & flip)
			ck_assert_msg(same(insn, insn ^ flip),
				      "row %zu: %x, bit %u is not free", row, insn, bit);
	}
}

/* ---- damage ---- */

bool other_is_wrong(const char *truth)
{
	struct stk_start start = syn_start(&c);
	struct stk_chain *chain;
	bool wrong;

	stk_forget_memory(m->s);
	ck_assert_int_eq(stk_unwind(m->s, &start, &chain), STK_OK);
	wrong = chain->confidence == STK_CERTAIN &&
		strcmp(syn_chain_text(chain), truth) != 0;
	stk_chain_free(m->s, chain);
	return wrong;
}

void other_damage_word(uint64_t at, const char *truth)
{
	const uint64_t word = syn_get64(m, at);
	const uint64_t other[] = {
		0,
		word ^ 0x10,
		word + 0x40,
		word ^ 1ull << 40,
		c.bp,
		syn_sym(m, "last_function") + 0x60,
		syn_get64(m, sh + syn_off(m, "task_struct.stack")) + 0x100,
	};

	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		syn_put64(m, at, other[i]);
		ck_assert_msg(!other_is_wrong(truth), "%llx: %llx in place of %llx: %s",
			      (unsigned long long)at, (unsigned long long)other[i],
			      (unsigned long long)word, syn_chain_text(unwind_cpu_1()));
	}
	syn_put64(m, at, word);
}

uint64_t other_random(uint64_t *state)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return *state >> 11 ^ *state << 31;
}

/* ---- page tables ---- */

void other_expect_phys(const char *tables, uint64_t addr, uint64_t want)
{
	uint64_t phys = 0x5555;

	ck_assert_msg(stk_translate(m->s, addr, &phys) == STK_OK && phys == want,
		      "%s: %llx: %llx, not %llx", tables, (unsigned long long)addr,
		      (unsigned long long)phys, (unsigned long long)want);
}

void other_expect_region(const char *tables, uint64_t addr, const char *region)
{
	struct stk_place p = { 0 };

	m->s->arch->region(m->s, addr, &p);
	ck_assert_msg(p.region && !strcmp(p.region, region), "%s: %llx: %s, not %s",
		      tables, (unsigned long long)addr, p.region, region);
}

uint64_t *other_entry(uint64_t virt, uint64_t size)
{
	const uint64_t at = syn_entry_at(m, virt, size);

	return (uint64_t *)((char *)syn_phys_page(m, at) + (at & 4095));
}
