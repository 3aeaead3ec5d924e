/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that each fact which a list of the kernel's is read by is needed: with all of
 * them it is told in full, and without any of them nothing is, and nothing wrong.
 */
#include "fixture.h"
#include "golden.h"
#include "suite.h"
#include "words.h"

#include "base/context.h"
#include "kernel/clock.h"
#include "kernel/code.h"
#include "kernel/kprobe.h"
#include "kernel/mm.h"
#include "kernel/names.h"
#include "kernel/percpu.h"
#include "kernel/vmalloc.h"

#include <string.h>

#define AT	  (SYN_DATA + 0x100000) /* free room in the image */
#define LISTS	  (AT + 0x100)
#define OFFSETS	  (AT + 0x200)
#define CHUNK	  (AT + 0x400)
#define FIRST	  (AT + 0x440)
#define AREA	  (AT + 0x600)
#define NODES	  (AT + 0x800)
#define LAZY	  (AT + 0xa00)
#define OPS	  (AT + 0xc00)
#define KSYM	  (AT + 0xe00)
#define KPROBE	  (AT + 0x1000)
#define MM	  (AT + 0x1200)
#define VMA	  (AT + 0x1400)
#define FILE_AT	  (AT + 0x1600)
#define TK	  (AT + 0x1800)
#define TEXT	  (AT + 0x1a00)
#define ALLOCATED (SYN_VMALLOC + 0x40000000)
#define CODE	  (SYN_VMALLOC + 0x50000000)
#define UNIT	  0x8000u

static struct stk *s;

struct fact {
	const char *name;
	uint32_t offset, size;
};

static void add_members(const struct fact *f)
{
	for (; f->name; f++)
		syn_member(m, f->name, f->offset, f->size);
}

struct word {
	const char *name;
	uint64_t value;
};

/* Variables, one behind the other from @at on. */
static uint64_t add_words(uint64_t at, const struct word *w)
{
	for (; w->name; w++, at += 8) {
		syn_symbol(m, w->name, at);
		syn_put64(m, at, w->value);
	}
	return at;
}

/* A list of one, whose links are at @node. */
static void link_one(uint64_t head, uint64_t node)
{
	syn_put64(m, head, node);
	syn_put64(m, head + 8, node);
	syn_put64(m, node, head);
	syn_put64(m, node + 8, head);
}

static void add_text(uint64_t at, const char *text)
{
	syn_write(m, at, text, strlen(text) + 1);
}

/* ---- vmalloc areas ---- */

static void add_area(uint64_t at, uint64_t begin)
{
	const uint64_t word[] = { begin, begin + 0x3000 };
	const uint64_t vm[] = { 0,	begin, 0x3000,	   2,
				0x7000, 2,     0x12345000, SYN_TEXT + 0x40 };

	syn_write(m, at, word, sizeof(word));
	syn_put64(m, at + 56, at + 0x80);
	syn_write(m, at + 0x80, vm, sizeof(vm));
}

static void area_setup(void)
{
	static const struct fact facts[] = {
		{ "vmap_area", 0, 64 },		 { "vmap_area.va_start", 0, 8 },
		{ "vmap_area.va_end", 8, 8 },	 { "vmap_area.list", 40, 16 },
		{ "vmap_area.vm", 56, 8 },	 { "vm_struct", 0, 64 },
		{ "vm_struct.addr", 8, 8 },	 { "vm_struct.size", 16, 8 },
		{ "vm_struct.flags", 24, 8 },	 { "vm_struct.pages", 32, 8 },
		{ "vm_struct.nr_pages", 40, 4 }, { "vm_struct.phys_addr", 48, 8 },
		{ "vm_struct.caller", 56, 8 },	 { 0 },
	};

	add_members(facts);
	add_area(AREA, ALLOCATED);
	syn_symbol(m, "vmap_area_list", LISTS + 0x80);
	link_one(LISTS + 0x80, AREA + 40);
}

static const struct stk_vmap_area *area(void)
{
	return stk_vmap_area_at(s, ALLOCATED + 0x2fff);
}

static bool has_area(void)
{
	return area() && area()->begin == ALLOCATED &&
	       area()->end == ALLOCATED + 0x3000 && !area()->freed;
}

static bool has_vm(void)
{
	const struct stk_vmap_area *a = area();

	ck_assert_ptr_nonnull(a);
	if (!strcmp(a->what, "vm_map_ram"))
		ck_assert(!a->caller && !a->phys && !a->guard && !a->pages);
	return !strcmp(a->what, "vmalloc") && a->caller == SYN_TEXT + 0x40 &&
	       a->phys == 0x12345000 && a->guard == ALLOCATED + 0x2000;
}

static bool has_pages(void)
{
	ck_assert(has_vm());
	return area()->pages == 0x7000 && area()->nr_pages == 2;
}

