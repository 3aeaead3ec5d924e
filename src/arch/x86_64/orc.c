/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables: for entry i, an address as a 32-bit distance from the slot that holds
 * it, and six bytes:
 *
 *   s16 sp_offset, s16 bp_offset,
 *   u16: bits 0-3 sp_reg, 4-7 bp_reg, then type and flags by format
 *
 * They are read from the dump, where they are sorted whatever the kernel's age: up
 * to 5.4 the kernel sorted them at boot only.
 */
#include "orc.h"

#include <assert.h>
#include <string.h>

#include "../../kernel/code.h"
#include "../../kernel/layout.h"
#include "../../kernel/modules.h"
#include "x86_64.h"

#define MAX_ENTRIES (16u * 1024 * 1024)
#define ENTRY_SIZE  6ull /* of struct orc_entry; one of orc_unwind_ip has 4 bytes */
#define CACHE_SIZE  1024u
#define HASH_SIZE   20u

struct orc_format {
	const char *name;
	uint8_t type_shift, type_mask;
	uint8_t signal_bit, end_bit; /* 0: none */
	bool type_has_end;	     /* types: 0 hole, 1 end, 2 call, 3 regs, 4 partial */
	const enum orc_reg *reg;
};

/* arch/x86/include/asm/orc_types.h up to 7.0 */
static const enum orc_reg regs_old[16] = {
	ORC_UNDEFINED, ORC_PREV_SP, ORC_DX,	     ORC_DI,	      ORC_BP,  ORC_SP,
	ORC_R10,       ORC_R13,	    ORC_BP_INDIRECT, ORC_SP_INDIRECT, ORC_BAD, ORC_BAD,
	ORC_BAD,       ORC_BAD,	    ORC_BAD,	     ORC_BAD,
};

/* and since 7.1, commit 1735858caa4b */
static const enum orc_reg regs_new[16] = {
	ORC_UNDEFINED, ORC_AX,	ORC_DX,	     ORC_SP,	      ORC_BP,	       ORC_DI,
	ORC_R10,       ORC_R13, ORC_PREV_SP, ORC_SP_INDIRECT, ORC_BP_INDIRECT, ORC_BAD,
	ORC_BAD,       ORC_BAD, ORC_BAD,     ORC_BAD,
};

enum { FMT_4_14, FMT_4_19, FMT_6_3, FMT_6_4, FMT_7_1 };

static const struct orc_format formats[] = {
	[FMT_4_14] = { .name = "4.14", .type_shift = 8, .type_mask = 3, .reg = regs_old },
	/* commit d31a580266ee: "end" */
	[FMT_4_19] = { .name = "4.19",
		       .type_shift = 8,
		       .type_mask = 3,
		       .end_bit = 10,
		       .reg = regs_old },
	/* commit ffb1b4a41016: "signal" */
	[FMT_6_3] = { .name = "6.3",
		      .type_shift = 8,
		      .type_mask = 3,
		      .signal_bit = 10,
		      .end_bit = 11,
		      .reg = regs_old },
	/* commit fb799447ae29: types for "undefined" and "end" */
	[FMT_6_4] = { .name = "6.4",
		      .type_shift = 8,
		      .type_mask = 7,
		      .signal_bit = 11,
		      .type_has_end = true,
		      .reg = regs_old },
	[FMT_7_1] = { .name = "7.1",
		      .type_shift = 8,
		      .type_mask = 7,
		      .signal_bit = 11,
		      .type_has_end = true,
		      .reg = regs_new },
};

/* scripts/orc_hash.sh: the SHA-1 of the structure's text, since 6.4. */
static const struct {
	unsigned char sha1[HASH_SIZE];
	unsigned int format;
} known_hash[] = {
	{ { 0xdb, 0x84, 0xae, 0xd4, 0x10, 0x3b, 0x31, 0xdd, 0x51, 0xe0,
	    0x17, 0xf8, 0xf7, 0x97, 0x83, 0xca, 0x98, 0x5c, 0x2c, 0x51 },
	  FMT_6_3 },
	{ { 0xfe, 0x5d, 0x32, 0xbf, 0x58, 0x1b, 0xd6, 0x3b, 0x2c, 0xa9,
	    0xc5, 0xba, 0x5a, 0x62, 0x5e, 0xab, 0x3f, 0xe2, 0x4f, 0x24 },
	  FMT_6_4 },
	{ { 0x13, 0x7c, 0x36, 0xad, 0x76, 0x27, 0xc4, 0xdd, 0x55, 0x93,
	    0x2c, 0xac, 0xbe, 0xcd, 0xbb, 0x01, 0x77, 0x04, 0x1f, 0xc8 },
	  FMT_7_1 },
};

static_assert(sizeof(known_hash[0].sha1) == HASH_SIZE, "SHA-1");

struct orc_table {
	uint64_t ip, entry; /* addresses of the two arrays */
	uint32_t nr;
};

/* Where the kernel's own table is, and which code it is for. */
struct orc_kernel {
	const struct orc_format *format;
	struct orc_table table;
	uint64_t text_begin, text_end, init_begin, init_end;
};

