/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that the mode of riscv64's page tables, and where the image is, are found where
 * VMCOREINFO does not tell them: in kernels whose image lies at the end of the address
 * space, and in older ones, where it lies in the direct map; and that what fits no kernel
 * or more than one is not taken.
 */
#include "dumped.h"
#include "other.h"
#include "riscv64.h"
#include "suite.h"

#include "arch/arch.h"
#include "base/context.h"
#include "machine/vmcoreinfo_find.h"
#include "session/dump_pack.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Kernels, by where their image is linked. KASLR moves it. */
static const struct layout {
	const char *name;
	enum riscv_mode_id mode;
	uint64_t text, image;
} layouts[] = {
	/* PAGE_OFFSET of 5.10, which knows no other mode */
	{ "5.10", RV_SV39, 0xffffffe000000000ull, RV_IMAGE },
	{ "5.15", RV_SV39, RV_TEXT, RV_IMAGE },
	{ "6.1, sv48", RV_SV48, RV_TEXT, RV_IMAGE },
	{ "6.1, sv57", RV_SV57, RV_TEXT, RV_IMAGE },
	{ "sv39, KASLR", RV_SV39, RV_TEXT + 0x2a600000, RV_IMAGE },
	{ "sv57, KASLR, elsewhere", RV_SV57, RV_TEXT + 0x1200000, 0x92e00000 },
};
#define NR_LAYOUTS (sizeof(layouts) / sizeof(layouts[0]))

/* In the image. */
#define STEXT 0x2000u
#define UTS   0x3e8000u
#define ROOT  0x3e9000u

#define RELEASE "5.15.0-syn"

static const struct layout *l;
static char found[160];

static void name_at(uint64_t uts, const char *system, const char *release)
{
	syn_fill(m, uts, 400, 'A');
	syn_write(m, uts + 4, system, strlen(system) + 1);
	syn_write(m, uts + 4 + 130, release, strlen(release) + 1);
}

/* Page tables with their root in an image, which they map; @image: its memory. */
static void build_kernel(uint64_t image)
{
	/* Memory begins at the second page that there is, so that the first is no root.
	 */
	m->pgd = image + ROOT;
	syn_phys_page(m, m->pgd);
	for (uint64_t off = 0; off < 0x400000; off += 4096)
		if (off == (STEXT & ~0xfffu) || off == UTS || off == ROOT)
			syn_map(m, l->text + off, image + off, 4096);
	syn_put64(m, l->text + STEXT, 0x13);
	name_at(l->text + UTS, "Linux", RELEASE);
}

static void line(const char *key, uint64_t value)
{
	syn_vmcoreinfo(m, key, "%llx", (unsigned long long)value);
}

static void build(const struct layout *layout)
{
	l = layout;
	fixture_free();
	m = syn_new_as(&riscv_modes[l->mode].tables, RV_RAM + 0x4000000);
	build_kernel(l->image);
	syn_vmcoreinfo(m, "OSRELEASE", RELEASE);
	syn_vmcoreinfo(m, "PAGESIZE", "4096");
	line("SYMBOL(swapper_pg_dir)", l->text + ROOT);
	line("SYMBOL(_stext)", l->text + STEXT);
	line("SYMBOL(init_uts_ns)", l->text + UTS);
}

static void setup(void)
{
	build(&layouts[3]);
}

static bool next_page(void *priv, uint64_t *pfn)
{
	uint64_t best = UINT64_MAX;

	for (size_t i = 0; i < SYN_MAX_PAGES; i++)
		if (m->page[i].pfn > *pfn && m->page[i].pfn - 1 < best)
			best = m->page[i].pfn - 1;
	*pfn = best;
	return best != UINT64_MAX;
}

static enum stk_status read_page(void *priv, uint64_t addr, void *buf, size_t len)
{
	return m->target.memory->read_phys(m->target.memory_priv, addr, buf, len);
}

static enum stk_status complete(void)
{
	struct stk_pages memory = { next_page, read_page, 4096, NULL, NULL };

