/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that a machine which was written to a file, in each format, is the same machine
 * when it is read from there; that what the file lacks is told by its cause; and that
 * VMCOREINFO is searched for, checked, and at last done without.
 */
#include "dumped.h"
#include "suite.h"

#include <libkdumpfile/kdumpfile.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/context.h"
#include "machine/lost.h"

/* ---- formats ---- */

START_TEST(elf)
{
	dumped_vmcoreinfo();
	dumped_elf();
	dumped_opened(f.path, NULL);
	dumped_same();
}
END_TEST

START_TEST(kdump)
{
	dumped_vmcoreinfo();
	dumped_collect();
	dumped_kdump(6, false, 0, 0);
	dumped_opened(f.path, NULL);
	dumped_same();
	image_flatten(&f, &g);
	dumped_opened(g.path, NULL);
	dumped_same();
}
END_TEST

START_TEST(parts)
{
	char both[80];
	struct image swap;
	uint64_t middle;

	dumped_vmcoreinfo();
	dumped_collect();
	middle = pages[nr_pages / 2].pfn;
	dumped_kdump(6, true, middle, 16 * 32768);
	swap = f;
	f = g;
	g = swap;
	dumped_kdump(6, true, 0, middle);
	snprintf(both, sizeof(both), "%s,%s", f.path, g.path);
	dumped_opened(both, NULL);
	dumped_same();
	/* Each must be there. */
	snprintf(both, sizeof(both), "%s,/nonexistent", f.path);
	dumped_refused(both, STK_ERR_IO, "/nonexistent: No such file or directory");
	/* Whatever comes of one alone, it is told that it is one. */
	stk_dump_close(d);
	if (stk_dump_open(f.path, NULL, &d, dump_error, sizeof(dump_error)))
		ck_assert_ptr_nonnull(strstr(dump_error, "one part of a split dump"));
	else
		ck_assert_ptr_nonnull(strstr(stk_dump_warning(d), "one part of a split"));
}
END_TEST

START_TEST(no_dump)
{
	image_put(&f, 0, "what is this file, then\1", 24);
	dumped_refused(
		f.path, STK_ERR_IO,
		"the format is not known (memory without a header is opened with --raw)");
	dumped_refused("/nonexistent/\033[31m", STK_ERR_IO,
		       "/nonexistent/\\x1b[31m: No such");
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

	dumped_vmcoreinfo();
	syn_phys_page(m, last);
	dumped_elf();
	ck_assert_uint_eq(pages[nr_pages - 1].pfn, last / 4096);
	dumped_opened(f.path, NULL);
	ck_assert_int_eq(read_at(last), STK_OK);
	ck_assert_int_eq(read_at(last + 4096), STK_ERR_EXCLUDED);
	image_cut(&f, image_size(&f) - 8);
	dumped_opened(f.path, "the file is cut off");
	ck_assert_int_eq(read_at(last), STK_ERR_CUT_OFF);
	dumped_same();
	image_put32(&f, offsetof(Elf64_Ehdr, e_flags), 1);
	dumped_opened(f.path,
		      "cut off: what was behind that is missing; the dump says that it "
		      "is incomplete");
	ck_assert(s->target.incomplete);
	/* Its size bounds what it may ask for: holes do not count. */
	image_put(&f, image_size(&f) + (64 << 20), "", 1);
	dumped_opened(f.path, "incomplete");
	ck_assert_int_eq(fstat(f.fd, &sb), 0);
	ck_assert_uint_lt((uint64_t)sb.st_blocks * 512, (uint64_t)sb.st_size);
	ck_assert_uint_eq(s->target.size, (uint64_t)sb.st_blocks * 512);
}
END_TEST

