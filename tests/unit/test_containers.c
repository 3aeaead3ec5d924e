/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves the containers that all rooms use: a table finds each thing by its key however
 * many share a hash, grows without losing any and ends every search; an array keeps its
 * elements as it grows; a search of a sorted one finds its bounds. When memory is short,
 * each says so and keeps what it has.
 */
#include "synthetic.h"
#include "suite.h"

#include "base/hash.h"
#include "base/say.h"
#include "base/sorted.h"
#include "base/vec.h"

struct pair {
	uint64_t key;
	unsigned int order;
};

static struct stk_arena arena;
static struct stk_budget budget;
static struct stk_hash table;
static struct pair *pairs;
static size_t nr_pairs, room;

static void setup(void)
{
	stk_budget_init(&budget, 0);
	arena = (struct stk_arena){ .budget = &budget };
	table = (struct stk_hash){ 0 };
	pairs = NULL;
	nr_pairs = room = 0;
}

static void teardown(void)
{
	stk_arena_free(&arena);
}

/* Many keys of one hash, as a hostile dump chooses them. */
static uint32_t hash_poorly(uint64_t key)
{
	return stk_hash_number(key / 64);
}

static uint32_t hash_pair(const void *priv, uint32_t number)
{
	const struct pair *all = *(struct pair *const *)priv;

	return hash_poorly(all[number - 1].key);
}

static struct pair *find_pair(uint64_t key, uint32_t **slot)
{
	stk_hash_each (*slot, &table, hash_poorly(key))
		if (pairs[**slot - 1].key == key)
			return &pairs[**slot - 1];
	return NULL;
}

static bool add_pair(uint64_t key)
{
	struct pair *p = stk_vec_next(&arena, pairs, nr_pairs, room);
	uint32_t *slot;

	if (!p || !stk_hash_reserve(&table, &arena, nr_pairs + 1, hash_pair, &pairs))
		return false;
	p->key = key;
	ck_assert_ptr_null(find_pair(key, &slot));
	*slot = (uint32_t)++nr_pairs;
	return true;
}

START_TEST(finds_all_and_nothing_else)
{
	uint32_t *slot;

	/* A table without room is an empty one. */
	ck_assert_ptr_null(find_pair(7, &slot));
	for (uint64_t key = 0; key < 3000; key += 3)
		ck_assert(add_pair(key));
	for (uint64_t key = 0; key < 3000; key++) {
		const struct pair *p = find_pair(key, &slot);

		ck_assert_int_eq(p != NULL, key % 3 == 0);
		ck_assert(!p || p == &pairs[key / 3]);
		/* Where a new one would go. */
		ck_assert(p || (slot && !*slot));
	}
}
END_TEST

START_TEST(is_never_full)
{
	ck_assert_uint_eq(stk_hash_bits(STK_MAX_HASHED), 31);
	ck_assert_uint_eq(stk_hash_bits((size_t)STK_MAX_HASHED + 1), 0);
	for (size_t nr = 0; nr < 5000; nr++)
		ck_assert_uint_ge((size_t)1 << stk_hash_bits(nr), 2 * nr);
	ck_assert(!stk_hash_reserve(&table, &arena, SIZE_MAX, NULL, NULL));
	ck_assert_ptr_null(table.slot);
	/* The search from the last slot goes on at the first. */
	ck_assert(stk_hash_reserve(&table, &arena, 100, NULL, NULL));
	ck_assert_ptr_eq(stk_hash_next(&table, &table.slot[255]), table.slot);
	ck_assert_ptr_eq(stk_hash_next(&table, &table.slot[7]), &table.slot[8]);
	/* With room nothing moves. */
	ck_assert(stk_hash_reserve(&table, &arena, 128, NULL, NULL));
	ck_assert_uint_eq(table.bits, 8);
	ck_assert(stk_hash_reserve(&table, &arena, 129, NULL, NULL));
	ck_assert_uint_eq(table.bits, 9);
}
END_TEST

START_TEST(no_memory_loses_nothing)
{
	uint32_t *slot;
	size_t nr;

	budget.bytes = 200000;
	for (nr = 0; add_pair(nr); nr++)
		ck_assert_uint_lt(nr, 200000);
	ck_assert(budget.refused);
	ck_assert_uint_gt(nr, 1000);
	ck_assert_uint_eq(nr_pairs, nr);
	for (uint64_t key = 0; key < nr; key++)
		ck_assert_ptr_eq(find_pair(key, &slot), &pairs[key]);
	ck_assert_ptr_null(find_pair(nr, &slot));
}
END_TEST

START_TEST(parts_give_the_hash_of_a_string)
{
	uint32_t begin = stk_hash_string("do_sys", SIZE_MAX), factor = 1;

	for (int i = 0; i < 5; i++)
		factor *= STK_HASH_FACTOR;
	ck_assert_uint_eq(begin * factor + stk_hash_string("call_", SIZE_MAX),
			  stk_hash_string("do_syscall_", SIZE_MAX));
	ck_assert_uint_eq(stk_hash_string("do_syscall", 6), begin);
	ck_assert_uint_eq(stk_hash_string("", SIZE_MAX), 0);
	ck_assert_uint_ne(stk_hash_string("ab", 2), stk_hash_string("ba", 2));
}
END_TEST

