/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values are those of include/linux/poison.h. */
#include "poison.h"

#include <stddef.h>

#include "../base/bytes.h"

/* CONFIG_ILLEGAL_POINTER_VALUE of all architectures of 64 bits. */
#define DELTA	   0xdead000000000000ull
#define EACH(byte) ((byte)*0x0101010101010101ull)
/* The offset of a member, added or, by container_of(), taken away. */
#define MEMBER 0x1000u

static const struct stk_poison row[] = {
	{ "LIST_POISON1", DELTA + 0x100, 0x80, 0x21,
	  "the next of an entry that was deleted from its list" },
	{ "LIST_POISON2", DELTA + 0x122, 0, 0x80,
	  "the previous of an entry that was deleted from its list" },
	{ "LIST_POISON2", DELTA + 0x200, 0x10, 0x80,
	  "the previous of an entry that was deleted from its list, in older kernels" },
	{ "TIMER_ENTRY_STATIC", DELTA + 0x300, 0x10, 0x80,
	  "what links a timer that is not pending" },
	{ "TAIL_MAPPING", DELTA + 0x400, 0x10, 0x80,
	  "the mapping of a page that is the tail of a larger one" },
	{ "KASAN_SHADOW_OFFSET", 0xdffffc0000000000ull, 0, MEMBER / 8,
	  "what KASAN looks up for a pointer that is NULL" },
	{ "POISON_FREE", EACH(0x6b), MEMBER, MEMBER, "in a slab object that was freed" },
	{ "POISON_INUSE", EACH(0x5a), MEMBER, MEMBER,
	  "in a slab object that nobody has initialised" },
	{ "PAGE_POISON", EACH(0xaa), MEMBER, MEMBER,
	  "in a page that was freed, or in a variable that nobody has initialised" },
	{ "SLUB_RED_INACTIVE", EACH(0xbb), MEMBER, MEMBER,
	  "around a slab object that is free" },
	{ "POISON_FREE_INITMEM", EACH(0xcc), MEMBER, MEMBER,
	  "in code or data of the start that was freed, or around a slab object" },
	{ "KEY_DESTROY", EACH(0xbd), MEMBER, MEMBER, "in a key that was destroyed" },
	{ "a poisoned pointer", DELTA, MEMBER, 0x10000,
	  "where a pointer was taken away" },
};

const struct stk_poison *stk_poison_of(uint64_t value)
{
	for (size_t i = 0; i < STK_ARRAY_SIZE(row); i++)
		if (value - row[i].value <= row[i].above ||
		    row[i].value - value <= row[i].below)
			return &row[i];
	return NULL;
}

bool stk_poison_text(uint64_t value, char *text)
{
	for (size_t i = 0; i < 8; i++) {
		text[i] = (char)(value >> 8 * i);
		if (text[i] < ' ' || text[i] > '~')
			return false;
	}
	text[8] = '\0';
	return true;
}

const char *stk_errno_name(uint64_t code)
{
	/* include/uapi/asm-generic/errno-base.h and errno.h; include/linux/errno.h */
	static const struct {
		uint64_t code;
		const char *name;
	} name[] = {
		{ 1, "EPERM" },		{ 2, "ENOENT" },	 { 4, "EINTR" },
		{ 5, "EIO" },		{ 6, "ENXIO" },		 { 9, "EBADF" },
		{ 11, "EAGAIN" },	{ 12, "ENOMEM" },	 { 13, "EACCES" },
		{ 14, "EFAULT" },	{ 16, "EBUSY" },	 { 17, "EEXIST" },
		{ 19, "ENODEV" },	{ 20, "ENOTDIR" },	 { 21, "EISDIR" },
		{ 22, "EINVAL" },	{ 28, "ENOSPC" },	 { 30, "EROFS" },
		{ 34, "ERANGE" },	{ 38, "ENOSYS" },	 { 61, "ENODATA" },
		{ 95, "EOPNOTSUPP" },	{ 110, "ETIMEDOUT" },	 { 116, "ESTALE" },
		{ 512, "ERESTARTSYS" }, { 517, "EPROBE_DEFER" }, { 524, "ENOTSUPP" },
	};

	for (size_t i = 0; i < STK_ARRAY_SIZE(name); i++)
		if (name[i].code == code)
			return name[i].name;
	return NULL;
}