START_TEST(packed)
{
	uint64_t desc;

	syn_phys_page(m, last);
	dumped_vmcoreinfo();
	dumped_collect();
	desc = dumped_kdump(6, false, 0, 0) + (nr_pages - 1) * 24;
	dumped_opened(f.path, NULL);
	ck_assert_int_eq(read_at(last), STK_OK);
	ck_assert_int_eq(read_at(last - 4096), STK_ERR_EXCLUDED);
	/* zlib, of what is no such stream. */
	image_put32(&f, desc + 8, 100);
	image_put32(&f, desc + 12, 1);
	dumped_opened(f.path, NULL);
	ck_assert_int_eq(read_at(last), STK_ERR_CORRUPT);
	image_put32(&f, desc + 8, 0);
	dumped_opened(f.path, NULL);
	ck_assert_int_eq(read_at(last), STK_ERR_CORRUPT);
}
END_TEST

/* A libkdumpfile that was built without the method that pages are packed by. */
static bool cannot_unpack;

kdump_status __real_kdump_read(kdump_ctx_t *ctx, kdump_addrspace_t as, kdump_addr_t addr,
			       void *buffer, size_t *size);
kdump_status __wrap_kdump_read(kdump_ctx_t *ctx, kdump_addrspace_t as, kdump_addr_t addr,
			       void *buffer, size_t *size);
kdump_status __wrap_kdump_read(kdump_ctx_t *ctx, kdump_addrspace_t as, kdump_addr_t addr,
			       void *buffer, size_t *size)
{
	return cannot_unpack ? KDUMP_ERR_NOTIMPL
			     : __real_kdump_read(ctx, as, addr, buffer, size);
}

#define NOT_UNPACKED                                                                     \
	"its pages are packed in a way that the libkdumpfile here does not know"

START_TEST(packed_in_another_way)
{
	uint64_t desc;

	syn_phys_page(m, last);
	dumped_vmcoreinfo();
	dumped_collect();
	desc = dumped_kdump(6, false, 0, 0);
	/* One that is not needed. */
	image_put32(&f, desc + (nr_pages - 1) * 24 + 12, 1);
	cannot_unpack = true;
	dumped_opened(f.path, NULL);
	ck_assert_int_eq(read_at(last), STK_ERR_UNSUPPORTED);
	for (size_t i = 0; i < nr_pages; i++)
		image_put32(&f, desc + i * 24 + 12, 1);
	stk_dump_close(d);
	ck_assert_int_ne(stk_dump_open(f.path, NULL, &d, dump_error, sizeof(dump_error)),
			 STK_OK);
	ck_assert_msg(strstr(dump_error, "(" NOT_UNPACKED ")") != NULL, "%s", dump_error);
	cannot_unpack = false;
	stk_dump_close(d);
	ck_assert_int_ne(stk_dump_open(f.path, NULL, &d, dump_error, sizeof(dump_error)),
			 STK_OK);
	ck_assert_ptr_null(strstr(dump_error, NOT_UNPACKED));
}
END_TEST

