/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stackinfo/dump.h>

#include <errno.h>
#include <stackinfo/kernel.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../arch/arch.h"
#include "../base/context.h"
#include "../base/safe.h"
#include "../base/sized.h"
#include "../debuginfo/namelist.h"
#include "../file/machine.h"
#include "../file/notes.h"
#include "../file/reader.h"
#include "../file/vmcoreinfo.h"
#include "../kernel/btf.h"
#include "../machine/memory.h"
#include "../machine/saved.h"
#include "../machine/vmcoreinfo.h"
#include "../machine/vmcoreinfo_find.h"
#include "session.h"

/* Of VMCOREINFO in memory: more than a kernel and those before it leave. */
#define MAX_CANDIDATES 64u

struct stk_dump {
	struct stk_ranges memory; /* of a file that is memory alone */
	struct stk_files files;
	struct stk_reader *reader;
	uint16_t machine;
	struct stk_arena arena;
	struct stk_notes notes;
	/* Lines that come before those of VMCOREINFO: the user's */
	char given[96];
	/* Those of a note that is not believed, and why; NULL: there is no note */
	char *disbelieved;
	char why[256];
	struct stk_btf *btf;
	struct stk_debuginfo *debuginfo;
	struct stk *session;
	struct stk_budget opening; /* of all that is tried until there is a session */
	bool search_cut;	   /* it ended a search of the memory */
	bool log_only;		   /* without the kernel's symbols no more can be read */
	char warning[400];
};

/* struct opening - what is being opened, and why it cannot be. */
struct opening {
	struct stk_dump *d;
	const char *path;
	struct stk_dump_options how;
	char *error;
	size_t size;
};

