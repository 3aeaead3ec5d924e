/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dump_pack.h"

#include <elf.h>
#include <stackinfo/machine.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../arch/arch.h"
#include "../base/bytes.h"
#include "../file/kdump_write.h"
#include "../kernel/layout.h"
#include "../machine/memory.h"
#include "dump_kept.h"
#include "dump_open.h"
#include "../base/memstream.h"

/* ---- the notes ---- */

struct notes {
	FILE *fp;
	char *bytes;
	size_t size;
	size_t vmcoreinfo_at, vmcoreinfo_size;
};

/* Returns where its description begins. */
static size_t write_note(struct notes *n, const char *name, uint32_t type,
			 const void *desc, size_t size)
{
	const Elf64_Nhdr head = { .n_namesz = (uint32_t)strlen(name) + 1,
				  .n_descsz = (uint32_t)size,
				  .n_type = type };
	static const char pad[4];
	size_t at;

	fwrite(&head, sizeof(head), 1, n->fp);
	fwrite(name, head.n_namesz, 1, n->fp);
	fwrite(pad, -head.n_namesz % 4, 1, n->fp);
	at = (size_t)ftell(n->fp);
	fwrite(desc, 1, size, n->fp);
	fwrite(pad, -size % 4, 1, n->fp);
	return at;
}

static void write_kind(struct notes *n, const struct stk_notes *from,
		       enum stk_note_kind kind, const char *name, uint32_t type)
{
	const struct stk_note_list *list = &from->list[kind];

	for (size_t i = 0; i < list->nr; i++)
		write_note(n, name, type, list->note[i].desc, list->note[i].size);
}

/* The lines of @text whose key none of the texts before has. */
static void print_lines(FILE *fp, const char *text, const char *before,
			const char *before_that)
{
	size_t len;

	for (const char *p = text; p && (len = strlen(p)); p += len + 1) {
		char key[128];

		if (sscanf(p, "%127[^=]", key) == 1 &&
		    !stk_vmcoreinfo_value(before, key) &&
		    !stk_vmcoreinfo_value(before_that, key))
			fprintf(fp, "%s\n", p);
	}
}

/*
 * That it is a small one, what the user knew better, and what the dump's says: in an
 * array that is to be freed. NULL: no memory.
 */
static char *vmcoreinfo_text(const struct stk_dump *d, size_t *size)
{
	static const char mark[] = STK_PACKED "=1\0";
	char *text = NULL;
	FILE *fp = open_memstream(&text, size);

	if (!fp)
		return NULL;
	print_lines(fp, d->given, mark, NULL);
	print_lines(fp, d->notes.vmcoreinfo, mark, d->given);
	print_lines(fp, d->found, d->notes.vmcoreinfo, d->given);
	print_lines(fp, mark, NULL, NULL);
	if (stk_memstream_end(fp, &text))
		return text;
	free(text);
	return NULL;
}

/* Into n->fp. */
static enum stk_status write_notes(struct notes *n, struct stk_dump *d)
{
	size_t size;
	char *text = vmcoreinfo_text(d, &n->vmcoreinfo_size);
	void *kept;
	enum stk_status st =
		text ? stk_kept_write(d->watch.record, &kept, &size) : STK_ERR_NOMEM;

	if (!st) {
		write_kind(n, &d->notes, STK_NOTE_PRSTATUS, "CORE", NT_PRSTATUS);
		write_kind(n, &d->notes, STK_NOTE_QEMU, "QEMU", 0);
		n->vmcoreinfo_at =
			write_note(n, "VMCOREINFO", 0, text, n->vmcoreinfo_size);
		write_note(n, STK_KEPT_NOTE, STK_KEPT_NOTE_TYPE, kept, size);
		free(kept);
	}
	free(text);
	return st;
}

static enum stk_status make_notes(struct notes *n, struct stk_dump *d)
{
	enum stk_status st;

	n->fp = open_memstream(&n->bytes, &n->size);
	if (!n->fp)
		return STK_ERR_NOMEM;
	st = write_notes(n, d);
	return stk_memstream_end(n->fp, &n->bytes) ? st : STK_ERR_NOMEM;
}

/* ---- the header ---- */

#define MAX_PHYS (1ull << 52) /* no machine has more bits of an address */

enum { UTS_NODE = 1, UTS_RELEASE = 2, UTS_MACHINE = 4, UTS_DOMAIN = 5 };

