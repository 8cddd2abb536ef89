/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rule that is being written: the fields a form has, as they are typed, and the line
 * of the rule language they make. What a form has no field for is kept as it is.
 */
#pragma once

#include <glib.h>

#include "text.h"

enum sp_draft_field {
	SP_DRAFT_PROGRAM,	/* a path; with '*' in a name it is a pattern */
	SP_DRAFT_REMOTE,	/* a place, as in the language; "*.example.org" is a domain */
	SP_DRAFT_PORT,		/* "443", "8000-8100" */
	SP_DRAFT_PROTOCOL,	/* "tcp" */
	SP_DRAFT_UNTIL,		/* "until reboot"; with its word */
	SP_DRAFT_REST,		/* other fields, with their words */
	SP_DRAFT_NOTE,
	SP_DRAFT_FIELDS,
};

struct sp_draft {
	guint32 owner;
	gboolean enabled, floor, log;
	enum sp_action action;
	enum sp_direction direction;
	char *fields[SP_DRAFT_FIELDS];	/* never NULL; "": any, none */
};

struct sp_draft *sp_draft_new(guint32 owner);	/* allow out, anything */
/* The line's; NULL with @error. @owner: where it names none. */
struct sp_draft *sp_draft_of_text(const char *text, guint32 owner, struct sp_text_error *error);
struct sp_draft *sp_draft_of_rule(const struct sp_rule *rule);
/*
 * About all that a program does, which is told as on the bus, for @user. NULL: no rule of
 * one's own could be: it is another user's, or its path is not known or can't be written.
 */
struct sp_draft *sp_draft_about(const char *program, guint32 user, enum sp_action action,
				enum sp_direction direction);
void sp_draft_free(struct sp_draft *draft);

void sp_draft_set(struct sp_draft *draft, enum sp_draft_field field, const char *text);

/* The line that the fields make; it need not be a rule. */
char *sp_draft_text(const struct sp_draft *draft);
/*
 * The rule of it, to be cleared. FALSE: @error, and in @field which of them is wrong;
 * SP_DRAFT_FIELDS: not one alone.
 */
gboolean sp_draft_check(const struct sp_draft *draft, struct sp_rule *rule,
			struct sp_text_error *error, enum sp_draft_field *field);