static enum stk_status refuse(struct opening *o, enum stk_status st, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* "PATH: " and the rest of the sentence; returns @st. */
static enum stk_status refuse(struct opening *o, enum stk_status st, const char *fmt, ...)
{
	int len = snprintf(o->error, o->size, "%s: ", o->path);
	va_list ap;

	va_start(ap, fmt);
	if (len >= 0 && (size_t)len < o->size)
		vsnprintf(o->error + len, o->size - (size_t)len, fmt, ap);
	va_end(ap);
	return st;
}

static enum stk_status no_memory(struct opening *o)
{
	snprintf(o->error, o->size, "%s", stk_status_text(STK_ERR_NOMEM));
	return STK_ERR_NOMEM;
}

/* Virtual addresses are ours to translate: no reader can for every format. */
static const struct stk_memory_ops memory_ops = { .read_phys = stk_reader_read };

/* The one place where a dump is refused for its machine. */
static enum stk_status check_machine(struct opening *o, uint16_t machine)
{
	char name[32];

	o->d->machine = machine;
	return stk_arch_of(machine)
		       ? STK_OK
		       : refuse(o, STK_ERR_UNSUPPORTED,
				"%s dump: that architecture is not supported",
				stk_machine_name(machine, name, sizeof(name)));
}

static enum stk_status open_file(struct opening *o)
{
	struct stk_dump *d = o->d;
	enum stk_status st;
	char why[512];

	if (o->how.memory &&
	    !stk_ranges_parse(&d->memory, o->how.memory, o->error, o->size))
		return STK_ERR_ARG;
	st = stk_files_open(&d->files, o->path, o->how.memory ? &d->memory : NULL,
			    o->error, o->size);

	/* Before anything else is looked at: no other reader may know such a file. */
	if (!st && d->files.machine)
		st = check_machine(o, d->files.machine);
	if (st)
		return st;
	st = stk_reader_open(&d->files, &d->reader, why, sizeof(why));
	if (st == STK_ERR_NOMEM)
		return no_memory(o);
	if (st)
		return refuse(o, st, "%s", why);
	if (!d->files.machine) {
		const char *name = stk_reader_machine(d->reader);

		st = check_machine(o, stk_machine_of(name ? name : ""));
	}
	return st;
}

/* Types come from the dump itself where it has them all, else from the namelist. */
static const struct stk_type_ops *types_of(struct stk_dump *d, void **priv)
{
	const char *why;

	if (!stk_btf_present(d->btf, &why) && stk_debuginfo_types(d->debuginfo)) {
		*priv = stk_debuginfo_types(d->debuginfo);
		return &stk_dwarf_type_ops;
	}
	*priv = d->btf;
	return &stk_btf_ops;
}

static enum stk_status type_size(void *priv, const char *type, uint32_t *size)
{
	const struct stk_type_ops *ops = types_of(priv, &priv);

	return ops->size(priv, type, size);
}

static enum stk_status type_member(void *priv, const char *type, const char *member,
				   struct stk_member *out)
{
	const struct stk_type_ops *ops = types_of(priv, &priv);

	return ops->member(priv, type, member, out);
}

static const struct stk_type_ops type_ops = { .size = type_size, .member = type_member };

static void warn(struct stk_dump *d, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void warn(struct stk_dump *d, const char *fmt, ...)
{
	size_t len = strlen(d->warning);
	va_list ap;

	if (len)
		len += (size_t)snprintf(d->warning + len, sizeof(d->warning) - len, "; ");
	if (len >= sizeof(d->warning))
		return;
	va_start(ap, fmt);
	vsnprintf(d->warning + len, sizeof(d->warning) - len, fmt, ap);
	va_end(ap);
}

/* Without types no stack can be found, and nothing else told from what is missing. */
static enum stk_status check_types(struct opening *o)
{
	struct stk_dump *d = o->d;
	const char *why;

	if (stk_btf_present(d->btf, &why))
		return STK_OK;
	if (!stk_debuginfo_kernel(d->debuginfo))
		return refuse(o, STK_ERR_NO_TYPE,
			      "%s: its types must come from the namelist, -n VMLINUX",
			      why);
	if (!stk_debuginfo_types(d->debuginfo) ||
	    !stk_types_present(stk_debuginfo_types(d->debuginfo)))
		return refuse(o, STK_ERR_NO_TYPE,
			      "%s, and the namelist has no DWARF: no types", why);
	return STK_OK;
}

/*
 * A file that is memory alone does not say where it was: with a hole that nobody named,
 * all behind it is elsewhere. How far memory reached the kernel knows.
 */
static void check_reach(struct stk_dump *d)
{
	const struct stk_ranges *r = d->files.memory;
	uint64_t at, pages, left = r ? stk_files_length(&d->files) : 0, end = 0;

	if (!r || stk_symbol_address(d->session, "max_pfn", &at) ||
	    stk_read_u64(d->session, at, &pages) || pages > INT64_MAX / STK_MIN_PAGE_SIZE)
		return;
	for (size_t i = 0; i < r->nr && left; i++) {
		uint64_t size = r->range[i].end - r->range[i].begin;

		size = size < left ? size : left;
		end = r->range[i].begin + size;
		left -= size;
	}
	if (end < pages * STK_MIN_PAGE_SIZE)
		warn(d,
		     "the kernel's memory reaches to %#llx, this file to %#llx: is it cut off, "
		     "or are there holes in between (-m)?",
		     (unsigned long long)pages * STK_MIN_PAGE_SIZE,
		     (unsigned long long)end);
}

static void close_session(struct stk_dump *d)
{
	stk_btf_free(d->btf);
	stk_close(d->session);
	stk_debuginfo_free(d->debuginfo);
	d->session = NULL;
	d->btf = NULL;
	d->debuginfo = NULL;
}

/* As stk_notes_vmcoreinfo(), of what the user knows better, too. */
static const char *vmcoreinfo_line(void *priv, const char *key)
{
	struct stk_dump *d = priv;
	const char *value = stk_vmcoreinfo_value(d->given, key);

	return value ? value : stk_notes_vmcoreinfo(&d->notes, key);
}

/* The files that the user named; others are looked for when they are wanted. */
static enum stk_status open_debuginfo(struct opening *o, struct stk_target *t)
{
	struct stk_dump *d = o->d;
	const char *offset = vmcoreinfo_line(d, "KERNELOFFSET");
	const struct stk_namelist_facts facts = {
		.build_id = vmcoreinfo_line(d, "BUILD-ID"),
		.offset = offset ? strtoull(offset, NULL, 16) : 0,
		.vmcoreinfo = d->notes.vmcoreinfo,
	};
	enum stk_status st = STK_OK;

	d->debuginfo = stk_debuginfo_new();
	if (!d->debuginfo)
		return no_memory(o);
	if (o->how.namelist)
		st = stk_debuginfo_add_list(d->debuginfo, o->how.namelist, o->error,
					    o->size);
	if (!st)
		st = stk_namelist_check(d->debuginfo, &facts, o->error, o->size);
	if (st)
		return st;
	t->debuginfo = &stk_debuginfo_ops;
	t->debuginfo_priv = d->debuginfo;
	if (stk_debuginfo_symbols(d->debuginfo)) {
		t->symbols = &stk_symtab_ops;
		t->symbols_priv = stk_debuginfo_symbols(d->debuginfo);
	}
	return STK_OK;
}

/*
 * Do the page tables lead to the kernel that VMCOREINFO is of, whose symbols are missing?
 * Its name is wherever VMCOREINFO says, in fields of struct new_utsname, which user space
 * knows and which never change.
 */
static bool is_its_kernel(struct stk_dump *d)
{
	struct {
		char sysname[65], nodename[65], release[65];
	} uts = { 0 };
	const char *release = vmcoreinfo_line(d, "OSRELEASE");
	uint64_t at, offset;

	return release &&
	       stk_vmcoreinfo_number(d->session, "SYMBOL(init_uts_ns)", 16, &at) &&
	       stk_vmcoreinfo_number(d->session, "OFFSET(uts_namespace.name)", 10,
				     &offset) &&
	       !stk_read(d->session, at + offset, &uts, sizeof(uts)) &&
	       !strncmp(uts.sysname, "Linux", sizeof(uts.sysname)) &&
	       !strncmp(uts.release, release, sizeof(uts.release));
}

/* With the VMCOREINFO that is in d->notes. */
static enum stk_status open_session(struct opening *o)
{
	struct stk_dump *d = o->d;
	struct stk_target t = {
		.memory = &memory_ops,
		.memory_priv = d->reader,
		.types = &type_ops,
		.types_priv = d,
		.notes = &stk_notes_ops,
		.notes_priv = &d->notes,
		.vmcoreinfo = vmcoreinfo_line,
		.vmcoreinfo_priv = d,
		.live = d->files.live,
		.size = stk_reader_size(d->reader),
		.incomplete = d->files.incomplete,
		.machine = d->machine,
	};
	enum stk_status st = open_debuginfo(o, &t);

	if (st)
		return st;
	d->session = stk_open(&t, sizeof(t));
	d->btf = d->session ? stk_btf_new(d->session) : NULL;
	if (!d->btf)
		return no_memory(o);
	st = stk_prepare(d->session);
	d->log_only = st == STK_ERR_NO_SYMBOL && is_its_kernel(d);
	if (d->log_only)
		return STK_OK;
	return st ? refuse(o, st, "%s", stk_reason(d->session, st)) : STK_OK;
}

/* The release that the kernel's own banner tells; false: it cannot be read. */
static bool banner_release(struct stk_dump *d, char release[65])
{
	char banner[128];
	uint64_t at;

	return !stk_symbol_address(d->session, "linux_banner", &at) &&
	       !stk_read_string(d->session, at, banner, sizeof(banner)) &&
	       sscanf(banner, "Linux version %64s", release) == 1;
}

/*
 * A VMCOREINFO that was found in memory may be of a kernel that ran before, or in a
 * virtual machine: then its page tables lead nowhere, or not to such a kernel's banner.
 */
static bool check_banner(struct stk_dump *d)
{
	const char *release = vmcoreinfo_line(d, "OSRELEASE");
	char banner[65];

	return release && banner_release(d, banner) && !strcmp(release, banner);
}

/* Does the kernel call itself otherwise than VMCOREINFO does? Then d->why says so. */
static bool is_contradicted(struct stk_dump *d, const char *what)
{
	const char *release = vmcoreinfo_line(d, "OSRELEASE");
	char banner[65], safe[80];

	if (!release || !banner_release(d, banner) || !strcmp(release, banner))
		return false;
	snprintf(d->why, sizeof(d->why), "%s is of %s, but the kernel's banner says %s",
		 what, stk_safe_text(safe, sizeof(safe), release), banner);
	return true;
}

/* Is @text, found in some way, the VMCOREINFO of the kernel in the dump? */
static enum stk_status try_vmcoreinfo(struct opening *o, const char *text, size_t len)
{
	struct stk_dump *d = o->d;
	enum stk_status st = stk_notes_set_vmcoreinfo(&d->notes, &d->arena, text, len);

	/* What a note that leads nowhere says need not be tried again. */
	if (!st && d->disbelieved &&
	    !stk_vmcoreinfo_adds(d->notes.vmcoreinfo, d->disbelieved))
		return STK_ERR_NOT_FOUND;
	if (!st)
		st = open_session(o);
	if (!st && check_banner(d))
		return STK_OK;
	if (!st)
		st = refuse(
			o, STK_ERR_UNSUPPORTED,
			"no VMCOREINFO note, and that in its memory is not of its kernel");
	if (d->session)
		stk_budget_steps(&d->opening,
				 d->session->budget.max_steps - d->session->budget.steps);
	close_session(d);
	return st;
}

/*
 * The dump's own note. It may be cut, edited, or of another machine: unless it leads to a
 * kernel of its name, others are looked for.
 */
static enum stk_status from_note(struct opening *o)
{
	struct stk_dump *d = o->d;
	enum stk_status st;

	snprintf(d->why, sizeof(d->why), "no VMCOREINFO note");
	if (!d->notes.vmcoreinfo)
		return STK_ERR_NOT_FOUND;
	st = open_session(o);
	/* What is wrong with a namelist is so with each of them. */
	if ((st && !d->session) || (!st && !is_contradicted(d, "its VMCOREINFO note")))
		return st;
	d->disbelieved = d->notes.vmcoreinfo;
	if (st)
		snprintf(d->why, sizeof(d->why),
			 "its VMCOREINFO note leads to no kernel");
	close_session(d);
	return st ? st : STK_ERR_CORRUPT;
}

/* The lines that the user has of it. */
static enum stk_status from_file(struct opening *o)
{
	struct stk_dump *d = o->d;
	const char *path = o->how.vmcoreinfo;
	char *text = stk_arena_alloc(&d->arena, STK_MAX_VMCOREINFO);
	FILE *fp = text ? fopen(path, "re") : NULL;
	size_t len = fp ? fread(text, 1, STK_MAX_VMCOREINFO, fp) : 0;
	enum stk_status st = STK_ERR_IO;

	if (!text)
		st = no_memory(o);
	else if (!fp || ferror(fp))
		snprintf(o->error, o->size, "%s: %s", path, strerror(errno));
	else if (!memchr(text, '=', len))
		snprintf(o->error, o->size, "%s: no lines of VMCOREINFO", path);
	else
		st = stk_notes_set_vmcoreinfo(&d->notes, &d->arena, text, len);
	if (fp)
		fclose(fp);
	if (!st)
		st = open_session(o);
	if (!st && is_contradicted(d, path))
		warn(d, "%s", d->why);
	return st;
}

/* Only what the user gave, and the symbols of a namelist. */
static enum stk_status from_options(struct opening *o)
{
	struct stk_dump *d = o->d;
	enum stk_status st = STK_ERR_NOT_FOUND;

	if (o->how.namelist && o->how.phys_base)
		st = stk_notes_set_vmcoreinfo(&d->notes, &d->arena, "", 0);
	return st ? st : open_session(o);
}

/* Its text in the kernel's memory. */
static enum stk_status from_memory(struct opening *o)
{
	struct stk_dump *d = o->d;
	const struct stk_pages pages = { stk_reader_next, stk_reader_read,
					 stk_reader_page_size(d->reader), d->reader,
					 &d->opening };
	struct stk_vmcoreinfo_at at[MAX_CANDIDATES];
	char text[STK_VMCOREINFO_SIZE];
	size_t nr = stk_vmcoreinfo_find(&pages, at, MAX_CANDIDATES), len;
	enum stk_status st = STK_ERR_UNSUPPORTED;

	refuse(o, st, "no VMCOREINFO: neither a note, nor in its memory");
	/* What was found is tried all the same. */
	d->search_cut = d->opening.dry;
	stk_budget_refill(&d->opening);
	for (size_t i = 0; i < nr && !d->opening.dry; i++) {
		len = stk_vmcoreinfo_read(&pages, &at[i], text);
		if (!len)
			continue;
		st = try_vmcoreinfo(o, text, len);
		if (!st) {
			warn(d, "%s: found in memory at %#llx", d->why,
			     (unsigned long long)at[i].addr);
			return st;
		}
	}
	return st;
}

/* What it would say, by the notes of the @nth CPU; returns the text's length. */
static size_t guessed_vmcoreinfo(struct stk_dump *d, unsigned int nth, char *text)
{
	const struct stk_target t = {
		.memory = &memory_ops,
		.memory_priv = d->reader,
		.notes = &stk_notes_ops,
		.notes_priv = &d->notes,
		.machine = d->machine,
	};
	struct stk *s = stk_open(&t, sizeof(t));
	struct stk_saved saved;
	size_t len = 0;

	if (s && s->arch->guess_vmcoreinfo && stk_saved_nth(s, nth, &saved))
		len = s->arch->guess_vmcoreinfo(s, &saved, text, STK_VMCOREINFO_SIZE);
	if (s)
		stk_budget_steps(&d->opening, s->budget.max_steps - s->budget.steps);
	stk_close(s);
	return len;
}

/* The page tables that a CPU used. */
static enum stk_status from_registers(struct opening *o)
{
	struct stk_dump *d = o->d;
	char text[STK_VMCOREINFO_SIZE];
	enum stk_status st = STK_ERR_NOT_FOUND;

	for (unsigned int i = 0;
	     i < d->notes.list[STK_NOTE_PRSTATUS].nr && !d->opening.dry; i++) {
		size_t len = guessed_vmcoreinfo(d, i, text);

		if (!len)
			continue;
		st = try_vmcoreinfo(o, text, len);
		if (!st) {
			warn(d,
			     "no VMCOREINFO: the page tables are those that a CPU used");
			return st;
		}
		/* From 6.0 on it is VMCOREINFO that tells where the symbols are. */
		if (!o->how.namelist)
			refuse(o, st,
			       "no VMCOREINFO: neither a note, nor in its memory; "
			       "with its symbols, -n VMLINUX, it can be done without");
	}
	return st;
}

/*
 * Where VMCOREINFO comes from if no note is believed, the most trustworthy first.
 * STK_ERR_NOT_FOUND: nothing is there, which is no news.
 */
static enum stk_status (*const sources[])(struct opening *o) = { from_memory,
								 from_registers,
								 from_options };

static enum stk_status search_session(struct opening *o)
{
	struct stk_dump *d = o->d;
	enum stk_status st = STK_ERR_NOT_FOUND;

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		enum stk_status this = sources[i](o);

		if (this != STK_ERR_NOT_FOUND)
			st = this;
		if (!st)
			return st;
	}
	/* What a hostile file makes us look through is as good as none. */
	if (d->search_cut || d->opening.dry)
		st = refuse(o, STK_ERR_LIMIT,
			    "no VMCOREINFO note, and to search for it: %s",
			    stk_status_text(STK_ERR_LIMIT));
	return st;
}

static enum stk_status find_session(struct opening *o)
{
	struct stk_dump *d = o->d;
	enum stk_status st, searched;
	char error[512];

	/* Of a split dump any part may have them. */
	for (size_t i = 0; i < d->files.nr && !d->notes.vmcoreinfo; i++)
		stk_notes_read(&d->notes, &d->arena, d->files.fd[i]);
	if (o->how.vmcoreinfo)
		return from_file(o);
	st = from_note(o);
	if (!st || (st != STK_ERR_NOT_FOUND && !d->disbelieved))
		return st;
	snprintf(error, sizeof(error), "%s", o->error);
	searched = search_session(o);
	if (!searched || !d->disbelieved)
		return searched;
	/* There is no better one. */
	d->notes.vmcoreinfo = d->disbelieved;
	snprintf(o->error, o->size, "%s", error);
	if (st != STK_ERR_CORRUPT)
		return st;
	warn(d, "%s", d->why);
	return open_session(o);
}

/* What the user knows better than the dump. */
static void take_options(struct opening *o)
{
	struct stk_dump *d = o->d;
	char text[sizeof(d->given)];
	size_t len = 0;

	if (o->how.kaslr)
		len += (size_t)snprintf(text, sizeof(text), "KERNELOFFSET=%llx\n",
					(unsigned long long)*o->how.kaslr);
	if (o->how.phys_base)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"NUMBER(phys_base)=%lld\n",
					(long long)*o->how.phys_base);
	memcpy(d->given, text, len);
	stk_vmcoreinfo_split(d->given, len);
}

