/* SPDX-License-Identifier: GPL-2.0-or-later */
/* History and connections: periods, sums, rates, their pages. */
#include <string.h>
#include <unistd.h>

#include "flows.h"
#include "history.h"
#include "manager_test.h"
#include "refusals.h"
#include "sp-connections-page.h"
#include "sp-history-page.h"
#include "sp-place-row.h"
#include "sp-plot.h"
#include "sp-wrap.h"

#define SECOND ((gint64)G_USEC_PER_SEC)
#define NOW (1767225600 * SECOND + 12345678)

START_TEST(periods_are_whole_steps_until_now)
{
	static const struct {
		enum sp_range range;
		guint step, steps;
	} wanted[] = {
		{ SP_RANGE_HOUR, 60, 60 }, { SP_RANGE_DAY, 60, 1440 }, { SP_RANGE_WEEK, 3600, 168 },
		{ SP_RANGE_MONTH, 3600, 744 }, { SP_RANGE_YEAR, 86400, 366 },
	};

	for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
		struct sp_period period = sp_period_of(wanted[i].range, NOW);

		ck_assert_uint_eq(period.step, wanted[i].step);
		ck_assert_uint_eq(sp_period_steps(&period), wanted[i].steps);
		ck_assert_int_eq(period.from % (period.step * SECOND), 0);
		ck_assert(period.to > NOW && period.to - NOW <= period.step * SECOND);
	}
}
END_TEST

START_TEST(a_part_is_told_as_finely_as_it_is_kept)
{
	struct sp_period month = sp_period_of(SP_RANGE_MONTH, NOW), part;
	struct sp_period hour = sp_period_of(SP_RANGE_HOUR, NOW);

	ck_assert(sp_period_part(&month, 741, 743, NOW, &part));	/* within the last day */
	ck_assert_uint_eq(part.step, 60);
	ck_assert_uint_eq(sp_period_steps(&part), 180);
	ck_assert(sp_period_part(&month, 10, 40, NOW, &part));
	ck_assert_uint_eq(part.step, 3600);
	ck_assert_uint_eq(sp_period_steps(&part), 31);
	ck_assert(!sp_period_part(&hour, 7, 8, NOW, &part));		/* too little */
}
END_TEST

static GVariant *total(gint64 start, const char *program, const char *host, guint port,
		       const char *action, guint64 flows)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "start", "x", start);
	g_variant_dict_insert(&dict, "program", "s", program);
	g_variant_dict_insert(&dict, "host", "s", host);
	g_variant_dict_insert(&dict, "port", "u", port);
	g_variant_dict_insert(&dict, "protocol", "s", "tcp");
	g_variant_dict_insert(&dict, "direction", "s", port == 22 ? "in" : "out");
	g_variant_dict_insert(&dict, "action", "s", action);
	g_variant_dict_insert(&dict, "flows", "t", flows);
	g_variant_dict_insert(&dict, "bytes-out", "t", flows * 10);
	return g_variant_dict_end(&dict);
}

START_TEST(totals_are_summed_by_program_and_place)
{
	g_autoptr(GVariant) rows = g_variant_ref_sink(list_of(
		total(0, "/usr/bin/curl", "a.test", 80, "allow", 2),
		total(0, "/usr/bin/curl", "a.test", 80, "deny", 5),
		total(0, "/usr/bin/curl", "b.test", 443, "allow", 20)));
	g_autoptr(GListStore) programs = sp_traffic_programs(rows);
	g_autoptr(SpTraffic) curl = g_list_model_get_item(G_LIST_MODEL(programs), 0);
	g_autoptr(SpTraffic) busiest = g_list_model_get_item(G_LIST_MODEL(curl), 0);
	g_autoptr(SpTraffic) other = g_list_model_get_item(G_LIST_MODEL(curl), 1);
	g_autofree char *title = sp_traffic_title(busiest), *line = NULL;
	struct sp_draft *draft = sp_traffic_draft(other, SP_DENY);

	ck_assert_uint_eq(g_list_model_get_n_items(G_LIST_MODEL(programs)), 1);
	ck_assert_uint_eq(g_list_model_get_n_items(G_LIST_MODEL(curl)), 2);
	ck_assert_uint_eq(sp_traffic_allowed(curl), 22);
	ck_assert_uint_eq(sp_traffic_refused(curl), 5);
	ck_assert_uint_eq(sp_traffic_bytes_out(curl), 270);
	ck_assert_str_eq(title, "b.test, TCP port 443");
	line = sp_draft_text(draft);
	ck_assert_str_eq(line, "deny out program \"/usr/bin/curl\" protocol tcp to a.test port 80");
	sp_draft_free(draft);
}
END_TEST

