/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that a machine which was written to a file, in each format, is the same machine
 * when it is read from there; that what the file lacks is told by its cause; and that
 * VMCOREINFO is searched for, checked, and at last done without.
 */
#include "synthetic.h"
#include "suite.h"

#include <bpf/btf.h>
#include <stackinfo/dump.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image.h"
#include "session/dump_pack.h"

#define BTF_AT	   (SYN_TEXT + 0x180000)
#define BANNER_AT  (SYN_DATA + 0xb000)
#define MAX_PFN_AT (SYN_DATA + 0xb800)
#define ENTRY_AT   (SYN_END - 0x1000) /* nothing else is in its page, but for */
#define CRASHK_AT  (ENTRY_AT + 0x800)
#define MAX_LOADS  200u
#define DATA_AT	   0x4000u
#define UTS_AT	   (SYN_DATA + 0x100000)

static struct syn *m;
static struct syn_cpu c;
static struct image f, g;
static struct stk_dump *d;
static struct stk *s;
static char error[512];
static struct image_page pages[SYN_MAX_PAGES];
static size_t nr_pages;
static unsigned char notes[16384];
static size_t notes_len;
static char expected[512];

/* ---- what the kernel's build and crash leave ---- */

/* All types of @m, each member an array of bytes. */
static void add_types(void)
{
	struct btf *btf = btf__new_empty();
	int byte = btf__add_int(btf, "char", 1, 0), array[SYN_MAX_TYPES] = { 0 };
	const void *raw;
	uint32_t size;

	for (size_t i = 0; i < m->nr_types; i++)
		array[i] = btf__add_array(btf, byte, byte, m->type[i].m.size);
	for (size_t i = 0; i < m->nr_types; i++) {
		size_t len = strcspn(m->type[i].name, ".");
		char name[96];
		bool seen = false;
		uint32_t whole = 1 << 20;

		memcpy(name, m->type[i].name, len);
		name[len] = '\0';
		for (size_t j = 0; j < m->nr_types; j++) {
			bool same = !strncmp(m->type[j].name, name, len);

			seen |= j < i && same && strchr(".", m->type[j].name[len]);
			if (same && !m->type[j].name[len])
				whole = m->type[j].m.size;
		}
		if (seen)
			continue;
		btf__add_struct(btf, name, whole);
		for (size_t j = i; j < m->nr_types; j++)
			if (!strncmp(m->type[j].name, name, len) &&
			    m->type[j].name[len] == '.')
				syn_assert(!btf__add_field(btf, m->type[j].name + len + 1,
							   array[j],
							   m->type[j].m.offset * 8, 0));
	}
	raw = btf__raw_data(btf, &size);
	syn_assert(raw);
	syn_write(m, BTF_AT, raw, size);
	syn_symbol(m, "__start_BTF", BTF_AT);
	syn_symbol(m, "__stop_BTF", BTF_AT + size);
	btf__free(btf);
}

static size_t vmcoreinfo_text(char *text, size_t size)
{
	size_t len = (size_t)snprintf(text, size, "OSRELEASE=%s\n",
				      m->target.vmcoreinfo(m, "OSRELEASE"));

	for (size_t i = 0; i < m->nr_lines; i++)
		len += (size_t)snprintf(text + len, size - len, "%s=%s\n", m->line[i].key,
					m->line[i].value);
	return len;
}

static void add_note(const char *name, uint32_t type, const void *desc, size_t size)
{
	Elf64_Nhdr head = { (Elf64_Word)strlen(name) + 1, (Elf64_Word)size, type };

	syn_assert(notes_len + size + 64 < sizeof(notes));
	memcpy(notes + notes_len, &head, sizeof(head));
	memcpy(notes + notes_len + sizeof(head), name, strlen(name));
	notes_len += sizeof(head) + ((head.n_namesz + 3) & ~3u);
	memcpy(notes + notes_len, desc, size);
	notes_len += (size + 3) & ~3u;
}

static void add_vmcoreinfo(void)
{
	char text[8192];

	add_note("VMCOREINFO", 0, text, vmcoreinfo_text(text, sizeof(text)));
}

/* QEMU's, of a CPU with the machine's page tables. */
static void add_qemu(uint64_t cr3)
{
	unsigned char regs[336] = { 0 }, desc[440] = { 1 };

	memcpy(desc + 416, &cr3, 8);
	add_note("CORE", NT_PRSTATUS, regs, sizeof(regs));
	add_note("QEMU", 0, desc, sizeof(desc));
}

static void build(bool banner)
{
	m = syn_kernel(SYN_6_1);
	m->kallsyms_markers = 4;
	c = syn_cpu(m, 1, syn_task(m, "sh", 227, 0));
	syn_syscall(&c);
	syn_crash_note(&c);
	if (banner)
		syn_symbol(m, "linux_banner", BANNER_AT);
	syn_symbol(m, "init_uts_ns", UTS_AT);
	syn_write(m, BANNER_AT, "Linux version 6.1.0-syn (a@b)", 30);
	syn_member(m, "uts_namespace.name", 16, 390);
	syn_member(m, "resource.start", 0, 8);
	syn_member(m, "resource.end", 8, 8);
	add_types();
	syn_symbol(m, "max_pfn", MAX_PFN_AT);
	syn_symbol(m, "crashk_res", CRASHK_AT);
	syn_symbol(m, "__entry_text_start", ENTRY_AT);
	syn_use_kallsyms(m);
}

static void setup(void)
{
	image_open(&f);
	image_open(&g);
	notes_len = 0;
	memset(notes, 0, sizeof(notes));
	build(true);
}

static void teardown(void)
{
	stk_dump_close(d);
	d = NULL;
	syn_free(m);
	image_close(&f);
	image_close(&g);
}

