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

/* So many types that the table of their names grows. */
#define TYPE(n)                                                                          \
	struct many_##n {                                                                \
		char c[n + 1];                                                           \
	} many_##n
#define TYPES(n)                                                                         \
	TYPE(n##0);                                                                      \
	TYPE(n##1);                                                                      \
	TYPE(n##2);                                                                      \
	TYPE(n##3);                                                                      \
	TYPE(n##4)
TYPES(1);
TYPES(2);
TYPES(3);
TYPES(4);
TYPES(5);
TYPES(6);
TYPES(7);
TYPES(8);
TYPES(10);
TYPES(11);
TYPES(12);
TYPES(13);
TYPES(14);
TYPES(15);
TYPES(16);

union either {
	long l;
	short s[5];
} either;

typedef int not_composite;
not_composite plain_int;
