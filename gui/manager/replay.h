/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recorded flows, judged by other rules than those that are in force. */
#pragma once

#include <glib.h>

#include "decide.h"

struct sp_rule_set_of {
	const struct sp_rule *rules;
	gsize count;
};

/*
 * In words, a line each: how many would be decided otherwise @after than @before. Nothing
 * (NULL) where there is no record. @records: aa{sv} as of History.Recent. For any thread.
 */
char *sp_replay_words(GVariant *records, const struct sp_defaults *defaults,
		      const struct sp_rule_set_of *before, const struct sp_rule_set_of *after);