START_TEST(no_types)
{
	m->finished = false;
	syn_symbol(m, "__stop_BTF", BTF_AT);
	syn_finish(m);
	dumped_vmcoreinfo();
	dumped_elf();
	dumped_refused(f.path, STK_ERR_NO_TYPE,
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

#define LINKED 0xffffffff81000000ull

/* The same with types: those of the small kernel of test_debuginfo.c. */
static void write_namelist_with_types(const char *path)
{
	const uint64_t moved =
		strtoull(m->target.vmcoreinfo(m, "KERNELOFFSET"), NULL, 16);
	char args[96], command[512];
	FILE *file;

	snprintf(args, sizeof(args), "%s.args", path);
	file = fopen(args, "w");
	ck_assert_ptr_nonnull(file);
	for (size_t i = 0; i < m->nr_symbols; i++) {
		const uint64_t addr = m->symbol[i].addr;

		/* What KASLR moves is in a section. */
		if (addr < SYN_TEXT)
			fprintf(file, "--add-symbol %s=%#llx,global\n", m->symbol[i].name,
				(unsigned long long)addr);
		else
			fprintf(file, "--add-symbol %s=.text:%#llx,global\n",
				m->symbol[i].name,
				(unsigned long long)(addr - moved - LINKED));
	}
	fclose(file);
	snprintf(command, sizeof(command), "objcopy '@%s' '" SMALL "/vmlinux' '%s'", args,
		 path);
	ck_assert_int_eq(system(command), 0);
	unlink(args);
}

/* What the kernel itself tells goes first, if it is there. */
START_TEST(types_of_a_namelist)
{
	enum { BOTH, NO_BTF, LOST_BTF };
	char path[] = "/tmp/stackinfo-namelist-XXXXXX";
	const struct stk_dump_options how = { .namelist = path };
	const int fd = mkstemp(path);
	struct stk_losses lost;
	enum stk_status st;
	uint32_t size = 0;

	ck_assert_int_ge(fd, 0);
	close(fd);
	if (_i == NO_BTF)
		syn_symbol(m, "__stop_BTF", BTF_AT);
	syn_finish(m);
	write_namelist_with_types(path);
	dumped_vmcoreinfo();
	if (_i == LOST_BTF)
		syn_fail(m, BTF_AT, STK_ERR_EXCLUDED);
	dumped_elf();
	st = dumped_open(&how);
	unlink(path);
	ck_assert_msg(st == STK_OK, "%s", dump_error);
	s = stk_dump_session(d);
	/* What the namelist can tell instead is no loss. */
	ck_assert(!stk_get_losses(s, &lost, sizeof(lost)));
	ck_assert_int_eq(s->target.types->size(s->target.types_priv, "outer", &size),
			 _i == BOTH ? STK_ERR_NO_TYPE : STK_OK);
	ck_assert_uint_eq(size, _i == BOTH ? 0 : 24);
	ck_assert_int_eq(
		s->target.types->size(s->target.types_priv, "uts_namespace", &size),
		_i == BOTH ? STK_OK : STK_ERR_NO_TYPE);
	ck_assert(!stk_get_losses(s, &lost, sizeof(lost)));
	if (_i == BOTH)
		dumped_same();
}
END_TEST

/* The note's text, with the line that begins with @key made @line. */
static void add_edited(const char *key, const char *line)
{
	char text[8192], edited[8192], *at, *end;
	size_t len = dumped_text(text, sizeof(text));

	text[len] = '\0';
	at = strstr(text, key);
	end = at ? strchr(at, '\n') : NULL;
	syn_assert(end);
	len = (size_t)snprintf(edited, sizeof(edited), "%.*s%s%s", (int)(at - text), text,
			       line, end);
	dumped_note("VMCOREINFO", 0, edited, len);
}

/* A namelist may have symbols alone: then types must be the kernel's own. */
START_TEST(symbols_of_a_namelist)
{
	const struct stk_dump_options how = { .namelist = g.path };

	if (_i)
		syn_symbol(m, "__stop_BTF", BTF_AT);
	syn_finish(m);
	write_namelist(&g);
	dumped_vmcoreinfo();
	dumped_elf();
	if (_i) {
		ck_assert_int_eq(dumped_open(&how), STK_ERR_NO_TYPE);
		ck_assert_ptr_nonnull(strstr(dump_error,
					     "the kernel has no BTF, and the "
					     "namelist has no DWARF: no types"));
		return;
	}
	ck_assert_msg(dumped_open(&how) == STK_OK, "%s", dump_error);
	s = stk_dump_session(d);
	dumped_same();
}
END_TEST

/* Where the kernel was moved to is what the user says, if he does. */
START_TEST(moved_as_the_user_says)
{
	const uint64_t moved =
		strtoull(m->target.vmcoreinfo(m, "KERNELOFFSET"), NULL, 16);
	const struct stk_dump_options how = { .namelist = g.path, .kaslr = &moved };

	write_namelist(&g);
	add_edited("KERNELOFFSET", "KERNELOFFSET=1000");
	dumped_elf();
	ck_assert_int_ne(dumped_open(&(struct stk_dump_options){ .namelist = g.path }),
			 STK_OK);
	ck_assert_msg(dumped_open(&how) == STK_OK, "%s", dump_error);
	s = stk_dump_session(d);
	dumped_same();
}
END_TEST

/* ---- without VMCOREINFO ---- */

START_TEST(searched)
{
	static const char old[] = "OSRELEASE=5.0.0-old\nPAGESIZE=4096\n";
	uint64_t phys;
	char wanted[64];

	/* That of a kernel that ran before is met first. */
	dumped_put(old, sizeof(old));
	phys = dumped_put_vmcoreinfo();
	dumped_qemu(0);
	dumped_elf();
	snprintf(wanted, sizeof(wanted), "no VMCOREINFO note: found in memory at %#llx",
		 (unsigned long long)phys);
	dumped_opened(f.path, wanted);
	dumped_same();
	/* The same in a kdump, whose pages are in a bitmap. */
	dumped_kdump(6, false, 0, 0);
	dumped_opened(f.path, wanted);
	dumped_same();
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
	char wanted[64];

	syn_fill(m, ENTRY_AT, 16, 0x90);
	syn_finish(m);
	other = tables_but_for(m->pgd, ENTRY_AT, syn_alloc(m, 1));
	syn_put64(m, CRASHK_AT, reserved ? other : 0);
	syn_put64(m, CRASHK_AT + 8, reserved ? other + 0xfff : 0);
	at[0] = dumped_put_vmcoreinfo();
	if (row[_i].crashed)
		strcat((char *)syn_phys_page(m, at[0]), "CRASHTIME=1\n");
	syn_vmcoreinfo(m, "SYMBOL(swapper_pg_dir)", "%llx",
		       0xffffffff80000000ull + other - (unsigned long long)SYN_PHYS_BASE);
	at[1] = dumped_put_vmcoreinfo();
	dumped_qemu(row[_i].ran == FIRST     ? m->pgd
		    : row[_i].ran == NOWHERE ? nowhere
					     : other);
	dumped_elf();
	snprintf(wanted, sizeof(wanted), "no VMCOREINFO note: found in memory at %#llx",
		 (unsigned long long)at[!row[_i].first]);
	dumped_opened(f.path, wanted);
}
END_TEST

START_TEST(of_another_kernel)
{
	syn_vmcoreinfo(m, "OSRELEASE", "6.1.0-sym");
	dumped_put_vmcoreinfo();
	dumped_elf();
	dumped_refused(f.path, STK_ERR_UNSUPPORTED,
		       "no VMCOREINFO note, and that in its memory is not of its kernel");
}
END_TEST

/* Of a kernel that names only its functions. */
START_TEST(of_functions_only)
{
	static const char *const release[] = { "6.1.0-syn", "6.1.0-sym" };

	dumped_build_functions(release[_i]);
	dumped_put_vmcoreinfo();
	dumped_elf();
	if (_i) {
		dumped_refused(f.path, STK_ERR_NO_SYMBOL, "CONFIG_KALLSYMS_ALL=n");
		return;
	}
	dumped_opened(f.path, "no VMCOREINFO note: found in memory at ");
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

	dumped_build(DUMPED_BANNER);
	if (row[_i].system)
		dumped_put_names(row[_i].system, row[_i].release);
	dumped_vmcoreinfo();
	dumped_elf();
	dumped_opened(f.path, row[_i].told);
	dumped_same();
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

	for (int i = _i; i < TRIED; i++)
		dumped_put(old, sizeof(old));
	dumped_put_vmcoreinfo();
	dumped_elf();
	if (_i)
		dumped_opened(f.path, "no VMCOREINFO note: found in memory at ");
	else
		dumped_refused(f.path, STK_ERR_NO_SYMBOL, "");
}
END_TEST

START_TEST(done_without)
{
	const struct stk_dump_options how = { .namelist = "/nonexistent" };

	dumped_qemu(m->pgd | 0x1000);
	dumped_elf();
	dumped_opened(f.path, "no VMCOREINFO: the page tables are those that a CPU used");
	dumped_same();
	/* Where the symbols are must be found, or be known. */
	syn_put32(m, syn_sym(m, "kallsyms_num_syms"), 0x7fffffff);
	dumped_elf();
	dumped_refused(
		f.path, STK_ERR_NO_SYMBOL,
		"neither a note, nor in its memory; with its symbols, -n VMLINUX, it can be "
		"done without");
	/* Who has them given is not asked for them: it is told what is wrong with them.
	 */
	ck_assert_int_ne(dumped_open(&how), STK_OK);
	ck_assert_str_eq(dump_error, "/nonexistent: No such file or directory");
}
END_TEST

/* ---- with one that is wrong ---- */

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
	add_edited(wrong[_i].key, wrong[_i].line);
	dumped_put_vmcoreinfo();
	dumped_elf();
	dumped_opened(f.path, wrong[_i].told);
	dumped_same();
}
END_TEST

START_TEST(wrong_note_alone)
{
	add_edited("NUMBER(phys_base)", "NUMBER(phys_base)=12288");
	dumped_elf();
	/* The note's own failure is what is told. */
	stk_dump_close(d);
	ck_assert_int_ne(stk_dump_open(f.path, NULL, &d, dump_error, sizeof(dump_error)),
			 STK_OK);
	ck_assert_ptr_null(strstr(dump_error, "no VMCOREINFO"));
	/* Of a wrong name the rest may be right. */
	notes_len = 0;
	add_edited("OSRELEASE", "OSRELEASE=5.4.0-x");
	dumped_elf();
	dumped_opened(f.path, "is of 5.4.0-x, but the kernel calls itself 6.1.0-syn");
	ck_assert_ptr_null(strstr(stk_dump_warning(d), "found"));
	dumped_same();
	/* Nothing that was tried after it is left of. */
	dumped_put("OSRELEASE=5.0.0-old\nPAGESIZE=4096\n", 34);
	dumped_elf();
	dumped_opened(f.path, "is of 5.4.0-x, but the kernel calls itself 6.1.0-syn");
	dumped_same();
}
END_TEST

/* As a file that went through an editor of Windows, with lines between. */
START_TEST(other_ends)
{
	char text[8192], with[16384] = "\r\n\n";
	size_t len = dumped_text(text, sizeof(text)), to = 3;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			to += (size_t)sprintf(with + to, "\r\n%s", i % 2 ? "\n" : "\r\n");
		else
			with[to++] = text[i];
	}
	dumped_note("VMCOREINFO", 0, with, to);
	dumped_elf();
	dumped_opened(f.path, NULL);
	dumped_same();
}
END_TEST

