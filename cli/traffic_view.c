/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See traffic_view.h. On a terminal it has a screen for itself, and q leaves; else
 * a table is written each second. A password is asked for before, not within.
 */
#include "traffic_view.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "calls.h"
#include "format.h"
#include "output.h"
#include "password.h"
#include "table.h"
#include "terminal.h"
#include "traffic.h"

struct view {
	GDBusConnection *bus;
	gboolean all, json, screen;
	struct sp_traffic *traffic;
	GMainLoop *loop;
	GError *error;
};

static char *rate(double bytes)
{
	g_autofree char *text = sp_format_bytes((guint64)bytes);

	return bytes < 1 ? g_strdup("") : g_strdup_printf(_("%s/s"), text);
}

static void add_row(struct sp_table *table, const struct view *view,
		    const struct sp_traffic_row *row)
{
	g_autofree char *flows = g_strdup_printf("%u", row->flows);
	g_autofree char *out = rate(row->out), *in = rate(row->in);
	g_autofree char *bytes_out = sp_format_bytes(row->bytes_out);
	g_autofree char *bytes_in = sp_format_bytes(row->bytes_in);
	g_autofree char *user = sp_format_owner(row->user);

	sp_table_add(table, sp_format_program(row->program), SP_STYLE_PLAIN);
	if (view->all)
		sp_table_add(table, user, SP_STYLE_PLAIN);
	sp_table_add(table, flows, SP_STYLE_PLAIN);
	sp_table_add(table, out, SP_STYLE_BOLD);
	sp_table_add(table, in, SP_STYLE_BOLD);
	sp_table_add(table, bytes_out, SP_STYLE_DIM);
	sp_table_add(table, bytes_in, SP_STYLE_DIM);
}

/* The first @most programs. */
static char *table_text(const struct view *view, int width, guint most)
{
	const GPtrArray *rows = sp_traffic_rows(view->traffic);
	const struct sp_column columns[] = {
		{ .title = _("Program"), .min = 12, .elastic = TRUE },
		{ .title = _("User"), .min = 8, .elastic = TRUE, .optional = 1 },
		{ .title = _("Count"), .min = 5, .right = TRUE, .optional = 2 },
		{ .title = _("Out"), .min = 10, .right = TRUE },
		{ .title = _("In"), .min = 10, .right = TRUE },
		{ .title = _("Sent"), .min = 9, .right = TRUE },
		{ .title = _("Received"), .min = 9, .right = TRUE },
	};
	struct sp_column used[G_N_ELEMENTS(columns)];
	guint count = 0;
	struct sp_table *table;
	char *text;

	for (guint i = 0; i < G_N_ELEMENTS(columns); i++)
		if (i != 1 || view->all)
			used[count++] = columns[i];
	table = sp_table_new(used, count);
	for (guint i = 0; i < MIN(rows->len, most); i++)
		add_row(table, view, g_ptr_array_index(rows, i));
	text = sp_table_text(table, width, TRUE, sp_output_colour());
	sp_table_free(table);
	return text;
}

static void draw(const struct view *view)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *text = NULL;
	g_auto(GStrv) split = NULL;
	int rows, columns;

	sp_terminal_size(&rows, &columns);
	text = table_text(view, columns, (guint)MAX(rows - 3, 1));
	split = g_strsplit(g_strchomp(text), "\n", rows);
	for (char **line = split; *line && (int)lines->len < rows - 1; line++)
		g_ptr_array_add(lines, g_strdup(*line));
	g_ptr_array_add(lines, g_strdup(sp_traffic_rows(view->traffic)->len ? _("q quits") :
					_("No connection is open.  q quits")));
	sp_terminal_draw(lines);
}

