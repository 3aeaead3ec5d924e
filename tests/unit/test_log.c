/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that the log is read in both formats: records that wrap, that hold nothing,
 * that were never finished, whose text is lost; and that garbage ends the reading.
 */
#include "fixture.h"
#include "golden.h"
#include "suite.h"
#include "words.h"

#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "kernel/log.h"
#include "machine/vmcoreinfo.h"

#define PRB	  (SYN_DATA + 0x9000)
#define DESCS	  (SYN_DATA + 0xa000)
#define INFOS	  (SYN_DATA + 0xb000)
#define TEXT	  (SYN_DATA + 0x10000)
#define POINTER	  (SYN_DATA + 0x8ff8)
#define COUNT	  8u
#define TEXT_BITS 8u

enum { RESERVED, COMMITTED, FINALIZED, REUSABLE };

static struct stk *s;
static char told[8192];

static struct stk_log_record told_last;

static bool tell(void *ctx, const struct stk_log_record *r)
{
	size_t at = strlen(told), *left = ctx;

	snprintf(told + at, sizeof(told) - at, "%llu:%.*s|", (unsigned long long)r->ns,
		 r->text ? (int)r->len : 4, r->text ? r->text : "lost");
	told_last = *r;
	return !left || --*left;
}

static enum stk_status read_log(void)
{
	told[0] = '\0';
	s->cache = NULL; /* the tests change memory between two readings */
	return stk_log(s, tell, NULL);
}

static void setup(void)
{
	static const struct {
		const char *key;
		unsigned int value;
	} line[] = {
		{ "OFFSET(printk_ringbuffer.desc_ring)", 0 },
		{ "OFFSET(printk_ringbuffer.text_data_ring)", 40 },
		{ "OFFSET(prb_desc_ring.count_bits)", 0 },
		{ "OFFSET(prb_desc_ring.descs)", 8 },
		{ "OFFSET(prb_desc_ring.infos)", 16 },
		{ "OFFSET(prb_desc_ring.head_id)", 24 },
		{ "OFFSET(prb_desc_ring.tail_id)", 32 },
		{ "SIZE(prb_desc)", 24 },
		{ "OFFSET(prb_desc.state_var)", 0 },
		{ "OFFSET(prb_desc.text_blk_lpos)", 8 },
		{ "OFFSET(prb_data_blk_lpos.begin)", 0 },
		{ "OFFSET(prb_data_blk_lpos.next)", 8 },
		{ "OFFSET(prb_data_ring.size_bits)", 0 },
		{ "OFFSET(prb_data_ring.data)", 8 },
		{ "SIZE(printk_info)", 32 },
		{ "OFFSET(printk_info.ts_nsec)", 8 },
		{ "OFFSET(printk_info.text_len)", 16 },
		{ "OFFSET(printk_info.caller_id)", 20 },
	};

	m = syn_kernel(SYN_6_1);
	for (size_t i = 0; i < sizeof(line) / sizeof(line[0]); i++)
		syn_vmcoreinfo(m, line[i].key, "%u", line[i].value);
	syn_vmcoreinfo(m, "SYMBOL(prb)", "%llx", (unsigned long long)POINTER);
	syn_put64(m, POINTER, PRB);
	syn_put32(m, PRB, 3); /* eight descriptors */
	syn_put64(m, PRB + 8, DESCS);
	syn_put64(m, PRB + 16, INFOS);
	syn_put32(m, PRB + 40, TEXT_BITS);
	syn_put64(m, PRB + 48, TEXT);
	syn_fill(m, DESCS, COUNT * 24, 0);
	syn_fill(m, INFOS, COUNT * 32, 0);
	syn_fill(m, TEXT, 1u << TEXT_BITS, 0);
	s = syn_open(m);
}

static void set_ends(uint64_t tail, uint64_t head)
{
	syn_put64(m, PRB + 24, head);
	syn_put64(m, PRB + 32, tail);
}

static void put_desc(uint64_t id, uint64_t state, uint64_t begin, uint64_t next,
		     unsigned int len)
{
	uint64_t desc = DESCS + id % COUNT * 24, info = INFOS + id % COUNT * 32;

	syn_put64(m, desc, state << 62 | id);
	syn_put64(m, desc + 8, begin);
	syn_put64(m, desc + 16, next);
	syn_put64(m, info + 8, id);
	syn_put32(m, info + 16, len);
	syn_put32(m, info + 20, 1);
}