START_TEST(by_hand)
{
	struct stk_dump_options how = { .vmcoreinfo = g.path };
	char text[8192];
	size_t len = dumped_text(text, sizeof(text));
	const int64_t base =
		strtoll(m->target.vmcoreinfo(m, "NUMBER(phys_base)"), NULL, 10);
	const int64_t bad = base + 12288;

	add_edited("NUMBER(phys_base)", "NUMBER(phys_base)=12288");
	dumped_elf();
	image_put(&g, 0, text, len);
	ck_assert_msg(dumped_open(&how) == STK_OK, "%s", dump_error);
	ck_assert_ptr_null(stk_dump_warning(d));
	s = stk_dump_session(d);
	dumped_same();
	/* What is said of one line goes before that, and before the note. */
	how.phys_base = &bad;
	ck_assert_int_ne(dumped_open(&how), STK_OK);
	how = (struct stk_dump_options){ .phys_base = &base };
	ck_assert_msg(dumped_open(&how) == STK_OK, "%s", dump_error);
	s = stk_dump_session(d);
	dumped_same();
	/* Lines of another kernel are believed, and that is told. */
	how = (struct stk_dump_options){ .vmcoreinfo = g.path };
	memcpy(strstr(text, "6.1.0-syn"), "6.1.0-sym", 9);
	image_put(&g, 0, text, len);
	ck_assert_msg(dumped_open(&how) == STK_OK, "%s", dump_error);
	ck_assert_ptr_nonnull(strstr(stk_dump_warning(d),
				     " is of 6.1.0-sym, but the kernel calls itself "
				     "6.1.0-syn"));
	how = (struct stk_dump_options){ .vmcoreinfo = "/nonexistent" };
	ck_assert_int_eq(dumped_open(&how), STK_ERR_IO);
	ck_assert_str_eq(dump_error, "/nonexistent: No such file or directory");
	how.vmcoreinfo = g.path;
	image_cut(&g, 0);
	image_put(&g, 0, "no such lines", 13);
	ck_assert_int_eq(dumped_open(&how), STK_ERR_IO);
	ck_assert_ptr_nonnull(strstr(dump_error, "no lines of VMCOREINFO"));
}
END_TEST