START_TEST(array_grows_and_is_zeroed)
{
	for (unsigned int i = 0; i < 1000; i++) {
		struct pair *p = stk_vec_next(&arena, pairs, nr_pairs, room);

		ck_assert_ptr_nonnull(p);
		ck_assert_ptr_eq(p, &pairs[i]);
		ck_assert(!p->key && !p->order);
		*p = (struct pair){ i * 3ull, i };
		/* One that is not counted is given again, zeroed again. */
		if (i % 2)
			ck_assert_ptr_eq(stk_vec_next(&arena, pairs, nr_pairs, room), p);
		*p = (struct pair){ i * 3ull, i };
		nr_pairs++;
	}
	for (unsigned int i = 0; i < 1000; i++)
		ck_assert(pairs[i].key == i * 3ull && pairs[i].order == i);
	budget.bytes = 0;
	while (nr_pairs < room)
		nr_pairs++;
	ck_assert_ptr_null(stk_vec_next(&arena, pairs, nr_pairs, room));
	ck_assert_uint_eq(pairs[999].key, 2997);
}
END_TEST

START_TEST(sorted_arrays_have_bounds)
{
	struct pair some[] = { { ~0ull, 0 }, { 5, 1 }, { 0, 2 }, { 5, 3 }, { 9, 4 } };
	uint64_t keys[] = { 9, 5, ~0ull, 5, 0 };

	stk_sort(some, 5, key);
	stk_sort_keys(keys, 5);
	for (unsigned int i = 0; i < 5; i++) {
		ck_assert(!i || some[i - 1].key <= some[i].key);
		ck_assert_uint_eq(some[i].key, keys[i]);
	}
	ck_assert_uint_eq(stk_upto(some, 5, key, 0), 1);
	ck_assert_uint_eq(stk_upto(some, 5, key, 4), 1);
	ck_assert_uint_eq(stk_upto(some, 5, key, 5), 3);
	ck_assert_uint_eq(stk_upto(some, 5, key, ~0ull), 5);
	ck_assert_uint_eq(stk_upto(some, 0, key, 5), 0);
	ck_assert_uint_eq(stk_below(some, 5, key, 0), 0);
	ck_assert_uint_eq(stk_below(some, 5, key, 5), 1);
	ck_assert_uint_eq(stk_below(some, 5, key, 6), 3);
	ck_assert_uint_eq(stk_below(some, 5, key, ~0ull), 4);
	ck_assert_uint_eq(stk_keys_upto(keys, 5, 8), 3);
	ck_assert_uint_eq(stk_keys_below(keys, 5, 9), 3);
	ck_assert_uint_eq(stk_keys_below(keys, 5, 0), 0);
}
END_TEST

/* What is said again is kept once, however often and however much else is said. */
START_TEST(texts_are_kept_once)
{
	struct stk s = { .texts.budget = &budget };
	const char *first[200], *long_text;
	uint64_t taken;

	for (unsigned int i = 0; i < 200; i++)
		first[i] = stk_say(&s, "CPU %u", i);
	long_text = stk_say(&s, "%2000s", "");
	taken = s.texts.taken;
	for (unsigned int round = 0; round < 1000; round++) {
		unsigned int i = round % 200;

		ck_assert_ptr_eq(stk_say(&s, "CPU %u", i), first[i]);
	}
	ck_assert_str_eq(first[0], "CPU 0");
	ck_assert_str_eq(first[199], "CPU 199");
	ck_assert_uint_eq(strlen(long_text), 2000);
	ck_assert_ptr_eq(stk_say(&s, "%2000s", ""), long_text);
	ck_assert_uint_eq(s.texts.taken, taken);
	/* The beginning of a text is another one. */
	ck_assert_ptr_ne(stk_say_bytes(&s, "CPU 1", 5), first[1]);
	/* Two of the same length whose hashes are one. */
	ck_assert_uint_eq(stk_hash_bytes("fbvfgsfy", 9), stk_hash_bytes("rkeikopn", 9));
	ck_assert_str_eq(stk_say(&s, "fbvfgsfy"), "fbvfgsfy");
	ck_assert_str_eq(stk_say(&s, "rkeikopn"), "rkeikopn");
	stk_arena_free(&s.texts);
}
END_TEST

static const struct unit_test t_tests[] = {
	TEST(finds_all_and_nothing_else), TEST(is_never_full),
	TEST(no_memory_loses_nothing),	  TEST(parts_give_the_hash_of_a_string),
	TEST(array_grows_and_is_zeroed),  TEST(sorted_arrays_have_bounds),
	TEST(texts_are_kept_once),	  { 0 },
};

const struct unit_suite suite_containers = {
	"containers",
	{
		{ "containers", t_tests, setup, teardown },
	},
};
