/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rule language against its corpora: good.rules (line => canonical form)
 * and bad.rules (line => column: message); and what no corpus can hold.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "field.h"
#include "text.h"
#include "text_error.h"
#include "unit.h"
#include "utf8.h"

#define ARROW " => "

static struct sp_text_error error;
static struct sp_rule rule;

static bool find_user(const char *name, uint32_t *uid)
{
	*uid = !strcmp(name, "alice") ? 1000 : 1001;
	return !strcmp(name, "alice") || !strcmp(name, "bob");
}

static int parse_bytes(const char *line, size_t length)
{
	return sp_text_parse(line, length, SP_SYSTEM, find_user, &rule, &error);
}

static int parse(const char *line)
{
	return parse_bytes(line, strlen(line));
}

static void expect_fault(const char *line, size_t length, unsigned column, const char *word)
{
	ck_assert_int_eq(parse_bytes(line, length), -1);
	ck_assert_uint_eq(error.line, 1);
	ck_assert_msg(error.column == column && strstr(error.message, word),
		      "expected %u: %s, got %u: %s", column, word, error.column, error.message);
}

static void expect_print(const char *line, const char *expected)
{
	char *text;

	ck_assert_msg(parse(line) == 1, "%s: %u: %s", line, error.column, error.message);
	text = sp_text_print(&rule, NULL);
	ck_assert_str_eq(text, expected);
	sp_rule_clear(&rule);
	free(text);
}

static void good(char *line, char *canonical)
{
	if (*line) {
		expect_print(line, canonical);
		expect_print(canonical, canonical);
	} else {
		ck_assert_int_eq(parse(canonical), 0);
	}
}

static void bad(char *line, char *fault)
{
	char text[256];

	ck_assert_msg(parse(line) == -1, "is taken: %s", line);
	snprintf(text, sizeof(text), "%u: %s", error.column, error.message);
	ck_assert_msg(!strcmp(text, fault), "%s\n  expected %s\n  got      %s", line, fault, text);
}

/* Calls @check for each line of a corpus; "%" begins a comment. */
static unsigned read_corpus(const char *name, void (*check)(char *, char *))
{
	char path[512], line[32768], *arrow;
	unsigned count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", getenv("CORPUS") ? getenv("CORPUS") : ".", name);
	file = fopen(path, "r");
	ck_assert_msg(file, "%s", path);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (!*line || *line == '%')
			continue;
		arrow = strstr(line, ARROW);
		ck_assert_msg(arrow, "%s", line);
		*arrow = '\0';
		check(line, arrow + strlen(ARROW));
		count++;
	}
	fclose(file);
	return count;
}

START_TEST(takes_good_lines)
{
	ck_assert_uint_ge(read_corpus("good.rules", good), 40);
}
END_TEST

START_TEST(refuses_bad_lines)
{
	ck_assert_uint_ge(read_corpus("bad.rules", bad), 60);
}
END_TEST

START_TEST(passes_over_empty_lines)
{
	ck_assert_int_eq(parse(""), 0);
	ck_assert_int_eq(parse(" \t "), 0);
	ck_assert_int_eq(parse("# allow out"), 0);
	ck_assert_int_eq(parse("\t#"), 0);
}
END_TEST

START_TEST(refuses_bytes)
{
	expect_fault("allow out\0", 10, 10, "NUL");
	expect_fault("allow out program /\xff", 20, 20, "\\xff is not valid UTF-8");
	expect_fault("# \xc3", 3, 3, "UTF-8");
	expect_fault("allow\x1bout", 9, 6, "U+001B");
	expect_fault("allow\xc2\x85out", 10, 6, "U+0085");
	expect_fault("allow out\r", 10, 10, "carriage return");
	expect_fault("allow out\nallow in", 18, 10, "line feed");
	expect_fault("allow\rout", 9, 6, "U+000D");
	expect_fault("allow out # a\tb", 15, 13, "control");
}
END_TEST

