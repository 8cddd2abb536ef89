/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules manager with very much to show: 10,000 rules, 100,000 rows of history, most
 * of them one program's, 1000 open flows whose counts change each second. The daemon is
 * another process. A line: NAME VALUE UNIT, by tabs. Inside tests/gui/screen.sh.
 */
#include <adwaita.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "firewall.h"
#include "link.h"
#include "picture.h"
#include "sp-manager-window.h"

#define RULES	10000
#define PLACES	100000
#define FLOWS	1000
#define STEPS	300	/* of scrolling */
#define NOTCH	100	/* pixels of one */
#define LIVE	10	/* seconds */

static SpLink *link_to;

/* The daemon. */

static void add_rules(struct gui_firewall *firewall)
{
	GVariantBuilder list;

	g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < RULES; i++) {
		g_autofree char *text = g_strdup_printf(
			"%s out program /usr/bin/program%u protocol tcp to 10.%u.%u.%u port %u # note %u",
			i % 3 ? "allow" : "deny", i % 200, i % 7, i / 256, i % 256, 1 + i % 1000, i);

		g_variant_builder_add_value(&list, gui_rule(i + 1, text, G_MAXUINT32));
	}
	gui_firewall_says(firewall, "Rules.List", g_variant_new("(aa{sv})", &list));
}

/* Nine of ten places are the first program's, the others shared by 99. */
static guint program_of(guint place)
{
	return place < PLACES * 9 / 10 ? 0 : 1 + place % 99;
}

static GVariant *total(guint program, gint64 place, gint64 minute)
{
	g_autofree char *path = g_strdup_printf("/usr/bin/program%u", program);
	g_autofree char *host = g_strdup_printf("host%06" G_GINT64_FORMAT ".example", place);
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	if (minute)
		g_variant_dict_insert(&dict, "start", "x", minute);
	else
		g_variant_dict_insert(&dict, "program", "s", path);
	if (place >= 0) {
		g_variant_dict_insert(&dict, "host", "s", host);
		g_variant_dict_insert(&dict, "port", "u", 443);
		g_variant_dict_insert(&dict, "protocol", "s", "tcp");
		g_variant_dict_insert(&dict, "direction", "s", "out");
	}
	g_variant_dict_insert(&dict, "action", "s", "allow");
	g_variant_dict_insert(&dict, "flows", "t", (guint64)(place < 0 && !program ? PLACES : 1));
	g_variant_dict_insert(&dict, "bytes-out", "t", (guint64)0);
	g_variant_dict_insert(&dict, "bytes-in", "t", (guint64)(place + 1) * 1000);
	return g_variant_dict_end(&dict);
}

/* A page of one program's places. */
static void add_places(GVariantBuilder *list, GVariant *options, const char *path)
{
	guint program = (guint)g_ascii_strtoull(path + strlen("/usr/bin/program"), NULL, 10);
	guint32 skip = 0, limit = 0;

	g_variant_lookup(options, "skip", "u", &skip);
	g_variant_lookup(options, "limit", "u", &limit);
	for (guint place = 0; place < PLACES && limit; place++) {
		if (program_of(place) != program || (skip && skip--))
			continue;
		g_variant_builder_add_value(list, total(program, place, 0));
		limit--;
	}
}

static GVariant *history(GVariant *args)
{
	g_autoptr(GVariant) options = g_variant_get_child_value(args, 4);
	g_autofree const char **by = NULL;
	const char *program;
	GVariantBuilder list;
	gint64 from;
	guint32 step;

	g_variant_get_child(args, 0, "x", &from);
	g_variant_get_child(args, 2, "u", &step);
	g_variant_get_child(args, 3, "^a&s", &by);
	g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
	if (g_variant_lookup(options, "program", "&s", &program)) {
		add_places(&list, options, program);
	} else if (g_strv_contains(by, "host")) {
		g_variant_builder_clear(&list);
		return NULL;	/* more than is told at once */
	} else {
		for (guint i = 0; i < (step ? 1440 : 100); i++)
			g_variant_builder_add_value(&list, total(i, -1, step ? from + (gint64)i * step * G_USEC_PER_SEC : 0));
	}
	return g_variant_new("(uaa{sv})", 60, &list);
}