/* ---- files ---- */

static int by_pfn(const void *a, const void *b)
{
	const struct image_page *x = a, *y = b;

	return x->pfn < y->pfn ? -1 : x->pfn > y->pfn;
}

static void collect_pages(void)
{
	nr_pages = 0;
	for (size_t i = 0; i < SYN_MAX_PAGES; i++)
		if (m->page[i].pfn && m->page[i].data && !m->page[i].fail)
			pages[nr_pages++] = (struct image_page){ m->page[i].pfn - 1,
								 m->page[i].data };
	qsort(pages, nr_pages, sizeof(pages[0]), by_pfn);
}

static void write_elf(void)
{
	Elf64_Phdr ph[MAX_LOADS];
	uint16_t nr = 1;

	collect_pages();
	for (size_t i = 0; i < nr_pages; i++) {
		if (i && pages[i].pfn == pages[i - 1].pfn + 1) {
			ph[nr - 1].p_filesz = ph[nr - 1].p_memsz += 4096;
		} else {
			syn_assert(nr < MAX_LOADS);
			ph[nr++] = (Elf64_Phdr){ .p_type = PT_LOAD,
						 .p_paddr = pages[i].pfn * 4096,
						 .p_offset = DATA_AT + i * 4096,
						 .p_filesz = 4096,
						 .p_memsz = 4096 };
		}
		image_put(&f, DATA_AT + i * 4096, pages[i].data, 4096);
	}
	ph[0] = (Elf64_Phdr){ .p_type = PT_NOTE,
			      .p_offset = DATA_AT - notes_len,
			      .p_filesz = notes_len };
	syn_assert(sizeof(Elf64_Ehdr) + nr * sizeof(ph[0]) + notes_len < DATA_AT);
	image_put(&f, ph[0].p_offset, notes, notes_len);
	image_elf(&f, ph, nr);
}

static uint64_t write_kdump(uint32_t version, bool split, uint64_t begin, uint64_t end)
{
	const struct image_kdump k = { version,	 32,	16 * 32768, pages,
				       nr_pages, split, begin,	    end };
	uint64_t desc_at = image_kdump(&f, &k), size = image_size(&f);

	image_put(&f, size, notes, notes_len);
	image_put64(&f, IMAGE_SUB(48), size);
	image_put64(&f, IMAGE_SUB(56), notes_len);
	return desc_at;
}

static void opened(const char *path, const char *warning)
{
	const char *said;

	stk_dump_close(d);
	*error = '\0';
	ck_assert_msg(!stk_dump_open(path, NULL, &d, error, sizeof(error)), "%s", error);
	said = stk_dump_warning(d);
	if (warning)
		ck_assert_msg(said && strstr(said, warning), "%s: not \"%s\"", said,
			      warning);
	else
		ck_assert_msg(!said, "%s", said);
	s = stk_dump_session(d);
	ck_assert_ptr_nonnull(s);
}

static void refused(const char *path, enum stk_status st, const char *what)
{
	stk_dump_close(d);
	*error = '\0';
	ck_assert_int_eq(stk_dump_open(path, NULL, &d, error, sizeof(error)), st);
	ck_assert_ptr_null(d);
	ck_assert_msg(strstr(error, what) != NULL, "%s: not \"%s\"", error, what);
}

/* The chain in the file is the one in the machine. */
static void same_machine(void)
{
	const struct stk_start start = syn_start(&c);
	struct stk_chain *chain;

	if (!*expected) {
		syn_assert(!stk_unwind(syn_open(m), &start, &chain));
		snprintf(expected, sizeof(expected), "%s", syn_chain_text(chain));
		stk_chain_free(m->s, chain);
		ck_assert_msg(strstr(expected, "/orc end user") != NULL, "%s", expected);
	}
	syn_expect(s, &start, expected);
}

/* ---- formats ---- */

START_TEST(elf)
{
	add_vmcoreinfo();
	write_elf();
	opened(f.path, NULL);
	same_machine();
}
END_TEST

START_TEST(kdump)
{
	add_vmcoreinfo();
	collect_pages();
	write_kdump(6, false, 0, 0);
	opened(f.path, NULL);
	same_machine();
	image_flatten(&f, &g);
	opened(g.path, NULL);
	same_machine();
}
END_TEST

START_TEST(parts)
{
	char both[80];
	struct image swap;
	uint64_t middle;

	add_vmcoreinfo();
	collect_pages();
	middle = pages[nr_pages / 2].pfn;
	write_kdump(6, true, middle, 16 * 32768);
	swap = f;
	f = g;
	g = swap;
	write_kdump(6, true, 0, middle);
	snprintf(both, sizeof(both), "%s,%s", f.path, g.path);
	opened(both, NULL);
	same_machine();
	/* Whatever comes of one alone, it is told that it is one. */
	stk_dump_close(d);
	if (stk_dump_open(f.path, NULL, &d, error, sizeof(error)))
		ck_assert_ptr_nonnull(strstr(error, "one part of a split dump"));
	else
		ck_assert_ptr_nonnull(strstr(stk_dump_warning(d), "one part of a split"));
}
END_TEST

START_TEST(no_dump)
{
	image_put(&f, 0, "what is this file, then\1", 24);
	refused(f.path, STK_ERR_IO,
		"the format is not known (memory without a header is opened with --raw)");
	refused("/nonexistent/\033[31m", STK_ERR_IO, "/nonexistent/\\x1b[31m: No such");
}
END_TEST

/* ---- what is missing ---- */

/* A page behind all others, which is nobody's. */
static const uint64_t last = 0x38000000;

static enum stk_status read_at(uint64_t phys)
{
	uint64_t word;