static GVariant *as_dictionary(const struct sp_traffic_row *row)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "program", "s", row->program);
	g_variant_dict_insert(&dict, "user", "u", row->user);
	g_variant_dict_insert(&dict, "flows", "u", row->flows);
	g_variant_dict_insert(&dict, "bytes-out", "t", row->bytes_out);
	g_variant_dict_insert(&dict, "bytes-in", "t", row->bytes_in);
	g_variant_dict_insert(&dict, "out-per-second", "t", (guint64)row->out);
	g_variant_dict_insert(&dict, "in-per-second", "t", (guint64)row->in);
	return g_variant_dict_end(&dict);
}

/* FALSE: nobody reads any more. */
static gboolean put_json(const struct view *view)
{
	const GPtrArray *rows = sp_traffic_rows(view->traffic);
	gboolean ok = TRUE;

	for (guint i = 0; i < rows->len && ok; i++) {
		g_autoptr(GVariant) row = g_variant_ref_sink(as_dictionary(g_ptr_array_index(rows, i)));

		ok = sp_output_put_json(row);
	}
	return ok;
}

static gboolean put_table(const struct view *view)
{
	g_autofree char *text = table_text(view, sp_output_width(), G_MAXUINT);

	return sp_output_put(text) && sp_output_put("\n");
}

static gboolean look(struct view *view)
{
	g_autoptr(GVariant) flows = NULL;
	gint64 time;

	flows = sp_call_flows(view->bus, view->all, &time, &view->error);
	if (flows)
		sp_traffic_update(view->traffic, time, flows);
	return flows != NULL;
}

static gboolean show(struct view *view)
{
	if (view->screen)
		draw(view);
	else
		return view->json ? put_json(view) : put_table(view);
	return TRUE;
}

static gboolean on_second(gpointer data)
{
	struct view *view = data;

	if (!look(view) || !show(view))
		g_main_loop_quit(view->loop);
	return G_SOURCE_CONTINUE;
}

static gboolean on_end(gpointer data)
{
	g_main_loop_quit(((struct view *)data)->loop);
	return G_SOURCE_CONTINUE;
}

static gboolean on_resized(gpointer data)
{
	draw(data);
	return G_SOURCE_CONTINUE;
}

static void set_screen(gboolean on)
{
	sp_terminal_raw(on);
	sp_terminal_screen(on);
}

static gboolean on_key(int fd, GIOCondition condition, gpointer data)
{
	char keys[64];
	ssize_t got = read(fd, keys, sizeof(keys));

	if (got <= 0 || memchr(keys, 'q', (size_t)got))
		on_end(data);
	return G_SOURCE_CONTINUE;
}

static void loop(struct view *view)
{
	guint sources[] = {
		g_timeout_add_seconds(1, on_second, view),
		g_unix_signal_add(SIGINT, on_end, view),
		g_unix_signal_add(SIGTERM, on_end, view),
		view->screen ? g_unix_signal_add(SIGWINCH, on_resized, view) : 0,
		view->screen ? g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_key,
					     view) : 0,
	};

	g_main_loop_run(view->loop);
	for (gsize i = 0; i < G_N_ELEMENTS(sources); i++)
		if (sources[i])
			g_source_remove(sources[i]);
}

static void watch(struct view *view)
{
	view->screen = !view->json && sp_terminal_open();
	if (view->screen) {
		signal(SIGTSTP, SIG_IGN);	/* its screen would stay */
		set_screen(TRUE);
	}
	if (show(view))
		loop(view);
	if (view->screen)
		set_screen(FALSE);
}

gboolean sp_traffic_view_run(GDBusConnection *bus, gboolean all, gboolean json, GError **error)
{
	struct view view = { .bus = bus, .all = all, .json = json };

	view.traffic = sp_traffic_new();
	view.loop = g_main_loop_new(NULL, FALSE);
	if (look(&view)) {
		sp_password_stop();
		watch(&view);
	}
	sp_traffic_free(view.traffic);
	g_main_loop_unref(view.loop);
	if (view.error)
		g_propagate_error(error, view.error);
	return !view.error;
}