static uint64_t put_record(uint64_t id, uint64_t begin, const char *text)
{
	uint64_t size = (8 + strlen(text) + 7) & ~7ull, mask = (1u << TEXT_BITS) - 1;
	uint64_t next = begin + size, at = begin & mask;

	if ((begin ^ (next - 1)) & ~mask) {
		at = 0;
		next = (begin & ~mask) + mask + 1 + size;
	}
	syn_put64(m, TEXT + at, id);
	syn_write(m, TEXT + at + 8, text, strlen(text));
	put_desc(id, FINALIZED, begin, next, (unsigned int)strlen(text));
	return next;
}

START_TEST(a_ring_that_wraps)
{
	uint64_t at = 0x1000 - 40;

	set_ends(6, 10);
	for (uint64_t id = 6; id <= 10; id++) {
		static const char *const text[] = { "one", "this wraps around the end",
						    "three", "four\nlines", "five" };

		at = put_record(id, at, text[id - 6]);
	}
	ck_assert_int_eq(read_log(), STK_OK);
	ck_assert_str_eq(told, "6:one|7:this wraps around the end|8:three|"
			       "9:four\nlines|10:five|");
}
END_TEST

/* Who printed it, where the buffers are, and when the last one came. */
START_TEST(what_is_told_of_a_ring)
{
	uint64_t begin[STK_LOG_BUFFERS], end[STK_LOG_BUFFERS], ns;

	set_ends(1, 2);
	put_record(2, put_record(1, 0x20, "one"), "two");
	syn_put32(m, INFOS + 2 * 32 + 20, 0x80000003);
	ck_assert_int_eq(read_log(), STK_OK);
	ck_assert(told_last.has_caller);
	ck_assert_uint_eq(told_last.caller, 0x80000003);
	ck_assert_int_eq(stk_log_last(s, &ns), STK_OK);
	ck_assert_uint_eq(ns, 2);
	ck_assert_uint_eq(stk_log_buffers(s, begin, end), 3);
	ck_assert_uint_eq(begin[0], DESCS);
	ck_assert_uint_eq(end[0], DESCS + COUNT * 24);
	ck_assert_uint_eq(begin[1], INFOS);
	ck_assert_uint_eq(end[1], INFOS + COUNT * 32);
	ck_assert_uint_eq(begin[2], TEXT);
	ck_assert_uint_eq(end[2], TEXT + (1u << TEXT_BITS));
	/* The pointer is all there is in its page, at the end. */
	syn_put64(m, SYN_VMALLOC + 0x5000ff8, PRB);
	syn_vmcoreinfo(m, "SYMBOL(prb)", "%llx", SYN_VMALLOC + 0x5000ff8ull);
	s = syn_open(m);
	ck_assert_int_eq(read_log(), STK_OK);
	ck_assert_str_eq(told, "1:one|2:two|");
	syn_put32(m, PRB, 27);
	s = syn_open(m);
	ck_assert_uint_eq(stk_log_buffers(s, begin, end), 0);
}
END_TEST

