/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules as JSON: what is printed reads back, and what is wrong is said. */
#include <stdlib.h>
#include <string.h>
#include "rule_json.h"
#include "unit.h"

static const struct sp_text_context context = { .owner = SP_SYSTEM };

static void expect_print(const char *line, const char *json)
{
	struct sp_rule rule = unit_rule(line, 1);
	char *text = sp_json_rule(&rule);

	ck_assert_str_eq(text, json);
	free(text);
	sp_rule_clear(&rule);
}

static void expect_read(const char *json, const char *line)
{
	struct sp_text_error error;
	struct sp_rule *read;
	size_t count;
	char *text;

	ck_assert(sp_json_parse(json, strlen(json), &context, &read, &count, &error));
	text = sp_text_print(read, NULL);
	ck_assert_str_eq(text, line);
	free(text);
	sp_rule_clear(read);
	free(read);
}

START_TEST(prints)
{
	expect_print("allow out", "{\"action\":\"allow\",\"direction\":\"out\",\"owner\":\"system\"}");
	expect_print("disabled floor log deny in from domain example.org port 22 # \"why\"",
		     "{\"disabled\":true,\"floor\":true,\"log\":true,\"action\":\"deny\","
		     "\"direction\":\"in\",\"owner\":\"system\",\"from\":\"domain example.org\",\"port\":\"22\","
		     "\"note\":\"\\\"why\\\"\"}");
	expect_print("ask out program like \"/opt/a b*/x\" to @l",
		     "{\"action\":\"ask\",\"direction\":\"out\",\"program\":\"like /opt/a b*/x\","
		     "\"owner\":\"system\",\"to\":\"@l\"}");
	/* A word of another field's is none here. */
	expect_print("allow out unit \"like a.service\" owner 1000",
		     "{\"action\":\"allow\",\"direction\":\"out\",\"owner\":\"1000\","
		     "\"unit\":\"like a.service\"}");
	expect_read("{\"action\":\"allow\",\"direction\":\"out\",\"unit\":\"like a.service\"}",
		    "allow out unit \"like a.service\"");
}
END_TEST

/* Whoever reads it does not become the owner of what is the system's. */
START_TEST(a_system_rule_stays_the_systems)
{
	const struct sp_text_context reader = { .owner = 1000 };
	struct sp_rule rule = unit_rule("allow out port 1", 1), *read;
	const struct sp_rule *pointer = &rule;
	char *json = sp_json_rules(&pointer, 1);
	struct sp_text_error error;
	size_t count;

	ck_assert(sp_json_parse(json, strlen(json), &reader, &read, &count, &error));
	ck_assert_uint_eq(read[0].owner, SP_SYSTEM);
	sp_rule_clear(read);
	free(read);
	free(json);
	sp_rule_clear(&rule);
}
END_TEST

START_TEST(reads_what_it_prints)
{
	struct unit_random random = { 31 };

	for (unsigned i = 0; i < 5000; i++) {
		struct sp_text_error error;
		struct sp_rule rule, *read;
		char *json, *text, *again;
		size_t count;

		unit_random_rule(&random, 1, &rule);
		if (unit_chance(&random, 3)) {
			rule.note = strdup("a \"note\" # with \\ all é");
			rule.log = true;
		}
		json = sp_json_rule(&rule);
		ck_assert_ptr_nonnull(json);
		ck_assert_msg(sp_json_parse(json, strlen(json), &context, &read, &count, &error),
			      "%s: %s", json, error.message);
		ck_assert_uint_eq(count, 1);
		text = sp_text_print(&rule, NULL);
		again = sp_text_print(read, NULL);
		ck_assert_str_eq(text, again);
		sp_rule_clear(read);
		sp_rule_clear(&rule);
		free(read);
		free(json);
		free(text);
		free(again);
	}
}
END_TEST

START_TEST(reads_arrays)
{
	struct sp_rule rules[] = { unit_rule("allow out", 1), unit_rule("deny in port 1", 2) };
	const struct sp_rule *pointers[] = { &rules[0], &rules[1] };
	char *json = sp_json_rules(pointers, 2);
	struct sp_text_error error;
	struct sp_rule *read;
	size_t count;

	ck_assert(sp_json_parse(json, strlen(json), &context, &read, &count, &error));
	ck_assert_uint_eq(count, 2);
	ck_assert(sp_rule_same_match(&read[1], &rules[1]));
	for (size_t i = 0; i < 2; i++) {
		sp_rule_clear(&read[i]);
		sp_rule_clear(&rules[i]);
	}
	free(read);
	free(json);
	ck_assert(sp_json_parse("[]", 2, &context, &read, &count, &error));
	ck_assert_uint_eq(count, 0);
	free(read);
}
END_TEST