	s = syn_open(m);
	memory.budget = &s->budget;
	*found = '\0';
	return s->arch->complete_vmcoreinfo(s, &memory, found, sizeof(found));
}

static void expect_found(void)
{
	char want[160];

	snprintf(want, sizeof(want),
		 "NUMBER(VA_BITS)=%u\nNUMBER(va_kernel_pa_offset)=0x%llx\n",
		 riscv_modes[l->mode].bits, (unsigned long long)(l->text - l->image));
	ck_assert_msg(!complete(), "%s: %s", l->name, stk_error_text(m->s));
	ck_assert_msg(!strcmp(found, want), "%s: %s", l->name, found);
}

static void expect_refused(const char *why)
{
	ck_assert_msg(complete() == STK_ERR_UNSUPPORTED, "%s: %s", l->name, found);
	ck_assert_str_eq(found, "");
	ck_assert_msg(strstr(stk_error_text(m->s), why) != NULL, "%s: %s", l->name,
		      stk_error_text(m->s));
}

static const char none[] = "no page tables that lead to its kernel";

START_TEST(each_layout)
{
	uint64_t at = 0;

	build(&layouts[_i]);
	expect_found();
	/* Nothing that was tried in vain is missing. */
	ck_assert(!m->s->lost_excused);
	/* With these lines, addresses are translated. */
	line("NUMBER(va_kernel_pa_offset)", l->text - l->image);
	syn_vmcoreinfo(m, "NUMBER(VA_BITS)", "%u", riscv_modes[l->mode].bits);
	ck_assert_int_eq(complete(), STK_OK);
	ck_assert_str_eq(found, "");
	ck_assert_int_eq(stk_translate(m->s, l->text + UTS + 8, &at), STK_OK);
	ck_assert_uint_eq(at, l->image + UTS + 8);
}
END_TEST

/* 6.2 tells the mode, 6.5 and later the rest: it is not sought where it is not. */
START_TEST(half_of_it_told)
{
	build(&layouts[_i]);
	syn_vmcoreinfo(m, "NUMBER(VA_BITS)", "%u", riscv_modes[l->mode].bits);
	expect_found();
	syn_vmcoreinfo(m, "NUMBER(VA_BITS)", "%u", l->mode == RV_SV48 ? 39 : 48);
	expect_refused(none);
	syn_vmcoreinfo(m, "NUMBER(VA_BITS)", "47");
	expect_refused(none);
	syn_no_vmcoreinfo(m, "NUMBER(VA_BITS)");
	line("NUMBER(va_kernel_pa_offset)", l->text - l->image);
	expect_found();
	line("NUMBER(va_kernel_pa_offset)", l->text - l->image + 0x200000);
	expect_refused(none);
}
END_TEST

/* What the search goes by: without it there is nothing to say. */
START_TEST(nothing_to_go_by)
{
	static const char *const key[] = { "OSRELEASE", "SYMBOL(swapper_pg_dir)",
					   "SYMBOL(_stext)", "SYMBOL(init_uts_ns)" };

	if (_i)
		syn_no_vmcoreinfo(m, key[_i]);
	else
		syn_vmcoreinfo(m, key[_i], "%s", "");
	ck_assert_int_eq(complete(), STK_OK);
	ck_assert_str_eq(found, "");
}
END_TEST

static uint64_t *entry_of(uint64_t virt)
{
	const uint64_t at = syn_entry_at(m, virt, 4096);

	return (uint64_t *)((char *)syn_phys_page(m, at & ~0xfffull) + (at & 0xfff));
}