static GVariant *totals(GVariant *first, GVariant *second, GVariant *third)
{
	return g_variant_new("(u@aa{sv})", 3600, list_of(first, second, third));
}

/* Of curl: so many hosts in order, each allowed, and every tenth refused as well. */
static GVariant *hosts_of_curl(guint count)
{
	GVariantBuilder list;

	g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
	g_variant_builder_add_value(&list, total(0, "/usr/bin/wget", "a.test", 80, "allow", 1));
	for (guint i = 0; i < count; i++) {
		g_autofree char *host = g_strdup_printf("h%06u.test", i);

		g_variant_builder_add_value(&list, total(0, "/usr/bin/curl", host, 443, "allow", 1));
		if (i % 10 == 0)
			g_variant_builder_add_value(&list, total(0, "/usr/bin/curl", host, 443,
								 "deny", 2));
	}
	return g_variant_new("(u@aa{sv})", 60, g_variant_builder_end(&list));
}

static guint length(GListModel *model)
{
	return g_list_model_get_n_items(model);
}

/* Each once, in order, with what belongs to it. */
static void check_hosts(GListModel *places, guint count)
{
	ck_assert_uint_eq(length(places), count);
	for (guint i = 0; i < count; i++) {
		g_autoptr(SpTraffic) place = g_list_model_get_item(places, i);
		g_autofree char *host = g_strdup_printf("h%06u.test", i);

		ck_assert_str_eq(sp_traffic_host(place), host);
		ck_assert_uint_eq(sp_traffic_allowed(place), 1);
		ck_assert_uint_eq(sp_traffic_refused(place), i % 10 ? 0 : 2);
	}
}

static SpHistory *history_of(GVariant *totals)
{
	SpHistory *history = sp_history_new(link_to);
	struct sp_period day = sp_period_of(SP_RANGE_DAY, NOW);

	gui_firewall_says(firewall, "History.Totals", totals);
	sp_history_look(history, &day);
	while (!length(sp_history_programs(history)))
		g_main_context_iteration(NULL, TRUE);
	while (gui_firewall_has_call(firewall, "History.Totals"))
		g_variant_unref(gui_firewall_called(firewall, "History.Totals"));
	return history;
}

START_TEST(places_are_asked_for_as_far_as_one_looks)
{
	g_autoptr(SpHistory) history = history_of(hosts_of_curl(1200));
	g_autoptr(SpTraffic) curl = g_list_model_get_item(sp_history_programs(history), 0);
	g_autoptr(GListModel) places = sp_history_places(history, curl);
	g_autoptr(SpTraffic) first = NULL, same = NULL;
	struct sp_period later = sp_period_of(SP_RANGE_DAY, NOW + 60 * SECOND);
	guint *changes, before = 0;

	ck_assert_uint_eq(sp_traffic_allowed(curl), 1200);
	ck_assert_uint_eq(sp_traffic_refused(curl), 240);
	widgets_settle();
	ck_assert(!gui_firewall_has_call(firewall, "History.Totals"));	/* nobody looks */
	ck_assert_uint_eq(length(places), 0);
	while (!length(places))
		g_main_context_iteration(NULL, TRUE);
	widgets_settle();
	ck_assert_uint_lt(length(places), 1000);	/* rows, of which some have two */
	while (length(places) < 1200) {
		g_autoptr(SpTraffic) last = g_list_model_get_item(places, length(places) - 1);

		before = length(places);
		while (length(places) == before)
			g_main_context_iteration(NULL, TRUE);
	}
	check_hosts(places, 1200);
	/* A minute later it is the same. */
	first = g_list_model_get_item(places, 0);
	changes = widgets_count(places, "items-changed");
	while (gui_firewall_has_call(firewall, "History.Totals"))
		g_variant_unref(gui_firewall_called(firewall, "History.Totals"));
	sp_history_look(history, &later);
	for (guint i = 0; i < 3; i++)
		g_variant_unref(gui_firewall_called(firewall, "History.Totals"));
	widgets_settle();
	ck_assert_uint_eq(*changes, 0);
	same = g_list_model_get_item(places, 0);
	ck_assert_ptr_eq(first, same);
}
END_TEST

