/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Actions: their words, and their order. */
#include <string.h>
#include "action.h"

static const struct {
	const char *word;
	enum sp_action action;
} actions[] = {
	{ "allow", SP_ALLOW },
	{ "ask", SP_ASK },
	{ "deny", SP_DENY },
	{ "drop", SP_DROP },
};

#define COUNT (sizeof(actions) / sizeof(actions[0]))

const char *sp_action_word(enum sp_action action)
{
	for (size_t i = 0; i < COUNT; i++)
		if (actions[i].action == action)
			return actions[i].word;
	return "";
}

bool sp_action_find(const char *word, enum sp_action *action)
{
	for (size_t i = 0; i < COUNT; i++)
		if (!strcmp(actions[i].word, word)) {
			*action = actions[i].action;
			return true;
		}
	return false;
}

unsigned sp_action_strictness(enum sp_action action)
{
	for (size_t i = 0; i < COUNT; i++)
		if (actions[i].action == action)
			return (unsigned)i + 1;
	return COUNT + 1;
}
