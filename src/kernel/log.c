/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's log buffer. Where things are comes from VMCOREINFO, which has carried
 * it for readers of dumps for as long as either format exists, in every kernel.
 *
 *   5.10+   printk_ringbuffer, commit 896fbe20b4e2: a ring of descriptors that name
 *           pieces of a ring of text (kernel/printk/printk_ringbuffer.c)
 *   before  records one after the other in log_buf (struct printk_log)
 */
#include "log.h"

#include <stackinfo/kernel.h>

#include "layout.h"

#define MAX_COUNT_BITS 26u /* LOG_BUF_LEN_MAX is 2 GiB; a descriptor is for 32 bytes */
#define MAX_SIZE_BITS  31u
#define SHARE	       2u /* of the budget */

/* clang-format off */
#define RING_KEYS(X)                                                           \
	X(DESC_RING, "OFFSET(printk_ringbuffer.desc_ring)")                    \
	X(TEXT_RING, "OFFSET(printk_ringbuffer.text_data_ring)")               \
	X(COUNT_BITS, "OFFSET(prb_desc_ring.count_bits)")                      \
	X(DESCS, "OFFSET(prb_desc_ring.descs)")                                \
	X(INFOS, "OFFSET(prb_desc_ring.infos)")                                \
	X(HEAD, "OFFSET(prb_desc_ring.head_id)")                               \
	X(TAIL, "OFFSET(prb_desc_ring.tail_id)")                               \
	X(DESC_SIZE, "SIZE(prb_desc)")                                         \
	X(STATE, "OFFSET(prb_desc.state_var)")                                 \
	X(LPOS, "OFFSET(prb_desc.text_blk_lpos)")                              \
	X(BEGIN, "OFFSET(prb_data_blk_lpos.begin)")                            \
	X(NEXT, "OFFSET(prb_data_blk_lpos.next)")                              \
	X(SIZE_BITS, "OFFSET(prb_data_ring.size_bits)")                        \
	X(DATA, "OFFSET(prb_data_ring.data)")                                  \
	X(INFO_SIZE, "SIZE(printk_info)")                                      \
	X(NS, "OFFSET(printk_info.ts_nsec)")                                   \
	X(TEXT_LEN, "OFFSET(printk_info.text_len)")                            \
	X(CALLER, "OFFSET(printk_info.caller_id)")

#define RECORD_KEYS(X)                                                         \
	X(REC_SIZE, "SIZE(printk_log)")                                        \
	X(REC_NS, "OFFSET(printk_log.ts_nsec)")                                \
	X(REC_LEN, "OFFSET(printk_log.len)")                                   \
	X(REC_TEXT_LEN, "OFFSET(printk_log.text_len)")
/* clang-format on */

#define KEY_ID(id, text)   K_##id,
#define KEY_TEXT(id, text) text,
enum { RING_KEYS(KEY_ID) NR_RING_KEYS };
enum { RECORD_KEYS(KEY_ID) NR_RECORD_KEYS };

static const char *const ring_keys[] = { RING_KEYS(KEY_TEXT) };
static const char *const record_keys[] = { RECORD_KEYS(KEY_TEXT) };

static enum stk_status read_keys(struct stk *s, const char *const *key, size_t nr,
				 uint64_t *value)
{
	for (size_t i = 0; i < nr; i++)
		if (!stk_vmcoreinfo_number(s, key[i], 10, &value[i]) ||
		    value[i] > UINT16_MAX)
			return stk_fail(s, STK_ERR_UNSUPPORTED,
					"VMCOREINFO does not say %s of the log", key[i]);
	return STK_OK;
}

/* What the variable that VMCOREINFO names holds. */
static enum stk_status read_variable(struct stk *s, const char *key, size_t size,
				     uint64_t *value)
{
	enum stk_status st;
	uint64_t at;

	if (!stk_vmcoreinfo_number(s, key, 16, &at))
		return stk_fail(s, STK_ERR_UNSUPPORTED, "VMCOREINFO has no %s", key);
	*value = 0;
	st = stk_read(s, at, value, size);
	return st ? stk_fail(s, st, "the log: %s: %s", key, stk_status_text(st)) : STK_OK;
}

struct reader {
	stk_log_fn *fn;
	void *ctx;
	uint64_t left; /* of the text that the log has room for */
	char text[UINT16_MAX + 1];
};

/*
 * A text of 64 KiB at most, which text_len is a 16-bit number of. It ends the reading
 * when this is more text than the log has room for, so that records must overlap, or
 * than the budget allows.
 */
static enum stk_status read_text(struct stk *s, uint64_t at, struct stk_log_record *r,
				 struct reader *rd)
{
	if (r->len > rd->left)
		return stk_fail(s, STK_ERR_CORRUPT,
				"the log is damaged: its records overlap");
	if (!stk_budget_answer(&s->budget, r->len))
		return stk_fail(s, STK_ERR_LIMIT, "the log: %s",
				stk_status_text(STK_ERR_LIMIT));
	rd->left -= r->len;
	r->text = stk_read(s, at, rd->text, r->len) ? NULL : rd->text;
	return STK_OK;
}