static void nodes_setup(void)
{
	static const struct fact facts[] = {
		{ "vmap_node", 0, 160 },
		{ "vmap_node.busy", 64, 32 },
		{ "vmap_node.lazy", 96, 32 },
		{ "rb_list.head", 8, 16 },
		{ 0 },
	};
	const struct word words[] = { { "vmap_nodes", NODES },
				      { "nr_vmap_nodes", 2 },
				      { 0 } };

	area_setup();
	syn_no_symbol(m, "vmap_area_list");
	add_members(facts);
	add_words(AT + 0x70, words);
	add_area(LAZY, ALLOCATED + 0x10000);
	link_one(NODES + 64 + 8, AREA + 40);
	link_one(NODES + 160 + 96 + 8, LAZY + 40);
	/* The others are empty. */
	link_one(NODES + 96 + 8, NODES + 96 + 8);
	link_one(NODES + 160 + 64 + 8, NODES + 160 + 64 + 8);
}

static bool has_nodes(void)
{
	const struct stk_vmap_area *a = stk_vmap_area_at(s, ALLOCATED + 0x10000);

	ck_assert(!a ||
		  (a->freed && !strcmp(a->what, "freed vmalloc area") && !a->caller));
	return has_area() && a;
}

/* ---- per-CPU memory ---- */

static uint64_t start, linked_size; /* of those that the kernel was linked with */

static void percpu_setup(void)
{
	static const struct fact facts[] = {
		{ "pcpu_chunk.list", 40, 16 },
		{ "pcpu_chunk.base_addr", 16, 8 },
		{ "pcpu_chunk.nr_pages", 24, 4 },
		{ "pcpu_chunk.end_offset", 28, 4 },
		{ 0 },
	};
	const struct word words[] = { { "pcpu_slot", LISTS },
				      { "pcpu_nr_slots", 1 },
				      { "pcpu_base_addr", SYN_PERCPU(0) },
				      { "pcpu_unit_offsets", OFFSETS },
				      { "pcpu_unit_size", UNIT },
				      { "pcpu_first_chunk", FIRST },
				      { 0 } };
	start = syn_sym(m, "__per_cpu_start");
	linked_size = syn_sym(m, "__per_cpu_end") - start;
	add_members(facts);
	add_words(AT, words);
	link_one(LISTS, CHUNK + 40);
	link_one(LISTS + 16, LISTS + 16);
	syn_put64(m, CHUNK + 16, ALLOCATED);
	syn_put64(m, FIRST + 16, SYN_PERCPU(0));
	syn_put32(m, FIRST + 24, (uint32_t)(linked_size / 4096 + 2));
	for (unsigned int i = 0; i < SYN_NR_CPUS; i++)
		syn_put64(m, OFFSETS + 8ull * i, 2 * UNIT * i);
}

static bool has_unit(uint64_t addr, unsigned int cpu, uint64_t begin, uint64_t ptr,
		     bool linked)
{
	struct stk_percpu_place p;

	return stk_percpu_at(s, addr, &p) && p.cpu == cpu && p.begin == begin &&
	       p.ptr == ptr && p.linked == linked;
}

static bool has_chunk(void)
{
	return has_unit(ALLOCATED + 2 * UNIT + 5, 1, ALLOCATED + 2 * UNIT,
			ALLOCATED + 5 - SYN_PERCPU(0) + start, false);
}

static bool has_linked(void)
{
	return has_unit(SYN_PERCPU(1) + 5, 1, SYN_PERCPU(1), start + 5, true);
}

static bool has_first(void)
{
	ck_assert(has_linked());
	return has_unit(SYN_PERCPU(1) + linked_size, 1, SYN_PERCPU(1) + linked_size,
			start + linked_size, false);
}

/* ---- code that was made ---- */

static void code_setup(void)
{
	static const struct fact facts[] = {
		{ "ftrace_ops.trampoline", 0, 8 },
		{ "ftrace_ops.trampoline_size", 8, 8 },
		{ "ftrace_ops.next", 16, 8 },
		{ "bpf_ksym.start", 0, 8 },
		{ "bpf_ksym.end", 8, 8 },
		{ "bpf_ksym.name", 16, 64 },
		{ "bpf_ksym.lnode", 96, 16 },
		{ "kprobe_insn_cache.pages", 32, 16 },
		{ "kprobe_insn_page.list", 8, 16 },
		{ "kprobe_insn_page.insns", 24, 8 },
		{ 0 },
	};
	const struct word words[] = { { "ftrace_ops_list", OPS }, { 0 } };

	add_members(facts);
	add_words(AT + 0x60, words);
	for (uint64_t i = 0; i < 2; i++) {
		syn_put64(m, OPS + 0x40 * i, CODE + 0x1000 * i);
		syn_put64(m, OPS + 0x40 * i + 8, 0x100);
		syn_put64(m, OPS + 0x40 * i + 16, i ? 0 : OPS + 0x40);
		syn_put64(m, KSYM + 0x100 + 0x80 * i, CODE + 0x10000 + 0x1000 * i);
		syn_put64(m, KSYM + 0x100 + 0x80 * i + 8, CODE + 0x10080 + 0x1000 * i);
		add_text(KSYM + 0x100 + 0x80 * i + 16, i ? "bpf_prog_b" : "bpf_prog_a");
	}
	syn_symbol(m, "bpf_kallsyms", KSYM);
	syn_put64(m, KSYM, KSYM + 0x160);
	syn_put64(m, KSYM + 0x160, KSYM + 0x1e0);
	syn_put64(m, KSYM + 0x1e0, KSYM);
	syn_symbol(m, "kprobe_insn_slots", KPROBE);
	syn_symbol(m, "kprobe_optinsn_slots", KPROBE + 0x100);
	for (uint64_t i = 0; i < 2; i++) {
		link_one(KPROBE + 0x100 * i + 32, KPROBE + 0x88 + 0x100 * i);
		syn_put64(m, KPROBE + 0x98 + 0x100 * i, CODE + 0x20000 + 0x2000 * i);
	}
}

