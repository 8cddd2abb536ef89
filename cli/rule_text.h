/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules as they are typed: arguments of a command line, or lines of a file. */
#pragma once

#include <gio/gio.h>
#include "text.h"

/* A rule that was read, and where. */
struct sp_typed_rule {
	struct sp_rule rule;
	guint line;		/* from 1; 0: from arguments */
};

/*
 * The arguments as one line of the rule language. One argument alone is that
 * line; of several, those with blanks are quoted (shells took the quotes off),
 * and what follows '#' is the note.
 */
char *sp_rule_text_join(char **words);

/*
 * Element: struct sp_typed_rule, cleared with the array. @name: of the file,
 * for messages, NULL where @text comes from arguments. One error fails all:
 * it says where, and shows the line.
 */
GArray *sp_rule_text_parse(const char *text, gsize length, const char *name,
			   guint32 owner, GError **error);

/* Adds @rules (struct sp_typed_rule) in one change; none where there is an error. */
gboolean sp_rules_send(GDBusConnection *bus, GArray *rules, GError **error);
