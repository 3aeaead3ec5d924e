/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel keeps VMCOREINFO twice (kernel/crash_core.c, or vmcore_info.c), since 4.13
 * (commit 203e9e41219b) in pages of their own: vmcoreinfo_data, the text, and
 * vmcoreinfo_note, the ELF note made of it, into which a crash writes the last lines. The
 * note is looked at first: its header is hard to meet by chance, and it knows more.
 * Before both comes what a crash completed: where a machine was stopped while it ran its
 * capture kernel, that has a VMCOREINFO, too, which leads to all that it wants.
 */
#include "vmcoreinfo_find.h"

#include <elf.h>
#include <string.h>

/* The reader has no cache that helps here. */
#define STEPS_PER_PAGE (8 * STK_FETCH_STEPS)

#define FIRST "OSRELEASE=" /* its first line, in every version */
#define NAME  "VMCOREINFO"

/* Pages in a row that a header promises and the file does not have: there it ends. */
#define MAX_MISSING (1u << 20)

struct start {
	Elf64_Nhdr head;
	char name[(sizeof(NAME) + 3) & ~3u];
	char text[sizeof(FIRST) - 1];
};

#define NOTE_HEAD offsetof(struct start, text)

static bool begins_text(const char *p)
{
	return !memcmp(p, FIRST, sizeof(FIRST) - 1);
}

static bool is_note(const struct start *s)
{
	return s->head.n_namesz == sizeof(NAME) && !memcmp(s->name, NAME, sizeof(NAME)) &&
	       s->head.n_descsz && s->head.n_descsz <= STK_VMCOREINFO_SIZE &&
	       begins_text(s->text);
}

/* crash_save_vmcoreinfo(), __crash_kexec() */
static bool has_crashed(const struct stk_pages *pages, const struct stk_vmcoreinfo_at *at)
{
	static const char line[] = "\nCRASHTIME=";
	char text[STK_VMCOREINFO_SIZE];
	size_t len = stk_vmcoreinfo_read(pages, at, text);

	return memmem(text, len, line, sizeof(line) - 1);
}

/* Is @a less credible than @b? */
static bool is_behind(const struct stk_vmcoreinfo_at *a,
		      const struct stk_vmcoreinfo_at *b)
{
	if (a->crashed != b->crashed)
		return b->crashed;
	return !a->size && b->size;
}

/* Behind those that are as credible. There is room. */
static void insert(struct stk_vmcoreinfo_at *at, size_t nr,
		   struct stk_vmcoreinfo_at found)
{
	while (nr && is_behind(&at[nr - 1], &found)) {
		at[nr] = at[nr - 1];
		nr--;
	}
	at[nr] = found;
}

size_t stk_vmcoreinfo_find(const struct stk_pages *pages, struct stk_vmcoreinfo_at *at,
			   size_t room)
{
	size_t nr = 0, missing = 0;

	for (uint64_t pfn = 0; pages->next(pages->priv, &pfn); pfn++) {
		struct stk_vmcoreinfo_at found = { .addr = pfn * pages->page_size };
		struct start start;

		if (!stk_budget_steps(pages->budget, STEPS_PER_PAGE))
			break;
		if (pages->read(pages->priv, found.addr, &start, sizeof(start))) {
			if (++missing == MAX_MISSING)
				break;
			continue;
		}
		missing = 0;
		if (is_note(&start)) {
			found.addr += NOTE_HEAD;
			found.size = start.head.n_descsz;
		} else if (!begins_text((const char *)&start)) {
			continue;
		}
		if (nr == room)
			break;
		found.crashed = has_crashed(pages, &found);
		insert(at, nr++, found);
	}
	return nr;
}

size_t stk_vmcoreinfo_read(const struct stk_pages *pages,
			   const struct stk_vmcoreinfo_at *at,
			   char text[STK_VMCOREINFO_SIZE])
{
	size_t size = at->size, len = 0;

	/* A text fills its page, but what is behind the most that there can be is zero.
	 */
	if (!size)
		size = pages->page_size < STK_VMCOREINFO_SIZE ? pages->page_size
							      : STK_VMCOREINFO_SIZE;
	while (len < size) {
		uint64_t addr = at->addr + len;
		size_t n = pages->page_size - addr % pages->page_size;

		if (n > size - len)
			n = size - len;
		if (pages->read(pages->priv, addr, text + len, n))
			return 0;
		len += n;
	}
	/* Lines of text, each KEY=VALUE. */
	len = strnlen(text, len);
	for (size_t i = 0; i < len; i++)
		if (text[i] != '\n' && (text[i] < ' ' || text[i] > '~'))
			return 0;
	return len;
}
