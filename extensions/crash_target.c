/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Of crash's headers only exported functions are used, and fields that have not
 * moved from 7.2.9 to 9.0.2: there is no ABI check at load time.
 */
#include <crash/defs.h>

#include "crash_ask.h"
#include "crash_target.h"

#include <elf.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../src/debuginfo/debuginfo.h"
#include "../src/file/file.h"
#include "../src/file/machine.h"
#include "../src/file/notes.h"

/* RETURN_ON_ERROR: as little as can be is FATAL; QUIET: unreadable is an answer. */
#define READ_FLAGS (RETURN_ON_ERROR | QUIET)

static struct stk_arena arena; /* of the notes */
static struct stk_notes notes;
static int notes_tried;
/* Of the namelist that crash was given. */
static struct stk_debuginfo *debuginfo;
static struct stk_debuginfo_ops debuginfo_ops;

/* Of what crash did not answer the dump says nothing. */
#define GAVE_UP STK_ERR_INTERRUPTED

struct memory_question {
	uint64_t addr;
	void *buf;
	size_t len;
	int type, came;
};

static void ask_memory(void *question)
{
	struct memory_question *q = question;

	q->came =
		readmem(q->addr, q->type, q->buf, (long)q->len, "stackinfo", READ_FLAGS);
}

static enum stk_status read_memory(uint64_t addr, int type, void *buf, size_t len)
{
	struct memory_question q = { addr, buf, len, type, 0 };

	if (!crash_ask(ask_memory, &q))
		return GAVE_UP;
	return q.came ? STK_OK : STK_ERR_EXCLUDED;
}

static enum stk_status read_phys(void *priv, uint64_t addr, void *buf, size_t len)
{
	return read_memory(addr, PHYSADDR, buf, len);
}

static enum stk_status read_virt(void *priv, uint64_t addr, void *buf, size_t len)
{
	return read_memory(addr, KVADDR, buf, len);
}

static const struct stk_memory_ops memory_ops = {
	.read_phys = read_phys,
	.read_virt = read_virt,
};

struct symbol_question {
	const char *name; /* NULL: which is at @addr? */
	uint64_t addr;
	ulong distance;
	struct syment *came;
};

static void ask_symbol(void *question)
{
	struct symbol_question *q = question;

	q->came = q->name ? symbol_search((char *)(uintptr_t)q->name)
			  : value_search(q->addr, &q->distance);
}

static enum stk_status find_symbol(struct symbol_question *q)
{
	if (!crash_ask(ask_symbol, q))
		return GAVE_UP;
	return q->came ? STK_OK : STK_ERR_NO_SYMBOL;
}

static enum stk_status symbol_address(void *priv, const char *name, uint64_t *addr)
{
	struct symbol_question q = { .name = name };
	enum stk_status st = find_symbol(&q);

	if (!st)
		*addr = q.came->value;
	return st;
}

static enum stk_status symbol_lookup(void *priv, uint64_t addr, const char **name,
				     uint64_t *offset)
{
	struct symbol_question q = { .addr = addr };
	enum stk_status st = find_symbol(&q);

	if (!st) {
		*name = q.came->name;
		*offset = q.distance;
	}
	return st;
}

static const struct stk_symbol_ops symbol_ops = {
	.address = symbol_address,
	.lookup = symbol_lookup,
};

struct type_question {
	const char *type, *member;
	void *wanted; /* NULL: where @member is */
	long came;
};

static void ask_type(void *question)
{
	struct type_question *q = question;

	q->came = datatype_info((char *)(uintptr_t)q->type, (char *)(uintptr_t)q->member,
				q->wanted);
}

static enum stk_status find_type(struct type_question *q)
{
	if (!crash_ask(ask_type, q))
		return GAVE_UP;
	return q->came < 0 ? STK_ERR_NO_TYPE : STK_OK;
}

static enum stk_status type_size(void *priv, const char *type, uint32_t *size)
{
	struct type_question q = { type, NULL, STRUCT_SIZE_REQUEST, -1 };
	enum stk_status st = find_type(&q);

	if (!st)
		*size = (uint32_t)q.came;
	return st;
}

static enum stk_status type_member(void *priv, const char *type, const char *member,
				   struct stk_member *out)
{
	struct type_question where = { type, member, NULL, -1 },
			     size = { type, member, MEMBER_SIZE_REQUEST, -1 };
	enum stk_status st = find_type(&where);