/* ---- 5.10+ ---- */

struct ring {
	uint64_t k[NR_RING_KEYS];
	uint64_t descs, infos, data, head, tail;
	uint32_t count_bits, size_bits;
};

/* The upper two bits of a descriptor's state_var; the rest is its ID. */
#define STATE_SHIFT 62
#define ID_MASK	    (~(3ull << STATE_SHIFT))
enum { COMMITTED = 1, FINALIZED = 2 };

static enum stk_status open_ring(struct stk *s, struct ring *g)
{
	uint64_t prb, desc, text;
	enum stk_status st;

	if ((st = read_keys(s, ring_keys, NR_RING_KEYS, g->k)) ||
	    (st = read_variable(s, "SYMBOL(prb)", 8, &prb)))
		return st;
	desc = prb + g->k[K_DESC_RING];
	text = prb + g->k[K_TEXT_RING];
	if ((st = stk_read_u32(s, desc + g->k[K_COUNT_BITS], &g->count_bits)) ||
	    (st = stk_read_u64(s, desc + g->k[K_DESCS], &g->descs)) ||
	    (st = stk_read_u64(s, desc + g->k[K_INFOS], &g->infos)) ||
	    (st = stk_read_u64(s, desc + g->k[K_HEAD], &g->head)) ||
	    (st = stk_read_u64(s, desc + g->k[K_TAIL], &g->tail)) ||
	    (st = stk_read_u32(s, text + g->k[K_SIZE_BITS], &g->size_bits)) ||
	    (st = stk_read_u64(s, text + g->k[K_DATA], &g->data)))
		return stk_fail(s, st, "the log's head: %s", stk_status_text(st));
	if (!g->count_bits || g->count_bits > MAX_COUNT_BITS || !g->size_bits ||
	    g->size_bits > MAX_SIZE_BITS ||
	    ((g->head - g->tail) & ID_MASK) >> g->count_bits)
		return stk_fail(s, STK_ERR_CORRUPT, "the log's head is damaged");
	return STK_OK;
}

/*
 * Positions count up for ever and are taken modulo the ring's size. An odd one says
 * that there is no text. A text does not wrap: one that did not fit before the end of
 * the ring is at its beginning. It follows the ID of its descriptor.
 */
static uint64_t text_at(const struct ring *g, uint64_t begin, uint64_t next,
			uint64_t *len)
{
	uint64_t mask = (1ull << g->size_bits) - 1;
	bool wraps = begin >> g->size_bits != next >> g->size_bits && next & mask;
	uint64_t from = wraps ? 0 : begin & mask;
	uint64_t to = next & mask ? next & mask : mask + 1;

	if ((begin & 1) || (next & 1) || to < from + sizeof(uint64_t)) {
		*len = 0;
		return 0;
	}
	if (*len > to - from - sizeof(uint64_t))
		*len = to - from - sizeof(uint64_t);
	return g->data + from + sizeof(uint64_t);
}

/* STK_ERR_NOT_FOUND: this descriptor holds no record. */
static enum stk_status read_ring_record(struct stk *s, const struct ring *g, uint64_t id,
					struct reader *rd, struct stk_log_record *r)
{
	uint64_t slot = id & ((1ull << g->count_bits) - 1), state, begin, next, at;
	uint64_t desc = g->descs + slot * g->k[K_DESC_SIZE];
	uint64_t info = g->infos + slot * g->k[K_INFO_SIZE];
	uint16_t len;

	if (stk_read_u64(s, desc + g->k[K_STATE], &state) ||
	    stk_read_u64(s, desc + g->k[K_LPOS] + g->k[K_BEGIN], &begin) ||
	    stk_read_u64(s, desc + g->k[K_LPOS] + g->k[K_NEXT], &next) ||
	    (state & ID_MASK) != id ||
	    (state >> STATE_SHIFT != COMMITTED && state >> STATE_SHIFT != FINALIZED))
		return STK_ERR_NOT_FOUND;
	if (stk_read_u64(s, info + g->k[K_NS], &r->ns) ||
	    stk_read_u32(s, info + g->k[K_CALLER], &r->caller) ||
	    stk_read(s, info + g->k[K_TEXT_LEN], &len, sizeof(len)))
		return STK_ERR_NOT_FOUND;
	r->has_caller = true;
	r->len = len;
	at = text_at(g, begin, next, &r->len);
	r->text = rd->text;
	return r->len ? read_text(s, at, r, rd) : STK_OK;
}

static enum stk_status read_ring(struct stk *s, struct reader *rd)
{
	struct ring g;
	enum stk_status st = open_ring(s, &g);