	return stk_dump_session(d)->target.memory->read_phys(
		stk_dump_session(d)->target.memory_priv, phys, &word, sizeof(word));
}

START_TEST(cut_off)
{
	struct stat sb;

	add_vmcoreinfo();
	syn_phys_page(m, last);
	write_elf();
	ck_assert_uint_eq(pages[nr_pages - 1].pfn, last / 4096);
	opened(f.path, NULL);
	ck_assert_int_eq(read_at(last), STK_OK);
	ck_assert_int_eq(read_at(last + 4096), STK_ERR_EXCLUDED);
	image_cut(&f, image_size(&f) - 8);
	opened(f.path, "the file is cut off");
	ck_assert_int_eq(read_at(last), STK_ERR_CUT_OFF);
	same_machine();
	image_put32(&f, offsetof(Elf64_Ehdr, e_flags), 1);
	opened(f.path, "cut off: what was behind that is missing; the dump says that it "
		       "is incomplete");
	ck_assert(s->target.incomplete);
	/* Its size bounds what it may ask for: holes do not count. */
	image_put(&f, image_size(&f) + (64 << 20), "", 1);
	opened(f.path, "incomplete");
	ck_assert_int_eq(fstat(f.fd, &sb), 0);
	ck_assert_uint_lt((uint64_t)sb.st_blocks * 512, (uint64_t)sb.st_size);
	ck_assert_uint_eq(s->target.size, (uint64_t)sb.st_blocks * 512);
}
END_TEST

START_TEST(packed)
{
	uint64_t desc;

	syn_phys_page(m, last);
	add_vmcoreinfo();
	collect_pages();
	desc = write_kdump(6, false, 0, 0) + (nr_pages - 1) * 24;
	opened(f.path, NULL);
	ck_assert_int_eq(read_at(last), STK_OK);
	ck_assert_int_eq(read_at(last - 4096), STK_ERR_EXCLUDED);
	/* zlib, of what is no such stream. */
	image_put32(&f, desc + 8, 100);
	image_put32(&f, desc + 12, 1);
	opened(f.path, NULL);
	ck_assert_int_eq(read_at(last), STK_ERR_CORRUPT);
	image_put32(&f, desc + 8, 0);
	opened(f.path, NULL);
	ck_assert_int_eq(read_at(last), STK_ERR_CORRUPT);
}
END_TEST

START_TEST(no_types)
{
	m->finished = false;
	syn_symbol(m, "__stop_BTF", BTF_AT);
	syn_finish(m);
	add_vmcoreinfo();
	write_elf();
	refused(f.path, STK_ERR_NO_TYPE,
		"the kernel has no BTF: its types must come from the namelist, -n "
		"VMLINUX");
}
END_TEST

/* All symbols of @m as they were linked, as a namelist without debuginfo has them. */
static void write_namelist(const struct image *to)
{
	static const char names[] = "\0.text\0.symtab\0.strtab";
	const uint64_t moved =
		strtoull(m->target.vmcoreinfo(m, "KERNELOFFSET"), NULL, 16);
	const Elf64_Shdr section[] = {
		{ 0 },
		{ .sh_name = 1,
		  .sh_type = SHT_NOBITS,
		  .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
		  .sh_addr = SYN_TEXT - moved,
		  .sh_size = SYN_END - SYN_TEXT },
		{ .sh_name = 7,
		  .sh_type = SHT_SYMTAB,
		  .sh_offset = 0x1000,
		  .sh_size = (m->nr_symbols + 1) * sizeof(Elf64_Sym),
		  .sh_link = 3,
		  .sh_info = 1,
		  .sh_entsize = sizeof(Elf64_Sym) },
		{ .sh_name = 15,
		  .sh_type = SHT_STRTAB,
		  .sh_offset = 0x10000,
		  .sh_size = 0x10000 },
	};
	const Elf64_Ehdr head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64,
					       ELFDATA2LSB, EV_CURRENT },
				  .e_type = ET_EXEC,
				  .e_machine = EM_X86_64,
				  .e_version = EV_CURRENT,
				  .e_ehsize = sizeof(head),
				  .e_phoff = sizeof(head),
				  .e_phentsize = sizeof(Elf64_Phdr),
				  .e_phnum = 1,
				  .e_shoff = 0x200,
				  .e_shentsize = sizeof(section[0]),
				  .e_shnum = 4,
				  .e_shstrndx = 3 };
	const Elf64_Phdr load = { .p_type = PT_LOAD,
				  .p_flags = PF_R | PF_X,
				  .p_vaddr = section[1].sh_addr,
				  .p_memsz = section[1].sh_size,
				  .p_align = 4096 };
	uint64_t at = sizeof(names);

	image_put(to, 0x1ffff, "", 1);
	image_put(to, 0, &head, sizeof(head));
	image_put(to, head.e_phoff, &load, sizeof(load));
	image_put(to, head.e_shoff, section, sizeof(section));
	image_put(to, 0x10000, names, sizeof(names));
	for (size_t i = 0; i < m->nr_symbols; i++) {
		const uint64_t addr = m->symbol[i].addr;
		const Elf64_Sym sym = { .st_name = (Elf64_Word)at,
					.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE),
					.st_shndx = 1,
					.st_value =
						addr - (addr < SYN_TEXT ? 0 : moved) };

		image_put(to, 0x1000 + (i + 1) * sizeof(sym), &sym, sizeof(sym));
		image_put(to, 0x10000 + at, m->symbol[i].name,
			  strlen(m->symbol[i].name) + 1);
		at += strlen(m->symbol[i].name) + 1;
	}
}

static enum stk_status open_how(const struct stk_dump_options *how)
{
	stk_dump_close(d);
	*error = '\0';
	return stk_dump_open_with(f.path, how, sizeof(*how), &d, error, sizeof(error));
}