	if (!st && find_type(&size) == GAVE_UP)
		st = GAVE_UP;
	if (st)
		return st;
	out->offset = (uint32_t)where.came;
	out->size = size.came > 0 ? (uint32_t)size.came : 0;
	return STK_OK;
}

static const struct stk_type_ops type_ops = { .size = type_size, .member = type_member };

/*
 * crash exports no raw notes, so they are read from the dump file once more. Its
 * name is one of the first fields of program_context, which never moved.
 */
static struct stk_notes *get_notes(void)
{
	if (!notes_tried) {
		notes_tried = 1;
		if (pc->dumpfile)
			stk_notes_load(&notes, &arena, pc->dumpfile);
	}
	return &notes;
}

static enum stk_status get_note(void *priv, enum stk_note_kind kind, unsigned int index,
				struct stk_note *out)
{
	return stk_notes_ops.note(get_notes(), kind, index, out);
}

static const struct stk_note_ops note_ops = { .note = get_note };

static const char *vmcoreinfo(void *priv, const char *key)
{
	return stk_notes_vmcoreinfo(get_notes(), key);
}

struct module_question {
	const char *name;
	struct load_module *came; /* NULL: there is none */
};

static void ask_module(void *question)
{
	struct module_question *q = question;

	if (!is_module_name((char *)(uintptr_t)q->name, NULL, &q->came))
		q->came = NULL;
}

/*
 * Where "mod -s" loaded a module from is the first place to look. The name of that file
 * is one of the first fields of load_module, which never moved.
 */
static void *module_image(void *priv, const struct stk_module_info *info)
{
	struct module_question q = { .name = info->name };
	struct stk_module_info hinted = *info;

	if (!crash_ask(ask_module, &q))
		return NULL;
	if (q.came && *q.came->mod_namelist)
		hinted.file = q.came->mod_namelist;
	/* What is returned keeps nothing of @hinted. */
	/* cppcheck-suppress returnDanglingLifetime */
	return stk_debuginfo_ops.module(priv, &hinted);
}

/*
 * SIGINT is blocked while a command runs (see stackinfo.c), so a Ctrl-C waits here
 * to be seen between two reads.
 */
static bool interrupted(void *priv)
{
	sigset_t set;

	return crash_gave_up() || (!sigpending(&set) && sigismember(&set, SIGINT));
}

static struct stk_debuginfo *get_debuginfo(void)
{
	const char *namelist = pc->namelist_debug ? pc->namelist_debug : pc->namelist;
	char error[256];

	if (!debuginfo) {
		debuginfo = stk_debuginfo_new();
		/* What crash could open is a namelist. */
		if (debuginfo && namelist)
			stk_debuginfo_add(debuginfo, namelist, error, sizeof(error));
	}
	return debuginfo;
}

/* What there is to read, holes not counted. */
static uint64_t dump_size(void)
{
	struct stat sb;

	if (ACTIVE() || !pc->dumpfile)
		return (uint64_t)sysconf(_SC_PHYS_PAGES) *
		       (uint64_t)sysconf(_SC_PAGESIZE);
	return stat(pc->dumpfile, &sb) ? 0 : stk_stored_size(&sb);
}

/* For what machine this crash was built. */
static uint16_t machine_number(void)
{
	static const struct {
		char *name;
		uint16_t machine;
	} built[] = { { "X86_64", EM_X86_64 },
		      { "ARM64", EM_AARCH64 },
		      { "RISCV64", EM_RISCV } };

	for (size_t i = 0; i < sizeof(built) / sizeof(built[0]); i++)
		if (machine_type(built[i].name))
			return built[i].machine;
	return STK_MACHINE_UNKNOWN;
}

void crash_target_init(struct stk_target *target)
{
	struct stk_debuginfo *d = get_debuginfo();

	debuginfo_ops = stk_debuginfo_ops;
	debuginfo_ops.module = module_image;
	*target = (struct stk_target){
		.memory = &memory_ops,
		.symbols = &symbol_ops,
		.types = &type_ops,
		.notes = &note_ops,
		.vmcoreinfo = vmcoreinfo,
		.debuginfo = d ? &debuginfo_ops : NULL,
		.debuginfo_priv = d,
		.size = dump_size(),
		.interrupted = interrupted,
		.machine = machine_number(),
	};
	crash_monitor(target);
}

void crash_target_exit(void)
{
	stk_debuginfo_free(debuginfo);
	debuginfo = NULL;
	stk_arena_free(&arena);
	notes = (struct stk_notes){ 0 };
	notes_tried = 0;
}
