/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The I/O bitmap, and where the TSS ends because of it. */
#include "tss_facts.h"

#include <string.h>

#include "../../kernel/layout.h"
#include "../../machine/memory.h"

#define IO_BITMAP_BYTES 8192u
#define IO_BITMAP_ARRAY (IO_BITMAP_BYTES + 8u) /* one long more, for the hardware */
#define INVALID_OFFSET	0x8000u		       /* up to 5.4 */

void x86_io_layout(struct stk *s, struct x86_io_layout *io)
{
	struct stk_member hw = { 0 }, field, map, all;
	uint32_t size;

	memset(io, 0, sizeof(*io));
	io->hw_limit = stk_find_size(s, "x86_hw_tss", &size) ? size - 1 : 0x67;
	stk_find_member(s, "tss_struct", "x86_tss", &hw);
	if (!stk_find_member(s, "tss_struct", "io_bitmap", &field))
		return;
	field.offset -= hw.offset;
	if (field.size == IO_BITMAP_ARRAY) {
		io->have_map = true;
		io->map = field.offset;
		io->limit = field.offset + IO_BITMAP_ARRAY - 1;
	} else if (stk_find_member(s, "x86_io_bitmap", "bitmap", &map) &&
		   stk_find_member(s, "x86_io_bitmap", "mapall", &all)) {
		io->have_map = io->have_all = true;
		io->map = field.offset + map.offset;
		io->all = field.offset + all.offset;
		io->limit = io->all + IO_BITMAP_ARRAY - 1;
	}
}

void x86_tss_io_bitmap(struct stk *s, struct stk_x86_tss *tss, uint64_t percpu)
{
	struct stk_x86_tss_fact *f = x86_tss_word(tss, "I/O bitmap", "io_bitmap_base");
	struct stk_member m, hw = { 0 };
	struct x86_io_layout io;
	uint16_t base;

	x86_io_layout(s, &io);
	stk_find_member(s, "tss_struct", "x86_tss", &hw);
	if (!stk_find_member(s, "x86_hw_tss", "io_bitmap_base", &m) ||
	    stk_read(s, tss->addr + hw.offset + m.offset, &base, sizeof(base)))
		return;
	f->readable = true;
	f->value = base;

	const struct x86_known_value row[] = {
		{ io.have_map && !io.have_all, io.map, "the bitmap in the TSS", GOOD },
		{ io.have_all, io.map, "the current task's bitmap: ioperm(2)", GOOD },
		{ io.have_all, io.all, "all ports are allowed: iopl(3)", GOOD },
		{ io.limit, io.limit + 1u, "none: beyond the limit", GOOD },
		{ io.have_map && !io.have_all, INVALID_OFFSET, "none: beyond the limit",
		  GOOD },
		{ !io.have_map || io.have_all, io.hw_limit + 1u, "none: beyond the limit",
		  GOOD },
	};
	JUDGE(f, row,
	      base && io.limit && base <= io.limit
		      ? "within the TSS, where the kernel has no bitmap"
		      : "not a value that the kernel writes");
}