static void wait_for_count(gpointer model, guint count)
{
	while (g_list_model_get_n_items(G_LIST_MODEL(model)) != count)
		g_main_context_iteration(NULL, TRUE);
}

START_TEST(the_busiest_place_is_first_and_a_host_is_found)
{
	g_autoptr(SpHistory) history = history_of(totals(
		total(0, "/usr/bin/curl", "a.test", 80, "allow", 2),
		total(0, "/usr/bin/curl", "b.test", 443, "allow", 20),
		total(0, "/usr/bin/wget", "a.test", 80, "allow", 1)));
	g_autoptr(SpTraffic) curl = g_list_model_get_item(sp_history_programs(history), 0);
	g_autoptr(GListModel) places = sp_history_places(history, curl);
	g_autoptr(SpTraffic) busiest = NULL;

	(void)length(places);
	wait_for_count(places, 2);
	busiest = g_list_model_get_item(places, 0);
	ck_assert_str_eq(sp_traffic_host(busiest), "b.test");
	sp_history_search(history, " A.test ");
	wait_for_count(places, 1);
	ck_assert_uint_eq(length(sp_history_programs(history)), 2);
	sp_history_search(history, "b.test");
	wait_for_count(sp_history_programs(history), 1);
	sp_history_search(history, "");
	wait_for_count(places, 2);
}
END_TEST

/* A page that can't be had is told where the programs are. */
START_TEST(places_that_fail_are_told)
{
	g_autoptr(SpHistory) history = history_of(hosts_of_curl(10));
	g_autoptr(SpTraffic) curl = g_list_model_get_item(sp_history_programs(history), 0);
	g_autoptr(GListModel) places = sp_history_places(history, curl);

	gui_firewall_fails(firewall, "History.Totals", "NotReady");
	(void)length(places);
	while (sp_query_state(sp_history_query(history)) != SP_QUERY_FAILED)
		g_main_context_iteration(NULL, TRUE);
	gui_firewall_fails(firewall, "History.Totals", NULL);
}
END_TEST

START_TEST(an_unknown_program_gets_no_rule)
{
	g_autoptr(GVariant) rows = g_variant_ref_sink(list_of(total(0, "", "", 0, "allow", 1), NULL, NULL));
	g_autoptr(GListStore) programs = sp_traffic_programs(rows);
	g_autoptr(SpTraffic) unknown = g_list_model_get_item(G_LIST_MODEL(programs), 0);

	ck_assert_ptr_null(sp_traffic_draft(unknown, SP_ALLOW));
}
END_TEST

static GVariant *flow(guint64 id, const char *program, guint64 in)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "id", "t", id);
	g_variant_dict_insert(&dict, "action", "s", "allow");
	g_variant_dict_insert(&dict, "rule", "t", (guint64)3);
	g_variant_dict_insert(&dict, "program", "s", program);
	g_variant_dict_insert(&dict, "user", "u", (guint32)getuid());
	g_variant_dict_insert(&dict, "direction", "s", "out");
	g_variant_dict_insert(&dict, "protocol", "s", "tcp");
	g_variant_dict_insert(&dict, "remote", "s", "192.0.2.1");
	g_variant_dict_insert(&dict, "remote-port", "u", 443);
	g_variant_dict_insert(&dict, "bytes-in", "t", in);
	return g_variant_dict_end(&dict);
}

static GVariant *flows_at(gint64 second, GVariant *first, GVariant *next)
{
	return g_variant_new("(x@aa{sv})", second * SECOND, list_of(first, next, NULL));
}

static double last_in(SpFlow *flow)
{
	return sp_flow_rates_in(flow)[SP_FLOW_RATES - 1];
}