/* A namelist may have symbols alone: then types must be the kernel's own. */
START_TEST(symbols_of_a_namelist)
{
	const struct stk_dump_options how = { .namelist = g.path };

	if (_i)
		syn_symbol(m, "__stop_BTF", BTF_AT);
	syn_finish(m);
	write_namelist(&g);
	add_vmcoreinfo();
	write_elf();
	if (_i) {
		ck_assert_int_eq(open_how(&how), STK_ERR_NO_TYPE);
		ck_assert_ptr_nonnull(strstr(error, "the kernel has no BTF, and the "
						    "namelist has no DWARF: no types"));
		return;
	}
	ck_assert_msg(open_how(&how) == STK_OK, "%s", error);
	s = stk_dump_session(d);
	same_machine();
}
END_TEST

/* ---- without VMCOREINFO ---- */

static uint64_t put_text(const char *text, size_t len)
{
	uint64_t phys = syn_alloc(m, 1);

	memcpy(syn_phys_page(m, phys), text, len);
	return phys;
}

START_TEST(searched)
{
	static const char old[] = "OSRELEASE=5.0.0-old\nPAGESIZE=4096\n";
	char text[8192], wanted[64];
	size_t len = vmcoreinfo_text(text, sizeof(text));
	uint64_t phys;

	/* That of a kernel that ran before is met first. */
	put_text(old, sizeof(old));
	phys = put_text(text, len);
	add_qemu(0);
	write_elf();
	snprintf(wanted, sizeof(wanted), "no VMCOREINFO note: found in memory at %#llx",
		 (unsigned long long)phys);
	opened(f.path, wanted);
	same_machine();
	/* The same in a kdump, whose pages are in a bitmap. */
	write_kdump(6, false, 0, 0);
	opened(f.path, wanted);
	same_machine();
}
END_TEST

/* The tables of @root once more, but that what is at @addr lies at @phys there. */
static uint64_t tables_but_for(uint64_t root, uint64_t addr, uint64_t phys)
{
	enum { LARGE = 0x80 };
	const uint64_t top = syn_alloc(m, 1), base = ~0xfffull;
	uint64_t entry = root, table = top, *words = NULL;

	for (int shift = 39; shift >= 12; shift -= 9) {
		words = (uint64_t *)(void *)syn_phys_page(m, table);
		if (entry & LARGE)
			for (uint64_t i = 0; i < 512; i++)
				words[i] = (entry & ~(uint64_t)LARGE) + i * 4096;
		else
			memcpy(words, syn_phys_page(m, entry & base << 12 >> 12), 4096);
		words += addr >> shift & 511;
		entry = *words;
		table = shift > 12 ? syn_alloc(m, 1) : phys;
		*words = table | 3;
	}
	return top;
}

/*
 * Two kernels in memory, each of which leads to all that is wanted: what is there twice
 * is one page. The first in memory, and the one that crashed, is the machine's.
 */
START_TEST(of_two_kernels)
{
	enum { FIRST, OTHER, RESERVED, NOWHERE };
	static const struct {
		int ran;      /* page tables that the CPU had */
		bool crashed; /* the first one */
		bool first;   /* it is taken */
	} row[] = {
		{ FIRST, false, true },
		{ OTHER, false, false },
		/* A reboot left it. */
		{ OTHER, true, false },
		/* It runs what the first one loaded; the other is that. */
		{ RESERVED, true, true },
		/* The firmware: nothing tells. */
		{ NOWHERE, false, true },
	};
	const uint64_t nowhere = syn_alloc(m, 1);
	const bool reserved = row[_i].ran == RESERVED;
	uint64_t other, at[2];
	char text[8192], wanted[64];

	syn_fill(m, ENTRY_AT, 16, 0x90);
	syn_finish(m);
	other = tables_but_for(m->pgd, ENTRY_AT, syn_alloc(m, 1));
	syn_put64(m, CRASHK_AT, reserved ? other : 0);
	syn_put64(m, CRASHK_AT + 8, reserved ? other + 0xfff : 0);
	at[0] = put_text(text, vmcoreinfo_text(text, sizeof(text)));
	if (row[_i].crashed)
		strcat((char *)syn_phys_page(m, at[0]), "CRASHTIME=1\n");
	syn_vmcoreinfo(m, "SYMBOL(swapper_pg_dir)", "%llx",
		       0xffffffff80000000ull + other - (unsigned long long)SYN_PHYS_BASE);
	at[1] = put_text(text, vmcoreinfo_text(text, sizeof(text)));
	add_qemu(row[_i].ran == FIRST	  ? m->pgd
		 : row[_i].ran == NOWHERE ? nowhere
					  : other);
	write_elf();
	snprintf(wanted, sizeof(wanted), "no VMCOREINFO note: found in memory at %#llx",
		 (unsigned long long)at[!row[_i].first]);
	opened(f.path, wanted);
}
END_TEST

START_TEST(of_another_kernel)
{
	char text[8192];
	size_t len;

	syn_vmcoreinfo(m, "OSRELEASE", "6.1.0-sym");
	len = vmcoreinfo_text(text, sizeof(text));
	put_text(text, len);
	write_elf();
	refused(f.path, STK_ERR_UNSUPPORTED,
		"no VMCOREINFO note, and that in its memory is not of its kernel");
}
END_TEST

/* What the kernel calls itself, where VMCOREINFO says. */
static void put_names(const char *system, const char *release)
{
	syn_fill(m, UTS_AT, 500, 'A');
	syn_write(m, UTS_AT + 24, system, strlen(system) + 1);
	syn_write(m, UTS_AT + 24 + 130, release, strlen(release) + 1);
	syn_vmcoreinfo(m, "SYMBOL(init_uts_ns)", "%llx", (unsigned long long)UTS_AT);
	syn_vmcoreinfo(m, "OFFSET(uts_namespace.name)", "24");
}