static bool is_code(uint64_t begin, uint64_t size, enum stk_code_kind kind,
		    const char *name, const char *module)
{
	const struct stk_code *code = stk_code_at(s, begin + size - 1);

	ck_assert(!code || !stk_code_at(s, begin + size));
	return code && code->begin == begin && code->end == begin + size &&
	       code->kind == kind && !strcmp(code->name, name) &&
	       (module ? !strcmp(code->module, module) : !code->module);
}

/* A table of 64 lists: whether a probe is at an address, or that nobody can tell. */
START_TEST(kprobes_of_the_table)
{
	static const struct {
		unsigned int list;
		bool broken; /* another list leads nowhere */
		int want;
	} row[] = {
		{ 0, false, 1 }, { 63, false, 1 }, { 64, false, 0 },
		{ 5, false, 1 }, { 5, true, 1 },   { 64, true, -1 },
	};
	const uint64_t probe = AT + 0x800, wanted = CODE + 0x123;
	static const char *const needed[] = { "kprobe.hlist", "kprobe.addr" };

	syn_symbol(m, "kprobe_table", AT + 0x100);
	syn_member(m, "kprobe.hlist", 8, 16);
	syn_member(m, "kprobe.addr", 40, 8);
	syn_fill(m, probe, 0x200, 0);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		syn_fill(m, AT + 0x100, 8 * 66, 0);
		/* Two in one list, of which the second is it. */
		syn_put64(m, AT + 0x100 + 8 * row[i].list, probe + 8);
		syn_put64(m, probe + 8, probe + 0x108);
		syn_put64(m, probe + 40, CODE);
		syn_put64(m, probe + 0x108, 0);
		syn_put64(m, probe + 0x100 + 40, wanted);
		if (row[i].broken)
			syn_put64(m, AT + 0x100 + 8 * 9, 0x1238);
		s = syn_open(m);
		ck_assert_msg(stk_has_kprobe(s, wanted) == row[i].want, "row %zu", i);
		ck_assert_int_eq(stk_has_kprobe(s, wanted + 1), row[i].broken ? -1 : 0);
		/* What is not in the dump is no loss. */
		ck_assert(!s->lost_excused);
	}
	syn_fill(m, AT + 0x100, 8 * 66, 0);
	for (size_t i = 0; i < 2; i++) {
		const struct stk_member was = syn_find_type(m, needed[i])->m;

		syn_no_member(m, needed[i]);
		s = syn_open(m);
		ck_assert_int_eq(stk_has_kprobe(s, wanted), -1);
		syn_member(m, needed[i], was.offset, was.size);
		s = syn_open(m);
		ck_assert_int_eq(stk_has_kprobe(s, wanted), 0);
	}
	/* Static data is no symbol everywhere; who fills it is, where there are kprobes.
	 */
	syn_no_symbol(m, "kprobe_table");
	s = syn_open(m);
	ck_assert_int_eq(stk_has_kprobe(s, wanted), 0);
	syn_symbol(m, "register_kprobe", AT + 0x800);
	s = syn_open(m);
	ck_assert_int_eq(stk_has_kprobe(s, wanted), -1);
}
END_TEST

/* Of no bytes, of less, of as many as there may be, of more. */
START_TEST(sizes_of_code)
{
	static const struct {
		uint64_t size;
		bool is;
	} row[] = { { 0, false },
		    { 1, true },
		    { 16u << 20, true },
		    { (16u << 20) + 1, false },
		    { (uint64_t)-1, false },
		    { (uint64_t)-0x100, false } };
	const struct stk_code *code;

	code_setup();
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		/* In the midst of the first, which it hides if it is any. */
		syn_put64(m, OPS + 0x40, CODE + 0x80);
		syn_put64(m, OPS + 0x48, row[i].size);
		s = syn_open(m);
		code = stk_code_at(s, CODE + 0x80);
		ck_assert_ptr_nonnull(code);
		ck_assert_uint_eq(code->begin, row[i].is ? CODE + 0x80 : CODE);
		ck_assert_uint_eq(code->end,
				  row[i].is ? CODE + 0x80 + row[i].size : CODE + 0x100);
		ck_assert_ptr_nonnull(stk_code_at(s, CODE + 0x7f));
	}
}
END_TEST