/* A kernel that has each member elsewhere: none of them at the beginning. */
START_TEST(a_ring_of_another_layout)
{
	static const struct {
		const char *key;
		unsigned int value;
	} line[] = {
		{ "OFFSET(printk_ringbuffer.desc_ring)", 16 },
		{ "OFFSET(printk_ringbuffer.text_data_ring)", 96 },
		{ "OFFSET(prb_desc_ring.count_bits)", 4 },
		{ "OFFSET(prb_desc_ring.descs)", 16 },
		{ "OFFSET(prb_desc_ring.infos)", 24 },
		{ "OFFSET(prb_desc_ring.head_id)", 40 },
		{ "OFFSET(prb_desc_ring.tail_id)", 48 },
		{ "SIZE(prb_desc)", 40 },
		{ "OFFSET(prb_desc.state_var)", 8 },
		{ "OFFSET(prb_desc.text_blk_lpos)", 16 },
		{ "OFFSET(prb_data_blk_lpos.begin)", 8 },
		{ "OFFSET(prb_data_blk_lpos.next)", 16 },
		{ "OFFSET(prb_data_ring.size_bits)", 12 },
		{ "OFFSET(prb_data_ring.data)", 24 },
		{ "SIZE(printk_info)", 48 },
		{ "OFFSET(printk_info.ts_nsec)", 16 },
		{ "OFFSET(printk_info.text_len)", 28 },
		{ "OFFSET(printk_info.caller_id)", 36 },
	};
	const uint64_t ring = PRB + 16, data = PRB + 96;

	for (size_t i = 0; i < sizeof(line) / sizeof(line[0]); i++)
		syn_vmcoreinfo(m, line[i].key, "%u", line[i].value);
	syn_fill(m, PRB, 0x200, 0);
	syn_fill(m, DESCS - 0x100, 0x300, 0);
	syn_fill(m, INFOS - 0x100, 0x300, 0);
	syn_put32(m, ring + 4, 3);
	syn_put64(m, ring + 16, DESCS);
	syn_put64(m, ring + 24, INFOS);
	syn_put64(m, ring + 40, 2);
	syn_put64(m, ring + 48, 1);
	syn_put32(m, data + 12, TEXT_BITS);
	syn_put64(m, data + 24, TEXT);
	for (uint64_t id = 1; id <= 2; id++) {
		syn_put64(m, DESCS + 40 * id + 8, (uint64_t)FINALIZED << 62 | id);
		syn_put64(m, DESCS + 40 * id + 24, 16 * id);
		syn_put64(m, DESCS + 40 * id + 32, 16 * id + 16);
		syn_put64(m, INFOS + 48 * id + 16, 70 + id);
		syn_put32(m, INFOS + 48 * id + 28, 3);
		syn_put32(m, INFOS + 48 * id + 36, (uint32_t)(90 + id));
		syn_put64(m, TEXT + 16 * id, id);
		syn_write(m, TEXT + 16 * id + 8, id == 1 ? "one" : "two", 3);
	}
	s = syn_open(m);
	ck_assert_int_eq(read_log(), STK_OK);
	ck_assert_str_eq(told, "71:one|72:two|");
	ck_assert_uint_eq(told_last.caller, 92);
}
END_TEST

START_TEST(a_text_up_to_the_very_end)
{
	set_ends(1, 2);
	put_record(2, put_record(1, 0x100 - 16, "12345678"), "next");
	ck_assert_int_eq(read_log(), STK_OK);
	ck_assert_str_eq(told, "1:12345678|2:next|");
}
END_TEST

START_TEST(records_of_every_state)
{
	set_ends(1, 6);
	put_record(1, 0x20, "reserved");
	put_desc(1, RESERVED, 0x20, 0x30, 8);
	put_record(2, 0x30, "committed");
	put_desc(2, COMMITTED, 0x30, 0x48, 9);
	put_desc(3, REUSABLE, 0x30, 0x48, 9);
	put_desc(4, FINALIZED, 3, 3, 0);	       /* an empty line */
	put_desc(5, FINALIZED, 0x30, 0x48, 0xffff);    /* a length of garbage */
	put_desc(6 + COUNT, FINALIZED, 0x30, 0x48, 9); /* of a later round */
	ck_assert_int_eq(read_log(), STK_OK);
	ck_assert_str_eq(told, "2:committed|4:|5:committed|");
}
END_TEST