static gboolean set_flows(gpointer data)
{
	gint64 now = g_get_real_time();
	GVariantBuilder list;

	g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 1; i < FLOWS; i++) {	/* less than a page */
		g_autofree char *program = g_strdup_printf("/usr/bin/program%u", i % 20);
		GVariantDict dict;

		g_variant_dict_init(&dict, NULL);
		g_variant_dict_insert(&dict, "id", "t", (guint64)i);
		g_variant_dict_insert(&dict, "action", "s", "allow");
		g_variant_dict_insert(&dict, "rule", "t", (guint64)i);
		g_variant_dict_insert(&dict, "program", "s", program);
		g_variant_dict_insert(&dict, "direction", "s", "out");
		g_variant_dict_insert(&dict, "protocol", "s", "tcp");
		g_variant_dict_insert(&dict, "remote", "s", "192.0.2.1");
		g_variant_dict_insert(&dict, "remote-port", "u", i);
		g_variant_dict_insert(&dict, "bytes-in", "t", (guint64)(now / 1000) * (i % 7));
		g_variant_dict_insert(&dict, "bytes-out", "t", (guint64)(now / 5000));
		g_variant_builder_add_value(&list, g_variant_dict_end(&dict));
	}
	gui_firewall_says(data, "Flows.List", g_variant_new("(xaa{sv})", now, &list));
	return G_SOURCE_CONTINUE;
}

static void be_the_daemon(int tell)
{
	struct gui_firewall *firewall;
	const char *address;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	firewall = gui_firewall_new();
	add_rules(firewall);
	gui_firewall_computes(firewall, "History.Totals", history);
	set_flows(firewall);
	g_timeout_add(900, set_flows, firewall);
	address = g_getenv("DBUS_SYSTEM_BUS_ADDRESS");
	if (write(tell, address, strlen(address)) < 0)
		exit(1);
	close(tell);
	g_main_loop_run(g_main_loop_new(NULL, FALSE));
}

/* Another process is the daemon, so that its time and memory are not ours. */
static void start_daemon(void)
{
	char address[1000] = "";
	int ends[2];

	if (pipe(ends))
		exit(1);
	if (fork() == 0) {
		close(ends[0]);
		be_the_daemon(ends[1]);
	}
	close(ends[1]);
	if (read(ends[0], address, sizeof(address) - 1) <= 0)
		exit(1);
	g_setenv("DBUS_SYSTEM_BUS_ADDRESS", address, TRUE);
}

/* What is measured. */

static void put(const char *name, double value, const char *unit)
{
	printf("%s\t%.1f\t%s\n", name, value, unit);
	fflush(stdout);
}

static double ms_since(gint64 begin)
{
	return (double)(g_get_monotonic_time() - begin) / 1000;
}

static GtkWidget *shown(GtkWidget *from, GType type)
{
	if (!gtk_widget_get_mapped(from))
		return NULL;
	if (G_TYPE_CHECK_INSTANCE_TYPE(from, type))
		return from;
	for (GtkWidget *w = gtk_widget_get_first_child(from); w; w = gtk_widget_get_next_sibling(w)) {
		GtkWidget *found = shown(w, type);

		if (found)
			return found;
	}
	return NULL;
}

/* A list with lines in it. */
static GtkListView *filled(GtkWidget *window)
{
	GtkWidget *list = shown(window, GTK_TYPE_LIST_VIEW);

	return list && gtk_widget_get_first_child(list) ? GTK_LIST_VIEW(list) : NULL;
}

static void on_painted(GdkFrameClock *clock, gboolean *painted)
{
	*painted = TRUE;
}

/* Until what was just changed is on the screen. */
static void wait_for_frame(GtkWidget *window)
{
	GdkFrameClock *clock = gtk_widget_get_frame_clock(window);
	gboolean painted = FALSE;
	gulong handler = g_signal_connect(clock, "after-paint", G_CALLBACK(on_painted), &painted);

	gtk_widget_queue_draw(window);
	while (!painted)
		g_main_context_iteration(NULL, TRUE);
	g_signal_handler_disconnect(clock, handler);
}

