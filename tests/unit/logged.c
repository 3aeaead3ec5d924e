/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "logged.h"

#include <stdio.h>
#include <string.h>

#define AT	   (SYN_DATA + 0x120000)
#define RING	   (AT + 0x10)
#define DESCS	   (AT + 0x1000)
#define INFOS	   (AT + 0x2000)
#define TEXT	   (AT + 0x4000)
#define COUNT_BITS 6u
#define TEXT_BITS  13u
#define FINALIZED  2ull

enum { DESC_SIZE = 24, INFO_SIZE = 32 };

/* Where struct printk_ringbuffer and what it leads to have their members. */
static void put_layout(struct syn *m)
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
		{ "SIZE(prb_desc)", DESC_SIZE },
		{ "OFFSET(prb_desc.state_var)", 0 },
		{ "OFFSET(prb_desc.text_blk_lpos)", 8 },
		{ "OFFSET(prb_data_blk_lpos.begin)", 0 },
		{ "OFFSET(prb_data_blk_lpos.next)", 8 },
		{ "OFFSET(prb_data_ring.size_bits)", 0 },
		{ "OFFSET(prb_data_ring.data)", 8 },
		{ "SIZE(printk_info)", INFO_SIZE },
		{ "OFFSET(printk_info.ts_nsec)", 8 },
		{ "OFFSET(printk_info.text_len)", 16 },
		{ "OFFSET(printk_info.caller_id)", 20 },
	};

	for (size_t i = 0; i < sizeof(line) / sizeof(line[0]); i++)
		syn_vmcoreinfo(m, line[i].key, "%u", line[i].value);
	syn_vmcoreinfo(m, "SYMBOL(prb)", "%llx", (unsigned long long)AT);
}

/* The record @id at the byte @begin of the text; returns where the next one is. */
static uint64_t put_record(struct syn *m, uint64_t id, uint64_t begin, const char *text,
			   size_t len)
{
	const uint64_t next = begin + ((8 + len + 7) & ~7ull);
	const uint64_t desc = DESCS + id * DESC_SIZE, info = INFOS + id * INFO_SIZE;

	syn_assert(id < 1u << COUNT_BITS && next <= 1u << TEXT_BITS);
	syn_put64(m, TEXT + begin, id);
	syn_write(m, TEXT + begin + 8, text, len);
	syn_put64(m, desc, FINALIZED << 62 | id);
	syn_put64(m, desc + 8, begin);
	syn_put64(m, desc + 16, next);
	syn_put64(m, info + 8, 0);
	syn_put32(m, info + 16, (uint32_t)len);
	syn_put32(m, info + 20, 0);
	return next;
}

void syn_log(struct syn *m, const char *text)
{
	uint64_t begin = 0, id = 0;

	put_layout(m);
	syn_put64(m, AT, RING);
	syn_put32(m, RING, COUNT_BITS);
	syn_put64(m, RING + 8, DESCS);
	syn_put64(m, RING + 16, INFOS);
	syn_put32(m, RING + 40, TEXT_BITS);
	syn_put64(m, RING + 48, TEXT);
	for (size_t len; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		begin = put_record(m, ++id, begin, text, len);
	}
	syn_put64(m, RING + 24, id);
	syn_put64(m, RING + 32, id ? 1 : 0);
}

void syn_log_time(struct syn *m, uint64_t nr, uint64_t ns)
{
	syn_put64(m, INFOS + nr * INFO_SIZE + 8, ns);
}