	if (st)
		return st;
	rd->left = 1ull << g.size_bits;
	for (uint64_t i = 0, nr = (g.head - g.tail) & ID_MASK; i <= nr; i++) {
		struct stk_log_record r = { 0 };

		if (!stk_spend(s, 1))
			return stk_why_stop(s);
		st = read_ring_record(s, &g, (g.tail + i) & ID_MASK, rd, &r);
		if (st && st != STK_ERR_NOT_FOUND)
			return st;
		if (!st && !rd->fn(rd->ctx, &r))
			break;
	}
	return STK_OK;
}

/* ---- before ---- */

struct records {
	uint64_t k[NR_RECORD_KEYS];
	uint64_t buf, size, first, end;
};

static enum stk_status open_records(struct stk *s, struct records *g)
{
	enum stk_status st;

	if ((st = read_keys(s, record_keys, NR_RECORD_KEYS, g->k)) ||
	    (st = read_variable(s, "SYMBOL(log_buf)", 8, &g->buf)) ||
	    (st = read_variable(s, "SYMBOL(log_buf_len)", 4, &g->size)) ||
	    (st = read_variable(s, "SYMBOL(log_first_idx)", 4, &g->first)))
		return st;
	return read_variable(s, "SYMBOL(log_next_idx)", 4, &g->end);
}

/* @at: of a record of @len bytes. */
static enum stk_status read_printk_log(struct stk *s, const struct records *g,
				       uint64_t at, uint16_t len, struct reader *rd,
				       struct stk_log_record *r)
{
	uint64_t room = len - g->k[K_REC_SIZE];
	uint16_t text_len;

	if (stk_read(s, at + g->k[K_REC_TEXT_LEN], &text_len, 2) ||
	    stk_read_u64(s, at + g->k[K_REC_NS], &r->ns))
		return stk_fail(s, STK_ERR_CORRUPT, "the log is damaged");
	r->len = text_len > room ? room : text_len;
	return read_text(s, at + g->k[K_REC_SIZE], r, rd);
}

static enum stk_status read_records(struct stk *s, struct reader *rd)
{
	struct records g;
	bool wrapped = false;
	enum stk_status st = open_records(s, &g);

	if (st)
		return st;
	rd->left = g.size;
	for (uint64_t at = g.first; at != g.end;) {
		struct stk_log_record r = { 0 };
		uint16_t len;

		if (!stk_spend(s, 1))
			return stk_why_stop(s);
		/* Length 0: the next record is at the beginning. Once around only. */
		if (at >= g.size || stk_read(s, g.buf + at + g.k[K_REC_LEN], &len, 2) ||
		    (len && len < g.k[K_REC_SIZE]) || (wrapped && (!len || at > g.end)))
			return stk_fail(s, STK_ERR_CORRUPT, "the log is damaged");
		if (!len) {
			wrapped = true;
			at = 0;
			continue;
		}
		st = read_printk_log(s, &g, g.buf + at, len, rd, &r);
		if (st)
			return st;
		if (!rd->fn(rd->ctx, &r))
			break;
		at += len;
	}
	return STK_OK;
}

size_t stk_log_buffers(struct stk *s, uint64_t begin[STK_LOG_BUFFERS],
		       uint64_t end[STK_LOG_BUFFERS])
{
	struct records old;
	struct ring g;

	if (stk_left_out(s, STK_LOG_LEFT_OUT))
		return 0;
	if (!stk_vmcoreinfo(s, "SYMBOL(prb)")) {
		if (open_records(s, &old))
			return 0;
		begin[0] = old.buf;
		end[0] = old.buf + old.size;
		return 1;
	}
	if (open_ring(s, &g))
		return 0;
	begin[0] = g.descs;
	end[0] = g.descs + (g.k[K_DESC_SIZE] << g.count_bits);
	begin[1] = g.infos;
	end[1] = g.infos + (g.k[K_INFO_SIZE] << g.count_bits);
	begin[2] = g.data;
	end[2] = g.data + (1ull << g.size_bits);
	return 3;
}

static enum stk_status read_log(struct stk *s, stk_log_fn *fn, void *ctx)
{
	struct reader rd = { .fn = fn, .ctx = ctx };
	struct stk_purse purse = { 0 };
	enum stk_status st;

	if (stk_left_out(s, STK_LOG_LEFT_OUT))
		return stk_fail(s, STK_ERR_EXCLUDED,
				"the log was left out of this dump (pack --no-log)");
	stk_purse_open(&s->budget, &purse, "the log", SHARE);
	st = stk_vmcoreinfo(s, "SYMBOL(prb)") ? read_ring(s, &rd) : read_records(s, &rd);
	stk_purse_close(&s->budget, &purse);
	return st;
}

enum stk_status stk_log(struct stk *s, stk_log_fn *fn, void *ctx)
{
	stk_enter(s);
	return stk_leave(s, read_log(s, fn, ctx));
}

static bool last_record(void *ctx, const struct stk_log_record *record)
{
	*(uint64_t *)ctx = record->ns;
	return true;
}

enum stk_status stk_log_last(struct stk *s, uint64_t *ns)
{
	*ns = 0;
	return stk_log(s, last_record, ns);
}