/* Where a text lies, by its positions: each is odd where there is none. */
START_TEST(positions_of_a_text)
{
	static const struct {
		uint64_t begin, next;
		uint16_t len;
		const char *text;
	} row[] = {
		{ 0x20, 0x30, 8, "EFGHIJKL" },
		{ 0x20, 0x30, 5, "EFGHI" },
		/* No longer than what is between them, but for the ID. */
		{ 0x20, 0x30, 9, "EFGHIJKL" },
		{ 0x20, 0x29, 1, "" },
		{ 0x20, 0x2a, 9, "EF" },
		{ 0x20, 0x28, 8, "" },
		{ 0x20, 0x20, 8, "" },
		{ 0x30, 0x20, 8, "" },
		/* Odd: none. */
		{ 0x21, 0x30, 8, "" },
		{ 0x20, 0x31, 8, "" },
		{ 0x21, 0x31, 8, "" },
		{ 0x22, 0x32, 8, "GHIJKLMN" },
		{ 0x1, 0x1, 8, "" },
		{ 0x3, 0x3, 8, "" },
		/* Up to the very end, of this round and of a later one. */
		{ 0xf0, 0x100, 9, "GHIJKLMN" },
		{ 0xaf0, 0xb00, 9, "GHIJKLMN" },
		/* What did not fit is at the beginning. */
		{ 0xf0, 0x110, 9, "89:;<=>?" },
		{ 0xaf0, 0xb10, 8, "89:;<=>?" },
		{ 0xf0, 0x108, 8, "" },
	};

	set_ends(1, 1);
	for (unsigned int i = 0; i < 256; i++)
		syn_put8(m, TEXT + i, (uint8_t)(i < 240 ? '0' + i % 64 : 'A' + i % 32));
	for (unsigned int i = 0x28; i < 0x38; i++)
		syn_put8(m, TEXT + i, (uint8_t)('E' + i - 0x28));
	for (unsigned int i = 0xf8; i < 0x100; i++)
		syn_put8(m, TEXT + i, (uint8_t)('G' + i - 0xf8));
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char want[64];

		put_desc(1, FINALIZED, row[i].begin, row[i].next, row[i].len);
		snprintf(want, sizeof(want), "1:%s|", row[i].text);
		ck_assert_int_eq(read_log(), STK_OK);
		ck_assert_msg(!strcmp(told, want), "%zu: %s, not %s", i, told, want);
	}
}
END_TEST

/* How many descriptors and bytes there are: both sides of each limit. */
START_TEST(sizes_of_a_ring)
{
	static const struct {
		uint32_t count_bits, size_bits;
		uint64_t tail, head;
		bool good;
	} row[] = {
		{ 3, 8, 1, 1, true },
		{ 1, 8, 2, 2, true },
		{ 0, 8, 0, 0, false },
		{ 3, 0, 1, 1, false },
		{ 3, 1, 1, 1, true },
		{ 3, 8, 1, 8, true },
		{ 3, 8, 1, 9, false },
		{ 1, 8, 2, 3, true },
		{ 1, 8, 2, 4, false },
		{ 3, 8, 8, 1, false },
		{ 26, 8, 1, 1, true },
		{ 27, 8, 1, 1, false },
		{ 3, 31, 1, 1, true },
		{ 3, 32, 1, 1, false },
		/* The ID counts on past its upper end. */
		{ 3, 8, (1ull << 62) - 1, 1ull << 62, true },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		syn_put32(m, PRB, row[i].count_bits);
		syn_put32(m, PRB + 40, row[i].size_bits);
		set_ends(row[i].tail, row[i].head);
		ck_assert_msg((read_log() == STK_OK) == row[i].good, "%zu", i);
	}
}
END_TEST

START_TEST(text_that_is_lost)
{
	set_ends(1, 2);
	put_record(2, put_record(1, 0x20, "lost"), "lost too");
	syn_fail(m, TEXT, STK_ERR_EXCLUDED);
	ck_assert_int_eq(read_log(), STK_OK);
	ck_assert_str_eq(told, "1:lost|2:lost|");
}
END_TEST

/* A ring has room for so much text: what says more shares it between records. */
START_TEST(records_on_the_same_bytes)
{
	set_ends(1, 8);
	put_record(1, 0x20, "some text of 56 bytes, which several records say is theirs");
	for (uint64_t id = 2; id <= 8; id++)
		put_desc(id, FINALIZED, 0x20, 0x68, 56);
	ck_assert_int_eq(read_log(), STK_ERR_CORRUPT);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "overlap"));
	/* What came before is told. */
	ck_assert_uint_ge(strlen(told), 3 * 56);
	ck_assert_uint_le(strlen(told), 6 * 60);
}
END_TEST

/* To the last byte it may be theirs. */
START_TEST(as_much_text_as_there_is_room)
{
	char want[1024] = "";

	put_record(1, 0x20,
		   "sixty-four bytes: each of the records says that it has this.....");
	set_ends(1, 4);
	for (uint64_t id = 1; id <= 4; id++) {
		put_desc(id, FINALIZED, 0x20, 0x68, 64);
		snprintf(want + strlen(want), sizeof(want) - strlen(want),
			 "%u:sixty-four bytes: each of the records says that it has "
			 "this.....|",
			 (unsigned int)id);
	}
	ck_assert_int_eq(read_log(), STK_OK);
	ck_assert_str_eq(told, want);
	/* And one more. */
	set_ends(1, 5);
	put_desc(5, FINALIZED, 0x20, 0x68, 1);
	ck_assert_int_eq(read_log(), STK_ERR_CORRUPT);
	ck_assert_str_eq(told, want);
}
END_TEST

