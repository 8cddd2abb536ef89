/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables of text: columns as wide as what they hold, narrowed where the
 * terminal is narrower, and left out where that is not enough. All text is made
 * harmless on its way in.
 */
#pragma once

#include <glib.h>

enum sp_style {
	SP_STYLE_PLAIN,
	SP_STYLE_BOLD,
	SP_STYLE_DIM,
	SP_STYLE_GOOD,
	SP_STYLE_BAD,
	SP_STYLE_WARN,
};

struct sp_column {
	const char *title;
	int min;		/* never narrower; padded to it */
	gboolean elastic;	/* may be cut down to @min */
	gboolean right;		/* numbers */
	int optional;		/* may be left out, the greatest first; 0: never */
	gboolean wraps;		/* the last one: goes on below itself, and is not cut */
};

struct sp_table;

/* @columns must live as long as the table. */
struct sp_table *sp_table_new(const struct sp_column *columns, guint count);
void sp_table_free(struct sp_table *table);

/* Fills the row from left to right, then begins the next. */
void sp_table_add(struct sp_table *table, const char *text, enum sp_style style);

/* @width: cells, 0: no limit. The text ends in a newline, or is empty. */
char *sp_table_text(struct sp_table *table, int width, gboolean titles,
		    gboolean colour);

/* Adds @text in @style; plain where not @colour. */
void sp_style_append(GString *to, const char *text, enum sp_style style,
		     gboolean colour);