static bool has_ftrace(void)
{
	return is_code(CODE, 0x100, STK_CODE_FTRACE, "ftrace_trampoline",
		       "__builtin__ftrace");
}

static bool has_both_ftrace(void)
{
	ck_assert(has_ftrace());
	return is_code(CODE + 0x1000, 0x100, STK_CODE_FTRACE, "ftrace_trampoline",
		       "__builtin__ftrace");
}

static bool has_bpf(void)
{
	return is_code(CODE + 0x10000, 0x80, STK_CODE_BPF, "bpf_prog_a", NULL) &&
	       is_code(CODE + 0x11000, 0x80, STK_CODE_BPF, "bpf_prog_b", NULL);
}

static bool has_kprobes(void)
{
	return is_code(CODE + 0x20000, 0x1000, STK_CODE_KPROBE, "kprobe_insn_page",
		       "__builtin__kprobes") &&
	       is_code(CODE + 0x22000, 0x1000, STK_CODE_KPROBE, "kprobe_optinsn_page",
		       "__builtin__kprobes");
}

/* ---- the mappings of a process ---- */

static void mm_setup(void)
{
	static const struct fact facts[] = {
		{ "task_struct.mm", 0x7f0, 8 },
		{ "mm_struct.pgd", 0, 8 },
		{ "mm_struct.start_brk", 8, 8 },
		{ "mm_struct.brk", 16, 8 },
		{ "mm_struct.start_stack", 24, 8 },
		{ "mm_struct.mmap", 32, 8 },
		{ "vm_area_struct.vm_start", 0, 8 },
		{ "vm_area_struct.vm_end", 8, 8 },
		{ "vm_area_struct.vm_next", 16, 8 },
		{ "vm_area_struct.vm_flags", 24, 8 },
		{ "vm_area_struct.vm_file", 32, 8 },
		{ "vm_area_struct.vm_ops", 40, 8 },
		{ "vm_area_struct.vm_private_data", 48, 8 },
		{ "file.f_path", 16, 16 },
		{ "path.dentry", 8, 8 },
		{ "dentry.d_name", 32, 16 },
		{ "qstr.name", 8, 8 },
		{ "vm_special_mapping.name", 0, 8 },
		{ 0 },
	};
	const uint64_t mm[] = { 0x5000, 0x10000, 0x20000, 0x7000, VMA };
	const uint64_t file[] = { 0x400000, 0x401000, VMA + 0x40, 5, FILE_AT, 0, 0 };
	const uint64_t vdso[] = { 0x500000, 0x501000, 0, 0xa, 0, TEXT, TEXT + 0x10 };

	add_members(facts);
	syn_put64(m, sh + 0x7f0, MM);
	syn_write(m, MM, mm, sizeof(mm));
	syn_write(m, VMA, file, sizeof(file));
	syn_write(m, VMA + 0x40, vdso, sizeof(vdso));
	syn_put64(m, FILE_AT + 24, FILE_AT + 0x40);
	syn_put64(m, FILE_AT + 0x40 + 32 + 8, TEXT + 0x40);
	add_text(TEXT + 0x40, "libc.so");
	syn_symbol(m, "special_mapping_vmops", TEXT);
	syn_put64(m, TEXT + 0x10, TEXT + 0x50);
	add_text(TEXT + 0x50, "[vdso]");
}

static const struct stk_vma *vma(uint64_t addr)
{
	const struct stk_mm *mm = stk_mm_of(s, sh);

	return mm ? stk_vma_at(mm, addr) : NULL;
}

static bool has_vma(void)
{
	const struct stk_vma *v = vma(0x400fff);

	return v && v->begin == 0x400000 && v->end == 0x401000 && !vma(0x3fffff) &&
	       !vma(0x401000);
}

static bool has_next(void)
{
	ck_assert(has_vma());
	return vma(0x500000) != NULL;
}

static bool has_file(void)
{
	const struct stk_vma *v = vma(0x400000);

	ck_assert(has_vma());
	return !strcmp(v->what, "file") && v->name && !strcmp(v->name, "libc.so");
}

static bool has_access(void)
{
	ck_assert(has_next());
	if (!strcmp(vma(0x400000)->access, "????") &&
	    !strcmp(vma(0x500000)->access, "????"))
		return false;
	return !strcmp(vma(0x400000)->access, "r-xp") &&
	       !strcmp(vma(0x500000)->access, "-w-s");
}

