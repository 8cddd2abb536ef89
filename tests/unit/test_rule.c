/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rule.c: copies, comparison, and which rules can be. */
#include <stdlib.h>
#include <string.h>
#include "glob.h"
#include "unit.h"

static struct sp_rule rule;

static void setup(void)
{
	sp_rule_init(&rule);
}

static void teardown(void)
{
	sp_rule_clear(&rule);
}

static void set(char **string, const char *value)
{
	free(*string);
	*string = strdup(value);
}

static void expect_fault(const char *word)
{
	const char *fault = sp_rule_check(&rule);

	ck_assert_msg(fault && strstr(fault, word), "expected \"%s\", got \"%s\"",
		      word, fault ? fault : "no fault");
}

START_TEST(begins_with_everything_any)
{
	ck_assert_ptr_null(sp_rule_check(&rule));
	ck_assert(rule.enabled && !rule.floor && rule.action == SP_ASK);
	ck_assert(rule.owner == SP_SYSTEM && rule.user == SP_ANY_USER);
	ck_assert(rule.protocol == SP_ANY_PROTOCOL && !rule.remote.length);
	ck_assert(rule.remote_port.first == 0 && rule.remote_port.last == 65535);
}
END_TEST

START_TEST(copies_deeply)
{
	struct sp_rule copy;

	set(&rule.program, "/usr/bin/curl");
	set(&rule.interface, "eth0");
	set(&rule.note, "why");
	ck_assert(sp_rule_copy(&copy, &rule));
	ck_assert_ptr_ne(copy.program, rule.program);
	ck_assert_str_eq(copy.program, "/usr/bin/curl");
	ck_assert_str_eq(copy.interface, "eth0");
	ck_assert_str_eq(copy.note, "why");
	sp_rule_clear(&copy);
	ck_assert_ptr_null(copy.program);
}
END_TEST

START_TEST(refuses_programs)
{
	static const char *const wrong[] = {
		"", "curl", "/", "/usr//bin", "/usr/bin/", "/usr/./curl", "/usr/../curl",
		"/usr/bin/..", "/.", "/a\nb", "/a\xff", "/a\xc2\x85",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		set(&rule.program, wrong[i]);
		ck_assert_msg(sp_rule_check(&rule), "%s", wrong[i]);
	}
}
END_TEST

START_TEST(takes_programs)
{
	static const char *const right[] = {
		"/a", "/usr/bin/curl", "/...", "/..a", "/a.", "/home/j/a b", "/\xc3\xa9",
	};

	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		set(&rule.program, right[i]);
		ck_assert_msg(!sp_rule_check(&rule), "%s", right[i]);
	}
}
END_TEST

START_TEST(limits_lengths)
{
	char text[SP_RULE_PATH_MAX + 2];

	memset(text, 'a', sizeof(text));
	text[0] = '/';
	text[SP_RULE_PATH_MAX] = '\0';
	set(&rule.program, text);
	ck_assert_ptr_null(sp_rule_check(&rule));
	text[SP_RULE_PATH_MAX] = 'a';
	text[SP_RULE_PATH_MAX + 1] = '\0';
	set(&rule.program, text);
	expect_fault("4095");
	set(&rule.program, "/a");
	text[SP_RULE_NOTE_MAX] = '\0';
	set(&rule.note, text);
	ck_assert_ptr_null(sp_rule_check(&rule));
	text[SP_RULE_NOTE_MAX] = 'a';
	text[SP_RULE_NOTE_MAX + 1] = '\0';
	set(&rule.note, text);
	expect_fault("1000");
}
END_TEST

START_TEST(refuses_interfaces)
{
	static const char *const wrong[] = {
		"", ".", "..", "a/b", "a b", "a:1", "abcdefghijklmnop", "a\n", "\xff",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		set(&rule.interface, wrong[i]);
		ck_assert_msg(sp_rule_check(&rule), "%s", wrong[i]);
	}
	set(&rule.interface, "abcdefghijklmno");
	ck_assert_ptr_null(sp_rule_check(&rule));
}
END_TEST

START_TEST(refuses_notes)
{
	static const char *const wrong[] = { "", " a", "a ", "a\tb", "a\nb", "\xc3" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		set(&rule.note, wrong[i]);
		ck_assert_msg(sp_rule_check(&rule), "%s", wrong[i]);
	}
	set(&rule.note, "# a # b");
	ck_assert_ptr_null(sp_rule_check(&rule));
}
END_TEST

START_TEST(refuses_addresses)
{
	unit_address("10.0.0.1", rule.remote.address);
	rule.remote.length = 128;
	ck_assert_ptr_null(sp_rule_check(&rule));
	rule.remote.length = 129;
	expect_fault("128");
	rule.remote.length = 127;
	expect_fault("behind");
	rule.remote.length = 0;
	expect_fault("behind");
	memset(rule.remote.address, 0, 16);
	ck_assert_ptr_null(sp_rule_check(&rule));
	rule.remote.length = 64;
	expect_fault("IPv4 and IPv6");
	rule.remote.length = 81;	/* a bit that IPv4 has set */
	ck_assert_ptr_null(sp_rule_check(&rule));
	unit_address("::ffff:0:0", rule.remote.address);
	rule.remote.length = 96;
	ck_assert_ptr_null(sp_rule_check(&rule));
}
END_TEST