START_TEST(none_at_all)
{
	const int64_t base = SYN_PHYS_BASE;
	const uint64_t moved =
		strtoull(m->target.vmcoreinfo(m, "KERNELOFFSET"), NULL, 16);
	const struct stk_dump_options rows[] = {
		{ 0 }, { .phys_base = &base }, { .phys_base = &base, .kaslr = &moved }
	};

	dumped_elf();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_int_eq(dumped_open(&rows[i]), STK_ERR_UNSUPPORTED);
		ck_assert_msg(
			strstr(dump_error,
			       "no VMCOREINFO: neither a note, nor in its memory") !=
				NULL,
			"row %zu: %s", i, dump_error);
	}
}
END_TEST

/* With a namelist, and where the kernel is, it can be done without. */
START_TEST(none_but_options)
{
	const int64_t base = SYN_PHYS_BASE;
	const uint64_t moved =
		strtoull(m->target.vmcoreinfo(m, "KERNELOFFSET"), NULL, 16);
	struct stk_dump_options how = { .namelist = g.path, .kaslr = &moved };

	syn_symbol(m, "init_top_pgt",
		   strtoull(m->target.vmcoreinfo(m, "SYMBOL(swapper_pg_dir)"), NULL, 16));
	syn_finish(m);
	write_namelist(&g);
	dumped_elf();
	ck_assert_int_eq(dumped_open(&how), STK_ERR_UNSUPPORTED);
	how.phys_base = &base;
	ck_assert_msg(dumped_open(&how) == STK_OK, "%s", dump_error);
	s = stk_dump_session(d);
	dumped_same();
}
END_TEST