START_TEST(flows_have_rates_and_stay_the_same)
{
	g_autoptr(SpFlows) flows = NULL;
	g_autoptr(SpFlow) curl = NULL, one = NULL;

	gui_firewall_says(firewall, "Flows.List", flows_at(100, flow(7, "/usr/bin/curl", 1000), NULL));
	flows = sp_flows_new(link_to);
	wait_for_count(flows, 1);
	curl = g_list_model_get_item(G_LIST_MODEL(flows), 0);
	one = g_list_model_get_item(G_LIST_MODEL(curl), 0);
	ck_assert_double_eq(last_in(curl), 0);
	gui_firewall_says(firewall, "Flows.List", flows_at(102, flow(7, "/usr/bin/curl", 5000),
							   flow(9, "/usr/bin/curl", 800)));
	sp_flows_refresh(flows);
	wait_for_count(curl, 2);
	ck_assert_double_eq(last_in(one), 2000);
	ck_assert_double_eq(last_in(curl), 2000);	/* what is new has no rate yet */
	/* The same answer again is no second of idleness. */
	sp_flows_refresh(flows);
	for (guint i = 0; i < 2; i++)
		g_variant_unref(gui_firewall_called(firewall, "Flows.List"));
	g_variant_unref(gui_firewall_called(firewall, "Flows.List"));
	widgets_settle();
	ck_assert_double_eq(last_in(one), 2000);
	gui_firewall_says(firewall, "Flows.List", flows_at(103, NULL, NULL));
	sp_flows_refresh(flows);
	wait_for_count(flows, 0);
}
END_TEST

/* A thousand is a full page: there may be more. */
START_TEST(pages_are_fetched_until_one_is_not_full)
{
	g_autoptr(SpFlows) flows = NULL;
	g_autoptr(GVariant) first = NULL, second = NULL;
	GVariantBuilder list;
	guint64 after;

	g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 1; i <= 1000; i++)
		g_variant_builder_add_value(&list, flow(i, i % 2 ? "/usr/bin/a" : "/usr/bin/b", 0));
	gui_firewall_says(firewall, "Flows.List",
			  g_variant_new("(x@aa{sv})", SECOND, g_variant_builder_end(&list)));
	flows = sp_flows_new(link_to);
	first = gui_firewall_called(firewall, "Flows.List");
	gui_firewall_says(firewall, "Flows.List", flows_at(1, flow(1001, "/usr/bin/c", 0), NULL));
	second = gui_firewall_called(firewall, "Flows.List");
	g_variant_get_child(second, 0, "t", &after);
	ck_assert_uint_eq(after, 1000);
	wait_for_count(flows, 3);
}
END_TEST

static GVariant *record(const char *action, const char *by, gint64 time)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "time", "x", time);
	g_variant_dict_insert(&dict, "action", "s", action);
	g_variant_dict_insert(&dict, "by", "s", by);
	g_variant_dict_insert(&dict, "program", "s", "/usr/sbin/sshd");
	g_variant_dict_insert(&dict, "user", "u", (guint32)getuid());
	g_variant_dict_insert(&dict, "remote", "s", "192.0.2.9");
	g_variant_dict_insert(&dict, "remote-port", "u", 50000);
	g_variant_dict_insert(&dict, "local-port", "u", 22);
	g_variant_dict_insert(&dict, "protocol", "s", "tcp");
	g_variant_dict_insert(&dict, "direction", "s", "in");
	return g_variant_dict_end(&dict);
}

/* The line of a flow's draft, or NULL; consumes @dict. */
static char *line_about(GVariant *dict)
{
	g_autoptr(GVariant) told = g_variant_ref_sink(dict);
	g_autoptr(SpFlow) flow = sp_flow_new(told);
	struct sp_draft *draft = sp_flow_draft(flow, SP_DENY);
	char *line = draft ? sp_draft_text(draft) : NULL;

	sp_draft_free(draft);
	return line;
}

static GVariant *flow_of(const char *program, guint32 user)
{
	g_autoptr(GVariant) base = g_variant_ref_sink(flow(1, program, 0));
	GVariantDict dict;

	g_variant_dict_init(&dict, base);
	g_variant_dict_insert(&dict, "user", "u", user);
	return g_variant_dict_end(&dict);
}

START_TEST(a_draft_is_about_that_very_program)
{
	static const struct {
		const char *told, *words;	/* NULL: no rule can be */
	} programs[] = {
		{ "/usr/bin/curl", "program \"/usr/bin/curl\"" },
		/* As the bus tells them: made harmless. */
		{ "/tmp/a\\\\b", "program \"/tmp/a\\\\b\"" },
		{ "/tmp/a\\u{200B}b", "program \"/tmp/a\xe2\x80\x8b" "b\"" },
		{ "/tmp/*/x", "program /tmp/*/x" },	/* it, and no pattern */
		{ "/tmp/a\\x0Ab", NULL },
		{ "/very/…/long", NULL },
		{ "", NULL },
	};

	for (guint i = 0; i < G_N_ELEMENTS(programs); i++) {
		g_autofree char *line = line_about(flow_of(programs[i].told, getuid()));
		g_autofree char *wanted = programs[i].words ? g_strdup_printf(
			"deny out %s protocol tcp to 192.0.2.1 port 443", programs[i].words) : NULL;

		ck_assert_msg(g_strcmp0(line, wanted) == 0, "%s", line);
	}
	/* A rule of one's own is not about what others do. */
	ck_assert_ptr_null(line_about(flow_of("/usr/bin/curl", getuid() + 1)));
}
END_TEST