/* Of a kernel that names only its functions. */
START_TEST(of_functions_only)
{
	static const char *const release[] = { "6.1.0-syn", "6.1.0-sym" };
	char text[8192];

	syn_free(m);
	m = syn_kernel(SYN_6_1);
	m->kallsyms_text_only = true;
	syn_symbol_of_type(m, "init_uts_ns", UTS_AT, 'D');
	put_names("Linux", release[_i]);
	add_types();
	syn_use_kallsyms(m);
	syn_vmcoreinfo(m, "SYMBOL(_stext)", "%llx",
		       (unsigned long long)syn_sym(m, "_stext"));
	put_text(text, vmcoreinfo_text(text, sizeof(text)));
	write_elf();
	if (_i) {
		refused(f.path, STK_ERR_NO_SYMBOL, "CONFIG_KALLSYMS_ALL=n");
		return;
	}
	opened(f.path, "no VMCOREINFO note: found in memory at ");
	ck_assert_int_eq(stk_prepare(s), STK_ERR_NO_SYMBOL);
}
END_TEST

/* Nothing contradicts the note of a kernel that does not say its name. */
START_TEST(without_a_banner)
{
#define X62 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	static const struct {
		const char *system, *release, *told; /* NULL: nothing */
	} row[] = {
		{ NULL, NULL, NULL },
		{ "Linux", "6.1.0-syn", NULL },
		{ "Linux", "6.1.0-sy",
		  "of 6.1.0-syn, but the kernel calls itself 6.1.0-sy" },
		{ "Linux", "6.1.0-syn1",
		  "of 6.1.0-syn, but the kernel calls itself 6.1.0-syn1" },
		{ "Linus", "6.1.0-sym", NULL },
		{ "Linux2", "6.1.0-sym", NULL },
		{ "Lin", "6.1.0-sym", NULL },
		{ "Linux", "", NULL },
		/* A name without an end is as long as there is room for one. */
		{ "Linux", "6\033" X62 "yz", "the kernel calls itself 6?" X62 },
	};
	const char *said;

	syn_free(m);
	build(false);
	if (row[_i].system)
		put_names(row[_i].system, row[_i].release);
	add_vmcoreinfo();
	write_elf();
	opened(f.path, row[_i].told);
	same_machine();
	said = stk_dump_warning(d);
	if (said)
		ck_assert_str_eq(strstr(said, row[_i].told), row[_i].told);
}
END_TEST

/* What earlier kernels left is tried, but not without end. */
START_TEST(of_many_kernels)
{
	static const char old[] = "OSRELEASE=5.0.0-old\nPAGESIZE=4096\n";
	enum { TRIED = 64 };
	char text[8192];

	for (int i = _i; i < TRIED; i++)
		put_text(old, sizeof(old));
	put_text(text, vmcoreinfo_text(text, sizeof(text)));
	write_elf();
	if (_i)
		opened(f.path, "no VMCOREINFO note: found in memory at ");
	else
		refused(f.path, STK_ERR_NO_SYMBOL, "");
}
END_TEST

START_TEST(done_without)
{
	const struct stk_dump_options how = { .namelist = "/nonexistent" };

	add_qemu(m->pgd | 0x1000);
	write_elf();
	opened(f.path, "no VMCOREINFO: the page tables are those that a CPU used");
	same_machine();
	/* Where the symbols are must be found, or be known. */
	syn_put32(m, syn_sym(m, "kallsyms_num_syms"), 0x7fffffff);
	write_elf();
	refused(f.path, STK_ERR_NO_SYMBOL,
		"neither a note, nor in its memory; with its symbols, -n VMLINUX, it can be "
		"done without");
	/* Who has them given is not asked for them: it is told what is wrong with them.
	 */
	ck_assert_int_ne(open_how(&how), STK_OK);
	ck_assert_str_eq(error, "/nonexistent: No such file or directory");
}
END_TEST

/* ---- with one that is wrong ---- */

/* The note's text, with the line that begins with @key made @line. */
static void add_edited(const char *key, const char *line)
{
	char text[8192], edited[8192], *at, *end;
	size_t len = vmcoreinfo_text(text, sizeof(text));

	text[len] = '\0';
	at = strstr(text, key);
	end = at ? strchr(at, '\n') : NULL;
	syn_assert(end);
	len = (size_t)snprintf(edited, sizeof(edited), "%.*s%s%s", (int)(at - text), text,
			       line, end);
	add_note("VMCOREINFO", 0, edited, len);
}

static const struct {
	const char *key, *line, *told;
} wrong[] = {
	{ "NUMBER(phys_base)", "NUMBER(phys_base)=12288", "leads to no kernel: found" },
	{ "NUMBER(phys_base)", "", "leads to no kernel: found" },
	{ "OSRELEASE", "OSRELEASE=5.4.0-x",
	  "note is of 5.4.0-x, but the kernel calls itself 6.1.0-syn: found" },
};

START_TEST(wrong_note)
{
	char text[8192];
	size_t len = vmcoreinfo_text(text, sizeof(text));

	add_edited(wrong[_i].key, wrong[_i].line);
	put_text(text, len);
	write_elf();
	opened(f.path, wrong[_i].told);
	same_machine();
}
END_TEST