static bool has_special(void)
{
	ck_assert(has_next());
	if (!strcmp(vma(0x500000)->what, "anonymous"))
		return false;
	return !strcmp(vma(0x500000)->what, "[vdso]");
}

/* ---- how long it was up ---- */

static void clock_setup(void)
{
	static const struct fact facts[] = { { "timekeeper.ktime_sec", 56, 8 },
					     { "timekeeper.offs_boot", 96, 8 },
					     { 0 } };

	add_members(facts);
	syn_symbol(m, "shadow_timekeeper", TK);
	syn_put64(m, TK + 56, 500);
	syn_put64(m, TK + 96, 1999999999);
}

static bool has_uptime(void)
{
	uint64_t seconds = TK;

	return stk_uptime(s, &seconds) && seconds == 501;
}

static void tk_data_setup(void)
{
	clock_setup();
	syn_no_symbol(m, "shadow_timekeeper");
	syn_symbol(m, "tk_core", TK - 8);
	syn_member(m, "tk_data.timekeeper", 8, 256);
}

/* ---- all of them ---- */

static const struct topic {
	const char *name;
	void (*setup)(void);
	bool (*told)(void);
	const char *needed[12];
} topics[] = {
	{ "areas",
	  area_setup,
	  has_area,
	  { "vmap_area_list", "vmap_area", "vmap_area.va_start", "vmap_area.va_end",
	    "vmap_area.list", "vmap_area.vm" } },
	{ "what an area is",
	  area_setup,
	  has_vm,
	  { "vm_struct", "vm_struct.addr", "vm_struct.size", "vm_struct.flags",
	    "vm_struct.phys_addr", "vm_struct.caller" } },
	{ "pages of an area",
	  area_setup,
	  has_pages,
	  { "vm_struct.pages", "vm_struct.nr_pages" } },
	{ "areas of nodes",
	  nodes_setup,
	  has_nodes,
	  { "vmap_nodes", "nr_vmap_nodes", "vmap_node", "vmap_node.busy",
	    "vmap_node.lazy", "rb_list.head" } },
	{ "chunks",
	  percpu_setup,
	  has_chunk,
	  { "pcpu_slot", "pcpu_nr_slots", "pcpu_base_addr", "pcpu_unit_offsets",
	    "pcpu_unit_size", "__per_cpu_start", "pcpu_chunk.list",
	    "pcpu_chunk.base_addr" } },
	{ "linked variables",
	  percpu_setup,
	  has_linked,
	  { "__per_cpu_start", "__per_cpu_end" } },
	{ "the first chunk",
	  percpu_setup,
	  has_first,
	  { "pcpu_base_addr", "pcpu_first_chunk", "pcpu_chunk.base_addr",
	    "pcpu_chunk.nr_pages", "pcpu_chunk.end_offset" } },
	{ "trampolines",
	  code_setup,
	  has_ftrace,
	  { "ftrace_ops_list", "ftrace_ops.trampoline", "ftrace_ops.trampoline_size" } },
	{ "more of them", code_setup, has_both_ftrace, { "ftrace_ops.next" } },
	{ "programs",
	  code_setup,
	  has_bpf,
	  { "bpf_kallsyms", "bpf_ksym.lnode", "bpf_ksym.name", "bpf_ksym.start",
	    "bpf_ksym.end" } },
	{ "kprobes",
	  code_setup,
	  has_kprobes,
	  { "kprobe_insn_slots", "kprobe_optinsn_slots", "kprobe_insn_cache.pages",
	    "kprobe_insn_page.insns" } },
	{ "mappings",
	  mm_setup,
	  has_vma,
	  { "task_struct.mm", "mm_struct.start_brk", "mm_struct.brk",
	    "mm_struct.start_stack", "mm_struct.mmap", "vm_area_struct.vm_start",
	    "vm_area_struct.vm_end" } },
	{ "more mappings", mm_setup, has_next, { "vm_area_struct.vm_next" } },
	{ "files",
	  mm_setup,
	  has_file,
	  { "vm_area_struct.vm_file", "file.f_path", "path.dentry", "dentry.d_name",
	    "qstr.name" } },
	{ "access", mm_setup, has_access, { "vm_area_struct.vm_flags" } },
	{ "special mappings",
	  mm_setup,
	  has_special,
	  { "special_mapping_vmops", "vm_area_struct.vm_ops",
	    "vm_area_struct.vm_private_data", "vm_special_mapping.name" } },
	{ "uptime",
	  clock_setup,
	  has_uptime,
	  { "shadow_timekeeper", "timekeeper.ktime_sec", "timekeeper.offs_boot" } },
	{ "uptime since 6.13",
	  tk_data_setup,
	  has_uptime,
	  { "tk_core", "tk_data.timekeeper" } },
};

static void setup(void)
{
	fixture_task();
	syn_fill(m, AT, 0x2000, 0);
}

