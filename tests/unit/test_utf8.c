/* SPDX-License-Identifier: GPL-2.0-or-later */
/* utf8.c: what is a character, and which are not shown as they are. */
#include <string.h>
#include "unit.h"
#include "utf8.h"

static void expect(const char *text, size_t length, uint32_t expected)
{
	uint32_t character = UINT32_MAX;

	ck_assert_uint_eq(sp_utf8_decode(text, strlen(text), &character), length);
	if (length)
		ck_assert_uint_eq(character, expected);
}

START_TEST(decodes_every_form)
{
	uint32_t character;

	expect("a", 1, 'a');
	expect("\x7f", 1, 0x7f);
	expect("\xc2\x80", 2, 0x80);
	expect("\xdf\xbf", 2, 0x7ff);
	expect("\xe0\xa0\x80", 3, 0x800);
	expect("\xed\x9f\xbf", 3, 0xd7ff);
	expect("\xef\xbf\xbf", 3, 0xffff);
	expect("\xf0\x90\x80\x80", 4, 0x10000);
	expect("\xf4\x8f\xbf\xbf", 4, 0x10ffff);
	ck_assert_uint_eq(sp_utf8_decode("\0", 1, &character), 1);
	ck_assert_uint_eq(character, 0);
}
END_TEST

START_TEST(refuses_what_is_no_character)
{
	expect("\x80", 0, 0);			/* begins with a continuation */
	expect("\xc0\x80", 0, 0);		/* overlong */
	expect("\xc1\xbf", 0, 0);
	expect("\xe0\x9f\xbf", 0, 0);
	expect("\xf0\x8f\xbf\xbf", 0, 0);
	expect("\xed\xa0\x80", 0, 0);		/* surrogate */
	expect("\xf4\x90\x80\x80", 0, 0);	/* beyond U+10FFFF */
	expect("\xf5\x80\x80\x80", 0, 0);
	expect("\xff", 0, 0);
	expect("\xc3", 0, 0);			/* cut */
	expect("\xe2\x82", 0, 0);
	expect("\xe2\x82(", 0, 0);
	expect("\xe2(\xa1", 0, 0);
}
END_TEST

START_TEST(finds_the_first_bad_byte)
{
	ck_assert_uint_eq(sp_utf8_valid("", 0), 0);
	ck_assert_uint_eq(sp_utf8_valid("a\xc3\xa9z", 4), 4);
	ck_assert_uint_eq(sp_utf8_valid("a\xc3\xa9\xffz", 5), 3);
	ck_assert_uint_eq(sp_utf8_valid("a\xc3\xa9", 2), 1);
}
END_TEST

START_TEST(knows_control_and_format)
{
	static const uint32_t controls[] = { 0, 9, 0x1f, 0x7f, 0x80, 0x9f };
	static const uint32_t formats[] = {
		0xad, 0x61c, 0x200b, 0x200f, 0x2028, 0x202a, 0x202e, 0x2060,
		0x2066, 0x2069, 0xfeff, 0xe0001, 0xe007f,
	};
	static const uint32_t letters[] = { ' ', 'a', '~', 0xa0, 0xe9, 0x416, 0x4e2d, 0x1f600 };

	for (size_t i = 0; i < 6; i++)
		ck_assert(sp_char_control(controls[i]) && !sp_char_format(controls[i]));
	for (size_t i = 0; i < 13; i++)
		ck_assert(!sp_char_control(formats[i]) && sp_char_format(formats[i]));
	for (size_t i = 0; i < 8; i++)
		ck_assert(!sp_char_control(letters[i]) && !sp_char_format(letters[i]));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("utf8");
	TCase *tcase = tcase_create("utf8");

	tcase_add_test(tcase, decodes_every_form);
	tcase_add_test(tcase, refuses_what_is_no_character);
	tcase_add_test(tcase, finds_the_first_bad_byte);
	tcase_add_test(tcase, knows_control_and_format);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