START_TEST(wrong_note_alone)
{
	add_edited("NUMBER(phys_base)", "NUMBER(phys_base)=12288");
	write_elf();
	/* The note's own failure is what is told. */
	stk_dump_close(d);
	ck_assert_int_ne(stk_dump_open(f.path, NULL, &d, error, sizeof(error)), STK_OK);
	ck_assert_ptr_null(strstr(error, "no VMCOREINFO"));
	/* Of a wrong name the rest may be right. */
	notes_len = 0;
	add_edited("OSRELEASE", "OSRELEASE=5.4.0-x");
	write_elf();
	opened(f.path, "is of 5.4.0-x, but the kernel calls itself 6.1.0-syn");
	ck_assert_ptr_null(strstr(stk_dump_warning(d), "found"));
	same_machine();
	/* Nothing that was tried after it is left of. */
	put_text("OSRELEASE=5.0.0-old\nPAGESIZE=4096\n", 34);
	write_elf();
	opened(f.path, "is of 5.4.0-x, but the kernel calls itself 6.1.0-syn");
	same_machine();
}
END_TEST

/* As a file that went through an editor of Windows, with lines between. */
START_TEST(other_ends)
{
	char text[8192], with[16384] = "\r\n\n";
	size_t len = vmcoreinfo_text(text, sizeof(text)), to = 3;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			to += (size_t)sprintf(with + to, "\r\n%s", i % 2 ? "\n" : "\r\n");
		else
			with[to++] = text[i];
	}
	add_note("VMCOREINFO", 0, with, to);
	write_elf();
	opened(f.path, NULL);
	same_machine();
}
END_TEST

START_TEST(by_hand)
{
	struct stk_dump_options how = { .vmcoreinfo = g.path };
	char text[8192];
	size_t len = vmcoreinfo_text(text, sizeof(text));
	const int64_t base =
		strtoll(m->target.vmcoreinfo(m, "NUMBER(phys_base)"), NULL, 10);
	const int64_t bad = base + 12288;

	add_edited("NUMBER(phys_base)", "NUMBER(phys_base)=12288");
	write_elf();
	image_put(&g, 0, text, len);
	ck_assert_msg(open_how(&how) == STK_OK, "%s", error);
	ck_assert_ptr_null(stk_dump_warning(d));
	s = stk_dump_session(d);
	same_machine();
	/* What is said of one line goes before that, and before the note. */
	how.phys_base = &bad;
	ck_assert_int_ne(open_how(&how), STK_OK);
	how = (struct stk_dump_options){ .phys_base = &base };
	ck_assert_msg(open_how(&how) == STK_OK, "%s", error);
	s = stk_dump_session(d);
	same_machine();
	how = (struct stk_dump_options){ .vmcoreinfo = "/nonexistent" };
	ck_assert_int_eq(open_how(&how), STK_ERR_IO);
	ck_assert_str_eq(error, "/nonexistent: No such file or directory");
	how.vmcoreinfo = g.path;
	image_cut(&g, 0);
	image_put(&g, 0, "no such lines", 13);
	ck_assert_int_eq(open_how(&how), STK_ERR_IO);
	ck_assert_ptr_nonnull(strstr(error, "no lines of VMCOREINFO"));
}
END_TEST

START_TEST(none_at_all)
{
	write_elf();
	refused(f.path, STK_ERR_UNSUPPORTED,
		"no VMCOREINFO: neither a note, nor in its memory");
}
END_TEST

/* ---- of another machine ---- */

START_TEST(of_another_machine)
{
	add_vmcoreinfo();
	write_elf();
	image_put(&f, offsetof(Elf64_Ehdr, e_machine), "\26", 1);
	refused(f.path, STK_ERR_UNSUPPORTED,
		": s390x dump: that architecture is not supported");
	image_put(&f, offsetof(Elf64_Ehdr, e_machine), "\25", 1);
	refused(f.path, STK_ERR_UNSUPPORTED, ": ppc64 dump: that arch");
	image_put(&f, offsetof(Elf64_Ehdr, e_machine), "\1\2", 2);
	refused(f.path, STK_ERR_UNSUPPORTED, ": machine 513 dump: that arch");
	image_cut(&f, 0);
	write_kdump(6, false, 0, 0);
	image_put(&f, IMAGE_MACHINE_AT, "s390x", 6);
	refused(f.path, STK_ERR_UNSUPPORTED, ": s390x dump: that arch");
	image_put(&f, IMAGE_MACHINE_AT, "pdp11", 6);
	refused(f.path, STK_ERR_UNSUPPORTED, ": unknown machine's dump: that arch");
}
END_TEST

/* ---- what is told when it fails ---- */

START_TEST(why_it_may_have_failed)
{
	syn_phys_page(m, last);
	write_elf();
	image_cut(&f, image_size(&f) - 8);
	image_put32(&f, offsetof(Elf64_Ehdr, e_flags), 1);
	refused(f.path, STK_ERR_UNSUPPORTED,
		"nor in its memory (the file is cut off: what was behind that is missing; "
		"the dump says that it is incomplete: when it was made, not all of it could "
		"be written)");
}
END_TEST

/* A path that leaves no room for a reason is cut, and nothing is written behind it. */
START_TEST(paths_without_end)
{
	char path[2048], text[4096];

	image_put(&f, 0, "what is this file, then\1", 24);
	for (size_t room = 900; room < 1100; room += 2) {
		/* "/tmp/././.": the same file. */
		memset(path, '/', room);
		for (size_t i = 1; i < room; i += 2)
			path[i] = '.';
		path[0] = path[1] = '/';
		snprintf(path + room, sizeof(path) - room, "/%s", f.path);
		memset(text, 'x', sizeof(text));
		ck_assert_int_eq(stk_dump_open(path, NULL, &d, text, sizeof(text)),
				 STK_ERR_IO);
		ck_assert_uint_le(strlen(text), 1023);
		ck_assert_uint_ge(strlen(text), room < 1023 ? room : 1023);
		ck_assert(!strncmp(text, path, room < 1023 ? room : 1023));
	}
}
END_TEST