/* Waits for a page's list, and says how long that took. */
static GtkWidget *open_page(GtkWidget *window, const char *page, const char *name)
{
	gint64 begin = g_get_monotonic_time();

	sp_manager_window_go(SP_MANAGER_WINDOW(window), page);
	while (!filled(window))
		g_main_context_iteration(NULL, TRUE);
	wait_for_frame(window);
	put(name, ms_since(begin), "ms");
	return GTK_WIDGET(filled(window));
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* As a wheel does, from where it is; each step's work until it is painted. */
static void scroll(GtkWidget *window, GtkWidget *list, const char *name)
{
	GtkAdjustment *at = gtk_scrollable_get_vadjustment(GTK_SCROLLABLE(list));
	g_autofree char *slowest = g_strconcat(name, ", slowest of twenty", NULL);
	double times[STEPS];

	for (guint i = 0; i < STEPS; i++) {
		struct rusage before, after;

		getrusage(RUSAGE_SELF, &before);
		gtk_adjustment_set_value(at, gtk_adjustment_get_value(at) + NOTCH);
		wait_for_frame(window);
		getrusage(RUSAGE_SELF, &after);
		times[i] = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1e3 +
			   (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec) / 1e3 +
			   (double)(after.ru_stime.tv_sec - before.ru_stime.tv_sec) * 1e3 +
			   (double)(after.ru_stime.tv_usec - before.ru_stime.tv_usec) / 1e3;
	}
	qsort(times, STEPS, sizeof(*times), compare);
	put(name, times[STEPS / 2], "ms a step (processor)");
	put(slowest, times[STEPS * 19 / 20], "ms a step (processor)");
}

static void put_memory(const char *name)
{
	g_autofree char *text = NULL;
	const char *line;

	g_file_get_contents("/proc/self/status", &text, NULL, NULL);
	line = text ? strstr(text, "RssAnon:") : NULL;
	put(name, line ? g_ascii_strtod(line + 8, NULL) / 1024 : NAN, "MiB");
}

static double processor(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 +
	       (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6;
}

static void watch(const char *name)
{
	gint64 begin = g_get_monotonic_time();
	double before = processor();

	picture_wait(LIVE * 1000);
	put(name, (processor() - before) / (ms_since(begin) / 1000) * 100, "% of a core");
}

static guint lines_of(GtkWidget *list)
{
	return g_list_model_get_n_items(G_LIST_MODEL(gtk_list_view_get_model(GTK_LIST_VIEW(list))));
}

/* To the middle of all there is, by pages where they have to be asked for. */
static void go_down(GtkWidget *window, GtkWidget *list, guint lines)
{
	GtkAdjustment *at = gtk_scrollable_get_vadjustment(GTK_SCROLLABLE(list));

	while (lines_of(list) < lines) {
		gtk_adjustment_set_value(at, gtk_adjustment_get_upper(at));
		wait_for_frame(window);
	}
	gtk_adjustment_set_value(at, gtk_adjustment_get_upper(at) / 2);
	wait_for_frame(window);
}

static void measure_opening(GtkWidget *window, gint64 begin, double before)
{
	while (!filled(window))
		g_main_context_iteration(NULL, TRUE);
	wait_for_frame(window);
	put("window with rules", ms_since(begin), "ms");
	put("its processor time", (processor() - before) * 1000, "ms");
	while (lines_of(GTK_WIDGET(filled(window))) < RULES)
		g_main_context_iteration(NULL, TRUE);
	wait_for_frame(window);
	put("window with all 10,000 rules", ms_since(begin), "ms");
	put("its processor time, in all", (processor() - before) * 1000, "ms");
	put_memory("memory, 10,000 rules");
}

static void measure_history(GtkWidget *window)
{
	GtkWidget *list = open_page(window, "history", "history of 100,000 places");
	double before = processor();
	guint programs = lines_of(list);

	put_memory("memory, with history");
	g_signal_emit_by_name(list, "activate", 0);	/* unfolds the first program */
	while (lines_of(list) == programs)
		g_main_context_iteration(NULL, TRUE);
	wait_for_frame(window);
	put("90,000 places unfolded, processor time", (processor() - before) * 1000, "ms");
	scroll(window, list, "scrolling places");
	go_down(window, list, PLACES * 9 / 10);
	put_memory("memory, 90,000 places seen");
	scroll(window, list, "scrolling places, all there");
}

static void take(GtkApplication *application)
{
	gint64 begin = g_get_monotonic_time();
	double before = processor();
	GtkWidget *window;

	put_memory("memory, nothing open");
	link_to = sp_link_new();
	window = sp_manager_window_new(application, link_to);
	gtk_window_present(GTK_WINDOW(window));
	measure_opening(window, begin, before);
	go_down(window, GTK_WIDGET(filled(window)), RULES);
	scroll(window, GTK_WIDGET(filled(window)), "scrolling 10,000 rules");
	put_memory("memory, scrolled");
	measure_history(window);
	open_page(window, "connections", "1000 connections");
	watch("watching 1000 connections");
	gtk_window_destroy(GTK_WINDOW(window));
	g_object_unref(link_to);
}

int main(int argc, char **argv)
{
	start_daemon();
	return picture_main(argc, argv, take);
}