static const struct {
	const char *json, *word;
	unsigned line, column;
} bad[] = {
	{ "", "expected", 1, 1 },
	{ "{\"action\":\"allow\",}", "expected", 1, 19 },
	{ "[\n{]", "expected", 2, 2 },
	{ "{\"action\":\"allow\",\"action\":\"deny\"}", "duplicate", 1, 26 },
	{ "{\"action\":\"allow\",\"direction\":\"out\",\"note\":\"\xff\"}", "decode byte", 1, 44 },
	{ "{\"action\":\"allow\",\"direction\":\"out\",\"note\":\"a\\u0000\"}", "NUL", 1, 52 },
	{ "[{\"action\":\"allow\",\"direction\":\"out\"},{}]", "string \"action\"", 2, 0 },
	{ "[1]", "object", 1, 0 },
	{ "{\"action\":\"allow\"}", "string \"direction\"", 1, 0 },
	{ "{\"action\":1,\"direction\":\"out\"}", "string \"action\"", 1, 0 },
	{ "{\"action\":\"alow\",\"direction\":\"out\"}", "did you mean", 1, 0 },
	{ "{\"action\":\"allow\",\"direction\":\"out\",\"floor\":1}", "neither true", 1, 0 },
	{ "{\"action\":\"allow\",\"direction\":\"out\",\"port\":1.5}", "neither a string", 1, 0 },
	{ "{\"action\":\"allow\",\"direction\":\"out\",\"port\":null}", "neither a string", 1, 0 },
	{ "{\"action\":\"allow\",\"direction\":\"out\",\"prt\":\"1\"}", "did you mean", 1, 0 },
	{ "{\"action\":\"allow\",\"direction\":\"out\",\"note\":1}", "no string", 1, 0 },
	{ "{\"action\":\"allow\",\"direction\":\"out\",\"note\":\"a\\nb\"}", "line feed", 1, 0 },
	{ "{\"action\":\"allow\",\"direction\":\"out\",\"user\":\"1 floor\"}", "number of a user", 1, 0 },
	{ "{\"action\":\"allow\",\"direction\":\"out # x\"}", "expected \"out\"", 1, 0 },
	{ "{\"action\":\"allow\",\"direction\":\"out\",\"program\":\"/a\",\"to\":\"192.0.2.1 port 1\"}",
	  "name of a host", 1, 0 },
	{ "{\"action\":\"allow\",\"direction\":\"out\",\"to\":\"averyveryverylongkind example.org\"}",
	  "name of a host", 1, 0 },
	{ "{\"action\":\"allow\",\"direction\":\"out\",\"to\":\"network a\"}", "name of a host", 1, 0 },
	{ "{}", "string \"action\"", 1, 0 },
	{ "[[]]", "object", 1, 0 },
	{ "{\"action\":\"# a\",\"direction\":\"out\"}", "", 1, 0 },
};

START_TEST(refuses)
{
	struct sp_text_error error = { 0 };
	struct sp_rule *read;
	size_t count;

	ck_assert(!sp_json_parse(bad[_i].json, strlen(bad[_i].json), &context, &read, &count, &error));
	ck_assert_msg(strstr(error.message, bad[_i].word) && error.line == bad[_i].line &&
		      error.column == bad[_i].column, "%s: %u:%u: %s", bad[_i].json,
		      error.line, error.column, error.message);
}
END_TEST

START_TEST(takes_numbers)
{
	static const char json[] = "{\"action\":\"allow\",\"direction\":\"out\",\"port\":443,"
				   "\"user\":1000,\"floor\":false}";
	struct sp_text_error error;
	struct sp_rule *read;
	size_t count;

	ck_assert(sp_json_parse(json, sizeof(json) - 1, &context, &read, &count, &error));
	ck_assert_uint_eq(read->remote_port.first, 443);
	ck_assert_uint_eq(read->user, 1000);
	ck_assert(!read->floor);
	sp_rule_clear(read);
	free(read);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rule-json");
	TCase *tcase = tcase_create("rule-json");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, prints);
	tcase_add_test(tcase, a_system_rule_stays_the_systems);
	tcase_add_test(tcase, reads_what_it_prints);
	tcase_add_test(tcase, reads_arrays);
	tcase_add_loop_test(tcase, refuses, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tcase, takes_numbers);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