/* ---- memory alone ---- */

static void write_raw(void)
{
	collect_pages();
	image_cut(&f, 0);
	for (size_t i = 0; i < nr_pages; i++)
		image_put(&f, pages[i].pfn * 4096, pages[i].data, 4096);
}

static enum stk_status open_raw(const char *memory)
{
	const struct stk_dump_options how = { .memory = memory };

	stk_dump_close(d);
	*error = '\0';
	return stk_dump_open_with(f.path, &how, sizeof(how), &d, error, sizeof(error));
}

static void put_vmcoreinfo_text(void)
{
	char text[8192];
	size_t len = vmcoreinfo_text(text, sizeof(text));

	put_text(text, len);
}

/* How far memory reaches the kernel knows; a number that no machine has says nothing. */
START_TEST(raw_memory)
{
	static const struct {
		int64_t more; /* pages, than the file has */
		uint64_t pages;
		const char *told;
	} row[] = {
		{ 0, 0, NULL },
		{ -5, 0, NULL },
		{ 1, 0, "this file to " },
		{ 0, INT64_MAX / 4096, "reaches to 0x7ffffffffffff000, this file to " },
		{ 0, INT64_MAX / 4096 + 1, NULL },
		{ 0, UINT64_MAX, NULL },
	};
	uint64_t size, word;
	const char *said;

	put_vmcoreinfo_text();
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		write_raw();
		size = image_size(&f);
		word = row[i].pages ? row[i].pages
				    : (uint64_t)((int64_t)(size / 4096) + row[i].more);
		syn_put64(m, MAX_PFN_AT, word);
		write_raw();
		ck_assert_msg(open_raw("0-") == STK_OK, "%s", error);
		s = stk_dump_session(d);
		same_machine();
		said = stk_dump_warning(d);
		ck_assert_ptr_nonnull(
			strstr(said, "no VMCOREINFO note: found in memory"));
		ck_assert_msg(row[i].told ? strstr(said, row[i].told) != NULL
					  : !strstr(said, "reaches to"),
			      "row %zu: %s", i, said);
	}
}
END_TEST

/* The largest holes between the pages: *@first before the page *@second. */
static size_t widest_hole(size_t but)
{
	size_t widest = 0;

	for (size_t i = 1; i < nr_pages; i++)
		if (i != but &&
		    (!widest || pages[i].pfn - pages[i - 1].pfn >
					pages[widest].pfn - pages[widest - 1].pfn))
			widest = i;
	return widest;
}

/* Memory in three parts, one behind the other in the file. */
START_TEST(raw_memory_in_parts)
{
	size_t a, b, holes = 0;
	uint64_t end;
	char memory[128];

	put_vmcoreinfo_text();
	collect_pages();
	end = pages[nr_pages - 1].pfn + 1;
	syn_put64(m, MAX_PFN_AT, end + (uint64_t)_i);
	collect_pages();
	a = widest_hole(0);
	b = widest_hole(a);
	if (a > b) {
		const size_t swap = a;

		a = b;
		b = swap;
	}
	image_cut(&f, 0);
	for (size_t i = 0; i < nr_pages; i++) {
		if (i == a || i == b)
			holes += pages[i].pfn - pages[i - 1].pfn - 1;
		image_put(&f, (pages[i].pfn - holes) * 4096, pages[i].data, 4096);
	}
	snprintf(memory, sizeof(memory), "0-%#llx,%#llx-%#llx,%#llx-",
		 (unsigned long long)pages[a - 1].pfn * 4096 + 0xfff,
		 (unsigned long long)pages[a].pfn * 4096,
		 (unsigned long long)pages[b - 1].pfn * 4096 + 0xfff,
		 (unsigned long long)pages[b].pfn * 4096);
	ck_assert_msg(open_raw(memory) == STK_OK, "%s", error);
	s = stk_dump_session(d);
	same_machine();
	ck_assert_msg(!strstr(stk_dump_warning(d), "reaches to") == !_i, "%s: %s", memory,
		      stk_dump_warning(d));
}
END_TEST

/* A hole that was not named moves all that is behind it. */
START_TEST(raw_memory_with_holes)
{
	put_vmcoreinfo_text();
	write_raw();
	ck_assert_int_eq(open_raw("1000-2000,1800-"), STK_ERR_ARG);
	ck_assert_int_eq(open_raw("x"), STK_ERR_ARG);
	ck_assert(*error);
	ck_assert_int_ne(open_raw("0-1000,9000-"), STK_OK);
	ck_assert_msg(
		strstr(error, "(was the memory there, or are there holes in it (-m)?)"),
		"%s", error);
}
END_TEST

/* ---- a small dump of what was read ---- */

static uint64_t packed_pfn[SYN_MAX_PAGES];
static size_t nr_packed;

static bool note_page(void *ctx, const struct stk_words_page *page, size_t bytes)
{
	ck_assert_ptr_eq(ctx, &nr_packed);
	ck_assert_uint_gt(bytes, 0);
	ck_assert_uint_lt(nr_packed, SYN_MAX_PAGES);
	packed_pfn[nr_packed++] = page->pfn;
	return true;
}

/* Of the file f, after the chain was asked for, to the file g. */
static struct stk_packed pack_machine(const struct stk_dump_options *how)
{
	const struct stk_pack_options all = { 0 };
	struct stk_packed small = { .plain = true, .page = note_page, .ctx = &nr_packed };

	nr_packed = 0;
	stk_dump_close(d);
	*error = '\0';
	ck_assert_msg(
		!stk_dump_open_recorded(f.path, how, &all, &d, error, sizeof(error)),
		"%s", error);
	s = stk_dump_session(d);
	same_machine();
	image_cut(&g, 0);
	ck_assert_msg(!stk_dump_pack(d, g.fd, &small, error, sizeof(error)), "%s", error);
	ck_assert_uint_eq(small.nr_pages, nr_packed);
	ck_assert_uint_eq(small.file_bytes, image_size(&g));
	return small;
}