static enum stk_status open_dump(struct opening *o)
{
	struct stk_dump *d = o->d;
	enum stk_status st = open_file(o);

	if (st)
		return st;
	stk_budget_init(&d->opening, stk_reader_size(d->reader));
	take_options(o);
	if (d->files.part)
		warn(d,
		     "one part of a split dump: name all of them, with commas between");
	else if (d->files.cut)
		warn(d, "the file is cut off: what was behind that is missing");
	if (d->files.incomplete)
		warn(d, "the dump says that it is incomplete: when it was made, not all "
			"of it could be written");
	st = find_session(o);
	if (!st && !d->log_only)
		st = check_types(o);
	if (!st)
		check_reach(d);
	if (st && d->files.memory)
		warn(d, "was the memory there, or are there holes in it (-m)?");
	if (st && stk_reader_packed(d->reader))
		warn(d, "its pages are packed in a way that the libkdumpfile here does "
			"not know");
	return st;
}

enum stk_status stk_dump_open_with(const char *path,
				   const struct stk_dump_options *options,
				   size_t options_size, struct stk_dump **out,
				   char *error, size_t size)
{
	struct stk_dump *d = calloc(1, sizeof(*d));
	char text[1024];
	struct opening o = { .d = d, .path = path, .error = text, .size = sizeof(text) };
	enum stk_status st = STK_ERR_NOMEM;

	stk_give(&o.how, sizeof(o.how), options, options_size);
	*out = NULL;
	if (d)
		st = open_dump(&o);
	else
		snprintf(text, sizeof(text), "%s", stk_status_text(st));
	if (!st) {
		*out = d;
		return st;
	}
	if (d && *d->warning) {
		size_t len = strlen(text);

		snprintf(text + len, sizeof(text) - len, " (%s)", d->warning);
	}
	/* Of paths, and of what VMCOREINFO says. */
	stk_safe_text(error, size, text);
	stk_dump_close(d);
	return st;
}

enum stk_status stk_dump_open(const char *path, const char *namelist,
			      struct stk_dump **out, char *error, size_t size)
{
	const struct stk_dump_options how = { .namelist = namelist };

	return stk_dump_open_with(path, &how, sizeof(how), out, error, size);
}

void stk_dump_use_debuginfod(struct stk_dump *dump)
{
	stk_debuginfo_use_debuginfod(dump->debuginfo);
}

struct stk *stk_dump_session(struct stk_dump *dump)
{
	return dump->session;
}

const char *stk_dump_warning(const struct stk_dump *dump)
{
	return *dump->warning ? dump->warning : NULL;
}

void stk_dump_close(struct stk_dump *dump)
{
	if (!dump)
		return;
	close_session(dump);
	stk_reader_close(dump->reader);
	stk_files_close(&dump->files);
	stk_arena_free(&dump->arena);
	free(dump);
}