START_TEST(a_program_of_several_users_has_no_draft)
{
	g_autoptr(SpFlow) curl = sp_flow_new_program("/usr/bin/curl");
	g_autoptr(GPtrArray) flows = g_ptr_array_new_with_free_func(g_object_unref);
	struct sp_draft *draft;

	g_ptr_array_add(flows, sp_flow_new(flow_of("/usr/bin/curl", getuid())));
	sp_flow_set_flows(curl, g_ptr_array_ref(flows), 0);
	draft = sp_flow_draft(curl, SP_DENY);
	ck_assert_ptr_nonnull(draft);
	sp_draft_free(draft);
	g_ptr_array_add(flows, sp_flow_new(flow_of("/usr/bin/curl", getuid() + 1)));
	ck_assert_ptr_null(sp_flow_draft(curl, SP_DENY));
}
END_TEST

START_TEST(what_nobody_answered_is_missed)
{
	g_autoptr(SpRefusals) refusals = NULL;
	g_autoptr(SpRefusal) refusal = NULL;
	g_autofree char *detail = NULL, *line = NULL;
	struct sp_draft *draft;

	gui_firewall_says(firewall, "History.Recent", reply_of(list_of(
		record("deny", "deadline", 1 * SECOND), record("drop", "deadline", 2 * SECOND),
		record("allow", "rule", 3 * SECOND))));
	refusals = sp_refusals_new(link_to);
	wait_for_count(refusals, 1);
	refusal = g_list_model_get_item(G_LIST_MODEL(refusals), 0);
	detail = sp_refusal_detail(refusal);
	ck_assert_ptr_nonnull(strstr(detail, "nobody answered in time · 2 times"));
	draft = sp_refusal_draft(refusal, SP_ALLOW);
	line = sp_draft_text(draft);
	ck_assert_str_eq(line, "allow in program \"/usr/sbin/sshd\" protocol tcp from 192.0.2.9 port 22");
	sp_draft_free(draft);
}
END_TEST

static char *news_at(SpNews *news, guint position)
{
	g_autoptr(SpNovelty) novelty = g_list_model_get_item(G_LIST_MODEL(news), position);
	g_autofree char *title = sp_novelty_title(novelty), *detail = sp_novelty_detail(novelty);

	return g_strdup_printf("%s (%s)", title, detail);
}

/* @before, then @today is what the daemon says. */
static SpNews *news_of(GVariant *before, GVariant *today)
{
	SpNews *news = sp_news_new(link_to);

	gui_firewall_says(firewall, "History.Totals", before);
	sp_news_look(news);
	g_variant_unref(gui_firewall_called(firewall, "History.Totals"));
	gui_firewall_says(firewall, "History.Totals", today);
	while (sp_query_state(sp_news_today(news)) != SP_QUERY_READY)
		g_main_context_iteration(NULL, TRUE);
	return news;
}

START_TEST(what_was_not_there_before_is_new)
{
	g_autoptr(SpNews) news = news_of(
		totals(total(0, "/usr/bin/curl", "a.test", 80, "allow", 2),
		       total(0, "/usr/sbin/sshd", "c.test", 23, "deny", 1), NULL),
		totals(total(0, "/usr/bin/curl", "b.test", 443, "allow", 2),
		       total(0, "/usr/bin/wget", "a.test", 80, "deny", 1),
		       total(0, "/usr/sbin/sshd", "c.test", 22, "allow", 3)));
	g_autofree char *program = NULL, *port = NULL, *host = NULL, *line = NULL;
	g_autoptr(SpNovelty) open = NULL;
	struct sp_draft *draft;

	ck_assert_uint_eq(g_list_model_get_n_items(G_LIST_MODEL(news)), 3);
	program = news_at(news, 0);
	ck_assert_msg(g_str_has_prefix(program, "wget (New program · 1 refused · "), "%s", program);
	port = news_at(news, 1);
	ck_assert_msg(g_str_has_prefix(port, "sshd listens on TCP port 22 (New port · 3 allowed · "),
		      "%s", port);
	host = news_at(news, 2);
	ck_assert_msg(g_str_has_prefix(host, "curl → b.test, TCP port 443 (New host · 2 allowed · "),
		      "%s", host);
	open = g_list_model_get_item(G_LIST_MODEL(news), 1);
	draft = sp_novelty_draft(open, SP_DENY);
	line = sp_draft_text(draft);
	ck_assert_str_eq(line, "deny in program \"/usr/sbin/sshd\" protocol tcp port 22");
	sp_draft_free(draft);
}
END_TEST

