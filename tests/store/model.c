/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See model.h. */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "model.h"
#include "text.h"

void model_begin(struct model_pair *pair)
{
	*pair = (struct model_pair){ .acknowledged.next = 1, .begun.next = 1 };
}

void model_clear(struct model *model)
{
	while (model->count)
		free(model->rules[--model->count].line);
}

void model_copy(struct model *to, const struct model *from)
{
	model_clear(to);
	*to = *from;
	for (size_t i = 0; i < to->count; i++)
		to->rules[i].line = strdup(from->rules[i].line);
}

static size_t model_find(const struct model *model, uint64_t id)
{
	for (size_t i = 0; i < model->count; i++)
		if (model->rules[i].id == id)
			return i;
	ck_abort_msg("the writer names rule %" PRIu64 ", which is not there", id);
}

static void model_add(struct model *model, const char *line)
{
	ck_assert_uint_lt(model->count, MODEL_RULES);
	model->rules[model->count++] = (struct known){ model->next++, strdup(line) };
}

static void model_remove(struct model *model, uint64_t id)
{
	size_t at = model_find(model, id);

	free(model->rules[at].line);
	memmove(&model->rules[at], &model->rules[at + 1],
		(--model->count - at) * sizeof(model->rules[0]));
}

static void model_replace(struct model *model, uint64_t id, const char *line)
{
	size_t at = model_find(model, id);

	free(model->rules[at].line);
	model->rules[at].line = strdup(line);
}

void model_hear(struct model_pair *pair, const char *line)
{
	struct model *begun = &pair->begun;
	uint64_t id;
	int length = 0;

	if (!strcmp(line, "done")) {
		model_copy(&pair->acknowledged, begun);
		pair->done++;
	} else if (!strncmp(line, "add ", 4)) {
		model_add(begun, line + 4);
	} else if (sscanf(line, "replace %" SCNu64 " %n", &id, &length) == 1) {
		model_replace(begun, id, line + length);
	} else if (sscanf(line, "remove %" SCNu64, &id) == 1) {
		model_remove(begun, id);
	} else {
		ck_assert_msg(!strcmp(line, "ready") || !strcmp(line, "go"), "%s", line);
	}
}

bool model_is(const struct model *model, const struct sp_rule *rules, size_t count)
{
	bool good = count == model->count;

	for (size_t i = 0; i < count && good; i++) {
		char *line = sp_text_print(&rules[i], NULL);

		good = rules[i].id == model->rules[i].id && !strcmp(line, model->rules[i].line);
		free(line);
	}
	return good;
}

bool model_holds(const struct model_pair *pair, const struct sp_rule *rules, size_t count)
{
	return model_is(&pair->acknowledged, rules, count) || model_is(&pair->begun, rules, count);
}
