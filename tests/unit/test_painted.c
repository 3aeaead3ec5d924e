/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves the table of regions that every machine paints: what lies over what, the bounds
 * that VMCOREINFO tells, the parts of the image, and what is told of an address.
 */
#include "arm64.h"
#include "fixture.h"
#include "suite.h"

#include "arch/regions.h"

#include <stackinfo/place.h>
#include <stdio.h>
#include <string.h>

static struct stk *s;
static struct stk_regions r;

static void setup(void)
{
	m = arm64_machine(A64_4K_48);
	s = syn_open(m);
	r = (struct stk_regions){ .nr = 0 };
	stk_begin_regions(s, &r);
}

/* "first-last name" of each span, with the part of the image and the whole's bounds. */
static const char *table(void)
{
	static char text[8192];
	size_t n = 0;

	for (size_t i = 0; i < r.nr; i++) {
		const struct stk_span *p = &r.span[i];

		n += (size_t)snprintf(text + n, sizeof(text) - n, "%llx-%llx %s%s%s\n",
				      (unsigned long long)p->first,
				      (unsigned long long)p->last, p->row->name,
				      p->part ? ": " : "", p->part ? p->part : "");
		ck_assert_uint_lt(n, sizeof(text));
	}
	return text;
}

/* ---- what lies over what ---- */

/* Over 0x1000-0x1fff, direct map, and 0x2000-0x2fff, vmalloc. */
START_TEST(painted)
{
	static const struct {
		uint64_t first, last;
		const char *want;
	} row[] = {
		{ 0x1100, 0x11ff,
		  "0-fff hole\n1000-10ff direct map\n1100-11ff module area\n"
		  "1200-1fff direct map\n2000-2fff vmalloc\n3000-ffffffffffffffff hole\n" },
		{ 0x1000, 0x11ff,
		  "0-fff hole\n1000-11ff module area\n1200-1fff direct map\n"
		  "2000-2fff vmalloc\n3000-ffffffffffffffff hole\n" },
		{ 0x1e00, 0x1fff,
		  "0-fff hole\n1000-1dff direct map\n1e00-1fff module area\n"
		  "2000-2fff vmalloc\n3000-ffffffffffffffff hole\n" },
		{ 0x1000, 0x1fff,
		  "0-fff hole\n1000-1fff module area\n2000-2fff vmalloc\n"
		  "3000-ffffffffffffffff hole\n" },
		{ 0x0fff, 0x2000,
		  "0-ffe hole\nfff-2000 module area\n2001-2fff vmalloc\n"
		  "3000-ffffffffffffffff hole\n" },
		{ 0x1fff, 0x1fff,
		  "0-fff hole\n1000-1ffe direct map\n1fff-1fff module area\n"
		  "2000-2fff vmalloc\n3000-ffffffffffffffff hole\n" },
		{ 0x2000, 0x2000,
		  "0-fff hole\n1000-1fff direct map\n2000-2000 module area\n"
		  "2001-2fff vmalloc\n3000-ffffffffffffffff hole\n" },
		{ 0, 0,
		  "0-0 module area\n1-fff hole\n1000-1fff direct map\n2000-2fff vmalloc\n"
		  "3000-ffffffffffffffff hole\n" },
		{ UINT64_MAX, UINT64_MAX,
		  "0-fff hole\n1000-1fff direct map\n2000-2fff vmalloc\n"
		  "3000-fffffffffffffffe hole\n"
		  "ffffffffffffffff-ffffffffffffffff module area\n" },
		{ 0, UINT64_MAX, "0-ffffffffffffffff module area\n" },
		/* Nothing. */
		{ 0x1200, 0x11ff,
		  "0-fff hole\n1000-1fff direct map\n2000-2fff vmalloc\n"
		  "3000-ffffffffffffffff hole\n" },
	};

	ck_assert_str_eq(table(), "0-ffffffffffffffff hole\n");
	stk_paint(&r, 0x1000, 0x1fff, &stk_direct_map);
	stk_paint(&r, 0x2000, 0x2fff, &stk_vmalloc_area);
	stk_paint(&r, row[_i].first, row[_i].last, &stk_module_area);
	ck_assert_str_eq(table(), row[_i].want);
}
END_TEST

