/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as JSON: an error, or rules that can be, which print and read as the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "rule_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct sp_text_context context = { .owner = SP_SYSTEM };

static void must(bool so)
{
	if (!so)
		abort();
}

static void check_rule(struct sp_rule *rule)
{
	char *json = sp_json_rule(rule), *line = sp_text_print(rule, NULL), *again;
	struct sp_text_error error;
	struct sp_rule *copy;
	size_t count;

	must(!sp_rule_check(rule) && json && line);
	must(sp_json_parse(json, strlen(json), &context, &copy, &count, &error) && count == 1);
	again = sp_text_print(copy, NULL);
	must(again && !strcmp(line, again));
	sp_rule_clear(copy);
	free(copy);
	free(again);
	free(line);
	free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_text_error error = { 0 };
	struct sp_rule *rules;
	size_t count;

	if (!sp_json_parse((const char *)data, size, &context, &rules, &count, &error)) {
		must(error.line >= 1 && *error.message);
		return 0;
	}
	for (size_t i = 0; i < count; i++) {
		check_rule(&rules[i]);
		sp_rule_clear(&rules[i]);
	}
	free(rules);
	return 0;
}