static uint64_t packed_number(uint64_t at, size_t size)
{
	uint64_t value = 0;

	ck_assert_int_eq(pread(g.fd, &value, size, (off_t)at), (ssize_t)size);
	return value;
}

/* A field of struct new_utsname. */
static const char *packed_uts(unsigned int field)
{
	static char text[65];

	ck_assert_int_eq(pread(g.fd, text, sizeof(text), 12 + 65 * field), sizeof(text));
	ck_assert_int_eq(text[64], 0);
	return text;
}

static const char *packed_vmcoreinfo(void)
{
	static char text[8192];
	const uint64_t at = packed_number(IMAGE_SUB(32), 8),
		       size = packed_number(IMAGE_SUB(40), 8);

	ck_assert_uint_lt(size, sizeof(text));
	ck_assert_int_eq(pread(g.fd, text, size, (off_t)at), (ssize_t)size);
	text[size] = '\0';
	return text;
}

static void put_uts(void)
{
	static const char *const field[] = { "Linux", "host",	"6.1.0-syn",
					     "#1",    "x86_64", "domain" };

	for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++)
		syn_write(m, UTS_AT + 16 + 65 * i, field[i], strlen(field[i]) + 1);
}

START_TEST(made_small)
{
	const struct stk_dump_options how = { 0 };
	struct stk_packed small;
	char text[8192];
	size_t len;

	put_uts();
	syn_put64(m, MAX_PFN_AT, 0x50000);
	add_vmcoreinfo();
	write_elf();
	small = pack_machine(&how);
	for (size_t i = 1; i < nr_packed; i++)
		ck_assert_uint_gt(packed_pfn[i], packed_pfn[i - 1]);
	ck_assert_uint_lt(nr_packed, nr_pages);
	ck_assert_uint_gt(small.kept_bytes, 0);
	ck_assert_uint_lt(small.kept_bytes, nr_packed * 4096);
	/* As the kernel calls itself; how large the machine was. */
	ck_assert_str_eq(packed_uts(0), "Linux");
	ck_assert_str_eq(packed_uts(1), "host");
	ck_assert_str_eq(packed_uts(2), "6.1.0-syn");
	ck_assert_str_eq(packed_uts(4), "x86_64");
	ck_assert_str_eq(packed_uts(5), "domain");
	ck_assert_uint_eq(packed_number(IMAGE_MAPNR_AT, 4), 0x50000);
	ck_assert_uint_eq(packed_number(IMAGE_SUB(96), 8), 0x50000);
	ck_assert_uint_eq(packed_number(460, 4), stk_nr_cpus(s));
	len = vmcoreinfo_text(text, sizeof(text));
	snprintf(text + len, sizeof(text) - len, "STACKINFO_PACKED=1\n");
	ck_assert_str_eq(packed_vmcoreinfo(), text);
	/* It is the same machine; what was not read is told of. */
	opened(g.path, NULL);
	same_machine();
}
END_TEST

/* What is known better than by the note, by lines or by the user, stands there once. */
START_TEST(made_small_by_lines)
{
	const int64_t base = SYN_PHYS_BASE;
	const struct stk_dump_options how = { .phys_base = &base };
	const char *text, *at;
	char number[32];

	put_uts();
	syn_no_symbol(m, "init_uts_ns");
	syn_no_symbol(m, "max_pfn");
	snprintf(number, sizeof(number), "%llx", (unsigned long long)UTS_AT);
	syn_vmcoreinfo(m, "SYMBOL(init_uts_ns)", "%s", number);
	syn_vmcoreinfo(m, "OFFSET(uts_namespace.name)", "16");
	add_vmcoreinfo();
	write_elf();
	pack_machine(&how);
	ck_assert_str_eq(packed_uts(1), "host");
	ck_assert_uint_eq(packed_number(IMAGE_SUB(96), 8), packed_pfn[nr_packed - 1] + 1);
	text = packed_vmcoreinfo();
	at = strstr(text, "NUMBER(phys_base)=");
	ck_assert_ptr_eq(at, text);
	ck_assert_ptr_null(strstr(at + 1, "NUMBER(phys_base)="));
	opened(g.path, NULL);
	same_machine();
}
END_TEST

static const struct unit_test packed_tests[] = {
	TEST(made_small),
	TEST(made_small_by_lines),
	{ 0 },
};

static const struct unit_test dump_tests[] = {
	TEST(of_another_machine),
	TEST(why_it_may_have_failed),
	TEST(paths_without_end),
	TEST(raw_memory),
	TEST(raw_memory_with_holes),
	LOOP(raw_memory_in_parts, 2),
	TEST(elf),
	TEST(kdump),
	TEST(parts),
	TEST(no_dump),
	TEST(cut_off),
	TEST(packed),
	TEST(no_types),
	LOOP(symbols_of_a_namelist, 2),
	TEST(searched),
	LOOP(of_two_kernels, 5),
	TEST(of_another_kernel),
	LOOP(of_functions_only, 2),
	LOOP(without_a_banner, 9),
	LOOP(of_many_kernels, 2),
	TEST(done_without),
	TEST(none_at_all),
	LOOP(wrong_note, sizeof(wrong) / sizeof(wrong[0])),
	TEST(wrong_note_alone),
	TEST(other_ends),
	TEST(by_hand),
	{ 0 },
};

const struct unit_suite suite_dump = {
	"dump",
	{
		{ "dump", dump_tests, setup, teardown },
		{ "packed", packed_tests, setup, teardown },
	},
};
