/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a dump's VMCOREINFO comes from, and whether it is of its kernel. */
#include <errno.h>
#include <stackinfo/machine.h>
#include <stdio.h>
#include <string.h>

#include "../arch/arch.h"
#include "../base/safe.h"
#include "../machine/memory.h"
#include "../machine/saved.h"
#include "../machine/vmcoreinfo.h"
#include "../machine/vmcoreinfo_find.h"
#include "dump_kept.h"
#include "dump_open.h"

/* In memory: more than a kernel and those before it leave. */
#define MAX_CANDIDATES 64u

/* Does the kernel call itself otherwise than VMCOREINFO does? Then d->why says so. */
static bool is_contradicted(struct stk_dump *d, const char *what)
{
	char own[STK_RELEASE_SIZE], safe[80];

	if (stk_dump_is_its_kernel(d, own) != 0)
		return false;
	snprintf(d->why, sizeof(d->why), "%s is of %s, but the kernel calls itself %s",
		 what,
		 stk_safe_text(safe, sizeof(safe),
			       stk_dump_vmcoreinfo_line(d, "OSRELEASE")),
		 own);
	return true;
}

/* What it has cost is spent. */
static void leave_session(struct stk_dump *d)
{
	if (d->session)
		stk_budget_steps(&d->opening,
				 d->session->budget.max_steps - d->session->budget.steps);
	stk_dump_close_session(d);
}

/* Is @text, found in some way, the VMCOREINFO of the kernel in the dump? */
static enum stk_status try_vmcoreinfo(struct stk_opening *o, const char *text, size_t len)
{
	struct stk_dump *d = o->d;
	enum stk_status st = stk_notes_set_vmcoreinfo(&d->notes, &d->arena, text, len);
	char own[STK_RELEASE_SIZE];

	if (st)
		return st;
	/* What a note that leads nowhere says need not be tried again. */
	if (!stk_vmcoreinfo_adds(d->notes.vmcoreinfo, d->disbelieved))
		return STK_ERR_NOT_FOUND;
	st = stk_dump_open_session(o);
	if (!st && stk_dump_is_its_kernel(d, own) == 1)
		return STK_OK;
	if (!st)
		st = stk_dump_refuse(
			o, STK_ERR_UNSUPPORTED,
			"no VMCOREINFO note, and that in its memory is not of its kernel");
	leave_session(d);
	return st;
}

/*
 * The dump's own note. It may be cut, edited, or of another machine: unless it leads to a
 * kernel of its name, others are looked for.
 */
static enum stk_status from_note(struct stk_opening *o)
{
	struct stk_dump *d = o->d;
	enum stk_status st;

	snprintf(d->why, sizeof(d->why), "no VMCOREINFO note");
	if (!d->notes.vmcoreinfo)
		return STK_ERR_NOT_FOUND;
	st = stk_dump_open_session(o);
	/* What is wrong with a namelist is so with each of them. */
	if ((st && !d->session) || (!st && !is_contradicted(d, "its VMCOREINFO note")))
		return st;
	d->disbelieved = d->notes.vmcoreinfo;
	if (st)
		snprintf(d->why, sizeof(d->why),
			 "its VMCOREINFO note leads to no kernel");
	stk_dump_close_session(d);
	return st ? st : STK_ERR_CORRUPT;
}

/* The lines that the user has of it. */
static enum stk_status from_file(struct stk_opening *o)
{
	struct stk_dump *d = o->d;
	const char *path = o->how.vmcoreinfo;
	char *text = stk_arena_alloc(&d->arena, STK_MAX_VMCOREINFO);
	FILE *fp = text ? fopen(path, "re") : NULL;
	size_t len = fp ? fread(text, 1, STK_MAX_VMCOREINFO, fp) : 0;
	enum stk_status st = STK_ERR_IO;

	if (!text)
		st = stk_dump_no_memory(o);
	else if (!fp || ferror(fp))
		snprintf(o->error, o->size, "%s: %s", path, strerror(errno));
	else if (!memchr(text, '=', len))
		snprintf(o->error, o->size, "%s: no lines of VMCOREINFO", path);
	else
		st = stk_notes_set_vmcoreinfo(&d->notes, &d->arena, text, len);
	if (fp)
		fclose(fp);
	if (!st)
		st = stk_dump_open_session(o);
	if (!st && is_contradicted(d, path))
		stk_dump_warn(d, "%s", d->why);
	return st;
}

/* Only what the user gave, and the symbols of a namelist. */
static enum stk_status from_options(struct stk_opening *o)
{
	struct stk_dump *d = o->d;
	enum stk_status st = STK_ERR_NOT_FOUND;

	if (o->how.namelist && o->how.phys_base)
		st = stk_notes_set_vmcoreinfo(&d->notes, &d->arena, "", 0);
	return st ? st : stk_dump_open_session(o);
}

