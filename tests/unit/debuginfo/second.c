/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Another file of the kernel in small: what kernel.c has, too, then what it has not. */
struct inner {
	int a;
} again;

struct unknown {
	long known, here;
} unknown;

struct last {
	char c[3], d;
} last;

int second_fn(int x)
{
#line 5000
	return x + again.a;
}
