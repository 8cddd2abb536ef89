/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of hosts as they are shown. */
#include <locale.h>

#include "host_name.h"
#include "unit.h"

static void expect(const char *ascii, const char *shown)
{
	g_autofree char *text = sp_host_name(ascii);

	ck_assert_str_eq(text, shown);
}

START_TEST(as_it_is)
{
	expect("shop.test", "shop.test");
	expect("_ldap.shop.test", "_ldap.shop.test");
	expect("", "");
	expect("xn--0.test", "xn--0.test");	/* says that it is one, and is none */
}
END_TEST

START_TEST(in_unicode_too)
{
	expect("xn--bcher-kva.example", "bücher.example (xn--bcher-kva.example)");
	expect("www.xn--strae-oqa.de", "www.straße.de (www.xn--strae-oqa.de)");
	expect("xn--e1afmkfd.xn--p1ai", "пример.рф (xn--e1afmkfd.xn--p1ai)");
	/* a name of one script that looks like another: its ASCII tells */
	expect("xn--80ak6aa92e.com", "аррӏе.com (xn--80ak6aa92e.com)");
}
END_TEST

START_TEST(several_scripts)
{
	ck_assert(sp_host_name_is_mixed("pаypal.com"));		/* Cyrillic а */
	ck_assert(sp_host_name_is_mixed("www.gοοgle.com"));	/* Greek ο */
	ck_assert(sp_host_name_is_mixed("αб.test"));		/* Greek and Cyrillic */
	ck_assert(!sp_host_name_is_mixed("пример.com"));	/* in different parts */
	ck_assert(!sp_host_name_is_mixed("東京タワーtokyo.jp"));
	ck_assert(!sp_host_name_is_mixed("서울abc.kr"));
	ck_assert(sp_host_name_is_mixed("서울タワー.kr"));
	ck_assert(!sp_host_name_is_mixed("naïve-1.test"));
	ck_assert(!sp_host_name_is_mixed(""));
	expect("xn--pypal-4ve.com",
	       "xn--pypal-4ve.com (letters of several scripts: perhaps made to look like another name)");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("host_name");
	TCase *tcase = tcase_create("host_name");

	setlocale(LC_ALL, "");
	tcase_add_test(tcase, as_it_is);
	tcase_add_test(tcase, in_unicode_too);
	tcase_add_test(tcase, several_scripts);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
