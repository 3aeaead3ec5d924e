/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump: its file, what the user knows of it, and a session on it. */
#include <stackinfo/dump.h>

#include <stackinfo/machine.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/safe.h"
#include "../base/sized.h"
#include "../file/machine.h"
#include "../machine/lost.h"
#include "../machine/memory.h"
#include "../machine/vmcoreinfo.h"
#include "dump_open.h"
#include "session.h"

enum stk_status stk_dump_refuse(struct stk_opening *o, enum stk_status st,
				const char *fmt, ...)
{
	int len = snprintf(o->error, o->size, "%s: ", o->path);
	va_list ap;

	va_start(ap, fmt);
	if ((size_t)len < o->size)
		vsnprintf(o->error + len, o->size - (size_t)len, fmt, ap);
	va_end(ap);
	return st;
}

enum stk_status stk_dump_no_memory(struct stk_opening *o)
{
	snprintf(o->error, o->size, "%s", stk_status_text(STK_ERR_NOMEM));
	return STK_ERR_NOMEM;
}

void stk_dump_warn(struct stk_dump *d, const char *fmt, ...)
{
	const size_t len = strlen(d->warning);
	char text[sizeof(d->warning)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(d->warning + len, sizeof(d->warning) - len, "%s%s", len ? "; " : "",
		 text);
}

/* The one place where a dump is refused for its machine. */
static enum stk_status check_machine(struct stk_opening *o, uint16_t machine)
{
	char name[32];

	o->d->machine = machine;
	return stk_arch_of(machine)
		       ? STK_OK
		       : stk_dump_refuse(o, STK_ERR_UNSUPPORTED,
					 "%s dump: that architecture is not supported",
					 stk_machine_name(machine, name, sizeof(name)));
}

static enum stk_status open_file(struct stk_opening *o)
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
	if (st)
		return stk_dump_refuse(o, st, "%s", why);
	if (!d->files.machine) {
		const char *name = stk_reader_machine(d->reader);

		st = check_machine(o, stk_machine_of(name ? name : ""));
	}
	return st;
}

/* Without types no stack can be found, and nothing else told from what is missing. */
static enum stk_status check_types(struct stk_opening *o)
{
	struct stk_dump *d = o->d;
	const bool other = stk_debuginfo_kernel(d->debuginfo);
	const char *why;
	bool present;

	/* What the namelist can tell instead is no loss. */
	stk_lost_excuse(d->session, other);
	present = stk_btf_present(d->btf, &why);
	stk_lost_excuse(d->session, false);
	if (present)
		return STK_OK;
	if (!other)
		return stk_dump_refuse(
			o, STK_ERR_NO_TYPE,
			"%s: its types must come from the namelist, -n VMLINUX", why);
	if (!stk_types_present(stk_debuginfo_types(d->debuginfo)))
		return stk_dump_refuse(o, STK_ERR_NO_TYPE,
				       "%s, and the namelist has no DWARF: no types",
				       why);
	return STK_OK;
}

/*
 * A file that is memory alone does not say where it was: with a hole that nobody named,
 * all behind it is elsewhere. How far memory reached the kernel knows.
 */
static void check_reach(struct stk_dump *d)
{
	const struct stk_ranges *r = d->files.memory;
	uint64_t at, pages, left, end = 0;

	if (!r || stk_symbol_address(d->session, "max_pfn", &at) ||
	    stk_read_u64(d->session, at, &pages) || pages > INT64_MAX / STK_MIN_PAGE_SIZE)
		return;
	left = stk_files_length(&d->files);
	for (size_t i = 0; i < r->nr && left; i++) {
		uint64_t size = r->range[i].end - r->range[i].begin;

		size = size < left ? size : left;
		end = r->range[i].begin + size;
		left -= size;
	}
	if (end < pages * STK_MIN_PAGE_SIZE)
		stk_dump_warn(
			d,
			"the kernel's memory reaches to %#llx, this file to %#llx: is it cut off, "
			"or are there holes in between (-m)?",
			(unsigned long long)pages * STK_MIN_PAGE_SIZE,
			(unsigned long long)end);
}

/* What that means of each answer. */
static void tell_no_tables(struct stk_dump *d)
{
	uint64_t at, word;
	bool percpu = stk_percpu_address(d->session, "runqueues", 0, &at) ||
		      !stk_read_u64(d->session, at, &word);

	stk_dump_warn(
		d,
		"memory that was reserved at boot is not in the dump: without page tables, "
		"addresses are translated by arithmetic and by the list of vmalloc areas%s",
		percpu ? ""
		       : "; without per-CPU memory, a CPU's registers tell which task "
			 "it ran, and idle tasks that did not run may be missing");
}