/* Of more hosts than the daemon tells, none is called new. */
START_TEST(too_many_hosts_are_not_new)
{
	g_autoptr(SpNews) news = sp_news_new(link_to);
	GVariant *called;
	gint64 from, to;

	gui_firewall_fails(firewall, "History.Totals", "Limit");
	sp_news_look(news);
	g_variant_unref(gui_firewall_called(firewall, "History.Totals"));
	gui_firewall_fails(firewall, "History.Totals", NULL);
	gui_firewall_says(firewall, "History.Totals", totals(NULL, NULL, NULL));
	g_variant_unref(gui_firewall_called(firewall, "History.Totals"));
	gui_firewall_says(firewall, "History.Totals",
			  totals(total(0, "/usr/bin/curl", "b.test", 443, "allow", 2), NULL, NULL));
	called = gui_firewall_called(firewall, "History.Totals");
	g_variant_get_child(called, 0, "x", &from);
	g_variant_get_child(called, 1, "x", &to);
	ck_assert(from % (3600 * SECOND) == 0 && to - from == 48 * 3600 * SECOND);
	g_variant_unref(called);
	wait_for_count(news, 1);	/* the program */
	ck_assert(sp_news_lacks_hosts(news));
}
END_TEST

START_TEST(a_plot_adds_up_and_is_told)
{
	GtkWidget *widget = sp_plot_new(), *window;
	double low[240], high[240];

	for (guint i = 0; i < 240; i++) {
		low[i] = 1;
		high[i] = i == 7 ? 5 : 0;
	}
	gtk_widget_set_size_request(widget, 100, 40);
	sp_plot_set(SP_PLOT(widget), low, high, 240, "240 in all");
	window = widgets_show(widget);
	ck_assert_double_eq(sp_plot_highest(SP_PLOT(widget)), 7);	/* two and two, and five */
	sp_plot_set_least(SP_PLOT(widget), 20);
	ck_assert_double_eq(sp_plot_highest(SP_PLOT(widget)), 20);
	sp_plot_set_selectable(SP_PLOT(widget), "drag");
	sp_plot_set(SP_PLOT(widget), low, high, 0, "nothing");
	widgets_settle();
	widgets_freed(window, widget);
}
END_TEST

static GtkEventController *keys_of(GtkWidget *widget)
{
	g_autoptr(GListModel) controllers = gtk_widget_observe_controllers(widget);
	GtkEventController *keys = NULL;

	for (guint i = 0; i < g_list_model_get_n_items(controllers); i++) {
		g_autoptr(GtkEventController) one = g_list_model_get_item(controllers, i);

		if (GTK_IS_EVENT_CONTROLLER_KEY(one))
			keys = one;
	}
	return keys;
}

static gboolean press_key(GtkWidget *widget, guint key, GdkModifierType modifiers)
{
	gboolean taken = FALSE;

	g_signal_emit_by_name(keys_of(widget), "key-pressed", key, 0, modifiers, &taken);
	return taken;
}

static void on_part(GtkWidget *plot, guint first, guint last, guint *part)
{
	part[0] = first;
	part[1] = last;
}