struct x86_orc {
	struct orc_kernel kernel;
	struct {
		uint64_t addr; /* 0: empty */
		struct orc_rule rule;
	} cache[CACHE_SIZE];
};

/*
 * orc_fp_entry in unwind_orc.c is the same rule in every kernel: a call, base
 * rbp + 16, rbp saved at prev_sp - 16. Its bp_reg shows how registers are numbered.
 */
static bool numbering_is_new(struct stk *s)
{
	unsigned char e[ENTRY_SIZE];
	uint64_t at;

	return stk_find_symbol(s, "orc_fp_entry", &at) &&
	       !stk_read(s, at, e, sizeof(e)) && regs_new[e[4] >> 4] == ORC_PREV_SP;
}

static const struct orc_format *detect_format(struct stk *s)
{
	unsigned char hash[HASH_SIZE];
	struct stk_member m;
	uint64_t at;

	if (stk_find_symbol(s, "__start_orc_header", &at) &&
	    !stk_read(s, at, hash, sizeof(hash))) {
		for (size_t i = 0; i < sizeof(known_hash) / sizeof(known_hash[0]); i++)
			if (!memcmp(hash, known_hash[i].sha1, sizeof(hash)))
				return &formats[known_hash[i].format];
		return &formats[numbering_is_new(s) ? FMT_7_1 : FMT_6_4];
	}
	if (stk_find_member(s, "orc_entry", "end", &m))
		return &formats[stk_find_member(s, "orc_entry", "signal", &m) ? FMT_6_3
									      : FMT_4_19];
	if (stk_find_member(s, "orc_entry", "signal", &m))
		return &formats[numbering_is_new(s) ? FMT_7_1 : FMT_6_4];
	return &formats[FMT_4_14];
}

static enum stk_status load_table(struct stk *s, struct orc_kernel *k)
{
	uint64_t stop;
	enum stk_status st = stk_symbol(s, "__start_orc_unwind_ip", &k->table.ip);

	if (!st)
		st = stk_symbol(s, "__stop_orc_unwind_ip", &stop);
	if (!st)
		st = stk_symbol(s, "__start_orc_unwind", &k->table.entry);
	if (st)
		return st;
	if (stop <= k->table.ip || (stop - k->table.ip) / 4 > MAX_ENTRIES)
		return stk_fail(s, STK_ERR_CORRUPT, "the ORC table's bounds are damaged");
	k->table.nr = (uint32_t)((stop - k->table.ip) / 4);
	st = stk_symbol(s, "_stext", &k->text_begin);
	if (!st)
		st = stk_symbol(s, "_etext", &k->text_end);
	if (st)
		return st;
	if (!stk_find_symbol(s, "_sinittext", &k->init_begin) ||
	    !stk_find_symbol(s, "_einittext", &k->init_end))
		k->init_begin = k->init_end = 0;
	k->format = detect_format(s);
	return STK_OK;
}

static enum stk_status find_orc(struct stk *s, void *value)
{
	struct x86_orc *o = value;

	return load_table(s, &o->kernel);
}

static enum stk_status get_orc(struct stk *s, struct x86_orc **out)
{
	static const struct stk_once once = { .size = sizeof(**out), .find = find_orc };
	struct x86_state *x = x86_state(s);
	enum stk_status st = x ? stk_once(s, &x->orc, &once) : STK_ERR_NOMEM;

	*out = x ? x->orc.value : NULL;
	return st;
}

static void decode_rule(const struct orc_format *f, const unsigned char *e,
			struct orc_rule *r)
{
	unsigned int flags = e[4] | (unsigned int)e[5] << 8;
	unsigned int type = flags >> f->type_shift & f->type_mask;

	static const enum orc_type with_end[8] = {
		ORC_HOLE,	  ORC_END,  ORC_CALL, ORC_REGS,
		ORC_REGS_PARTIAL, ORC_HOLE, ORC_HOLE, ORC_HOLE,
	};
	static const enum orc_type without_end[4] = {
		ORC_CALL,
		ORC_REGS,
		ORC_REGS_PARTIAL,
		ORC_HOLE,
	};

	r->sp_offset = (int16_t)(e[0] | e[1] << 8);
	r->bp_offset = (int16_t)(e[2] | e[3] << 8);
	r->sp_reg = f->reg[flags & 15];
	r->bp_reg = f->reg[flags >> 4 & 15];
	if (f->type_has_end) {
		r->type = with_end[type];
	} else {
		r->type = without_end[type];
		if (r->sp_reg == ORC_UNDEFINED)
			r->type = f->end_bit && flags >> f->end_bit & 1 ? ORC_END
									: ORC_HOLE;
	}
	/* Before 6.3 whatever is no call was taken for an interrupted frame. */
	r->signal = f->signal_bit ? flags >> f->signal_bit & 1 : r->type != ORC_CALL;
}

