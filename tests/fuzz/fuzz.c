/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz VMCORE FIRST_SEED COUNT - all commands on a dump that is damaged at random.
 *
 * Between libkdumpfile and the library every physical page may be lost, zeroed, or
 * get some of its words replaced by what misleads most: other words of the page,
 * kernel addresses, small numbers. Which pages, and how, follows from the seed, so
 * that a failure can be repeated. What is proved: no crash, no hang (20 s a seed), no
 * complaint of the sanitizers. That what still looks good is true, tests/crash/damage.py
 * proves.
 */
#include <stackinfo/dump.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/commands/commands.h"
#include "../../src/base/context.h"

struct damage {
	const struct stk_memory_ops *real;
	void *priv;
	uint64_t seed;
	unsigned int rate; /* one page in so many */
};

static uint64_t mix(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdull;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ull;
	return x ^ x >> 33;
}

static void spoil(unsigned char *page, uint64_t r)
{
	unsigned int words = 1u << (r >> 8 & 7);

	for (unsigned int i = 0; i < words; i++) {
		uint64_t at = mix(r + i) & 4088, value;

		switch (mix(r + i) >> 40 & 3) {
		case 0:
			memcpy(&value, page + (mix(r - i) & 4088), 8);
			break;
		case 1:
			value = 0xffffffff81000000ull + (mix(r ^ i) & 0xffffff);
			break;
		case 2:
			value = mix(r ^ i) & 0xff;
			break;
		default:
			value = mix(r * 3 + i);
		}
		memcpy(page + at, &value, 8);
	}
}

/* Within 4 KiB, as often as not all of a page. */
static enum stk_status read_piece(struct damage *d, uint64_t addr, void *buf, size_t len)
{
	uint64_t base = addr & ~4095ull, r = mix(d->seed ^ mix(base));
	unsigned char page[4096];
	enum stk_status st;

	if (r % d->rate)
		return d->real->read_phys(d->priv, addr, buf, len);
	r = mix(r);
	if ((r & 7) == 0)
		return STK_ERR_EXCLUDED;
	st = d->real->read_phys(d->priv, base, page, sizeof(page));
	if (st)
		return st;
	if ((r & 7) == 1)
		memset(page, 0, sizeof(page));
	else
		spoil(page, r);
	memcpy(buf, page + (addr - base), len);
	return STK_OK;
}

static enum stk_status damaged_read(void *priv, uint64_t addr, void *buf, size_t len)
{
	enum stk_status st = STK_OK;
	unsigned char *to = buf;

	while (len && !st) {
		size_t rest = 4096 - (addr & 4095), part = rest < len ? rest : len;

		st = read_piece(priv, addr, to, part);
		addr += part;
		to += part;
		len -= part;
	}
	return st;
}

static const struct stk_memory_ops damaged_ops = { .read_phys = damaged_read };

static void ignore(struct stk_command *cmd, const char *text)
{
	fprintf(cmd->out, "%s\n", text);
}

static void run(struct stk *s, FILE *out, const char *line)
{
	struct stk_command cmd = { .s = s, .out = out, .error = ignore };
	char copy[256], *argv[16], *save;
	int argc = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *p = strtok_r(copy, " ", &save); p && argc < 15;
	     p = strtok_r(NULL, " ", &save))
		argv[argc++] = p;
	argv[argc] = NULL;
	stk_run_words(stk_find_command(argv[0], STK_EVERYWHERE), &cmd, argc, argv);
}

static void once(const char *path, uint64_t seed, FILE *out)
{
	struct damage d = { .seed = mix(seed), .rate = 2u << (seed % 12) };
	struct stk_dump *dump;
	char text[256];
	struct stk *s;

	if (stk_dump_open(path, NULL, &dump, text, sizeof(text))) {
		fprintf(stderr, "%s\n", text);
		exit(1);
	}
	/* Some seeds damage what opening a dump has read already, others do not. */
	s = stk_dump_session(dump);
	if (seed & 1)
		s->cache = NULL;
	d.real = s->target.memory;
	d.priv = s->target.memory_priv;
	s->target.memory = &damaged_ops;
	s->target.memory_priv = &d;
	alarm(20);
	run(s, out, "stackinfo -v");
	run(s, out, "stackinfo -j");
	run(s, out, "xbt -A -j");
	run(s, out, "tss -v");
	run(s, out, "entry -v");
	run(s, out, "log -c");
	run(s, out, "oops -v");
	run(s, out, "stackof -l");
	run(s, out, "stackof -m -v");
	run(s, out, "stackof -m -j");
	run(s, out, "stackof fffffe0000000000..fffffe0000080000 %rsp:0 %rip:1");
	run(s, out,
	    "stackof -v fffffe0000002ff8 401076 ffffffffc0240010 init_task ffffffff81000000 runqueues:1 "
	    "cpu_tss_rw:0 exception_stacks:1 7fff00000000 ff00000000000000");
	alarm(0);
	stk_dump_close(dump);
}

int main(int argc, char **argv)
{
	uint64_t first, count;
	FILE *out = fopen("/dev/null", "w");

	if (argc != 4 || !out) {
		fprintf(stderr, "usage: fuzz VMCORE FIRST_SEED COUNT\n");
		return 2;
	}
	first = strtoull(argv[2], NULL, 0);
	count = strtoull(argv[3], NULL, 0);
	for (uint64_t seed = first; seed < first + count; seed++) {
		/* For the report of a sanitizer or of the alarm. */
		fprintf(stderr, "\rfuzz: seed %llu ", (unsigned long long)seed);
		once(argv[1], seed, out);
	}
	fprintf(stderr, "\n");
	printf("fuzz: %llu passed, 0 failed\n", (unsigned long long)count);
	fclose(out);
	return 0;
}