/* The kernel's struct new_utsname; 0: nowhere. The lines have its place since 5.11. */
static uint64_t find_uts(struct stk *s)
{
	struct stk_member name;
	uint64_t at, offset;

	if (!stk_find_symbol(s, "init_uts_ns", &at))
		return 0;
	if (stk_find_member(s, "uts_namespace", "name", &name))
		return at + name.offset;
	return stk_vmcoreinfo_number(s, "OFFSET(uts_namespace.name)", 10, &offset)
		       ? at + offset
		       : 0;
}

/* The kernel's own, a field each: who left out the names of machines may do so. */
static void read_uts(struct stk_dump *d, char uts[STK_UTS_FIELDS][STK_UTS_SIZE])
{
	const char *release = stk_dump_vmcoreinfo_line(d, "OSRELEASE");
	const uint64_t at = find_uts(d->session);

	for (unsigned int i = 0; i < STK_UTS_FIELDS; i++) {
		const bool named = i == UTS_NODE || i == UTS_DOMAIN;

		if (!(named && stk_left_out(d->session, STK_NAMES_LEFT_OUT)))
			stk_read(d->session, at + i * STK_UTS_SIZE, uts[i], STK_UTS_SIZE);
		uts[i][STK_UTS_SIZE - 1] = '\0';
	}
	/* By these a reader knows how to read it. */
	if (!*uts[UTS_RELEASE] && release)
		snprintf(uts[UTS_RELEASE], STK_UTS_SIZE, "%s", release);
	snprintf(uts[UTS_MACHINE], STK_UTS_SIZE, "%s", stk_arch_name(d->session));
}

static uint64_t pages_per_page(const struct stk_dump *d)
{
	return stk_reader_page_size(d->reader) / STK_WORDS_PAGE;
}

/* How far the kernel's memory reaches; 0: not known. */
static uint64_t read_max_pfn(struct stk_dump *d)
{
	uint64_t at, value;

	return !stk_symbol_address(d->session, "max_pfn", &at) &&
			       !stk_read_u64(d->session, at, &value) &&
			       value <= MAX_PHYS / stk_reader_page_size(d->reader)
		       ? value
		       : 0;
}

/* Above the last page that is there, and all that the kernel knows of. */
static uint64_t max_mapnr(const struct stk_dump *d, uint64_t max_pfn)
{
	const struct stk_words *w = d->watch.record;
	const size_t nr = stk_words_nr(w);
	const uint64_t last =
		nr ? stk_words_page(w, nr - 1)->pfn / pages_per_page(d) + 1 : 0;

	return last > max_pfn ? last : max_pfn;
}

/* By the header alone crash translates addresses of arm64's linear map (diskdump.c). */
static uint64_t find_phys_base(struct stk *s)
{
	uint64_t value = 0;

	if (s->arch->phys_base)
		return s->arch->phys_base(s);
	stk_vmcoreinfo_number(s, "NUMBER(phys_base)", 10, &value);
	return value;
}

static void find_facts(struct stk_dump *d, struct stk_kdump_facts *f)
{
	uint64_t time;

	*f = (struct stk_kdump_facts){
		.incomplete = d->files.incomplete,
		.page_size = (uint32_t)stk_reader_page_size(d->reader),
		.nr_cpus = stk_nr_cpus(d->session),
		.phys_base = find_phys_base(d->session),
	};
	if (stk_vmcoreinfo_number(d->session, "CRASHTIME", 10, &time))
		f->time = (int64_t)time;
	read_uts(d, f->uts);
}

/* ---- the pages ---- */

/* The first word from @i on that is in the set, or is not; the page's end without one. */
static unsigned int next_word(const struct stk_words_page *p, unsigned int i, bool in)
{
	while (i < STK_WORDS_PAGE / STK_WORD && (p->has[i / 64] >> i % 64 & 1) != in)
		i++;
	return i;
}

/* A piece of memory may end within a word: @to keeps its zeros there. */
static enum stk_status read_run(struct stk_dump *d, uint64_t phys, unsigned char *to,
				size_t len)
{
	enum stk_status st = stk_reader_read(d->reader, phys, to, len);

	if (st != STK_ERR_EXCLUDED && st != STK_ERR_CUT_OFF)
		return st;
	for (size_t i = 0; i < len; i++)
		stk_reader_read(d->reader, phys + i, to + i, 1);
	return STK_OK;
}

/* What was read of it, all else zero. */
static enum stk_status read_words(struct stk_dump *d, const struct stk_words_page *p,
				  unsigned char *to)
{
	const unsigned int end = STK_WORDS_PAGE / STK_WORD;
	enum stk_status st = STK_OK;

	for (unsigned int i = next_word(p, 0, true), to_word; i < end && !st;
	     i = next_word(p, to_word, true)) {
		const uint64_t at = (uint64_t)i * STK_WORD;

		to_word = next_word(p, i, false);
		st = read_run(d, (p->pfn << STK_WORDS_PAGE_SHIFT) + at, to + at,
			      (to_word - i) * STK_WORD);
	}
	return st;
}