START_TEST(more_text_than_the_dump_has)
{
	set_ends(1, 2);
	put_record(2, put_record(1, 0x20, "one"), "two");
	s->budget.answer = 4;
	ck_assert_int_eq(read_log(), STK_ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "damaged or hostile"));
	ck_assert_str_eq(told, "1:one|");
}
END_TEST

START_TEST(a_reader_that_has_enough)
{
	size_t left = 1;

	set_ends(1, 2);
	put_record(2, put_record(1, 0x20, "one"), "two");
	told[0] = '\0';
	ck_assert_int_eq(stk_log(s, tell, &left), STK_OK);
	ck_assert_str_eq(told, "1:one|");
}
END_TEST

START_TEST(a_head_of_garbage)
{
	set_ends(1, 1 + COUNT);
	ck_assert_int_eq(read_log(), STK_ERR_CORRUPT);
	set_ends(~0ull, 5);
	put_record(1, 0x20, "beyond the largest ID");
	ck_assert_int_eq(read_log(), STK_OK);
	set_ends(1, 1);
	syn_put32(m, PRB, 60);
	ck_assert_int_eq(read_log(), STK_ERR_CORRUPT);
	syn_put32(m, PRB, 3);
	syn_put32(m, PRB + 40, 64);
	ck_assert_int_eq(read_log(), STK_ERR_CORRUPT);
	syn_put64(m, POINTER, 0x1234);
	ck_assert_int_ne(read_log(), STK_OK);
	syn_vmcoreinfo(m, "SIZE(prb_desc)", "%u", 70000);
	ck_assert_int_eq(read_log(), STK_ERR_UNSUPPORTED);
}
END_TEST

/* A small dump may be made without it, whatever else says where it was. */
START_TEST(a_log_that_was_left_out)
{
	uint64_t begin[STK_LOG_BUFFERS], end[STK_LOG_BUFFERS];

	set_ends(1, 1);
	put_record(1, 0x20, "one");
	syn_vmcoreinfo(m, STK_NO_LOG, "1");
	s = syn_open(m);
	ck_assert_int_eq(read_log(), STK_ERR_EXCLUDED);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "pack --no-log"));
	ck_assert_str_eq(told, "");
	ck_assert_uint_eq(stk_log_buffers(s, begin, end), 0);
}
END_TEST

START_TEST(ctrl_c_stops)
{
	set_ends(1, 2);
	put_record(2, put_record(1, 0x20, "one"), "two");
	m->interrupt = true;
	ck_assert_int_eq(read_log(), STK_ERR_INTERRUPTED);
	m->interrupt = false;
	ck_assert_int_eq(read_log(), STK_OK);
}
END_TEST

/* ---- log_buf ---- */

#define BUF	TEXT
#define BUF_LEN 256u

static void old_setup(void)
{
	static const char *const variable[] = { "log_buf_len", "log_first_idx",
						"log_next_idx" };

	setup();
	syn_no_vmcoreinfo(m, "SYMBOL(prb)");
	syn_vmcoreinfo(m, "SIZE(printk_log)", "16");
	syn_vmcoreinfo(m, "OFFSET(printk_log.ts_nsec)", "0");
	syn_vmcoreinfo(m, "OFFSET(printk_log.len)", "8");
	syn_vmcoreinfo(m, "OFFSET(printk_log.text_len)", "10");
	syn_vmcoreinfo(m, "SYMBOL(log_buf)", "%llx", (unsigned long long)PRB);
	syn_put64(m, PRB, BUF);
	for (unsigned int i = 0; i < 3; i++) {
		char key[64];

		snprintf(key, sizeof(key), "SYMBOL(%s)", variable[i]);
		syn_vmcoreinfo(m, key, "%llx", (unsigned long long)PRB + 8 + 4 * i);
	}
	syn_put32(m, PRB + 8, BUF_LEN);
}