START_TEST(each_fact)
{
	const struct topic *t = &topics[_i];

	t->setup();
	s = syn_open(m);
	ck_assert_msg(t->told(), "%s: nothing is told", t->name);
	ck_assert_ptr_null(s->budget.purse);
	for (size_t i = 0; i < sizeof(t->needed) / sizeof(t->needed[0]) && t->needed[i];
	     i++) {
		const char *name = t->needed[i];
		const struct syn_symbol *symbol = syn_find_symbol(m, name);
		const struct syn_type *type = syn_find_type(m, name);
		const uint64_t addr = symbol ? symbol->addr : 0;
		const struct stk_member member =
			type ? type->m : (struct stk_member){ 0 };

		ck_assert_msg(symbol || type, "%s", name);
		if (symbol)
			syn_no_symbol(m, name);
		else
			syn_no_member(m, name);
		s = syn_open(m);
		ck_assert_msg(!t->told(), "%s: without %s", t->name, name);
		if (symbol)
			syn_symbol(m, name, addr);
		else
			syn_member(m, name, member.offset, member.size);
	}
	s = syn_open(m);
	ck_assert(t->told());
}
END_TEST

/* It is no fault of a chain that it came to need them first. */
START_TEST(who_pays)
{
	struct stk_purse purse = { 0 };
	const struct stk_task *tasks;
	uint64_t steps, bytes, addr;
	size_t nr;

	area_setup();
	percpu_setup();
	code_setup();
	mm_setup();
	syn_module(m, "mod", SYN_MODULE, "mod_fn");
	/* The list of tasks breaks: others are looked for. */
	syn_put64(m, sh + syn_off(m, "task_struct.tasks"), 0x1230);
	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_OK);
	ck_assert(has_vma());
	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_OK);
	for (int i = 0; i < 6; i++) {
		/* What is remembered of symbols and types is paid by whoever asks. */
		stk_purse_open(&s->budget, &purse, "a chain", 16);
		steps = purse.steps;
		bytes = s->budget.steps;
		if (i == 0)
			ck_assert_int_eq(stk_tasks(s, &tasks, &nr), STK_OK);
		else if (i == 1)
			ck_assert(has_area());
		else if (i == 2)
			ck_assert(has_chunk());
		else if (i == 3)
			ck_assert(has_bpf());
		else if (i == 4)
			ck_assert(has_vma());
		else
			ck_assert_int_eq(stk_symbol_address(s, "mod_fn", &addr), STK_OK);
		if (s->budget.steps + 100 < bytes)
			ck_assert_uint_lt((steps - purse.steps) * 2,
					  bytes - s->budget.steps);
		stk_purse_close(&s->budget, &purse);
	}
}
END_TEST

/* ---- at the bounds ---- */

/* What flags say, the last of them; and when there is a guard page. */
START_TEST(kinds_of_areas)
{
	static const struct {
		uint64_t flags, size;
		const char *what;
		bool guard;
	} row[] = {
		{ 0, 0x3000, "vm_map_ram", true },
		{ 0x01, 0x3000, "ioremap", true },
		{ 0x02, 0x3000, "vmalloc", true },
		{ 0x04, 0x3000, "vmap", true },
		{ 0x08, 0x3000, "vm_map_ram", true },
		{ 0x10, 0x3000, "DMA", true },
		{ 0x20, 0x3000, "vm_map_ram", true },
		{ 0x42, 0x3000, "vmalloc", false },
		{ 0x80, 0x3000, "vm_map_ram", true },
		{ 0x800, 0x3000, "vm_map_ram", true },
		{ 0x1000, 0x3000, "sparse vmap", true },
		{ 0x2000, 0x3000, "vm_map_ram", true },
		{ 0x1007, 0x3000, "sparse vmap", true },
		{ 0x2, 0x2000, "vmalloc", false },
		{ 0x2, 0x4000, "vmalloc", false },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		area_setup();
		syn_put64(m, AREA + 0x80 + 24, row[i].flags);
		syn_put64(m, AREA + 0x80 + 16, row[i].size);
		s = syn_open(m);
		ck_assert_str_eq(area()->what, row[i].what);
		ck_assert_uint_eq(area()->guard, row[i].guard ? ALLOCATED + 0x2000 : 0);
	}
	/* Of a single page there is no room for one; nor for more pages than it has. */
	for (uint32_t pages = 2; pages < 5; pages++) {
		area_setup();
		syn_put32(m, AREA + 0x80 + 40, pages);
		s = syn_open(m);
		ck_assert_uint_eq(area()->nr_pages, pages < 4 ? pages : 0);
	}
	area_setup();
	syn_put64(m, AREA + 8, ALLOCATED + 0x1000);
	syn_put64(m, AREA + 0x80 + 16, 0x1000);
	s = syn_open(m);
	ck_assert_uint_eq(stk_vmap_area_at(s, ALLOCATED)->guard, 0);
	/* Another area's, or none. */
	area_setup();
	syn_put64(m, AREA + 0x80 + 8, ALLOCATED + 0x1000);
	s = syn_open(m);
	ck_assert_str_eq(area()->what, "vm_map_ram");
	syn_put64(m, AREA + 56, 0);
	s = syn_open(m);
	ck_assert_str_eq(area()->what, "vm_map_ram");
}
END_TEST

