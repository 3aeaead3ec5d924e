/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine.h"

#include <elf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../lib/machine.h"

#define STEPS (256u << 10)
#define BYTES (16u << 20)

/* A sound machine of the unit tests, beside which bytes are read, has to fit. */
void syn_misuse(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	__builtin_trap();
}

static enum stk_status read_phys(void *priv, uint64_t addr, void *buf, size_t len)
{
	return STK_ERR_EXCLUDED;
}

/* A page at a time; what lacks of the last one is zero. */
static enum stk_status read_virt(void *priv, uint64_t addr, void *buf, size_t len)
{
	struct fuzz_machine *m = priv;
	uint64_t at = addr - FUZZ_MEMORY;

	if (at >= m->size)
		return STK_ERR_UNMAPPED;
	memset(buf, 0, len);
	memcpy(buf, m->memory + at, len < m->size - at ? len : m->size - at);
	return STK_OK;
}

static const struct stk_memory_ops memory_ops = { .read_phys = read_phys,
						  .read_virt = read_virt };

/* What the line "KIND(name)=" says. */
static bool number(struct fuzz_machine *m, const char *kind, const char *name, int base,
		   uint64_t *value)
{
	const char *text;
	char key[256];

	snprintf(key, sizeof(key), "%s(%s)", kind, name);
	text = stk_notes_vmcoreinfo(&m->notes, key);
	if (text)
		*value = strtoull(text, NULL, base);
	return text;
}

static enum stk_status symbol_address(void *priv, const char *name, uint64_t *addr)
{
	return number(priv, "SYMBOL", name, 16, addr) ? STK_OK : STK_ERR_NO_SYMBOL;
}

static const struct stk_symbol_ops symbol_ops = { .address = symbol_address };

static enum stk_status type_size(void *priv, const char *type, uint32_t *size)
{
	uint64_t value;

	if (!number(priv, "SIZE", type, 10, &value))
		return STK_ERR_NO_TYPE;
	*size = (uint32_t)value;
	return STK_OK;
}

static enum stk_status type_member(void *priv, const char *type, const char *member,
				   struct stk_member *out)
{
	char name[192];
	uint64_t value;

	snprintf(name, sizeof(name), "%s.%s", type, member);
	if (!number(priv, "OFFSET", name, 10, &value))
		return STK_ERR_NO_TYPE;
	*out = (struct stk_member){ (uint32_t)value, 8 };
	return STK_OK;
}

static const struct stk_type_ops type_ops = { .size = type_size, .member = type_member };

void fuzz_machine(struct fuzz_machine *m, const uint8_t *data, size_t size)
{
	size_t text = size ? strnlen((const char *)data, size) : 0;

	memset(m, 0, sizeof(*m));
	fuzz_assert(!stk_notes_set_vmcoreinfo(&m->notes, &m->arena, data, text));
	if (text < size) {
		m->memory = data + text + 1;
		m->size = size - text - 1;
	}
	m->target = (struct stk_target){
		.memory = &memory_ops,
		.memory_priv = m,
		.symbols = &symbol_ops,
		.symbols_priv = m,
		.types = &type_ops,
		.types_priv = m,
		.vmcoreinfo = stk_notes_vmcoreinfo,
		.vmcoreinfo_priv = &m->notes,
		.machine = EM_X86_64,
	};
}

struct stk *fuzz_open(struct fuzz_machine *m)
{
	struct stk *s = stk_open(&m->target, sizeof(m->target));

	fuzz_assert(s);
	s->budget.max_steps = s->budget.steps = STEPS;
	s->budget.max_bytes = s->budget.bytes = BYTES;
	s->budget.max_answer = s->budget.answer = BYTES;
	return s;
}

void fuzz_close(struct fuzz_machine *m, struct stk *s)
{
	stk_close(s);
	stk_arena_free(&m->arena);
}

const char *fuzz_file(const uint8_t *data, size_t size)
{
	static char path[32];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("fuzz", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	fuzz_assert(!ftruncate(fd, 0) && pwrite(fd, data, size, 0) == (ssize_t)size);
	return path;
}