/* Bars of two values each, as there are more than fit. */
START_TEST(a_part_is_chosen_by_keys)
{
	GtkWidget *widget = sp_plot_new(), *window;
	guint part[2] = { 0, 0 }, pointed[2] = { 0, 0 };
	double none[239] = { 0 };

	sp_plot_set_selectable(SP_PLOT(widget), "drag");
	window = widgets_show(widget);
	g_signal_connect(widget, "selected", G_CALLBACK(on_part), part);
	g_signal_connect(widget, "pointed", G_CALLBACK(on_part), pointed);
	ck_assert(!press_key(widget, GDK_KEY_Right, 0));	/* there is nothing */
	sp_plot_set(SP_PLOT(widget), none, none, G_N_ELEMENTS(none), "nothing");
	ck_assert(press_key(widget, GDK_KEY_Right, 0));
	ck_assert(press_key(widget, GDK_KEY_Right, GDK_SHIFT_MASK));
	ck_assert_uint_eq(pointed[0], 2);
	ck_assert_uint_eq(pointed[1], 5);
	ck_assert_uint_eq(part[1], 0);
	ck_assert(press_key(widget, GDK_KEY_End, GDK_SHIFT_MASK));
	ck_assert(press_key(widget, GDK_KEY_Return, 0));
	ck_assert_uint_eq(part[0], 2);
	ck_assert_uint_eq(part[1], 238);
	ck_assert(press_key(widget, GDK_KEY_Home, 0));
	ck_assert_uint_eq(pointed[1], 1);
	ck_assert(!press_key(widget, GDK_KEY_Tab, 0));
	ck_assert(gtk_widget_grab_focus(widget));
	widgets_settle();
	widgets_freed(window, widget);
}
END_TEST

START_TEST(controls_go_below_what_must_be_read)
{
	GtkWidget *widget = sp_wrap_new(), *window;
	GtkWidget *body = gtk_label_new("A sentence that is as long as a rule's may well be."), *button;
	graphene_rect_t at;
	int height;

	button = gtk_button_new_with_label("Remove");
	gtk_label_set_wrap(GTK_LABEL(body), TRUE);
	g_object_set(widget, "body", body, "controls", button, NULL);
	window = widgets_show(widget);
	gtk_widget_measure(widget, GTK_ORIENTATION_VERTICAL, 150, &height, NULL, NULL, NULL);
	gtk_widget_allocate(widget, 150, height, -1, NULL);
	ck_assert(gtk_widget_compute_bounds(button, widget, &at));
	ck_assert_float_gt(at.origin.y, 20);
	gtk_widget_measure(widget, GTK_ORIENTATION_VERTICAL, 600, &height, NULL, NULL, NULL);
	gtk_widget_allocate(widget, 600, height, -1, NULL);
	ck_assert(gtk_widget_compute_bounds(button, widget, &at));
	ck_assert_float_lt(at.origin.y, 20);
	ck_assert_float_gt(at.origin.x, 400);
	widgets_freed(window, widget);
}
END_TEST

START_TEST(the_history_is_shown_and_forgotten)
{
	g_autoptr(SpHistory) history = NULL;
	g_autoptr(SpRefusals) refusals = NULL;
	g_autoptr(SpNews) news = NULL;
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);
	g_autoptr(GVariant) called = NULL;
	struct sp_period day = sp_period_of(SP_RANGE_DAY, g_get_real_time());
	GtkWidget *page, *window;

	gui_firewall_says(firewall, "History.Totals", g_variant_new("(u@aa{sv})", 60, list_of(
		total(day.from, "/usr/bin/curl", "a.test", 80, "allow", 2),
		total(day.from, "/usr/bin/curl", "a.test", 80, "deny", 1), NULL)));
	gui_firewall_says(firewall, "History.Forget", g_variant_new("()"));
	history = sp_history_new(link_to);
	refusals = sp_refusals_new(link_to);
	news = sp_news_new(link_to);
	page = sp_history_page_new(history, refusals, news, changes);
	window = widgets_show(page);
	wait_for_label(page, "2 connections allowed · 1 attempt refused");
	wait_for_label(page, "curl");
	ck_assert(!sp_history_page_show(SP_HISTORY_PAGE(page), "rules"));
	ck_assert(sp_history_page_show(SP_HISTORY_PAGE(page), "missed"));
	wait_for_shown(page, "Nothing Was Missed");
	ck_assert(sp_history_page_show(SP_HISTORY_PAGE(page), "new"));
	wait_for_shown(page, "Nothing New");
	gui_firewall_fails(firewall, "History.Totals", "NotAuthorized");
	gui_firewall_leave(firewall);
	wait_for_shown(page, "The Firewall’s Service Is Not Running");
	gui_firewall_come(firewall);
	wait_for_shown(page, "Locked");
	gui_firewall_fails(firewall, "History.Totals", NULL);
	widgets_press(gtk_widget_get_ancestor(shown(page, "Unlock…"), GTK_TYPE_BUTTON));
	wait_for_shown(page, "Nothing New");
	sp_changes_forget(changes);
	called = gui_firewall_called(firewall, "History.Forget");
	widgets_freed(window, page);
}
END_TEST

