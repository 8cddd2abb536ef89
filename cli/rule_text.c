/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules as they are typed. */
#include "rule_text.h"

#include <string.h>

#include <glib/gi18n.h>

#include "error.h"
#include "rule_context.h"
#include "text.h"
#include "width.h"

static void append_word(GString *line, const char *word)
{
	if (*word && (word[0] == '"' || !strpbrk(word, " \t\"#\\"))) {
		g_string_append(line, word);
		return;
	}
	g_string_append_c(line, '"');
	for (; *word; word++) {
		if (*word == '"' || *word == '\\')
			g_string_append_c(line, '\\');
		g_string_append_c(line, *word);
	}
	g_string_append_c(line, '"');
}

char *sp_rule_text_join(char **words)
{
	GString *line = g_string_new(NULL);
	gboolean note = FALSE;

	if (words[0] && !words[1])
		return g_string_free(g_string_append(line, words[0]), FALSE);
	for (; *words; words++) {
		note = note || **words == '#';
		if (line->len)
			g_string_append_c(line, ' ');
		if (note)
			g_string_append(line, *words);
		else
			append_word(line, *words);
	}
	return g_string_free(line, FALSE);
}

static void clear(gpointer data)
{
	sp_rule_clear(&((struct sp_typed_rule *)data)->rule);
}

/* "rules.txt:3:7: what is wrong", the line, and a mark below the place. */
static void set_error(GError **error, const char *name, const char *line, gsize length,
		      guint number, const struct sp_text_error *cause)
{
	gsize before = MIN(cause->column ? cause->column - 1 : 0, length);
	g_autofree char *start = g_strndup(line, before);
	g_autofree char *whole = g_strndup(line, length);
	g_autofree char *shown_start = sp_width_harmless(start);
	g_autofree char *shown = sp_width_harmless(whole);
	g_autofree char *blanks = g_strnfill((gsize)sp_width(shown_start), ' ');
	g_autofree char *place = NULL;

	if (name)
		place = g_strdup_printf("%s:%u:%u", name, number, cause->column);
	else
		place = g_strdup_printf(_("column %u"), cause->column);
	g_set_error(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_INVALID_RULE,
		    "%s: %s\n  %s\n  %s^", place, cause->message, shown, blanks);
}

/* One line: added to @rules if it is a rule. */
static gboolean parse_line(GArray *rules, const char *line, gsize length, guint number,
			   const char *name, guint32 owner, GError **error)
{
	struct sp_typed_rule typed = { .line = number };
	struct sp_text_error cause = { 0 };

	switch (sp_text_read(line, length, sp_rule_text_context(owner), &typed.rule, &cause)) {
	case 1:
		g_array_append_val(rules, typed);
		return TRUE;
	case 0:
		return TRUE;
	default:
		set_error(error, name, line, length, number, &cause);
		return FALSE;
	}
}

GArray *sp_rule_text_parse(const char *text, gsize length, const char *name,
			   guint32 owner, GError **error)
{
	g_autoptr(GArray) rules = g_array_new(FALSE, FALSE, sizeof(struct sp_typed_rule));
	const char *end = text + length;

	g_array_set_clear_func(rules, clear);
	for (guint number = 1; text < end; number++) {
		const char *newline = memchr(text, '\n', (gsize)(end - text));
		const char *stop = newline ? newline : end;

		if (!parse_line(rules, text, (gsize)(stop - text), number, name, owner, error))
			return NULL;
		text = newline ? newline + 1 : end;
	}
	if (!rules->len) {
		g_set_error_literal(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_USAGE,
				    _("no rule was given"));
		return NULL;
	}
	return g_steal_pointer(&rules);
}
