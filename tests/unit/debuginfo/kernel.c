/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel in small, for test_debuginfo.c: its lines and types are known there. */
struct inner {
	int a;
	union {
		long b;
		struct {
			char c, d;
		};
	};
};

struct outer {
	struct inner in;
	unsigned int low : 5, high : 11;
	char tail[];
} instance;

static inline __attribute__((always_inline)) int inlined(int x)
{
#line 1000
	__asm__ volatile(".globl in_inlined\nin_inlined: nop");
	return x * 3;
}

int outer_fn(int x)
{
#line 2000
	return inlined(x + instance.in.a) + 1;
}