/* A kernel of another name, or of none; tables that do not map it where it is. */
START_TEST(does_not_fit)
{
	const uint64_t uts = l->text + UTS, stext = l->text + STEXT;

	switch (_i) {
	case 0:
		name_at(uts, "Linux", RELEASE "1");
		break;
	case 1:
		name_at(uts, "Linux", "5.15.0-sy");
		break;
	case 2:
		name_at(uts, "Linus", RELEASE);
		break;
	case 3:
		*entry_of(uts) &= ~1ull;
		break;
	case 4:
		*entry_of(stext) &= ~1ull;
		break;
	case 5:
		*entry_of(l->text + ROOT) &= ~1ull;
		break;
	case 6: /* text is somewhere else */
		*entry_of(stext) += 1ull << 10;
		break;
	case 7: /* and so is the root */
		*entry_of(l->text + ROOT) += 1ull << 10;
		break;
	case 8: /* the name is in another image */
		*entry_of(uts) += 0x200ull << 10;
		syn_write(m, l->text + UTS, "", 1);
		name_at(l->text + UTS, "Linux", RELEASE);
		break;
	case 9:
		syn_fail_phys(m, l->image + ROOT, STK_ERR_EXCLUDED);
		break;
	case 10:
		syn_fail_phys(m, l->image + UTS, STK_ERR_EXCLUDED);
		break;
	}
	expect_refused(none);
}
END_TEST

/* Images are never but at 2 MiB: what would fit elsewhere is chance, or somebody's. */
START_TEST(image_not_aligned)
{
	struct layout moved = layouts[_i];

	moved.image += 0x1000u << (_i * 2);
	ck_assert_uint_ne(moved.image % 0x200000, 0);
	build(&moved);
	expect_refused(none);
}
END_TEST

/* A capture kernel that was stopped, or what was before a reboot. */
START_TEST(two_kernels)
{
	struct layout other = layouts[_i];

	build(&layouts[_i]);
	build_kernel(other.image + 0x8000000);
	expect_refused("more than one");
	/* If it calls itself otherwise, it is not the one. */
	name_at(l->text + UTS, "Linux", "5.15.1-syn");
	expect_found();
}
END_TEST

START_TEST(no_time)
{
	ck_assert_int_eq(complete(), STK_OK);
	syn_open(m);
	m->interrupt = true;
	ck_assert_int_eq(complete(), STK_ERR_INTERRUPTED);
	m->interrupt = false;
	expect_found();
}
END_TEST

static const struct unit_test mode_tests[] = {
	LOOP(each_layout, NR_LAYOUTS),
	LOOP(half_of_it_told, NR_LAYOUTS),
	LOOP(nothing_to_go_by, 4),
	LOOP(does_not_fit, 11),
	LOOP(image_not_aligned, 5),
	LOOP(two_kernels, NR_LAYOUTS),
	TEST(no_time),
	{ 0 },
};

/* ---- the direct map, which VMCOREINFO does not tell either ---- */

enum tells { KERNEL_MAP, VARIABLE, VARIABLE_AND_RAM };

/* Direct map and image as they are linked; what memory the former begins with. */
static void build_direct(enum tells tells, uint64_t base, uint64_t ram)
{
	const uint64_t data = l->text + UTS + 0x400;

	line("NUMBER(va_kernel_pa_offset)", l->text - l->image);
	syn_vmcoreinfo(m, "NUMBER(VA_BITS)", "%u", riscv_modes[l->mode].bits);
	syn_symbol(m, "_start", l->text);
	syn_symbol(m, "_text", l->text);
	syn_symbol(m, "_end", l->text + 0x400000);
	syn_member(m, "kernel_mapping.va_pa_offset", 32, 8);
	syn_fill(m, data, 0x100, 0x5a);
	syn_symbol(m, tells == KERNEL_MAP ? "kernel_map" : "va_pa_offset", data);
	syn_put64(m, data + (tells == KERNEL_MAP ? 32 : 0), base - ram);
	if (tells != VARIABLE) {
		syn_symbol(m, "phys_ram_base", data + 0x80);
		syn_put64(m, data + 0x80, ram);
	}
}

static void expect_direct(uint64_t base, uint64_t ram)
{
	struct stk_place p = { 0 };
	uint64_t addr = 0;

	s = syn_open(m);
	ck_assert(s->arch->direct_map(s, ram + 0x1234, &addr));
	ck_assert_uint_eq(addr, base + 0x1234);
	s->arch->region(s, base + 0x812345, &p);
	ck_assert_str_eq(p.region, "direct map");
	ck_assert_uint_eq(p.region_first, base);
	ck_assert_uint_eq(p.about.value, ram + 0x812345);
	memset(&p, 0, sizeof(p));
	s->arch->region(s, l->text + UTS, &p);
	ck_assert_str_eq(p.region, "kernel image");
}