/* A table that is full stays so. */
START_TEST(full)
{
	for (uint64_t at = 0; at < 60; at++)
		stk_paint(&r, 0x1000 + 0x100 * at, 0x1010 + 0x100 * at, &stk_direct_map);
	ck_assert_uint_eq(r.nr, STK_MAX_SPANS);
	ck_assert_uint_eq(r.span[0].first, 0);
	ck_assert_uint_eq(r.span[1].first, 0x1000);
	ck_assert_uint_eq(r.span[STK_MAX_SPANS - 1].first, 0x1000 + 0x100 * 47);
}
END_TEST

/* ---- what VMCOREINFO tells ---- */

/* The last address, or the first behind; only addresses of the kernel's. */
START_TEST(told)
{
	static const struct {
		const char *from, *to, *want;
	} row[] = {
		{ "ffff800000000000", "ffff800000200000",
		  "ffff800000000000-ffff8000001fffff module area\n" },
		{ "ffff800000000000", "ffff8000001fffff",
		  "ffff800000000000-ffff8000001fffff module area\n" },
		{ "ffff800000000000", "ffff800000200001",
		  "ffff800000000000-ffff800000200001 module area\n" },
		{ "ffff800000000000", NULL, "" },
		{ NULL, "ffff800000200000", "" },
		{ "1000", "ffff800000200000", "" },
		{ "ffff800000000000", "2000", "" },
		{ "ffff800000200000", "ffff800000000000", "" },
	};
	char want[200];

	if (row[_i].from)
		syn_vmcoreinfo(m, "NUMBER(FROM)", "0x%s", row[_i].from);
	if (row[_i].to)
		syn_vmcoreinfo(m, "NUMBER(TO)", "0x%s", row[_i].to);
	s = syn_open(m);
	stk_paint_told(s, &r, "NUMBER(FROM)", "NUMBER(TO)", &stk_module_area);
	snprintf(want, sizeof(want), "%s", row[_i].want);
	if (!want[0]) {
		ck_assert_uint_eq(r.nr, 1);
		return;
	}
	ck_assert_uint_eq(r.nr, 3);
	ck_assert_ptr_nonnull(strstr(table(), want));
}
END_TEST

#define VMEMMAP 0xfffffc0000000000ull

/* Which page the first struct page is of, and of each page where that lies. */
START_TEST(vmemmap)
{
	static const struct {
		uint32_t size;	    /* of struct page; 0: not known */
		int64_t told, want; /* 0: VMCOREINFO does not tell */
	} row[] = { { 64, 0, 0x70 },
		    { 64, 0x123, 0x123 },
		    { 64, -5, -5 },
		    { 56, 0x123, 0x123 },
		    { 0, 0x123, 0x70 } };
	struct stk_place p = { 0 };
	const uint64_t pfn = (uint64_t)row[_i].want, size = row[_i].size;
	uint64_t addr = 1;

	/* Without its beginning there is none. */
	ck_assert(!stk_find_page_struct(&r, 0, &addr));
	stk_paint_vmemmap(s, &r, 0x70);
	ck_assert_uint_eq(r.nr, 1);
	ck_assert_uint_eq(r.vmemmap, 0);
	syn_vmcoreinfo(m, "NUMBER(VMEMMAP_START)", "0x%llx", VMEMMAP);
	syn_vmcoreinfo(m, "NUMBER(VMEMMAP_END)", "0x%llx", VMEMMAP + 0x100000);
	if (row[_i].told)
		syn_vmcoreinfo(m, "SYMBOL(vmemmap)", "%llx",
			       VMEMMAP - (uint64_t)row[_i].told * (size ? size : 64));
	if (size)
		syn_size(m, "page", row[_i].size);
	s = syn_open(m);
	stk_begin_regions(s, &r);
	stk_paint_vmemmap(s, &r, 0x70);
	ck_assert_uint_eq(r.vmemmap_pfn, pfn);
	ck_assert_ptr_eq(stk_tell_region(&r, VMEMMAP + 7 * size + 9, &p),
			 &stk_vmemmap_area);
	if (!size) {
		ck_assert_ptr_null(p.about.what);
		ck_assert_ptr_null(p.area.what);
		ck_assert_uint_eq(p.area.begin | p.area.end, 0);
		ck_assert(!stk_find_page_struct(&r, 0, &addr));
		return;
	}
	ck_assert_str_eq(p.about.what, "pfn");
	ck_assert_uint_eq(p.about.value, pfn + 7);
	ck_assert_str_eq(p.area.what, "struct page");
	ck_assert_uint_eq(p.area.begin, VMEMMAP + 7 * size);
	ck_assert_uint_eq(p.area.end, VMEMMAP + 8 * size);
	if (row[_i].want < 0)
		return;
	ck_assert(stk_find_page_struct(&r, (pfn + 7) << 12 | 0xfff, &addr));
	ck_assert_uint_eq(addr, VMEMMAP + 7 * size);
	ck_assert(!stk_find_page_struct(NULL, 0, &addr));
}
END_TEST