/* As large as a type may be, and what lies behind that. */
START_TEST(large_types)
{
	area_setup();
	syn_member(m, "vm_struct", 0, 4096);
	syn_member(m, "vm_struct.caller", 248, 8);
	syn_put64(m, AREA + 0x80 + 248, SYN_TEXT + 0x40);
	s = syn_open(m);
	ck_assert(has_vm());
	syn_member(m, "vm_struct.caller", 249, 8);
	s = syn_open(m);
	ck_assert_uint_eq(area()->caller, 0);
	syn_member(m, "vm_struct.caller", 56, 16);
	s = syn_open(m);
	ck_assert_uint_eq(area()->caller, 0);
}
END_TEST

/* Where a heap or a stack ends; mappings that do not ascend. */
START_TEST(kinds_of_mappings)
{
	static const struct {
		uint64_t begin, end;
		const char *what; /* NULL: it is none */
	} row[] = {
		{ 0x10000, 0x11000, "heap" },	   { 0x20000, 0x21000, "heap" },
		{ 0x20001, 0x21000, "anonymous" }, { 0xf000, 0x10000, "heap" },
		{ 0xf000, 0xffff, "anonymous" },   { 0x6000, 0x7000, "stack" },
		{ 0x7000, 0x8000, "stack" },	   { 0x7001, 0x8000, "anonymous" },
		{ 0x6000, 0x6fff, "anonymous" },   { 0x6000, 0x6000, NULL },
		{ 0x6000, 0x5000, NULL },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		mm_setup();
		syn_put64(m, VMA, row[i].begin);
		syn_put64(m, VMA + 8, row[i].end);
		syn_put64(m, VMA + 32, 0);
		s = syn_open(m);
		if (!row[i].what) {
			ck_assert_ptr_null(vma(0x6000));
			ck_assert_ptr_null(vma(0x500000));
			continue;
		}
		ck_assert_msg(!strcmp(vma(row[i].begin)->what, row[i].what),
			      "row %zu: %s", i, vma(row[i].begin)->what);
	}
	for (uint64_t less = 0; less < 2; less++) {
		mm_setup();
		syn_put64(m, VMA + 8, 0x500000 + less);
		s = syn_open(m);
		ck_assert_ptr_nonnull(vma(0x4ff000));
		ck_assert_str_eq(vma(0x500000 + (less ? 0 : 0x10))->what,
				 less ? "file" : "[vdso]");
		ck_assert_int_eq(vma(0x500010) != NULL, !less);
	}
	syn_no_member(m, "mm_struct.brk");
	s = syn_open(m);
	ck_assert_ptr_null(stk_mm_of(s, sh));
	ck_assert_ptr_null(stk_mm_of(s, sh));
	mm_setup();
	s = syn_open(m);
	ck_assert_uint_eq(stk_mm_of(s, sh)->pgd, 0x5000);
	ck_assert_ptr_eq(stk_mm_of(s, sh), stk_mm_of(s, sh));
}
END_TEST

/* Whoever asks for one mapping does not pay for all. */
START_TEST(mappings_that_are_kept)
{
	struct stk_purse purse = { 0 };
	uint64_t left, steps;

	mm_setup();
	s = syn_open(m);
	stk_purse_open(&s->budget, &purse, "a chain", 16);
	left = purse.steps;
	steps = s->budget.steps;
	ck_assert_ptr_nonnull(vma(0x500010));
	ck_assert_uint_lt(left - purse.steps, steps - s->budget.steps);
	ck_assert_ptr_eq(s->budget.purse, &purse);
	stk_purse_close(&s->budget, &purse);
}
END_TEST

