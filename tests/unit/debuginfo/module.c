/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module in small, for test_debuginfo.c: a function in each of two sections. */
int first_fn(int x)
{
#line 3000
	return x + 1;
}

__attribute__((section(".text.other"))) int other_fn(int x)
{
#line 4000
	return x + 2;
}
