/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dumped.h"

#include <bpf/btf.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/session.h"

#define BANNER_AT (SYN_DATA + 0xb000)
#define MAX_LOADS 200u
#define DATA_AT	  0x4000u

struct image f, g;
struct stk_dump *d;
struct stk *s;
char dump_error[512];
struct image_page pages[SYN_MAX_PAGES];
size_t nr_pages, notes_len;
unsigned char notes[16384];
static char expected[512];

/* ---- what the kernel's build and crash leave ---- */

/* All types of @m, each member an array of bytes. */
void dumped_add_types(uint64_t at)
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
	syn_write(m, at, raw, size);
	syn_symbol(m, "__start_BTF", at);
	syn_symbol(m, "__stop_BTF", at + size);
	btf__free(btf);
}

size_t dumped_text(char *text, size_t size)
{
	size_t len = (size_t)snprintf(text, size, "OSRELEASE=%s\n",
				      m->target.vmcoreinfo(m, "OSRELEASE"));

	for (size_t i = 0; i < m->nr_lines; i++)
		len += (size_t)snprintf(text + len, size - len, "%s=%s\n", m->line[i].key,
					m->line[i].value);
	return len;
}

void dumped_note(const char *name, uint32_t type, const void *desc, size_t size)
{
	Elf64_Nhdr head = { (Elf64_Word)strlen(name) + 1, (Elf64_Word)size, type };

	syn_assert(notes_len + size + 64 < sizeof(notes));
	memcpy(notes + notes_len, &head, sizeof(head));
	memcpy(notes + notes_len + sizeof(head), name, strlen(name));
	notes_len += sizeof(head) + ((head.n_namesz + 3) & ~3u);
	memcpy(notes + notes_len, desc, size);
	notes_len += (size + 3) & ~3u;
}

void dumped_vmcoreinfo(void)
{
	char text[8192];

	dumped_note("VMCOREINFO", 0, text, dumped_text(text, sizeof(text)));
}

void dumped_qemu(uint64_t cr3)
{
	unsigned char regs[336] = { 0 }, desc[440] = { 1 };

	memcpy(desc + 416, &cr3, 8);
	dumped_note("CORE", NT_PRSTATUS, regs, sizeof(regs));
	dumped_note("QEMU", 0, desc, sizeof(desc));
}

void dumped_build(unsigned int without)
{
	fixture_free();
	m = syn_kernel(SYN_6_1);
	m->kallsyms_markers = 4;
	c = syn_cpu(m, 1, syn_task(m, "sh", 227, 0));
	syn_syscall(&c);
	syn_crash_note(&c);
	if (!(without & DUMPED_BANNER))
		syn_symbol(m, "linux_banner", BANNER_AT);
	if (!(without & DUMPED_UTS))
		syn_symbol(m, "init_uts_ns", UTS_AT);
	syn_write(m, BANNER_AT, "Linux version 6.1.0-syn (a@b)", 30);
	syn_member(m, "uts_namespace.name", 16, 390);
	syn_member(m, "resource.start", 0, 8);
	syn_member(m, "resource.end", 8, 8);
	dumped_add_types(BTF_AT);
	if (!(without & DUMPED_MAX_PFN))
		syn_symbol(m, "max_pfn", MAX_PFN_AT);
	syn_symbol(m, "crashk_res", CRASHK_AT);
	syn_symbol(m, "__entry_text_start", ENTRY_AT);
	syn_use_kallsyms(m);
}

void dumped_setup(void)
{
	image_open(&f);
	image_open(&g);
	notes_len = 0;
	memset(notes, 0, sizeof(notes));
	dumped_build(0);
}

void dumped_teardown(void)
{
	stk_dump_close(d);
	d = NULL;
	image_close(&f);
	image_close(&g);
}

/* ---- files ---- */

static int by_pfn(const void *a, const void *b)
{
	const struct image_page *x = a, *y = b;

	return x->pfn < y->pfn ? -1 : x->pfn > y->pfn;
}