static uint64_t put_old(uint64_t at, uint64_t ns, const char *text)
{
	unsigned int len = (unsigned int)(16 + strlen(text) + 7) & ~7u;

	syn_put64(m, BUF + at, ns);
	syn_put32(m, BUF + at + 8, len | (uint32_t)strlen(text) << 16);
	syn_write(m, BUF + at + 16, text, strlen(text));
	return at + len;
}

static void set_old_ends(uint64_t first, uint64_t next)
{
	syn_put32(m, PRB + 12, (uint32_t)first);
	syn_put32(m, PRB + 16, (uint32_t)next);
}

START_TEST(an_old_log)
{
	set_old_ends(8, put_old(put_old(8, 1, "one"), 2, "two"));
	ck_assert_int_eq(read_log(), STK_OK);
	ck_assert_str_eq(told, "1:one|2:two|");
}
END_TEST

START_TEST(what_is_told_of_an_old_log)
{
	static const char *const variable[] = { "log_buf", "log_buf_len", "log_first_idx",
						"log_next_idx" };
	const uint64_t next = put_old(put_old(8, 1, "one"), 2, "two"),
		       value[] = { BUF, BUF_LEN, 8, next };
	uint64_t begin[STK_LOG_BUFFERS], end[STK_LOG_BUFFERS], ns;

	set_old_ends(8, next);
	ck_assert_int_eq(stk_log_last(s, &ns), STK_OK);
	ck_assert_uint_eq(ns, 2);
	ck_assert_uint_eq(stk_log_buffers(s, begin, end), 1);
	ck_assert_uint_eq(begin[0], BUF);
	ck_assert_uint_eq(end[0], BUF + BUF_LEN);
	ck_assert_int_eq(read_log(), STK_OK);
	ck_assert(!told_last.has_caller);
	/* Each of them at the end of a page, behind which is nothing. */
	for (unsigned int i = 0; i < 4; i++) {
		const uint64_t at =
			SYN_VMALLOC + 0x5000000 + 0x10000 * i + (i ? 0xffc : 0xff8);
		char key[64];

		snprintf(key, sizeof(key), "SYMBOL(%s)", variable[i]);
		syn_vmcoreinfo(m, key, "%llx", (unsigned long long)at);
		if (i)
			syn_put32(m, at, (uint32_t)value[i]);
		else
			syn_put64(m, at, value[i]);
	}
	s = syn_open(m);
	ck_assert_int_eq(read_log(), STK_OK);
	ck_assert_str_eq(told, "1:one|2:two|");
	/* And so do the lengths of a record. */
	syn_vmcoreinfo(m, "OFFSET(printk_log.len)", "14");
	syn_vmcoreinfo(m, "OFFSET(printk_log.text_len)", "12");
	syn_put64(m, SYN_VMALLOC + 0x5000ff8, SYN_VMALLOC + 0x6000000);
	syn_put64(m, SYN_VMALLOC + 0x6000ff0, 77);
	syn_put64(m, SYN_VMALLOC + 0x6000ff8, 16ull << 48);
	syn_put32(m, SYN_VMALLOC + 0x5010ffc, 4096);
	syn_put32(m, SYN_VMALLOC + 0x5020ffc, 4080);
	syn_put32(m, SYN_VMALLOC + 0x5030ffc, 4096);
	s = syn_open(m);
	ck_assert_int_eq(read_log(), STK_OK);
	ck_assert_str_eq(told, "77:|");
	syn_no_vmcoreinfo(m, "SYMBOL(log_buf)");
	s = syn_open(m);
	ck_assert_uint_eq(stk_log_buffers(s, begin, end), 0);
}
END_TEST

START_TEST(an_old_log_that_wraps)
{
	put_old(200, 1, "before the end");
	set_old_ends(200, put_old(0, 2, "at the beginning"));
	ck_assert_int_eq(read_log(), STK_OK);
	ck_assert_str_eq(told, "1:before the end|2:at the beginning|");
}
END_TEST