/* ---- the image ---- */

#define TEXT 0xffffb00000000000ull

START_TEST(image)
{
	static const struct {
		uint64_t begin, end; /* of rodata, from _text on */
		const char *want;
	} row[] = {
		{ 0x4000, 0x6000,
		  "ffffb00000000000-ffffb00000003fff kernel image\n"
		  "ffffb00000004000-ffffb00000005fff kernel image: rodata\n"
		  "ffffb00000006000-ffffb0000000ffff kernel image\n" },
		{ 0, 0x10000,
		  "ffffb00000000000-ffffb0000000ffff kernel image: rodata\n" },
		{ 0xffff, 0x10000,
		  "ffffb00000000000-ffffb0000000fffe kernel image\n"
		  "ffffb0000000ffff-ffffb0000000ffff kernel image: rodata\n" },
		/* That cannot be. */
		{ 0x4000, 0x10001, "ffffb00000000000-ffffb0000000ffff kernel image\n" },
		{ -1ull, 0x4000, "ffffb00000000000-ffffb0000000ffff kernel image\n" },
		{ 0x4000, 0x4000, "ffffb00000000000-ffffb0000000ffff kernel image\n" },
		{ 0x6000, 0x4000, "ffffb00000000000-ffffb0000000ffff kernel image\n" },
	};
	char want[400];

	syn_symbol(m, "_text", TEXT);
	syn_symbol(m, "_end", TEXT + 0x10000);
	syn_symbol(m, "__start_rodata", TEXT + row[_i].begin);
	syn_symbol(m, "__end_rodata", TEXT + row[_i].end);
	snprintf(want, sizeof(want), "0-ffffafffffffffff hole\n%sffffb00000010000-%s",
		 row[_i].want, "ffffffffffffffff hole\n");
	s = syn_open(m);
	stk_paint_image(s, &r, TEXT);
	ck_assert_str_eq(table(), want);
	for (size_t i = 1; i + 1 < r.nr; i++) {
		ck_assert_uint_eq(r.span[i].region, TEXT);
		ck_assert_uint_eq(r.span[i].until, TEXT + 0xffff);
	}
	/* One end alone is of no part. */
	syn_no_symbol(m, "__end_rodata");
	s = syn_open(m);
	stk_begin_regions(s, &r);
	stk_paint_image(s, &r, TEXT - 1);
	ck_assert_uint_eq(r.nr, 3);
}
END_TEST

START_TEST(image_parts)
{
	static const struct {
		const char *begin, *end;
	} part[] = {
		{ "_text", "_etext" },		 { "__start_rodata", "__end_rodata" },
		{ "_sdata", "_edata" },		 { "__init_begin", "__init_end" },
		{ "__bss_start", "__bss_stop" }, { "__brk_base", "__brk_limit" },
	};

	for (size_t i = 0; i < 6; i++) {
		syn_symbol(m, part[i].begin, TEXT + 0x1000 * i);
		syn_symbol(m, part[i].end, TEXT + 0x1000 * (i + 1));
	}
	syn_symbol(m, "_end", TEXT + 0x6000);
	s = syn_open(m);
	stk_paint_image(s, &r, 0);
	ck_assert_str_eq(table(),
			 "0-ffffafffffffffff hole\n"
			 "ffffb00000000000-ffffb00000000fff kernel image: text\n"
			 "ffffb00000001000-ffffb00000001fff kernel image: rodata\n"
			 "ffffb00000002000-ffffb00000002fff kernel image: data\n"
			 "ffffb00000003000-ffffb00000003fff kernel image: init "
			 "(freed after boot)\n"
			 "ffffb00000004000-ffffb00000004fff kernel image: bss\n"
			 "ffffb00000005000-ffffb00000005fff kernel image: brk\n"
			 "ffffb00000006000-ffffffffffffffff hole\n");
}
END_TEST