/* Which parts of the image are known: one that is not is nowhere. */
START_TEST(parts_of_the_image)
{
	static const struct {
		const char *without[4];
		bool data, text, init, below;
	} row[] = {
		{ { NULL }, true, true, true, false },
		/* Without its end: up to that of the code of the start. */
		{ { "_end" }, false, true, true, false },
		{ { "_end", "_stext" }, false, false, false, false },
		{ { "_end", "_etext" }, false, false, false, false },
		{ { "_end", "_sinittext" }, false, false, false, false },
		{ { "_end", "_einittext" }, false, false, false, false },
		{ { "_text", "_stext", "_sinittext" }, false, false, false, false },
		{ { "_stext" }, true, true, true, false },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		fixture_free();
		fixture_kernel();
		/* riscv's head lies before it. */
		for (size_t k = 0; k < 4 && row[i].without[k]; k++)
			if (syn_find_symbol(m, row[i].without[k]))
				syn_no_symbol(m, row[i].without[k]);
		s = syn_open(m);
		ck_assert_msg(stk_is_image(s, SYN_DATA + 0x100000) == row[i].data,
			      "row %zu: data", i);
		ck_assert_msg(stk_is_image(s, SYN_TEXT + 0x1000) == row[i].text,
			      "row %zu: text", i);
		ck_assert_msg(stk_is_image(s, SYN_INIT + 0x10) == row[i].init,
			      "row %zu: init", i);
		ck_assert_msg(stk_is_image(s, SYN_TEXT - 0x800) == row[i].below,
			      "row %zu: below", i);
		ck_assert(!stk_is_image(s, 0) && !stk_is_image(s, 0x1000) &&
			  !stk_is_image(s, SYN_DIRECT));
	}
	for (uint64_t at = SYN_TEXT - 0x1000; at <= SYN_TEXT + 0x1000; at += 0x1000) {
		fixture_free();
		fixture_kernel();
		syn_symbol(m, "_start", at);
		s = syn_open(m);
		ck_assert(stk_is_image(s, SYN_TEXT));
		ck_assert(stk_is_image(s, SYN_TEXT - 0x1000) == (at < SYN_TEXT));
		ck_assert(!stk_is_image(s, SYN_TEXT - 0x1001));
		ck_assert(stk_is_image(s, SYN_END - 1) && !stk_is_image(s, SYN_END));
		ck_assert(stk_is_text(s, SYN_TEXT - 8) == (at < SYN_TEXT));
	}
}
END_TEST

/* ---- every word ---- */

static void tell_code(FILE *fp)
{
	static const uint64_t at[] = { 0,	0xff,	 0x100,	  0x1000,  0x10ff,
				       0x10000, 0x1007f, 0x10080, 0x11000, 0x20000,
				       0x20fff, 0x21000, 0x22fff };

	s = syn_open(m);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		const struct stk_code *code = stk_code_at(s, CODE + at[i]);

		if (!code)
			fputs(" -", fp);
		else
			fprintf(fp, " %lx-%lx.%s", (unsigned long)(code->begin - CODE),
				(unsigned long)(code->end - CODE), code->name);
	}
}

static void tell_mm(FILE *fp)
{
	const struct stk_mm *mm;

	s = syn_open(m);
	mm = stk_mm_of(s, sh);
	if (!mm)
		return;
	fprintf(fp, "%lx", (unsigned long)mm->pgd);
	for (size_t i = 0; i < mm->nr; i++)
		fprintf(fp, " %lx-%lx %s %s %s,", (unsigned long)mm->vma[i].begin,
			(unsigned long)mm->vma[i].end, mm->vma[i].what,
			mm->vma[i].name ? mm->vma[i].name : "-", mm->vma[i].access);
	fprintf(fp, " %d", stk_vma_at(mm, 0x400fff) != NULL);
}

START_TEST(damaged_words)
{
	code_setup();
	words_damage("ftrace_ops", OPS, 3, 8, tell_code);
	words_damage("the next", OPS + 0x40, 3, 8, tell_code);
	words_damage("list of BPF", KSYM, 2, 8, tell_code);
	words_damage("a program", KSYM + 0x100, 3, 8, tell_code);
	words_damage("its link", KSYM + 0x160, 2, 8, tell_code);
	words_damage("kprobes", KPROBE + 32, 2, 8, tell_code);
	words_damage("a page", KPROBE + 0x88, 3, 8, tell_code);
	golden_expect("words", "code");
	fixture_free();
	setup();
	mm_setup();
	words_damage("of the task", sh + 0x7f0, 1, 8, tell_mm);
	words_damage("mm_struct", MM, 5, 8, tell_mm);
	words_damage("a mapping", VMA, 7, 8, tell_mm);
	words_damage("another", VMA + 0x40, 7, 8, tell_mm);
	words_damage("flags", VMA + 24, 8, 1, tell_mm);
	words_damage("a file", FILE_AT + 16, 2, 8, tell_mm);
	words_damage("its name", FILE_AT + 0x40 + 32, 2, 8, tell_mm);
	golden_expect("words", "mappings");
}
END_TEST

static const struct unit_test t_tests[] = {
	TEST(damaged_words),
	LOOP(each_fact, sizeof(topics) / sizeof(topics[0])),
	TEST(who_pays),
	TEST(parts_of_the_image),
	TEST(sizes_of_code),
	TEST(kprobes_of_the_table),
	TEST(kinds_of_areas),
	TEST(large_types),
	TEST(kinds_of_mappings),
	TEST(mappings_that_are_kept),
	{ 0 },
};

const struct unit_suite suite_needed = {
	"needed",
	{
		{ "needed", t_tests, setup, NULL },
	},
};