START_TEST(direct_map)
{
	static const struct {
		size_t layout;
		enum tells tells;
		uint64_t base, ram;
	} row[] = {
		/* 5.10: the image is its beginning */
		{ 0, VARIABLE, 0xffffffe000000000ull, RV_IMAGE },
		/* 5.13 */
		{ 1, VARIABLE, 0xffffffe000000000ull, RV_IMAGE },
		/* from 5.14 on */
		{ 1, KERNEL_MAP, 0xffffffd800000000ull, RV_RAM },
		{ 2, KERNEL_MAP, 0xffffaf8000000000ull, RV_RAM },
		{ 3, KERNEL_MAP, 0xff60000000000000ull, RV_RAM },
		{ 3, VARIABLE_AND_RAM, 0xff60000000000000ull, RV_RAM },
	};

	build(&layouts[row[_i].layout]);
	build_direct(row[_i].tells, row[_i].base, row[_i].ram);
	expect_direct(row[_i].base, row[_i].ram);
}
END_TEST

/* What VMCOREINFO tells comes before what can be read. */
START_TEST(direct_map_told)
{
	build_direct(KERNEL_MAP, 0xff60000000000000ull, RV_RAM);
	line("NUMBER(PAGE_OFFSET)", 0xff70000000000000ull);
	syn_vmcoreinfo(m, "NUMBER(phys_ram_base)", "%llu", (unsigned long long)RV_IMAGE);
	expect_direct(0xff70000000000000ull, RV_IMAGE);
}
END_TEST

START_TEST(direct_map_unknown)
{
	static const char *const symbol[] = { "kernel_map", "va_pa_offset" };
	struct stk_place p = { 0 };
	uint64_t addr;

	build_direct(_i % 2 ? VARIABLE : KERNEL_MAP, 0xff60000000000000ull, RV_RAM);
	switch (_i / 2) {
	case 0:
		syn_no_symbol(m, symbol[_i % 2]);
		break;
	case 1:
		syn_no_member(m, "kernel_mapping.va_pa_offset");
		syn_no_symbol(m, "_start");
		break;
	case 2: /* an offset that leads to user space */
		syn_put64(m, syn_sym(m, symbol[_i % 2]) + (_i % 2 ? 0 : 32), 0x1000);
		break;
	case 3:
		syn_fail(m, l->text + UTS, STK_ERR_EXCLUDED);
		break;
	}
	s = syn_open(m);
	ck_assert(!s->arch->direct_map(s, RV_RAM, &addr));
	s->arch->region(s, 0xff60000000000000ull, &p);
	ck_assert_str_eq(p.region, "kernel space");
}
END_TEST

static const struct unit_test direct_tests[] = {
	LOOP(direct_map, 6),
	TEST(direct_map_told),
	LOOP(direct_map_unknown, 8),
	{ 0 },
};

/* ---- a dump of such a kernel ---- */

static char chain[512];