START_TEST(refuses_ports)
{
	rule.remote_port = (struct sp_ports){ 90, 80 };
	expect_fault("ends before");
	rule.remote_port = (struct sp_ports){ 80, 80 };
	ck_assert_ptr_null(sp_rule_check(&rule));
	rule.protocol = 1;
	expect_fault("no ports");
	rule.remote_port = (struct sp_ports){ 0, 65535 };
	ck_assert_ptr_null(sp_rule_check(&rule));
	rule.local_port = (struct sp_ports){ 0, 65534 };
	expect_fault("no ports");
	rule.protocol = 132;
	ck_assert_ptr_null(sp_rule_check(&rule));
}
END_TEST

START_TEST(refuses_numbers)
{
	rule.action = (enum sp_action)0;
	expect_fault("action");
	rule.action = (enum sp_action)5;
	expect_fault("action");
	rule.action = SP_DROP;
	rule.direction = (enum sp_direction)2;
	expect_fault("direction");
	rule.direction = SP_IN;
	rule.protocol = 256;
	expect_fault("255");
	rule.protocol = -2;
	expect_fault("255");
	rule.protocol = 255;
	rule.expires = -1;
	expect_fault("1970");
	rule.expires = INT64_MAX;
	ck_assert_ptr_null(sp_rule_check(&rule));
}
END_TEST

START_TEST(refuses_foreign_owners)
{
	rule.floor = true;
	ck_assert_ptr_null(sp_rule_check(&rule));
	rule.owner = 1000;
	expect_fault("floor");
	rule.floor = false;
	ck_assert_ptr_null(sp_rule_check(&rule));
	rule.user = 1000;
	ck_assert_ptr_null(sp_rule_check(&rule));
	rule.user = 1001;
	expect_fault("another user");
	rule.owner = SP_SYSTEM;
	ck_assert_ptr_null(sp_rule_check(&rule));
}
END_TEST

/* What no line can say, but a caller could. */
START_TEST(refuses_what_can_not_be_said)
{
	static const char *const names[] = { "lan", "domain" };
	char longer[SP_RULE_NAME_MAX + 2], digits[66];

	rule.remote_kind = SP_REMOTE_RANGE;
	unit_address("10.0.0.1", rule.remote.address);
	unit_address("10.0.0.9", rule.remote_last);
	rule.remote.length = 64;
	expect_fault("behind");
	rule.remote.length = 128;
	ck_assert_ptr_null(sp_rule_check(&rule));
	unit_address("10.0.0.0", rule.remote_last);
	expect_fault("ends before");
	unit_address("ffff::", rule.remote_last);
	expect_fault("IPv4 and IPv6");
	unit_address("10.0.0.0", rule.remote.address);
	unit_address("10.0.0.255", rule.remote_last);
	expect_fault("is a prefix");
	rule.remote_kind = SP_REMOTE_HOST;
	memset(&rule.remote, 0, sizeof(rule.remote));
	memset(rule.remote_last, 0, sizeof(rule.remote_last));
	expect_fault("missing");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		set(&rule.remote_name, names[i]);
		expect_fault("word of the language");
	}
	memset(longer, 'a', sizeof(longer));
	longer[SP_RULE_NAME_MAX + 1] = '\0';
	set(&rule.remote_name, longer);
	ck_assert(sp_rule_check(&rule));
	set(&rule.remote_name, "example.org");
	ck_assert_ptr_null(sp_rule_check(&rule));
	rule.remote_kind = (enum sp_remote)99;
	ck_assert(sp_rule_check(&rule));
	rule.remote_kind = SP_REMOTE_HOST;
	set(&rule.package, longer);
	expect_fault("255");
	set(&rule.package, "");
	expect_fault("255");
	set(&rule.package, "curl");
	memset(digits, 'a', sizeof(digits));
	digits[65] = '\0';
	set(&rule.hash, digits);
	expect_fault("SHA-256");
	digits[63] = '\0';
	set(&rule.hash, digits);
	expect_fault("SHA-256");
	digits[63] = 'a';
	digits[64] = '\0';
	set(&rule.hash, digits);
	ck_assert_ptr_null(sp_rule_check(&rule));
	rule.traced = (enum sp_traced)7;
	ck_assert(sp_rule_check(&rule));
	rule.traced = SP_TRACED_NO;
	ck_assert_ptr_null(sp_rule_check(&rule));
}
END_TEST

