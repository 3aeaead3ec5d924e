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

/* Fields that begin behind the first byte of their unit. */
struct bits {
	unsigned int a : 9, b : 9, c : 14;
	long d;
	unsigned long e : 3, f : 40, g : 21;
} bits_instance;

/* As deep as any kernel's types are, and deeper. */
struct levels {
	struct {
		int one;
		struct {
			struct {
				struct {
					struct {
						struct {
							struct {
								struct {
									int eight;
									struct {
										int nine;
									};
								};
							};
						};
					};
				};
			};
		};
	};
} levels_instance;

struct unknown; /* as second.c has it, too, before the last of its types */

typedef const struct inner constant_inner;

struct deep {
	int first;
	struct {
		int x;
		struct {
			long y;
			union {
				char p;
				short q;
			};
		};
	};
	volatile constant_inner in;
	struct unknown *pointer;
	int array[3];
} deep_instance;

struct empty {
} empty_instance;

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

static inline __attribute__((always_inline)) int deepest(int x)
{
#line 2400
	__asm__ volatile(".globl in_deepest\nin_deepest: nop");
	return x * 5;
}

static inline __attribute__((always_inline)) int between(int x)
{
#line 2500
	return deepest(x) ^ 5;
}

/* Two calls, one in the other. */
int nested_fn(int x)
{
#line 2600
	return between(x) - 1;
}

/* Other names for the same address, that the kernel would not print. */
int weak_fn(int x) __attribute__((weak, alias("outer_fn")));
int __outer_fn(int x) __attribute__((alias("outer_fn")));
int z_fn(int x) __attribute__((alias("outer_fn")));
int _text(int x) __attribute__((alias("outer_fn")));