START_TEST(limits_lines)
{
	static char line[SP_TEXT_LINE_MAX + 1];

	memset(line, ' ', sizeof(line));
	memcpy(line, "allow out", 9);
	ck_assert_int_eq(parse_bytes(line, SP_TEXT_LINE_MAX), 1);
	sp_rule_clear(&rule);
	expect_fault(line, sizeof(line), SP_TEXT_LINE_MAX + 1, "longer");
	memset(line + 9, 'a', sizeof(line) - 9);
	memcpy(line + 9, " program /", 10);
	expect_fault(line, SP_TEXT_LINE_MAX, 19, "longer than 4095");
	line[18] = '"';
	expect_fault(line, SP_TEXT_LINE_MAX, 19, "longer than 4095");
}
END_TEST

START_TEST(takes_the_longest_rule)
{
	static char path[SP_RULE_PATH_MAX + 1], note[SP_RULE_NOTE_MAX + 1];
	char *text, *again;

	memset(path, '"', sizeof(path) - 1);
	path[0] = '/';
	for (size_t i = 1; i + 2 < sizeof(path); i += 2)
		memcpy(path + i, "\xc2\xad", 2);
	memset(note, '#', sizeof(note) - 1);
	sp_rule_init(&rule);
	rule.program = strdup(path);
	rule.note = strdup(note);
	ck_assert_ptr_null(sp_rule_check(&rule));
	text = sp_text_print(&rule, NULL);
	sp_rule_clear(&rule);
	ck_assert_msg(parse(text) == 1, "%u: %s", error.column, error.message);
	ck_assert_str_eq(rule.program, path);
	again = sp_text_print(&rule, NULL);
	ck_assert_str_eq(again, text);
	sp_rule_clear(&rule);
	free(text);
	free(again);
}
END_TEST

START_TEST(leaves_the_rule_alone_on_errors)
{
	struct sp_rule before;

	memset(&rule, 0x5a, sizeof(rule));
	before = rule;
	ck_assert_int_eq(parse("allow out program /a interface eth0 port x # note"), -1);
	ck_assert_int_eq(parse("allow out program /a protocol icmp port 1 # note"), -1);
	ck_assert_int_eq(parse(""), 0);
	ck_assert_mem_eq(&rule, &before, sizeof(rule));
}
END_TEST

START_TEST(owner_is_the_callers)
{
	char *text;

	ck_assert_int_eq(sp_text_parse("ask in", 6, 1000, NULL, &rule, &error), 1);
	ck_assert_uint_eq(rule.owner, 1000);
	text = sp_text_print(&rule, NULL);
	ck_assert_str_eq(text, "ask in owner 1000");
	sp_rule_clear(&rule);
	free(text);
	ck_assert_int_eq(sp_text_parse("ask in owner system", 19, 1000, NULL, &rule, &error), 1);
	ck_assert_uint_eq(rule.owner, SP_SYSTEM);
	sp_rule_clear(&rule);
	ck_assert_int_eq(sp_text_parse("floor ask in", 12, 1000, NULL, &rule, &error), -1);
	ck_assert_int_eq(sp_text_parse("ask in user 1001", 16, 1000, NULL, &rule, &error), -1);
	ck_assert_uint_eq(error.column, 8);
}
END_TEST

START_TEST(looks_up_users)
{
	ck_assert_int_eq(parse("allow out user alice"), 1);
	ck_assert_uint_eq(rule.user, 1000);
	sp_rule_clear(&rule);
	ck_assert_int_eq(parse("allow out owner bob"), 1);
	ck_assert_uint_eq(rule.owner, 1001);
	sp_rule_clear(&rule);
	expect_fault("allow out user carol", 20, 16, "no user \"carol\"");
	ck_assert_int_eq(sp_text_parse("allow out user alice", 20, SP_SYSTEM, NULL, &rule, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.message, "number"));
}
END_TEST

static const char *user_name(uint32_t uid)
{
	switch (uid) {
	case 1000:
		return "alice";
	case 7:
		return "1000";
	case 8:
		return "system";
	case 9:
		return "a b\"#";
	case 10:
		return "";
	}
	return NULL;
}

static void expect_named(uint32_t owner, uint32_t user, const char *expected)
{
	char *text;

	sp_rule_init(&rule);
	rule.owner = owner;
	rule.user = user;
	text = sp_text_print(&rule, user_name);
	ck_assert_str_eq(text, expected);
	free(text);
}

static void expect_owned(const char *expected)
{
	char *text = sp_text_print_owned(&rule);

	ck_assert_str_eq(text, expected);
	free(text);
	sp_rule_clear(&rule);
}

