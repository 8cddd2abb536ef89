/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must be in a store that a writer (writer.c) changes, by what it says. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rule.h"

#define MODEL_RULES 64

struct model {
	struct known {
		uint64_t id;
		char *line;
	} rules[MODEL_RULES];	/* by id */
	size_t count;
	uint64_t next;		/* the id that the next rule gets */
};

/* What was done, and the same with what is under way. */
struct model_pair {
	struct model acknowledged, begun;
	unsigned done;		/* sets */
};

void model_begin(struct model_pair *pair);
void model_clear(struct model *model);
void model_copy(struct model *to, const struct model *from);
void model_hear(struct model_pair *pair, const char *line);	/* of the writer */
bool model_is(const struct model *model, const struct sp_rule *rules, size_t count);
/* Are they what was acknowledged, or with what was begun, whole? */
bool model_holds(const struct model_pair *pair, const struct sp_rule *rules, size_t count);