static uint64_t count_pages(const struct stk_dump *d)
{
	const struct stk_words *w = d->watch.record;
	uint64_t nr = 0, last = UINT64_MAX;

	for (size_t i = 0; i < stk_words_nr(w); i++) {
		const uint64_t pfn = stk_words_page(w, i)->pfn / pages_per_page(d);

		nr += pfn != last;
		last = pfn;
	}
	return nr;
}

static void count_page(struct stk_packed *packed, const struct stk_words_page *p)
{
	for (unsigned int i = 0; i < STK_WORDS_MASKS; i++)
		packed->kept_bytes +=
			STK_WORD * (unsigned int)__builtin_popcountll(p->has[i]);
}

/* A page of the dump, of which those from @i to before @end are parts. */
static enum stk_status add_page(struct stk_dump *d, struct stk_kdump_writer *to, size_t i,
				size_t end, unsigned char *data,
				struct stk_packed *packed)
{
	const struct stk_words_page *first = stk_words_page(d->watch.record, i);
	const uint64_t ratio = pages_per_page(d);
	enum stk_status st = STK_OK;
	size_t bytes;

	memset(data, 0, stk_reader_page_size(d->reader));
	for (size_t k = i; k < end && !st; k++) {
		const struct stk_words_page *p = stk_words_page(d->watch.record, k);

		st = read_words(d, p, data + p->pfn % ratio * STK_WORDS_PAGE);
		count_page(packed, p);
	}
	if (st)
		return st;
	bytes = stk_kdump_add(to, first->pfn / ratio, data);
	packed->nr_pages++;
	return packed->page(packed->ctx, first, bytes) ? STK_OK : STK_ERR_INTERRUPTED;
}

static enum stk_status add_pages(struct stk_dump *d, struct stk_kdump_writer *to,
				 struct stk_packed *packed)
{
	const struct stk_words *w = d->watch.record;
	const size_t nr = stk_words_nr(w);
	unsigned char *data = malloc(stk_reader_page_size(d->reader));
	enum stk_status st = data ? STK_OK : STK_ERR_NOMEM;

	for (size_t i = 0, end; i < nr && !st && !stk_kdump_errno(to); i = end) {
		const uint64_t pfn = stk_words_page(w, i)->pfn / pages_per_page(d);

		for (end = i + 1; end < nr; end++)
			if (stk_words_page(w, end)->pfn / pages_per_page(d) != pfn)
				break;
		st = add_page(d, to, i, end, data, packed);
	}
	free(data);
	return st;
}

/* What cannot be written is told in @error. */
static enum stk_status write_dump(struct stk_dump *d, int fd,
				  const struct stk_kdump_facts *facts,
				  struct stk_packed *packed, char *error, size_t size)
{
	struct stk_kdump_writer *to = stk_kdump_begin(fd, facts, count_pages(d));
	enum stk_status st;
	int failed;

	if (!to)
		return STK_ERR_NOMEM;
	st = add_pages(d, to, packed);
	failed = stk_kdump_end(to, &packed->file_bytes);
	if (!failed)
		return st;
	snprintf(error, size, "%s", strerror(failed));
	return STK_ERR_IO;
}

enum stk_status stk_dump_pack(struct stk_dump *d, int fd, struct stk_packed *packed,
			      char *error, size_t size)
{
	struct stk_words *w = d->watch.record;
	struct stk_kdump_facts facts;
	struct notes notes = { 0 };
	uint64_t max_pfn;
	enum stk_status st;

	*error = '\0';
	find_facts(d, &facts);
	facts.plain = packed->plain;
	max_pfn = read_max_pfn(d);
	/* From here on nothing more is recorded. */
	d->session->watch = NULL;
	st = stk_words_sort(w) && !stk_words_full(w) ? make_notes(&notes, d)
						     : STK_ERR_NOMEM;
	if (!st) {
		facts.max_mapnr = max_mapnr(d, max_pfn);
		facts.notes = notes.bytes;
		facts.notes_size = notes.size;
		facts.vmcoreinfo_at = notes.vmcoreinfo_at;
		facts.vmcoreinfo_size = notes.vmcoreinfo_size;
		st = write_dump(d, fd, &facts, packed, error, size);
	}
	if (st && !*error)
		snprintf(error, size, "%s", stk_status_text(st));
	free(notes.bytes);
	return st;
}