START_TEST(connections_are_shown_and_ended)
{
	g_autoptr(SpFlows) flows = sp_flows_new(link_to);
	g_autoptr(SpRules) rules = sp_rules_new(link_to);
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);
	GtkWidget *page = sp_connections_page_new(flows, rules, changes), *window = widgets_show(page);
	g_autoptr(GVariant) called = NULL;
	GtkWidget *row;

	gui_firewall_says(firewall, "Flows.End", g_variant_new("()"));
	wait_for_label(page, "No Connections");
	gui_firewall_says(firewall, "Flows.List", flows_at(5, flow(7, "/usr/bin/curl", 0),
							   flow(8, "/usr/bin/curl", 0)));
	wait_for_label(page, "curl");		/* it looks again by itself */
	wait_for_label(page, "2 connections · idle");
	row = widgets_first(page, SP_TYPE_PLACE_ROW);
	widgets_press(gtk_widget_get_last_child(gtk_widget_get_last_child(
		adw_bin_get_child(ADW_BIN(row)))));
	called = gui_firewall_called(firewall, "Flows.End");
	g_assert_cmpvariant(called, g_variant_new_parsed("([@t 7, 8],)"));
	widgets_freed(window, page);
}
END_TEST

/* Everybody's are asked for with a password; without it one's own stay. */
START_TEST(everybodys_connections_want_a_password)
{
	g_autoptr(SpFlows) flows = sp_flows_new(link_to);
	g_autoptr(SpRules) rules = sp_rules_new(link_to);
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);
	GtkWidget *page = sp_connections_page_new(flows, rules, changes), *window = widgets_show(page);
	GtkToggleButton *all;

	wait_for_shown(page, "No Connections");
	ck_assert_ptr_null(shown(page, "Unlock…"));
	gui_firewall_says(firewall, "Manager.GetStatus", g_variant_new_parsed(
		"({'tables': <{'flows': (@u 14, @u 1000)}>},)"));
	wait_for_shown(page, "System and others: 14 connections");
	all = GTK_TOGGLE_BUTTON(gtk_widget_get_ancestor(shown(page, "Unlock…"), GTK_TYPE_BUTTON));
	gui_firewall_fails(firewall, "Flows.List", "NotAuthorized");
	gtk_toggle_button_set_active(all, TRUE);
	while (gtk_toggle_button_get_active(all))
		g_main_context_iteration(NULL, TRUE);
	gui_firewall_fails(firewall, "Flows.List", NULL);
	widgets_freed(window, page);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("traffic");
	TCase *models = tcase_create("models"), *widgets = tcase_create("widgets");

	tcase_add_checked_fixture(models, manager_start, manager_stop);
	tcase_set_timeout(models, 60);
	tcase_add_test(models, periods_are_whole_steps_until_now);
	tcase_add_test(models, a_part_is_told_as_finely_as_it_is_kept);
	tcase_add_test(models, totals_are_summed_by_program_and_place);
	tcase_add_test(models, places_are_asked_for_as_far_as_one_looks);
	tcase_add_test(models, the_busiest_place_is_first_and_a_host_is_found);
	tcase_add_test(models, places_that_fail_are_told);
	tcase_add_test(models, an_unknown_program_gets_no_rule);
	tcase_add_test(models, flows_have_rates_and_stay_the_same);
	tcase_add_test(models, pages_are_fetched_until_one_is_not_full);
	tcase_add_test(models, a_draft_is_about_that_very_program);
	tcase_add_test(models, a_program_of_several_users_has_no_draft);
	tcase_add_test(models, what_nobody_answered_is_missed);
	tcase_add_test(models, what_was_not_there_before_is_new);
	tcase_add_test(models, too_many_hosts_are_not_new);
	suite_add_tcase(suite, models);
	tcase_add_checked_fixture(widgets, manager_start, manager_stop);
	tcase_set_timeout(widgets, 60);
	tcase_add_test(widgets, a_plot_adds_up_and_is_told);
	tcase_add_test(widgets, a_part_is_chosen_by_keys);
	tcase_add_test(widgets, controls_go_below_what_must_be_read);
	tcase_add_test(widgets, the_history_is_shown_and_forgotten);
	tcase_add_test(widgets, connections_are_shown_and_ended);
	tcase_add_test(widgets, everybodys_connections_want_a_password);
	suite_add_tcase(suite, widgets);
	return unit_run(suite);
}