/* ---- of another machine ---- */

START_TEST(of_another_machine)
{
	dumped_vmcoreinfo();
	dumped_elf();
	image_put(&f, offsetof(Elf64_Ehdr, e_machine), "\26", 1);
	dumped_refused(f.path, STK_ERR_UNSUPPORTED,
		       ": s390x dump: that architecture is not supported");
	image_put(&f, offsetof(Elf64_Ehdr, e_machine), "\25", 1);
	dumped_refused(f.path, STK_ERR_UNSUPPORTED, ": ppc64 dump: that arch");
	image_put(&f, offsetof(Elf64_Ehdr, e_machine), "\1\2", 2);
	dumped_refused(f.path, STK_ERR_UNSUPPORTED, ": machine 513 dump: that arch");
	image_cut(&f, 0);
	dumped_kdump(6, false, 0, 0);
	image_put(&f, IMAGE_MACHINE_AT, "s390x", 6);
	dumped_refused(f.path, STK_ERR_UNSUPPORTED, ": s390x dump: that arch");
	image_put(&f, IMAGE_MACHINE_AT, "pdp11", 6);
	dumped_refused(f.path, STK_ERR_UNSUPPORTED,
		       ": unknown machine's dump: that arch");
}
END_TEST

/* ---- what is told when it fails ---- */

