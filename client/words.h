/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's names for things, in words for people. Translated. */
#pragma once

#include <glib.h>

/*
 * Counters are shown in groups; a name that we do not know is SP_GROUP_OTHER
 * and its words are the name itself.
 */
enum sp_counter_group {
	SP_GROUP_PASSED,	/* how packets were decided or passed */
	SP_GROUP_REFUSED,	/* why they were refused or dropped */
	SP_GROUP_OTHER,		/* about the module itself */
};
enum sp_counter_group sp_words_counter_group(const char *name);
const char *sp_words_counter(const char *name);

const char *sp_words_flag(const char *flag);		/* of a question */
const char *sp_words_by(const char *by);		/* of a record */
const char *sp_words_cancel(const char *reason);	/* "answered elsewhere", … */

char *sp_words_lifetime(const char *lifetime);	/* "always", "once", "for 15 minutes" */
/* "allowed always", "denied for 15 minutes" */
char *sp_words_answer(const char *action, const char *lifetime);