void dumped_collect(void)
{
	nr_pages = 0;
	for (size_t i = 0; i < SYN_MAX_PAGES; i++)
		if (m->page[i].pfn && m->page[i].data && !m->page[i].fail)
			pages[nr_pages++] = (struct image_page){ m->page[i].pfn - 1,
								 m->page[i].data };
	qsort(pages, nr_pages, sizeof(pages[0]), by_pfn);
}

void dumped_elf(void)
{
	Elf64_Phdr ph[MAX_LOADS];
	uint16_t nr = 1;

	dumped_collect();
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
	image_put(&f, offsetof(Elf64_Ehdr, e_machine), &m->tables->machine,
		  sizeof(m->tables->machine));
}

void dumped_put_notes(uint32_t block)
{
	const uint64_t end = image_size(&f);

	image_put(&f, end, notes, notes_len);
	image_put64(&f, block + 48, end);
	image_put64(&f, block + 56, notes_len);
}

uint64_t dumped_kdump(uint32_t version, bool split, uint64_t begin, uint64_t end)
{
	const struct image_kdump k = { .version = version,
				       .bitmap_blocks = 32,
				       .max_mapnr = 16 * 32768,
				       .page = pages,
				       .nr_pages = nr_pages,
				       .split = split,
				       .begin = begin,
				       .end = end };
	uint64_t desc_at = image_kdump(&f, &k);

	dumped_put_notes(IMAGE_BLOCK);
	return desc_at;
}

void dumped_opened(const char *path, const char *warning)
{
	const char *said;

	stk_dump_close(d);
	*dump_error = '\0';
	ck_assert_msg(!stk_dump_open(path, NULL, &d, dump_error, sizeof(dump_error)),
		      "%s", dump_error);
	said = stk_dump_warning(d);
	if (warning)
		ck_assert_msg(said && strstr(said, warning), "%s: not \"%s\"", said,
			      warning);
	else
		ck_assert_msg(!said, "%s", said);
	s = stk_dump_session(d);
	ck_assert_ptr_nonnull(s);
	/* From now on what is missing is a loss. */
	ck_assert(!s->lost_excused);
}

void dumped_refused(const char *path, enum stk_status st, const char *what)
{
	stk_dump_close(d);
	*dump_error = '\0';
	ck_assert_int_eq(stk_dump_open(path, NULL, &d, dump_error, sizeof(dump_error)),
			 st);
	ck_assert_ptr_null(d);
	ck_assert_msg(strstr(dump_error, what) != NULL, "%s: not \"%s\"", dump_error,
		      what);
}

void dumped_same(void)
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

uint64_t dumped_put(const char *text, size_t len)
{
	uint64_t phys = syn_alloc(m, 1);

	memcpy(syn_phys_page(m, phys), text, len);
	return phys;
}

uint64_t dumped_put_vmcoreinfo(void)
{
	char text[8192];
	size_t len = dumped_text(text, sizeof(text));

	return dumped_put(text, len);
}

void dumped_put_names(const char *system, const char *release)
{
	syn_fill(m, UTS_AT, 500, 'A');
	syn_write(m, UTS_AT + 24, system, strlen(system) + 1);
	syn_write(m, UTS_AT + 24 + 130, release, strlen(release) + 1);
	syn_vmcoreinfo(m, "SYMBOL(init_uts_ns)", "%llx", (unsigned long long)UTS_AT);
	syn_vmcoreinfo(m, "OFFSET(uts_namespace.name)", "24");
}

void dumped_build_functions(const char *release)
{
	fixture_free();
	m = syn_kernel(SYN_6_1);
	m->kallsyms_text_only = true;
	syn_symbol_of_type(m, "init_uts_ns", UTS_AT, 'D');
	dumped_put_names("Linux", release);
	dumped_add_types(BTF_AT);
	syn_use_kallsyms(m);
	syn_vmcoreinfo(m, "SYMBOL(_stext)", "%llx",
		       (unsigned long long)syn_sym(m, "_stext"));
}

enum stk_status dumped_open(const struct stk_dump_options *how)
{
	stk_dump_close(d);
	*dump_error = '\0';
	return stk_dump_open_with(f.path, how, sizeof(*how), &d, dump_error,
				  sizeof(dump_error));
}
