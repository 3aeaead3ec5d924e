/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Return addresses that no call made. Up to 6.3 the entry code does not call what handles
 * an exception: it puts where that is to return to into ra, and jumps ("la ra,
 * ret_from_exception; jr a1"). A kernel thread's function begins like that, too. Commit
 * f0bddf50586d made calls of these.
 */
#include <string.h>

#include "../../kernel/layout.h"
#include "../bits.h"
#include "riscv64.h"

#define MAX_ENTRY_CODE 4096u

#define AUIPC	 0x17u
#define ADDI	 0x13u
#define BRANCH	 0x63u
#define STORE	 0x23u
#define CLDSP_RA 0x6082u /* c.ldsp ra, ...; all but the offset */

struct entry_code {
	uint64_t begin;
	size_t len;
	unsigned char byte[MAX_ENTRY_CODE + 8]; /* behind it zeros: no instruction */
};

/* What the jumps say that leave with that return address in ra. */
struct jumps {
	bool any;     /* there is such code */
	bool reaches; /* one leads to what was called */
	bool unknown; /* one goes by a register, which may hold anything */
	bool unread;  /* one goes to code that is not in the dump */
};

static uint32_t word_at(const struct entry_code *c, size_t i)
{
	uint32_t word;

	memcpy(&word, c->byte + i, sizeof(word));
	return word;
}

/* "auipc reg; addi reg, reg" at @i: what @reg is then. */
static bool makes_address(const struct entry_code *c, size_t i, unsigned int reg,
			  uint64_t *value)
{
	uint32_t high = word_at(c, i), low;

	if ((high & 0xfff) != (reg << 7 | AUIPC))
		return false;
	low = word_at(c, i + 4);
	if ((low & 0xfffff) != (reg << 15 | reg << 7 | ADDI))
		return false;
	*value = c->begin + i + (uint64_t)(int64_t)(int32_t)(high & 0xfffff000u) +
		 (uint64_t)(int64_t)stk_signed_bits(low, 20, 12);
	return true;
}

/* Has ra another value behind it? */
static bool changes_ra(uint32_t word, const struct stk_insn *insn)
{
	if (insn->flow == STK_FLOW_RETURN)
		return true;
	if (insn->len == 2)
		return insn->flow == STK_FLOW_CALL_REG || (word & 0xef83) == CLDSP_RA;
	return (word & 0x7f) != BRANCH && (word & 0x7f) != STORE &&
	       stk_bits(word, 7, 5) == 1;
}

/* @i: behind the two instructions that make ra. */
static void weigh_jump(struct stk *s, const struct entry_code *c, size_t i,
		       const struct stk_insn *insn, uint64_t callee, struct jumps *out)
{
	unsigned int reg = stk_bits(word_at(c, i), 7, 5); /* of C.JR; else no one */
	uint64_t target = insn->target;
	const char *why;

	/* What is in a register that nobody knows stays 0, which is no code. */
	if (insn->flow == STK_FLOW_JUMP_REG)
		makes_address(c, i - 8, reg, &target);
	if (stk_within(target, c->begin, c->begin + c->len))
		return;
	switch (stk_call_leads_to(s, &riscv_insns, target, callee, &why)) {
	case STK_CALL_REACHES:
		out->reaches = true;
		break;
	case STK_CALL_CANNOT_TELL:
		out->unknown = true;
		break;
	case STK_CALL_UNFOLLOWED:
		out->unread = true;
		break;
	default:
		break;
	}
}

/*
 * Through the code from @i on, while ra stays what it is: branches go on to code behind
 * it, where that still holds.
 */
static void follow(struct stk *s, const struct entry_code *c, size_t i, uint64_t callee,
		   struct jumps *out)
{
	struct stk_insn insn;

	for (; i < c->len; i += insn.len) {
		insn = riscv_insns.decode(c->byte, i, c->len, c->begin, NULL);
		if (!insn.len || changes_ra(word_at(c, i), &insn))
			return;
		if (insn.flow == STK_FLOW_JUMP || insn.flow == STK_FLOW_JUMP_REG)
			weigh_jump(s, c, i, &insn, callee, out);
	}
}

static bool read_entry_code(struct stk *s, uint64_t ret, struct entry_code *c)
{
	uint64_t end, target;

	if (!riscv_entry_code(s, &c->begin, &end) || !stk_within(ret, c->begin, end) ||
	    riscv_insns.call_before(s, ret, &target))
		return false;
	c->len = end - c->begin < MAX_ENTRY_CODE ? end - c->begin : MAX_ENTRY_CODE;
	return !stk_read(s, c->begin, c->byte, c->len);
}

/* @callee 0: nobody asks where the jumps lead. */
static struct jumps find_jumps(struct stk *s, uint64_t ret, uint64_t callee)
{
	struct jumps out = { 0 };
	struct entry_code code = { 0 };
	struct stk_insn insn;
	uint64_t value;

	if (!read_entry_code(s, ret, &code))
		return out;
	for (size_t i = 0; i < code.len; i += insn.len) {
		insn = riscv_insns.decode(code.byte, i, code.len, code.begin, NULL);
		if (!insn.len)
			break;
		if (!makes_address(&code, i, 1, &value) || value != ret)
			continue;
		out.any = true;
		if (!callee)
			break;
		follow(s, &code, i + 8, callee, &out);
	}
	return out;
}

bool riscv_makes_return(struct stk *s, uint64_t ret)
{
	return find_jumps(s, ret, 0).any;
}

bool riscv_weigh_made(struct stk *s, uint64_t ret, uint64_t callee, enum stk_call *call,
		      const char **why)
{
	struct jumps jumps = find_jumps(s, ret, callee);

	if (!jumps.any)
		return false;
	if (jumps.reaches) {
		*call = STK_CALL_REACHES;
		*why = NULL;
	} else if (jumps.unknown) {
		*call = STK_CALL_PUSHED;
		*why = "the entry code puts it into ra, and jumps";
	} else if (jumps.unread) {
		*call = STK_CALL_UNFOLLOWED;
		*why = "where the entry code jumps to cannot be read";
	} else {
		*call = STK_CALL_ELSEWHERE;
		*why = "the entry code that puts it into ra jumps elsewhere";
	}
	return true;
}