START_TEST(prints_names)
{
	expect_named(1000, 1000, "ask out user alice owner alice");
	expect_named(SP_SYSTEM, 7, "ask out user 7");
	expect_named(SP_SYSTEM, 8, "ask out user system");
	expect_named(8, 8, "ask out user system owner 8");
	expect_named(SP_SYSTEM, 9, "ask out user \"a b\\\"#\"");
	expect_named(10, SP_ANY_USER, "ask out owner 10");
	expect_named(11, SP_ANY_USER, "ask out owner 11");
}
END_TEST

/* One more than there are users is no user, whoever says so. */
static bool find_nobody(const char *name, uint32_t *uid)
{
	*uid = SP_ANY_USER;
	return true;
}

/* What the line does not say is wrong: then it is wrong from its beginning. */
START_TEST(what_is_left_out_can_be_wrong)
{
	static const char line[] = "allow out until logout";
	const struct sp_text_context context = {
		.owner = SP_SYSTEM, .boot = "0123456789abcdef0123456789abcdef", .session = "",
	};

	ck_assert_int_eq(sp_text_read(line, strlen(line), &context, &rule, &error), -1);
	ck_assert_uint_eq(error.column, 1);
	ck_assert_ptr_nonnull(strstr(error.message, "1 to 255 bytes"));
}
END_TEST

START_TEST(nobody_is_no_user)
{
	static const char line[] = "allow out user nobody-at-all";

	ck_assert_int_eq(sp_text_parse(line, strlen(line), SP_SYSTEM, find_nobody, &rule, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.message, "no user \"nobody-at-all\""));
}
END_TEST

START_TEST(says_whose_it_is)
{
	rule = unit_rule("allow out port 1", 1);
	expect_owned("allow out owner system port 1");
	rule = unit_rule("allow out owner 1000 port 1", 1);
	expect_owned("allow out owner 1000 port 1");
}
END_TEST

/* What is no text is no word of the language either, but can be shown. */
START_TEST(prints_any_bytes)
{
	struct sp_buffer out = { 0 };
	char *text;

	sp_print_word(&out, "a\xff\xc3 \"#\\\x01\x7f");
	text = sp_buffer_take(&out);
	ck_assert_str_eq(text, "\"a\\xff\\xc3 \\\"#\\\\\\x01\\x7f\"");
	free(text);
}
END_TEST

START_TEST(suggests_no_long_words)
{
	static const char *const words[] = {
		"an-extraordinarily-long-word-that-nobody-would-type-by-mistake-and-goes-on-and-on", "port",
	};

	ck_assert_str_eq(sp_text_suggest("porr", words, 2), "port");
	ck_assert_ptr_null(sp_text_suggest("qqqq", words, 1));
}
END_TEST

START_TEST(messages_fit)
{
	char line[4096] = "allow out ";

	memset(line + 10, 'a', 1000);
	expect_fault(line, 1010, 11, "…");
	ck_assert_uint_eq(sp_utf8_valid(error.message, strlen(error.message)),
			  strlen(error.message));
	for (size_t i = 10; i < 1000; i += 3)
		memcpy(line + i, "\xe2\x80\xae", 3);
	ck_assert_int_eq(parse_bytes(line, 1000), -1);
	ck_assert_ptr_nonnull(strstr(error.message, "\\u{202E}"));
	ck_assert_ptr_null(strstr(error.message, "\xe2\x80\xae"));
}
END_TEST

static char *random_text(struct unit_random *random, const char *first)
{
	static const char *const parts[] = {
		"a", "bin", " ", "\"", "\\", "#", "/x", "é", "中", "\xe2\x80\xae", "\xf0\x9f\x98\x80", "%",
	};
	char text[256];

	strcpy(text, first);
	for (unsigned i = unit_below(random, 12); i; i--)
		strcat(text, parts[unit_below(random, 12)]);
	strcat(text, "z");
	return strdup(text);
}

