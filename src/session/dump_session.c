/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session on a dump, with the VMCOREINFO that it has by now. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../arch/arch.h"
#include "../debuginfo/namelist.h"
#include "../machine/lost.h"
#include "../machine/memory.h"
#include "../machine/vmcoreinfo.h"
#include "../machine/vmcoreinfo_find.h"
#include "dump_open.h"

/* Virtual addresses are ours to translate: no reader can for every format. */
const struct stk_memory_ops stk_dump_memory_ops = { .read_phys = stk_reader_read };

struct question {
	const char *type, *member; /* member: NULL: how large is it? */
	uint32_t *size;
	struct stk_member *out;
};

static enum stk_status ask(const struct stk_type_ops *ops, void *priv,
			   const struct question *q)
{
	return q->member ? ops->member(priv, q->type, q->member, q->out)
			 : ops->size(priv, q->type, q->size);
}

/* Types come from the dump itself, or, where it lost them, from the namelist. */
static enum stk_status find_type(struct stk_dump *d, const struct question *q)
{
	const bool excused = d->session->lost_excused,
		   other = stk_debuginfo_kernel(d->debuginfo);
	struct stk_types *types;
	enum stk_status st;
	const char *why;

	/* What the namelist can tell instead is no loss. */
	stk_lost_excuse(d->session, excused || other);
	st = ask(&stk_btf_ops, d->btf, q);
	stk_lost_excuse(d->session, excused);
	if (!other || stk_is_passing(st) ||
	    (stk_btf_present(d->btf, &why) && (!st || st == STK_ERR_NO_TYPE)))
		return st;
	types = stk_debuginfo_types(d->debuginfo);
	return types ? ask(&stk_dwarf_type_ops, types, q) : ask(&stk_btf_ops, d->btf, q);
}

static enum stk_status type_size(void *priv, const char *type, uint32_t *size)
{
	return find_type(priv, &(struct question){ .type = type, .size = size });
}

static enum stk_status type_member(void *priv, const char *type, const char *member,
				   struct stk_member *out)
{
	return find_type(priv, &(struct question){ type, member, .out = out });
}

static const struct stk_type_ops type_ops = { .size = type_size, .member = type_member };

void stk_dump_close_session(struct stk_dump *d)
{
	stk_btf_free(d->btf);
	stk_close(d->session);
	stk_debuginfo_free(d->debuginfo);
	d->session = NULL;
	d->btf = NULL;
	d->debuginfo = NULL;
}

const char *stk_dump_vmcoreinfo_line(void *priv, const char *key)
{
	struct stk_dump *d = priv;
	const char *value = stk_vmcoreinfo_value(d->given, key);

	value = value ? value : stk_notes_vmcoreinfo(&d->notes, key);
	return value ? value : stk_vmcoreinfo_value(d->found, key);
}

/* The files that the user named; others are looked for when they are wanted. */
static enum stk_status open_debuginfo(struct stk_opening *o, struct stk_target *t)
{
	struct stk_dump *d = o->d;
	const char *offset = stk_dump_vmcoreinfo_line(d, "KERNELOFFSET");
	const struct stk_namelist_facts facts = {
		.build_id = stk_dump_vmcoreinfo_line(d, "BUILD-ID"),
		.offset = offset ? strtoull(offset, NULL, 16) : 0,
		.vmcoreinfo = d->notes.vmcoreinfo,
	};
	enum stk_status st = STK_OK;

	d->debuginfo = stk_debuginfo_new();
	if (!d->debuginfo)
		return stk_dump_no_memory(o);
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

/* What the kernel's VMCOREINFO lacks. */
static enum stk_status complete_vmcoreinfo(struct stk_dump *d)
{
	const struct stk_pages pages = { stk_reader_next, stk_reader_read,
					 stk_reader_page_size(d->reader), d->reader,
					 &d->session->budget };
	const struct stk_arch *arch = d->session->arch;
	char text[sizeof(d->found) - 1] = "";
	enum stk_status st = STK_OK;

	if (arch->complete_vmcoreinfo)
		st = arch->complete_vmcoreinfo(d->session, &pages, text, sizeof(text));
	memcpy(d->found, text, sizeof(text));
	stk_vmcoreinfo_split(d->found, strlen(d->found));
	return st;
}

enum stk_status stk_dump_open_session(struct stk_opening *o)
{
	struct stk_dump *d = o->d;
	struct stk_target t = {
		.memory = &stk_dump_memory_ops,
		.memory_priv = d->reader,
		.types = &type_ops,
		.types_priv = d,
		.notes = &stk_notes_ops,
		.notes_priv = &d->notes,
		.vmcoreinfo = stk_dump_vmcoreinfo_line,
		.vmcoreinfo_priv = d,
		.live = d->files.live,
		.size = stk_reader_size(d->reader),
		.incomplete = d->files.incomplete,
		.machine = d->machine,
	};
	enum stk_status st = open_debuginfo(o, &t);
	char own[STK_RELEASE_SIZE];

	if (st)
		return st;
	memset(d->found, 0, sizeof(d->found));
	d->session = stk_open(&t, sizeof(t));
	if (d->session && (d->watch.record || d->watch.kept))
		d->session->watch = &d->watch;
	d->btf = d->session ? stk_btf_new(d->session) : NULL;
	if (!d->btf)
		return stk_dump_no_memory(o);
	st = complete_vmcoreinfo(d);
	if (!st)
		st = stk_prepare(d->session);
	if (st)
		stk_dump_refuse(o, st, "%s", stk_reason(d->session, st));
	d->log_only = st == STK_ERR_NO_SYMBOL && stk_dump_is_its_kernel(d, own) == 1;
	return d->log_only ? STK_OK : st;
}