/* Below where one can be, without a length, or of which only one end is known. */
START_TEST(no_image)
{
	if (_i != 2)
		syn_symbol(m, "_text", TEXT);
	if (_i != 3)
		syn_symbol(m, "_end", TEXT + (_i == 1 ? 0 : 0x10000));
	s = syn_open(m);
	stk_paint_image(s, &r, TEXT + (_i == 0));
	ck_assert_uint_eq(r.nr, 1);
}
END_TEST

/* ---- what is told ---- */

START_TEST(told_of_an_address)
{
	const struct stk_span part = { .first = 0x3000,
				       .last = 0x3fff,
				       .row = &stk_image,
				       .part = "data",
				       .region = 0x2000,
				       .until = 0x4fff };
	struct stk_place p = { 0 };

	ck_assert_ptr_null(stk_tell_region(NULL, 0x1000, &p));
	ck_assert_str_eq(p.region, "hole");
	r.direct = 0x1000;
	r.direct_phys = 0x80000000;
	stk_paint(&r, 0x1000, 0x1fff, &stk_direct_map);
	stk_paint(&r, 0x2000, 0x4fff, &stk_image);
	stk_paint_span(&r, part);
	for (uint64_t at = 0x1000; at <= 0x1fff; at += 0xfff) {
		p = (struct stk_place){ 0 };
		ck_assert_ptr_eq(stk_tell_region(&r, at, &p), &stk_direct_map);
		ck_assert_int_eq(p.region_kind, STK_REGION_DIRECT);
		ck_assert_str_eq(p.region, "direct map");
		ck_assert_uint_eq(p.region_first, 0x1000);
		ck_assert_uint_eq(p.region_last, 0x1fff);
		ck_assert_str_eq(p.about.what, "phys");
		ck_assert_uint_eq(p.about.value, at + 0x80000000 - 0x1000);
		ck_assert_ptr_null(p.area.what);
	}
	p = (struct stk_place){ 0 };
	ck_assert_ptr_eq(stk_tell_region(&r, 0x3fff, &p), &stk_image);
	ck_assert_uint_eq(p.region_first, 0x2000);
	ck_assert_uint_eq(p.region_last, 0x4fff);
	ck_assert_str_eq(p.area.what, "data");
	ck_assert_uint_eq(p.area.begin, 0x3000);
	ck_assert_uint_eq(p.area.end, 0x4000);
	ck_assert_ptr_null(p.about.what);
	p = (struct stk_place){ 0 };
	ck_assert_ptr_eq(stk_tell_region(&r, 0, &p), &stk_hole);
	ck_assert_int_eq(p.region_kind, STK_REGION_HOLE);
}
END_TEST

/* Holes are told by what is beside them, but at the ends of all addresses. */
START_TEST(holes)
{
	static const struct stk_region guard = { "guard", STK_REGION_HOLE, NULL };

	stk_paint(&r, 0x1000, 0x1fff, &stk_direct_map);
	stk_paint(&r, 0x3000, 0x3fff, &stk_not_canonical);
	stk_paint(&r, 0x5000, 0x5fff, &stk_vmalloc_area);
	stk_paint(&r, 0x7000, 0x7fff, &stk_image);
	stk_paint(&r, 0x6000, 0x6fff, &guard);
	stk_name_holes(s, &r);
	ck_assert_ptr_null(r.span[0].detail);
	ck_assert_str_eq(r.span[2].detail,
			 "between direct map and non-canonical addresses");
	ck_assert_uint_eq(r.span[2].region, 0x2000);
	ck_assert_uint_eq(r.span[2].until, 0x2fff);
	ck_assert_str_eq(r.span[4].detail, "between non-canonical addresses and vmalloc");
	/* One that has a name says enough. */
	ck_assert_ptr_null(r.span[6].detail);
	ck_assert_uint_eq(r.span[6].region, 0x6000);
	ck_assert_ptr_null(r.span[8].detail);
	ck_assert_uint_eq(r.span[8].region, 0x8000);
	ck_assert_uint_eq(r.span[8].until, UINT64_MAX);
	ck_assert_uint_eq(r.span[1].region, 0x1000);
}
END_TEST

static const struct unit_test tests[] = {
	LOOP(painted, 11), TEST(full),
	LOOP(told, 8),	   LOOP(vmemmap, 5),
	LOOP(image, 7),	   TEST(image_parts),
	LOOP(no_image, 4), TEST(told_of_an_address),
	TEST(holes),	   { 0 },
};

const struct unit_suite suite_painted = {
	"painted",
	{
		{ "painted", tests, setup, NULL },
	},
};
