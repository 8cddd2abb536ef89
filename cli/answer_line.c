/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An answer as a line. */
#include "answer_line.h"

#include <string.h>

#include <glib/gi18n.h>

#include "width.h"

static char *wrong(const char *line)
{
	g_autofree char *shown = sp_width_harmless(line);

	return g_strdup_printf(_("“%s” is no answer here; say “allow once”, “allow always”, “deny always”, “not now” or “quit”"),
			       shown);
}

/* The words of @line, without empty ones. */
static GStrv split(const char *line)
{
	GStrv words = g_strsplit_set(line, " \t", -1);
	guint kept = 0;

	for (guint i = 0; words[i]; i++) {
		if (*words[i])
			words[kept++] = words[i];
		else
			g_free(words[i]);
	}
	words[kept] = NULL;
	return words;
}

static const char *action_of(const char *word)
{
	if (strcmp(word, "allow") == 0)
		return "allow";
	if (strcmp(word, "deny") == 0)
		return "deny";
	return NULL;
}

static const char *default_scope(const struct sp_dialog *dialog)
{
	return sp_question_scope(sp_dialog_current(dialog), sp_dialog_scope(dialog))->name;
}

enum sp_line_result sp_answer_line(struct sp_dialog *dialog, const char *line,
				   char **problem)
{
	g_auto(GStrv) words = split(line);
	guint count = g_strv_length(words);
	const char *action = count ? action_of(words[0]) : NULL;

	if (count == 1 && strcmp(words[0], "quit") == 0)
		return SP_LINE_QUIT;
	if (count == 2 && !strcmp(words[0], "not") && !strcmp(words[1], "now")) {
		sp_dialog_dismiss(dialog);
		return SP_LINE_DONE;
	}
	if (action && (count == 2 || count == 3) &&
	    sp_dialog_answer(dialog, action, count == 3 ? words[2] : default_scope(dialog),
			     words[1]))
		return SP_LINE_DONE;
	*problem = wrong(line);
	return SP_LINE_WRONG;
}
