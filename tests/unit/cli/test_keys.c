/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes from a terminal: one key, or nothing that could answer. */
#include <string.h>

#include "dialog.h"
#include "keys.h"
#include "unit.h"

static gunichar key_of(struct sp_keys *keys, const char *bytes)
{
	return sp_keys_read(keys, bytes, strlen(bytes));
}

START_TEST(characters)
{
	struct sp_keys keys = { 0 };

	ck_assert_uint_eq(key_of(&keys, "a"), 'a');
	ck_assert_uint_eq(key_of(&keys, "\r"), '\r');
	ck_assert_uint_eq(key_of(&keys, "é"), 0xe9);
	ck_assert_uint_eq(key_of(&keys, "\xff"), SP_KEY_OTHER);
	ck_assert_uint_eq(key_of(&keys, "\xc3"), SP_KEY_OTHER);
}
END_TEST

START_TEST(bursts)
{
	struct sp_keys keys = { 0 };

	ck_assert_uint_eq(key_of(&keys, "aa"), SP_KEY_OTHER);
	ck_assert_uint_eq(key_of(&keys, "allow\n"), SP_KEY_OTHER);
	ck_assert_uint_eq(key_of(&keys, "a"), 'a');
}
END_TEST

START_TEST(sequences)
{
	static const char *const whole[] = { "\033[A", "\033Oa", "\033[1;2d", "\033a", "\033[200~" };
	struct sp_keys keys = { 0 };

	for (guint i = 0; i < G_N_ELEMENTS(whole); i++) {
		ck_assert_uint_eq(key_of(&keys, whole[i]), SP_KEY_OTHER);
		ck_assert_uint_eq(key_of(&keys, "o"), 'o');
	}
}
END_TEST

START_TEST(sequences_in_pieces)
{
	struct sp_keys keys = { 0 };

	ck_assert_uint_eq(key_of(&keys, "\033"), SP_KEY_OTHER);
	ck_assert_uint_eq(key_of(&keys, "["), SP_KEY_OTHER);
	ck_assert_uint_eq(key_of(&keys, "1"), SP_KEY_OTHER);
	ck_assert_uint_eq(key_of(&keys, "d"), SP_KEY_OTHER);
	ck_assert_uint_eq(key_of(&keys, "d"), 'd');
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("keys");
	TCase *tests = tcase_create("keys");

	tcase_add_test(tests, characters);
	tcase_add_test(tests, bursts);
	tcase_add_test(tests, sequences);
	tcase_add_test(tests, sequences_in_pieces);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