START_TEST(an_old_log_of_garbage)
{
	/* Around the end twice, and past where it ends. */
	syn_fill(m, BUF, BUF_LEN, 0);
	set_old_ends(200, 100);
	ck_assert_int_eq(read_log(), STK_ERR_CORRUPT);
	put_old(0, 1, "one");
	set_old_ends(200, 16);
	ck_assert_int_eq(read_log(), STK_ERR_CORRUPT);
	ck_assert_str_eq(told, "1:one|");
	/* It never meets log_next_idx. */
	put_old(0, 1, "one");
	set_old_ends(0, 13);
	ck_assert_int_eq(read_log(), STK_ERR_CORRUPT);
	/* Shorter than a record's head. */
	syn_put32(m, BUF + 8, 4);
	ck_assert_int_eq(read_log(), STK_ERR_CORRUPT);
	set_old_ends(BUF_LEN, 0);
	ck_assert_int_eq(read_log(), STK_ERR_CORRUPT);
	/* A text that is longer than its record. */
	put_old(0, 1, "one");
	syn_put32(m, BUF + 8, 24 | 0xffffu << 16);
	set_old_ends(0, 24);
	ck_assert_int_eq(read_log(), STK_OK);
	ck_assert_str_eq(told, "1:one|");
	syn_no_vmcoreinfo(m, "SYMBOL(log_buf)");
	ck_assert_int_eq(read_log(), STK_ERR_UNSUPPORTED);
}
END_TEST

/* ---- every word ---- */

static void tell_log(FILE *fp)
{
	uint64_t ns = 0;
	enum stk_status st;

	s = syn_open(m);
	st = read_log();
	fprintf(fp, "%s: ", stk_status_text(st));
	for (const char *p = told; *p; p++)
		fputc(*p >= ' ' && *p <= '~' ? *p : '~', fp);
	if (!stk_log_last(s, &ns))
		fprintf(fp, " last %lu", (unsigned long)ns);
}

START_TEST(damaged_words)
{
	uint64_t at = 0x1000 - 40;

	set_ends(6, 10);
	for (uint64_t id = 6; id <= 10; id++)
		at = put_record(id, at,
				(const char *const[]){ "one", "it wraps around the end",
						       "three", "", "five" }[id - 6]);
	words_damage("pointer", POINTER, 1, 8, tell_log);
	words_damage("ring", PRB, 7, 8, tell_log);
	words_damage("descriptors", DESCS, COUNT * 3, 8, tell_log);
	words_damage("infos", INFOS, COUNT * 4, 8, tell_log);
	words_damage("lengths", INFOS + 7 * 32 + 16, 2, 4, tell_log);
	words_damage("text", TEXT, 8, 8, tell_log);
	golden_expect("words", "log");
}
END_TEST

static const struct unit_test ring_tests[] = {
	TEST(damaged_words),
	TEST(a_ring_that_wraps),
	TEST(what_is_told_of_a_ring),
	TEST(a_ring_of_another_layout),
	TEST(a_text_up_to_the_very_end),
	TEST(records_of_every_state),
	TEST(positions_of_a_text),
	TEST(sizes_of_a_ring),
	TEST(text_that_is_lost),
	TEST(a_reader_that_has_enough),
	TEST(records_on_the_same_bytes),
	TEST(as_much_text_as_there_is_room),
	TEST(more_text_than_the_dump_has),
	TEST(a_head_of_garbage),
	TEST(a_log_that_was_left_out),
	TEST(ctrl_c_stops),
	{ 0 },
};

START_TEST(damaged_words_of_an_old_log)
{
	set_old_ends(8, put_old(put_old(put_old(8, 1, "one"), 2, "two, longer"), 3, ""));
	words_damage("pointer", PRB, 1, 8, tell_log);
	words_damage("ends", PRB + 8, 3, 4, tell_log);
	words_damage("records", BUF, 14, 8, tell_log);
	words_damage("lengths", BUF + 8, 20, 4, tell_log);
	golden_expect("words", "old log");
}
END_TEST

static const struct unit_test old_tests[] = {
	TEST(damaged_words_of_an_old_log), TEST(an_old_log),
	TEST(what_is_told_of_an_old_log),  TEST(an_old_log_that_wraps),
	TEST(an_old_log_of_garbage),	   { 0 },
};

const struct unit_suite suite_log = {
	"log",
	{
		{ "ring", ring_tests, setup, NULL },
		{ "log_buf", old_tests, old_setup, NULL },
	},
};
