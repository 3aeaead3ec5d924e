/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cfi.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NR_REGS	  ((unsigned int)STK_CFI_REGS)
#define MAX_STACK 16u
#define MAX_OPS	  64u /* a rule of C code has one or two */

struct stk_cfi {
	char *namelist;
	bool tried;
	int fd;
	Dwarf *dwarf;
	Dwarf_CFI *cfi;
};

struct machine {
	const uint64_t *reg;
	uint32_t valid;
	bool have_cfa;
	uint64_t cfa;
	stk_cfi_read *read;
	void *ctx;
};

struct stk_cfi *stk_cfi_new(const char *namelist)
{
	struct stk_cfi *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->fd = -1;
	c->namelist = strdup(namelist);
	if (!c->namelist) {
		free(c);
		return NULL;
	}
	return c;
}

void stk_cfi_free(struct stk_cfi *c)
{
	if (!c)
		return;
	dwarf_end(c->dwarf); /* and the CFI that it owns */
	if (c->fd >= 0)
		close(c->fd);
	free(c->namelist);
	free(c);
}

static Dwarf_CFI *get_cfi(struct stk_cfi *c)
{
	if (c->tried)
		return c->cfi;
	c->tried = true;
	c->fd = open(c->namelist, O_RDONLY | O_CLOEXEC);
	if (c->fd >= 0)
		c->dwarf = dwarf_begin(c->fd, DWARF_C_READ);
	if (c->dwarf)
		c->cfi = dwarf_getcfi(c->dwarf);
	return c->cfi;
}

static bool base_reg(const struct machine *m, unsigned int reg, uint64_t *value)
{
	if (reg >= NR_REGS || !(m->valid >> reg & 1))
		return false;
	*value = m->reg[reg];
	return true;
}

/* The operations that describe where compilers save registers; others fail. */
static bool evaluate(const struct machine *m, const Dwarf_Op *op, size_t nr,
		     uint64_t *value)
{
	uint64_t stack[MAX_STACK];
	size_t depth = 0;

	if (nr > MAX_OPS)
		return false;
	for (size_t i = 0; i < nr; i++, op++) {
		uint64_t v;

		if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31) {
			if (!base_reg(m, op->atom - DW_OP_breg0, &v))
				return false;
			v += op->number;
		} else if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31) {
			v = op->atom - DW_OP_lit0;
		} else {
			switch (op->atom) {
			case DW_OP_bregx:
				if (op->number >= NR_REGS ||
				    !base_reg(m, (unsigned int)op->number, &v))
					return false;
				v += op->number2;
				break;
			case DW_OP_call_frame_cfa:
				if (!m->have_cfa)
					return false;
				v = m->cfa;
				break;
			case DW_OP_const1u:
			case DW_OP_const2u:
			case DW_OP_const4u:
			case DW_OP_const8u:
			case DW_OP_constu:
			case DW_OP_const1s:
			case DW_OP_const2s:
			case DW_OP_const4s:
			case DW_OP_const8s:
			case DW_OP_consts:
				v = op->number;
				break;
			case DW_OP_plus_uconst:
				if (!depth)
					return false;
				v = stack[--depth] + op->number;
				break;
			case DW_OP_plus:
			case DW_OP_minus:
				if (depth < 2)
					return false;
				v = stack[--depth];
				v = op->atom == DW_OP_plus ? stack[depth - 1] + v
							   : stack[depth - 1] - v;
				depth--;
				break;
			case DW_OP_deref:
				if (!depth || m->read(m->ctx, stack[--depth], &v))
					return false;
				break;
			default:
				return false;
			}
		}
		if (depth == MAX_STACK)
			return false;
		stack[depth++] = v;
	}
	if (depth != 1)
		return false;
	*value = stack[0];
	return true;
}

/* Where register @reg of the caller is, and what it holds. */
static bool caller_reg(struct machine *m, Dwarf_Frame *frame, unsigned int reg,
		       uint64_t *value)
{
	Dwarf_Op mem[3], *ops;
	size_t nr;
	uint64_t at;

	if (dwarf_frame_register(frame, (int)reg, mem, &ops, &nr))
		return false;
	if (!nr) {
		/* ops NULL: unchanged ("same value"); else undefined. */
		return !ops && base_reg(m, reg, value);
	}
	if (ops[nr - 1].atom == DW_OP_stack_value)
		return evaluate(m, ops, nr - 1, value);
	if (nr == 1 && ops[0].atom >= DW_OP_reg0 && ops[0].atom <= DW_OP_reg31)
		return base_reg(m, ops[0].atom - DW_OP_reg0, value);
	return evaluate(m, ops, nr, &at) && !m->read(m->ctx, at, value);
}

static enum stk_status caller(void *priv, uint64_t pc, uint64_t *reg, uint32_t *valid,
			      unsigned int *ra, uint64_t *cfa, stk_cfi_read *read,
			      void *ctx)
{
	struct machine m = { .reg = reg, .valid = *valid, .read = read, .ctx = ctx };
	Dwarf_CFI *cfi = get_cfi(priv);
	uint64_t out[NR_REGS];
	uint32_t known = 0;
	Dwarf_Frame *frame;
	bool signal;
	Dwarf_Op *ops;
	size_t nr;
	int column;
	enum stk_status st = STK_ERR_NOT_FOUND;

	if (!cfi || dwarf_cfi_addrframe(cfi, pc, &frame))
		return STK_ERR_NOT_FOUND;
	column = dwarf_frame_info(frame, NULL, NULL, &signal);
	if (column >= 0 && (unsigned int)column < NR_REGS &&
	    !dwarf_frame_cfa(frame, &ops, &nr) && evaluate(&m, ops, nr, &m.cfa)) {
		m.have_cfa = true;
		/* The callee-saved ones and the return address are what a rule can tell.
		 */
		for (unsigned int r = 0; r <= (unsigned int)column; r++)
			if (caller_reg(&m, frame, r, &out[r]))
				known |= 1u << r;
		memcpy(reg, out, ((size_t)column + 1) * sizeof(*reg));
		*valid = known;
		*ra = (unsigned int)column;
		*cfa = m.cfa;
		st = STK_OK;
	}
	free(frame);
	return st;
}

const struct stk_cfi_ops stk_cfi_ops = { .caller = caller };