/* The last entry whose address is not above @addr. */
static enum stk_status search_table(struct stk *s, const struct orc_table *t,
				    uint64_t addr, unsigned char *entry)
{
	uint32_t low = 0, high = t->nr;
	enum stk_status st;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2, word;
		uint64_t slot = t->ip + 4ull * mid;

		st = stk_read_u32(s, slot, &word);
		if (st)
			return st;
		if (slot + (uint64_t)(int64_t)(int32_t)word <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low)
		return STK_ERR_NOT_FOUND;
	return stk_read(s, t->entry + ENTRY_SIZE * (low - 1), entry, ENTRY_SIZE);
}

/*
 * An ftrace trampoline is a copy of ftrace_caller or ftrace_regs_caller: the rules of
 * the original hold at the same distance. Which of the two it is, its first bytes say
 * (the flag that says it in ftrace_ops has changed its value).
 */
static bool trampoline_origin(struct stk *s, uint64_t *addr)
{
	static const char *const origin[] = { "ftrace_regs_caller", "ftrace_caller" };
	const struct stk_code *code = stk_code_at(s, *addr);
	unsigned char copy[12], original[12];
	uint64_t start;

	if (!code || code->kind != STK_CODE_FTRACE ||
	    stk_read(s, code->begin, copy, sizeof(copy)))
		return false;
	for (size_t i = 0; i < sizeof(origin) / sizeof(origin[0]); i++) {
		if (stk_find_symbol(s, origin[i], &start) &&
		    !stk_read(s, start, original, sizeof(original)) &&
		    !memcmp(copy, original, sizeof(copy))) {
			*addr = start + (*addr - code->begin);
			return true;
		}
	}
	return false;
}

static bool in_text(const struct orc_kernel *k, uint64_t addr)
{
	return stk_within(addr, k->text_begin, k->text_end);
}

static struct orc_table module_table(const struct stk_module *m)
{
	return (struct orc_table){ m->orc_ip, m->orc,
				   m->num_orcs > MAX_ENTRIES ? 0 : m->num_orcs };
}

/* The table that @addr is in, of the kernel or of a module. Empty: of none. */
static struct orc_table table_of(struct stk *s, const struct orc_kernel *k, uint64_t addr)
{
	struct stk_module *m;

	if (in_text(k, addr) || stk_within(addr, k->init_begin, k->init_end))
		return k->table;
	m = stk_module_at(s, addr);
	return m ? module_table(m) : (struct orc_table){ 0 };
}

enum stk_status orc_find(struct stk *s, uint64_t addr, struct orc_rule *rule)
{
	struct x86_orc *o;
	struct orc_table table;
	unsigned char entry[ENTRY_SIZE];
	size_t slot = (addr ^ addr >> 10) % CACHE_SIZE;
	enum stk_status st = get_orc(s, &o);

	if (st)
		return st;
	if (addr && o->cache[slot].addr == addr) {
		*rule = o->cache[slot].rule;
		return STK_OK;
	}
	table = table_of(s, &o->kernel, addr);
	if (!table.nr && trampoline_origin(s, &addr) && in_text(&o->kernel, addr))
		return orc_find(s, addr, rule);
	st = table.nr ? search_table(s, &table, addr, entry) : STK_ERR_NOT_FOUND;
	if (st)
		return st;
	decode_rule(o->kernel.format, entry, rule);
	o->cache[slot].addr = 0;
	o->cache[slot].rule = *rule;
	o->cache[slot].addr = addr;
	return STK_OK;
}

bool orc_tells_end(struct stk *s)
{
	struct x86_orc *o;

	return get_orc(s, &o) || o->kernel.format->type_has_end ||
	       o->kernel.format->end_bit;
}

/* The kernel's: its rules; and the index that crash and the kernel itself begin with. */
static bool kernel_rule_table(struct stk *s, unsigned int nth, uint64_t *begin,
			      uint64_t *end)
{
	struct x86_orc *o;

	*begin = *end = 0;
	if (get_orc(s, &o))
		return false;
	switch (nth) {
	case 0:
		*begin = o->kernel.table.ip;
		*end = *begin + 4ull * o->kernel.table.nr;
		break;
	case 1:
		*begin = o->kernel.table.entry;
		*end = *begin + ENTRY_SIZE * o->kernel.table.nr;
		break;
	case 2:
		if (!stk_find_symbol(s, "orc_lookup", begin) ||
		    !stk_find_symbol(s, "orc_lookup_end", end))
			*begin = *end = 0;
		break;
	default:
		if (stk_find_symbol(s, "lookup_num_blocks", begin))
			*end = *begin + sizeof(uint32_t);
	}
	return true;
}

#define KERNEL_TABLES 4u

bool orc_rule_table(struct stk *s, unsigned int nth, uint64_t *begin, uint64_t *end)
{
	const struct stk_module *m;
	struct orc_table table;

	if (nth < KERNEL_TABLES)
		return kernel_rule_table(s, nth, begin, end);
	m = stk_module_nth(s, (nth - KERNEL_TABLES) / 2);
	if (!m)
		return false;
	table = module_table(m);
	*begin = nth % 2 ? table.entry : table.ip;
	*end = *begin + (nth % 2 ? ENTRY_SIZE : 4ull) * table.nr;
	return true;
}