/* As 6.1 leaves it: without what later ones tell. */
static void write_dump(enum riscv_mode_id id)
{
	static const char *const later[] = {
		"NUMBER(VA_BITS)",	 "NUMBER(va_kernel_pa_offset)",
		"NUMBER(PAGE_OFFSET)",	 "NUMBER(phys_ram_base)",
		"NUMBER(VMALLOC_START)", "NUMBER(VMALLOC_END)",
		"NUMBER(VMEMMAP_START)", "NUMBER(VMEMMAP_END)",
		"NUMBER(MODULES_VADDR)", "NUMBER(MODULES_END)",
	};
	const uint64_t uts = RV_TEXT + OTHER_DATA + 0x30000;
	struct stk_chain *told;

	fixture_task_of(rv_kernel(id));
	syn_no_symbol(m, "__entry_text_start"); /* the same address */
	rv_syscall(&c);
	rv_note(&c);
	told = unwind_cpu_1();
	snprintf(chain, sizeof(chain), "%s", syn_chain_text(told));
	stk_chain_free(m->s, told);
	ck_assert_msg(strstr(chain, "end user") != NULL, "%s", chain);
	syn_map(m, m->pgd + RV_VOFF, m->pgd, 4096);
	syn_symbol_of_type(m, "init_uts_ns", uts, 'D');
	name_at(uts, "Linux", "6.12.0-syn");
	line("SYMBOL(init_uts_ns)", uts);
	line("SYMBOL(_stext)", syn_sym(m, "_stext"));
	m->kallsyms_base = RV_TEXT + 0x1a0000;
	dumped_add_types(RV_TEXT + 0x1c0000);
	m->kallsyms_format = SYN_KS_RELATIVE;
	m->kallsyms_markers = 4;
	m->finished = false;
	syn_use_kallsyms(m);
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		syn_no_vmcoreinfo(m, later[i]);
	dumped_vmcoreinfo();
	dumped_elf();
}

START_TEST(dump)
{
	struct stk_start start;

	write_dump((enum riscv_mode_id)_i);
	dumped_opened(f.path, NULL);
	start = syn_start(&c);
	syn_expect(s, &start, chain);
}
END_TEST

static bool take_page(void *unused, const struct stk_words_page *page, size_t bytes)
{
	return true;
}

static bool packed_has(const char *line)
{
	static unsigned char all[1u << 20];
	const ssize_t size = pread(g.fd, all, sizeof(all), 0);

	ck_assert_int_gt(size, 0);
	return memmem(all, (size_t)size, line, strlen(line)) != NULL;
}

/* What was found is told in a small dump of it; and that nobody told where memory begins.
 */
START_TEST(dump_made_small)
{
	const struct stk_dump_options how = { 0 };
	const struct stk_pack_options everything = { 0 };
	struct stk_packed small = { .plain = true, .page = take_page };
	struct stk_start start;
	char bits[64];
	uint64_t base;

	write_dump((enum riscv_mode_id)_i);
	ck_assert_int_eq(stk_dump_open_recorded(f.path, &how, &everything, &d, dump_error,
						sizeof(dump_error)),
			 STK_OK);
	s = stk_dump_session(d);
	start = syn_start(&c);
	syn_expect(s, &start, chain);
	ck_assert_int_eq(stk_dump_pack(d, g.fd, &small, dump_error, sizeof(dump_error)),
			 STK_OK);
	snprintf(bits, sizeof(bits), "\nNUMBER(VA_BITS)=%u\n", riscv_modes[_i].bits);
	ck_assert(packed_has(bits));
	ck_assert(packed_has("\nNUMBER(va_kernel_pa_offset)=0x"));
	ck_assert_int_eq(pread(g.fd, &base, 8, IMAGE_SUB(0)), 8);
	ck_assert_uint_eq(base, 0);
	dumped_opened(g.path, NULL);
	start = syn_start(&c);
	syn_expect(s, &start, chain);
}
END_TEST

/* A kernel that calls itself otherwise, in memory: its VMCOREINFO is of none there. */
START_TEST(dump_of_another)
{
	write_dump((enum riscv_mode_id)_i);
	name_at(RV_TEXT + OTHER_DATA + 0x30000, "Linux", "6.12.1-syn");
	dumped_elf();
	dumped_refused(f.path, STK_ERR_UNSUPPORTED, none);
}
END_TEST

static const struct unit_test dump_tests[] = {
	LOOP(dump, RV_NR_MODES),
	LOOP(dump_made_small, RV_NR_MODES),
	LOOP(dump_of_another, RV_NR_MODES),
	{ 0 },
};

const struct unit_suite suite_riscv64_mode = {
	"riscv64_mode",
	{
		{ "mode", mode_tests, setup, NULL },
		{ "direct", direct_tests, setup, NULL },
		{ "dump", dump_tests, dumped_setup, dumped_teardown },
	},
};
