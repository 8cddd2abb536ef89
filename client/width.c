/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text on a grid of cells. Wide characters take two, combining ones none. */
#include "width.h"

#include <stdlib.h>
#include <string.h>

#include "sentence.h"

static int char_width(gunichar c)
{
	if (g_unichar_iszerowidth(c))
		return 0;
	return g_unichar_iswide(c) ? 2 : 1;
}

int sp_width(const char *text)
{
	int cells = 0;

	for (const char *p = text; *p; p = g_utf8_next_char(p))
		cells += char_width(g_utf8_get_char(p));
	return cells;
}

gboolean sp_width_utf8(void)
{
	return g_get_charset(NULL);
}

const char *sp_width_ellipsis(void)
{
	return sp_width_utf8() ? "…" : "...";
}

/* The end of as much of @text as fits into @cells. */
static const char *head(const char *text, int cells)
{
	const char *p = text;

	while (*p) {
		int next = char_width(g_utf8_get_char(p));

		if (next > cells)
			break;
		cells -= next;
		p = g_utf8_next_char(p);
	}
	return p;
}

/* The start of as much of the end of @text as fits into @cells. */
static const char *tail(const char *text, int cells)
{
	const char *p = text + strlen(text);

	while (p > text) {
		const char *before = g_utf8_prev_char(p);
		int next = char_width(g_utf8_get_char(before));

		if (next > cells)
			break;
		cells -= next;
		p = before;
	}
	return p;
}

char *sp_width_elide(const char *text, int cells)
{
	const char *mark = sp_width_ellipsis();
	int room = cells - sp_width(mark);
	const char *middle;

	if (sp_width(text) <= cells)
		return g_strdup(text);
	if (room < 2)
		return g_strndup(text, (gsize)(head(text, MAX(cells, 0)) - text));
	middle = head(text, (room + 1) / 2);
	return g_strdup_printf("%.*s%s%s", (int)(middle - text), text, mark,
			       tail(middle, room / 2));
}

/* Where the line that begins at @text ends: at a blank if there is one. */
static const char *line_end(const char *text, int cells)
{
	const char *end = head(text, cells);
	const char *blank = end;

	if (!*end || *end == ' ')
		return end;
	while (blank > text && *blank != ' ')
		blank--;
	return blank > text ? blank : end;
}

GPtrArray *sp_width_wrap(const char *text, int cells)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);

	cells = MAX(cells, 2);	/* or a wide character would never fit */
	do {
		const char *end = line_end(text, cells);

		g_ptr_array_add(lines, g_strndup(text, (gsize)(end - text)));
		for (text = end; *text == ' '; text++)
			;
	} while (*text);
	return lines;
}

static char *literal(const char *text)
{
	char *escaped = sp_text_literal(text, strlen(text)), *copy;

	if (!escaped)
		g_error("no memory");
	copy = g_strdup(escaped);
	free(escaped);
	return copy;
}

/* The daemon has escaped it already, backslashes too: those must not double. */
char *sp_width_harmless(const char *text)
{
	g_auto(GStrv) pieces = g_strsplit(text ? text : "", "\\", -1);

	for (guint i = 0; pieces[i]; i++) {
		char *piece = literal(pieces[i]);

		g_free(pieces[i]);
		pieces[i] = piece;
	}
	return g_strjoinv("\\", pieces);
}