/* One more line that goes before those of VMCOREINFO. */
static __attribute__((format(printf, 2, 3))) void take_line(struct stk_dump *d,
							    const char *fmt, ...)
{
	const size_t len = strlen(d->given);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(d->given + len, sizeof(d->given) - len, fmt, ap);
	va_end(ap);
}

/* What the user knows better than the dump. */
static void take_options(struct stk_opening *o)
{
	struct stk_dump *d = o->d;

	if (o->how.kaslr)
		take_line(d, "KERNELOFFSET=%llx\n", (unsigned long long)*o->how.kaslr);
	if (o->how.phys_base)
		take_line(d, "NUMBER(phys_base)=%lld\n", (long long)*o->how.phys_base);
	if (o->pack && o->pack->no_log)
		take_line(d, STK_NO_LOG "=1\n");
	if (o->pack && o->pack->no_names)
		take_line(d, STK_NO_NAMES "=1\n");
	stk_vmcoreinfo_split(d->given, strlen(d->given));
}

static enum stk_status open_dump(struct stk_opening *o)
{
	struct stk_dump *d = o->d;
	enum stk_status st = open_file(o);

	if (st)
		return st;
	if (o->pack) {
		d->watch.record = stk_words_new();
		if (!d->watch.record)
			return stk_dump_no_memory(o);
	}
	stk_budget_init(&d->opening, stk_reader_size(d->reader));
	take_options(o);
	if (d->files.part)
		stk_dump_warn(
			d,
			"one part of a split dump: name all of them, with commas between");
	else if (d->files.cut)
		stk_dump_warn(d, "the file is cut off: what was behind that is missing");
	if (d->files.incomplete)
		stk_dump_warn(
			d,
			"the dump says that it is incomplete: when it was made, not all "
			"of it could be written");
	st = stk_dump_find_session(o);
	if (!st && !d->log_only)
		st = check_types(o);
	if (!st)
		check_reach(d);
	if (!st && d->session->no_tables)
		tell_no_tables(d);
	if (st && d->files.memory)
		stk_dump_warn(d, "was the memory there, or are there holes in it (-m)?");
	if (st && stk_reader_packed(d->reader))
		stk_dump_warn(
			d,
			"its pages are packed in a way that the libkdumpfile here does "
			"not know");
	return st;
}

static enum stk_status open_as(const char *path, const struct stk_dump_options *options,
			       size_t options_size, const struct stk_pack_options *pack,
			       struct stk_dump **out, char *error, size_t size)
{
	struct stk_dump *d = calloc(1, sizeof(*d));
	char text[1024];
	struct stk_opening o = {
		.d = d, .path = path, .pack = pack, .error = text, .size = sizeof(text)
	};
	enum stk_status st;

	*out = NULL;
	if (!d) {
		snprintf(error, size, "%s", stk_status_text(STK_ERR_NOMEM));
		return STK_ERR_NOMEM;
	}
	stk_give(&o.how, sizeof(o.how), options, options_size);
	st = open_dump(&o);
	if (!st) {
		*out = d;
		return st;
	}
	if (*d->warning) {
		size_t len = strlen(text);

		snprintf(text + len, sizeof(text) - len, " (%s)", d->warning);
	}
	/* Of paths, and of what VMCOREINFO says. */
	stk_safe_text(error, size, text);
	stk_dump_close(d);
	return st;
}

enum stk_status stk_dump_open_with(const char *path,
				   const struct stk_dump_options *options,
				   size_t options_size, struct stk_dump **out,
				   char *error, size_t size)
{
	return open_as(path, options, options_size, NULL, out, error, size);
}

enum stk_status stk_dump_open_recorded(const char *path,
				       const struct stk_dump_options *options,
				       const struct stk_pack_options *pack,
				       struct stk_dump **out, char *error, size_t size)
{
	return open_as(path, options, sizeof(*options), pack, out, error, size);
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
	stk_dump_close_session(dump);
	stk_reader_close(dump->reader);
	stk_files_close(&dump->files);
	stk_words_free(dump->watch.record);
	stk_words_free(dump->watch.kept);
	stk_arena_free(&dump->arena);
	free(dump);
}