START_TEST(refuses_ends)
{
	rule.bound = SP_BOUND_BOOT;
	expect_fault("names the boot");
	set(&rule.boot, "0123456789abcdef0123456789abcde");
	expect_fault("32 digits");
	set(&rule.boot, "0123456789abcdef0123456789abcdef0");
	expect_fault("32 digits");
	set(&rule.boot, "0123456789abcdef0123456789abcdef");
	ck_assert_ptr_null(sp_rule_check(&rule));
	rule.expires = 1;
	expect_fault("one end");
	rule.expires = 0;
	rule.bound = SP_BOUND_SESSION;
	expect_fault("names the session");
	rule.bound = SP_BOUND_PROGRAM;
	expect_fault("process or a cgroup");
	rule.process = 1;
	ck_assert_ptr_null(sp_rule_check(&rule));
	rule.bound = (enum sp_bound)9;
	expect_fault("no such end");
	rule.bound = SP_BOUND_NONE;
	rule.process = 0;
	expect_fault("boot");
}
END_TEST

START_TEST(refuses_units)
{
	static const char *const wrong[] = { "ssh", ".service", "ssh.", "a/b.service", "" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		set(&rule.unit, wrong[i]);
		ck_assert_msg(sp_rule_check(&rule), "%s", wrong[i]);
	}
	set(&rule.unit, "user:a.service");
	ck_assert_ptr_null(sp_rule_check(&rule));
}
END_TEST

/* Every pair of these lines says something else. */
static const char *const different[] = {
	"allow out", "deny out", "allow in", "floor allow out", "disabled allow out",
	"allow out program /a", "allow out program /b", "allow out user 1",
	"allow out owner 1", "allow out protocol tcp", "allow out to 10.0.0.0/8",
	"allow out to 10.0.0.0/9", "allow out port 1", "allow out local-port 1",
	"allow out interface a",
};

/* As nobody can write them, but a store could have them. */
START_TEST(refuses_what_is_too_long)
{
	static const char sum[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefg";

	set(&rule.hash, sum);
	expect_fault("SHA-256");
	free(rule.hash);
	rule.hash = NULL;
	rule.bound = SP_BOUND_BOOT;
	set(&rule.boot, "0123456789abcdef0123456789abcdefg");
	expect_fault("boot id");
}
END_TEST

START_TEST(refuses_ranges_of_prefixes)
{
	rule.remote_kind = SP_REMOTE_RANGE;
	unit_address("192.0.2.0", rule.remote.address);
	unit_address("192.0.2.6", rule.remote_last);
	rule.remote.length = 128;
	ck_assert_ptr_null(sp_rule_check(&rule));
	rule.remote.length = 120;
	expect_fault("range");
}
END_TEST

/* Where a pattern has no folder before its star there is none. */
START_TEST(finds_the_folder_before_a_star)
{
	ck_assert_uint_eq(sp_glob_fixed("/opt/a*/b"), 5);
	ck_assert_uint_eq(sp_glob_fixed("/*"), 1);
	ck_assert_uint_eq(sp_glob_fixed("*"), 0);
	ck_assert_uint_eq(sp_glob_fixed("a*"), 0);
}
END_TEST

START_TEST(compares)
{
	struct sp_rule a, b;

	for (size_t i = 0; i < sizeof(different) / sizeof(different[0]); i++) {
		a = unit_rule(different[i], 1);
		for (size_t j = 0; j < sizeof(different) / sizeof(different[0]); j++) {
			b = unit_rule(different[j], 2);
			ck_assert_msg(sp_rule_same_match(&a, &b) == (i == j), "%s, %s",
				      different[i], different[j]);
			sp_rule_clear(&b);
		}
		sp_rule_clear(&a);
	}
	a = unit_rule("allow out until 2030-01-01T00:00:00Z # a", 1);
	b = unit_rule("allow out # b", 2);
	b.maker = b.created = 5;
	ck_assert(sp_rule_same_match(&a, &b));
	sp_rule_clear(&a);
	sp_rule_clear(&b);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rule");
	TCase *tcase = tcase_create("rule");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, begins_with_everything_any);
	tcase_add_test(tcase, copies_deeply);
	tcase_add_test(tcase, refuses_programs);
	tcase_add_test(tcase, takes_programs);
	tcase_add_test(tcase, limits_lengths);
	tcase_add_test(tcase, refuses_interfaces);
	tcase_add_test(tcase, refuses_notes);
	tcase_add_test(tcase, refuses_addresses);
	tcase_add_test(tcase, refuses_ports);
	tcase_add_test(tcase, refuses_numbers);
	tcase_add_test(tcase, refuses_foreign_owners);
	tcase_add_test(tcase, refuses_what_can_not_be_said);
	tcase_add_test(tcase, refuses_ends);
	tcase_add_test(tcase, refuses_units);
	tcase_add_test(tcase, refuses_what_is_too_long);
	tcase_add_test(tcase, refuses_ranges_of_prefixes);
	tcase_add_test(tcase, finds_the_folder_before_a_star);
	tcase_add_test(tcase, compares);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