START_TEST(why_it_may_have_failed)
{
	syn_phys_page(m, last);
	dumped_elf();
	image_cut(&f, image_size(&f) - 8);
	image_put32(&f, offsetof(Elf64_Ehdr, e_flags), 1);
	dumped_refused(
		f.path, STK_ERR_UNSUPPORTED,
		"nor in its memory (the file is cut off: what was behind that is missing; "
		"the dump says that it is incomplete: when it was made, not all of it could "
		"be written)");
}
END_TEST

/*
 * A path that leaves no room for a reason is cut, and nothing is written behind it; nor
 * is it behind a warning.
 */
START_TEST(paths_without_end)
{
	char path[2048], text[4096];

	if (_i) {
		syn_phys_page(m, last);
		dumped_elf();
		image_cut(&f, image_size(&f) - 8);
		image_put32(&f, offsetof(Elf64_Ehdr, e_flags), 1);
	} else {
		image_put(&f, 0, "what is this file, then\1", 24);
	}
	for (size_t room = _i ? 600 : 900; room < 1100; room += _i ? 20 : 2) {
		/* "/tmp/././.": the same file. */
		memset(path, '/', room);
		for (size_t i = 1; i < room; i += 2)
			path[i] = '.';
		path[0] = path[1] = '/';
		snprintf(path + room, sizeof(path) - room, "/%s", f.path);
		memset(text, 'x', sizeof(text));
		ck_assert_int_eq(stk_dump_open(path, NULL, &d, text, sizeof(text)),
				 _i ? STK_ERR_UNSUPPORTED : STK_ERR_IO);
		ck_assert_uint_le(strlen(text), 1023);
		ck_assert_uint_ge(strlen(text), room < 1023 ? room : 1023);
		ck_assert(!strncmp(text, path, room < 1023 ? room : 1023));
	}
}
END_TEST

/* As many as there are, each as long as it can be: what has no room is cut. */
START_TEST(warnings_without_end)
{
	char path[256], text[8192];
	const struct stk_dump_options how = { .vmcoreinfo = path };
	size_t len;

	/* Its own is longer than what is kept of it. */
	memset(path, '/', sizeof(path));
	len = strlen(g.path);
	memcpy(path + sizeof(path) - 1 - len, g.path, len + 1);
	syn_phys_page(m, last);
	syn_vmcoreinfo(m, "OSRELEASE", "6.1.0-sym");
	len = dumped_text(text, sizeof(text));
	image_put(&g, 0, text, len);
	syn_vmcoreinfo(m, "STACKINFO_PACKED", "1");
	dumped_vmcoreinfo();
	dumped_elf();
	image_cut(&f, image_size(&f) - 8);
	image_put32(&f, offsetof(Elf64_Ehdr, e_flags), 1);
	ck_assert_msg(dumped_open(&how) == STK_OK, "%s", dump_error);
	ck_assert_uint_eq(strlen(stk_dump_warning(d)), 399);
	ck_assert_ptr_nonnull(strstr(stk_dump_warning(d), "as zeros; //////"));
}
END_TEST

/* ---- memory alone ---- */

static void write_raw(void)
{
	dumped_collect();
	image_cut(&f, 0);
	for (size_t i = 0; i < nr_pages; i++)
		image_put(&f, pages[i].pfn * 4096, pages[i].data, 4096);
}

static enum stk_status open_raw(const char *memory)
{
	const struct stk_dump_options how = { .memory = memory };

	stk_dump_close(d);
	*dump_error = '\0';
	return stk_dump_open_with(f.path, &how, sizeof(how), &d, dump_error,
				  sizeof(dump_error));
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