/* Everything that unit_random_rule() leaves out. */
static void random_rest(struct unit_random *random, struct sp_rule *any)
{
	if (unit_chance(random, 2)) {
		free(any->program);
		any->program = random_text(random, "/p");
		any->program_glob = false;
	}
	if (unit_chance(random, 2))
		any->note = random_text(random, "#");
	if (unit_chance(random, 2) && any->bound == SP_BOUND_NONE) {
		any->expires = (int64_t)unit_below(random, UINT32_MAX) * 2000000000;
		any->expires += unit_below(random, 3) * 500 + 1;
	}
	if (any->protocol == 1 && unit_chance(random, 2))
		any->protocol = (int)unit_below(random, 256) | 128 | 64;	/* none with ports */
	any->log = unit_chance(random, 5);
	if (unit_chance(random, 3) && any->remote_kind == SP_REMOTE_PREFIX) {
		for (size_t i = 0; i < 16; i++)
			any->remote.address[i] = (uint8_t)unit_below(random, 256);
		any->remote.length = 128;
	}
}

static void expect_same(const struct sp_rule *a, const struct sp_rule *b)
{
	ck_assert(sp_rule_same_match(a, b));
	ck_assert_int_eq(a->expires, b->expires);
	ck_assert_uint_eq(a->user, b->user);
	ck_assert_pstr_eq(a->note, b->note);
	ck_assert_pstr_eq(a->program, b->program);
	ck_assert_int_eq(a->log, b->log);
	ck_assert_int_eq(a->bound, b->bound);
	ck_assert_pstr_eq(a->boot, b->boot);
	ck_assert_pstr_eq(a->session, b->session);
}

START_TEST(parses_what_it_prints)
{
	struct unit_random random = { 20240611 };
	struct sp_rule any;

	for (unsigned i = 0; i < 20000; i++) {
		char *text, *again;

		unit_random_rule(&random, 1, &any);
		random_rest(&random, &any);
		if (sp_rule_check(&any))
			ck_abort_msg("%s", sp_rule_check(&any));
		text = sp_text_print(&any, NULL);
		ck_assert_msg(parse(text) == 1, "%s: %u: %s", text, error.column, error.message);
		expect_same(&any, &rule);
		again = sp_text_print(&rule, NULL);
		ck_assert_str_eq(text, again);
		free(text);
		free(again);
		sp_rule_clear(&rule);
		sp_rule_clear(&any);
	}
}
END_TEST

/* Whatever is done to a line, it is a rule or an error with a place in it. */
START_TEST(survives_damage)
{
	struct unit_random random = { 77 };
	struct sp_rule any;

	for (unsigned i = 0; i < 20000; i++) {
		char *text;
		size_t length;
		int result;

		unit_random_rule(&random, 1, &any);
		random_rest(&random, &any);
		text = sp_text_print(&any, NULL);
		length = strlen(text);
		for (unsigned n = 1 + unit_below(&random, 3); n; n--)
			text[unit_below(&random, (uint32_t)length)] = (char)unit_below(&random, 256);
		result = parse_bytes(text, length);
		if (result > 0) {
			ck_assert_ptr_null(sp_rule_check(&rule));
			sp_rule_clear(&rule);
		} else if (result < 0) {
			ck_assert_uint_ge(error.column, 1);
			ck_assert_uint_le(error.column, length + 1);
		}
		free(text);
		sp_rule_clear(&any);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("text");
	TCase *tcase = tcase_create("text");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, takes_good_lines);
	tcase_add_test(tcase, refuses_bad_lines);
	tcase_add_test(tcase, passes_over_empty_lines);
	tcase_add_test(tcase, refuses_bytes);
	tcase_add_test(tcase, limits_lines);
	tcase_add_test(tcase, takes_the_longest_rule);
	tcase_add_test(tcase, leaves_the_rule_alone_on_errors);
	tcase_add_test(tcase, owner_is_the_callers);
	tcase_add_test(tcase, looks_up_users);
	tcase_add_test(tcase, prints_names);
	tcase_add_test(tcase, what_is_left_out_can_be_wrong);
	tcase_add_test(tcase, nobody_is_no_user);
	tcase_add_test(tcase, says_whose_it_is);
	tcase_add_test(tcase, prints_any_bytes);
	tcase_add_test(tcase, suggests_no_long_words);
	tcase_add_test(tcase, messages_fit);
	tcase_add_test(tcase, parses_what_it_prints);
	tcase_add_test(tcase, survives_damage);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