/* What was found @at some place. */
static enum stk_status try_found(struct stk_opening *o, const struct stk_pages *pages,
				 const struct stk_vmcoreinfo_at *at)
{
	char text[STK_VMCOREINFO_SIZE];
	size_t len = stk_vmcoreinfo_read(pages, at, text);

	return len ? try_vmcoreinfo(o, text, len) : STK_ERR_UNSUPPORTED;
}

/*
 * Memory may have several kernels: what a reboot left, and the capture kernel. The first
 * that leads somewhere, and that CPUs ran; if they ran none of them, that of the first.
 */
static enum stk_status from_memory(struct stk_opening *o)
{
	struct stk_dump *d = o->d;
	const struct stk_pages pages = { stk_reader_next, stk_reader_read,
					 stk_reader_page_size(d->reader), d->reader,
					 &d->opening };
	struct stk_vmcoreinfo_at at[MAX_CANDIDATES], *best = NULL;
	size_t nr = stk_vmcoreinfo_find(&pages, at, MAX_CANDIDATES);
	enum stk_status st = STK_ERR_UNSUPPORTED;

	stk_dump_refuse(o, st, "no VMCOREINFO: neither a note, nor in its memory");
	/* What was found is tried all the same. */
	d->search_cut = d->opening.dry;
	stk_budget_refill(&d->opening);
	for (size_t i = 0; i < nr && !d->opening.dry && !d->session; i++) {
		bool running;

		st = try_found(o, &pages, &at[i]);
		if (st)
			continue;
		running = stk_dump_was_running(d);
		if (running || !best)
			best = &at[i];
		if (!running)
			leave_session(d);
	}
	if (best && !d->session)
		st = try_found(o, &pages, best);
	if (best && !st)
		stk_dump_warn(d, "%s: found in memory at %#llx", d->why,
			      (unsigned long long)best->addr);
	return st;
}

/* What it would say, by the notes of the @nth CPU; returns the text's length. */
static size_t guessed_vmcoreinfo(struct stk_dump *d, unsigned int nth, char *text)
{
	const struct stk_target t = {
		.memory = &stk_dump_memory_ops,
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
static enum stk_status from_registers(struct stk_opening *o)
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
			stk_dump_warn(
				d,
				"no VMCOREINFO: the page tables are those that a CPU used");
			return st;
		}
		/* From 6.0 on it is VMCOREINFO that tells where the symbols are. */
		if (!o->how.namelist)
			stk_dump_refuse(
				o, st,
				"no VMCOREINFO: neither a note, nor in its memory; "
				"with its symbols, -n VMLINUX, it can be done without");
	}
	return st;
}

/*
 * Where VMCOREINFO comes from if no note is believed, the most trustworthy first.
 * STK_ERR_NOT_FOUND: nothing is there, which is no news.
 */
static enum stk_status (*const sources[])(struct stk_opening *o) = { from_memory,
								     from_registers,
								     from_options };

static enum stk_status search_session(struct stk_opening *o)
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
		st = stk_dump_refuse(o, STK_ERR_LIMIT,
				     "no VMCOREINFO note, and to search for it: %s",
				     stk_status_text(STK_ERR_LIMIT));
	return st;
}

/* Of a small dump: what is in it. Without that zeros would be taken for the kernel's. */
static enum stk_status take_kept(struct stk_opening *o)
{
	struct stk_dump *d = o->d;
	struct stk_words *kept;
	enum stk_status st;

	if (!d->notes.kept && stk_vmcoreinfo_value(d->notes.vmcoreinfo, STK_PACKED))
		stk_dump_warn(
			d, "a dump of \"stackinfo pack\" that lost the list of what is "
			   "in it: what it left out reads as zeros");
	if (!d->notes.kept)
		return STK_OK;
	st = stk_kept_read(d->notes.kept, d->notes.kept_size, &kept);
	d->watch.kept = kept;
	if (st == STK_ERR_NOMEM)
		return stk_dump_no_memory(o);
	return st ? stk_dump_refuse(o, st, "the list of what is in it is damaged")
		  : STK_OK;
}

enum stk_status stk_dump_find_session(struct stk_opening *o)
{
	struct stk_dump *d = o->d;
	enum stk_status st, searched;
	char error[512];

	/* Of a split dump any part may have them. */
	for (size_t i = 0; i < d->files.nr && !d->notes.vmcoreinfo; i++)
		if (stk_notes_read(&d->notes, &d->arena, d->files.fd[i]) == STK_ERR_NOMEM)
			return stk_dump_no_memory(o);
	st = take_kept(o);
	if (st)
		return st;
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
	stk_dump_warn(d, "%s", d->why);
	return stk_dump_open_session(o);
}