	dumped_put_vmcoreinfo();
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		write_raw();
		size = image_size(&f);
		word = row[i].pages ? row[i].pages
				    : (uint64_t)((int64_t)(size / 4096) + row[i].more);
		syn_put64(m, MAX_PFN_AT, word);
		write_raw();
		ck_assert_msg(open_raw("0-") == STK_OK, "%s", dump_error);
		s = stk_dump_session(d);
		dumped_same();
		said = stk_dump_warning(d);
		ck_assert_ptr_nonnull(
			strstr(said, "no VMCOREINFO note: found in memory"));
		ck_assert_msg(row[i].told ? strstr(said, row[i].told) != NULL
					  : !strchr(said, ';'),
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

	dumped_put_vmcoreinfo();
	dumped_collect();
	end = pages[nr_pages - 1].pfn + 1;
	syn_put64(m, MAX_PFN_AT, end + (uint64_t)_i);
	dumped_collect();
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
	/* There is nothing left for the fourth. */
	snprintf(memory, sizeof(memory), "0-%#llx,%#llx-%#llx,%#llx-%#llx,%#llx-",
		 (unsigned long long)pages[a - 1].pfn * 4096 + 0xfff,
		 (unsigned long long)pages[a].pfn * 4096,
		 (unsigned long long)pages[b - 1].pfn * 4096 + 0xfff,
		 (unsigned long long)pages[b].pfn * 4096,
		 (unsigned long long)end * 4096 - 1,
		 (unsigned long long)(end + 16) * 4096);
	ck_assert_msg(open_raw(memory) == STK_OK, "%s", dump_error);
	s = stk_dump_session(d);
	dumped_same();
	ck_assert_msg(!strstr(stk_dump_warning(d), "reaches to") == !_i, "%s: %s", memory,
		      stk_dump_warning(d));
}
END_TEST

/* A hole that was not named moves all that is behind it. */
START_TEST(raw_memory_with_holes)
{
	dumped_put_vmcoreinfo();
	write_raw();
	ck_assert_int_eq(open_raw("1000-2000,1800-"), STK_ERR_ARG);
	ck_assert_int_eq(open_raw("x"), STK_ERR_ARG);
	ck_assert(*dump_error);
	ck_assert_int_ne(open_raw("0-1000,9000-"), STK_OK);
	ck_assert_msg(strstr(dump_error,
			     "(was the memory there, or are there holes in it (-m)?)"),
		      "%s", dump_error);
}
END_TEST

static const struct unit_test dump_tests[] = {
	TEST(of_another_machine),
	TEST(why_it_may_have_failed),
	LOOP(paths_without_end, 2),
	TEST(warnings_without_end),
	TEST(raw_memory),
	TEST(raw_memory_with_holes),
	LOOP(raw_memory_in_parts, 2),
	TEST(elf),
	TEST(kdump),
	TEST(parts),
	TEST(no_dump),
	TEST(cut_off),
	TEST(packed),
	TEST(packed_in_another_way),
	TEST(no_types),
	LOOP(symbols_of_a_namelist, 2),
	LOOP(types_of_a_namelist, 3),
	TEST(moved_as_the_user_says),
	TEST(searched),
	LOOP(of_two_kernels, 5),
	TEST(of_another_kernel),
	LOOP(of_functions_only, 2),
	LOOP(without_a_banner, 9),
	LOOP(of_many_kernels, 2),
	TEST(done_without),
	TEST(none_at_all),
	TEST(none_but_options),
	LOOP(wrong_note, sizeof(wrong) / sizeof(wrong[0])),
	TEST(wrong_note_alone),
	TEST(other_ends),
	TEST(by_hand),
	{ 0 },
};

const struct unit_suite suite_dump = {
	"dump",
	{ { "dump", dump_tests, dumped_setup, dumped_teardown } },
};
