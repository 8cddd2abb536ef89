/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables of text. Cells are kept row by row in one array; the last column is
 * not padded, so lines have no blanks at their end.
 */
#include "table.h"

#include <string.h>

#include "width.h"

#define GAP 2	/* cells between columns */
#define LEFT_OUT (-GAP)	/* the width of such a column: no cells, and no gap */

struct cell {
	char *text;
	enum sp_style style;
};

struct sp_table {
	const struct sp_column *columns;
	guint count;
	GArray *cells;
};

static void cell_clear(gpointer data)
{
	g_free(((struct cell *)data)->text);
}

struct sp_table *sp_table_new(const struct sp_column *columns, guint count)
{
	struct sp_table *table = g_new0(struct sp_table, 1);

	table->columns = columns;
	table->count = count;
	table->cells = g_array_new(FALSE, FALSE, sizeof(struct cell));
	g_array_set_clear_func(table->cells, cell_clear);
	return table;
}

void sp_table_free(struct sp_table *table)
{
	if (!table)
		return;
	g_array_unref(table->cells);
	g_free(table);
}

void sp_table_add(struct sp_table *table, const char *text, enum sp_style style)
{
	struct cell cell = { sp_width_harmless(text), style };

	g_array_append_val(table->cells, cell);
}

void sp_style_append(GString *to, const char *text, enum sp_style style,
		     gboolean colour)
{
	static const char *const codes[] = {
		[SP_STYLE_PLAIN] = NULL,
		[SP_STYLE_BOLD] = "1",
		[SP_STYLE_DIM] = "2",
		[SP_STYLE_GOOD] = "32",
		[SP_STYLE_BAD] = "31",
		[SP_STYLE_WARN] = "33",
	};

	if (colour && codes[style] && *text)
		g_string_append_printf(to, "\033[%sm%s\033[0m", codes[style], text);
	else
		g_string_append(to, text);
}

/* The widths that everything would like to have. */
static int *wanted(const struct sp_table *table, gboolean titles)
{
	int *widths = g_new(int, table->count);

	for (guint i = 0; i < table->count; i++) {
		int title = titles ? sp_width(table->columns[i].title) : 0;

		widths[i] = MAX(table->columns[i].min, title);
	}
	for (guint i = 0; i < table->cells->len; i++) {
		struct cell *cell = &g_array_index(table->cells, struct cell, i);
		int *width = &widths[i % table->count];

		*width = MAX(*width, sp_width(cell->text));
	}
	return widths;
}

static int total(const struct sp_table *table, const int *widths)
{
	int sum = GAP * ((int)table->count - 1);

	for (guint i = 0; i < table->count; i++)
		sum += widths[i];
	return sum;
}

/* The widest column that may still become narrower; -1: none. */
static int widest(const struct sp_table *table, const int *widths)
{
	int best = -1;

	for (guint i = 0; i < table->count; i++)
		if ((table->columns[i].elastic || table->columns[i].wraps) &&
		    widths[i] > MAX(table->columns[i].min, 1) &&
		    (best < 0 || widths[i] > widths[best]))
			best = (int)i;
	return best;
}

/* The first that may be left out; -1: none. */
static int dispensable(const struct sp_table *table, const int *widths)
{
	int best = -1;

	for (guint i = 0; i < table->count; i++)
		if (widths[i] != LEFT_OUT && table->columns[i].optional &&
		    (best < 0 || table->columns[i].optional > table->columns[best].optional))
			best = (int)i;
	return best;
}

static int *fit(const struct sp_table *table, int width, gboolean titles)
{
	int *wishes = wanted(table, titles), *widths = g_memdup2(wishes, table->count * sizeof(int));
	int column;

	while (width && total(table, widths) > width) {
		column = widest(table, widths);
		if (column >= 0) {
			widths[column]--;
			continue;
		}
		column = dispensable(table, widths);
		if (column < 0)
			break;
		wishes[column] = LEFT_OUT;	/* the others begin anew */
		memcpy(widths, wishes, table->count * sizeof(int));
	}
	g_free(wishes);
	return widths;
}

static void pad(GString *to, int cells)
{
	for (; cells > 0; cells--)
		g_string_append_c(to, ' ');
}

/* Lines of a cell that wraps; the first begins where @to ends, the others at @indent. */
static void append_wrapped(GString *to, int indent, int width, const struct cell *cell,
			   gboolean colour)
{
	g_autoptr(GPtrArray) lines = sp_width_wrap(cell->text, width);

	for (guint i = 0; i < lines->len; i++) {
		if (i) {
			g_string_append_c(to, '\n');
			pad(to, indent);
		}
		sp_style_append(to, g_ptr_array_index(lines, i), cell->style, colour);
	}
}

static void append_cell(GString *to, const struct sp_table *table, guint column,
			int width, const char *text, enum sp_style style,
			gboolean colour)
{
	g_autofree char *cut = NULL;
	gboolean last = column + 1 == table->count;
	int blanks;

	if (width == LEFT_OUT)
		return;
	cut = sp_width_elide(text, width);
	blanks = width - sp_width(cut);
	if (table->columns[column].right)
		pad(to, blanks);
	sp_style_append(to, cut, style, colour);
	if (!table->columns[column].right && !last)
		pad(to, blanks);
	if (!last)
		pad(to, GAP);
}

/* Empty cells at a row's end leave no blanks. */
static void end_line(GString *to)
{
	while (to->len && to->str[to->len - 1] == ' ')
		g_string_truncate(to, to->len - 1);
	g_string_append_c(to, '\n');
}

char *sp_table_text(struct sp_table *table, int width, gboolean titles,
		    gboolean colour)
{
	g_autofree int *widths = fit(table, width, titles);
	GString *to = g_string_new(NULL);

	for (guint i = 0; titles && i < table->count; i++)
		append_cell(to, table, i, widths[i], table->columns[i].title,
			    SP_STYLE_BOLD, colour);
	if (titles)
		end_line(to);
	for (guint i = 0; i < table->cells->len; i++) {
		struct cell *cell = &g_array_index(table->cells, struct cell, i);
		guint column = i % table->count;

		if (table->columns[column].wraps)
			append_wrapped(to, total(table, widths) - widths[column],
				       widths[column], cell, colour);
		else
			append_cell(to, table, column, widths[column], cell->text,
				    cell->style, colour);
		if (column + 1 == table->count)
			end_line(to);
	}
	return g_string_free(to, FALSE);
}
