/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules manager's pages as pictures. */
#include "firewall.h"
#include "link.h"
#include "period.h"
#include "picture.h"
#include "sp-import.h"
#include "sp-manager-window.h"
#include "sp-page.h"
#include "sp-review.h"
#include "sp-rule-editor.h"
#include "sp-welcome.h"

static struct gui_firewall *firewall;
static SpLink *link_to;

static const char *const rules[] = {
	"allow out program /usr/bin/firefox # web",
	"deny out to @trackers # nobody needs these",
	"allow out program /usr/bin/curl protocol tcp to 192.0.2.1 port 443",
	"deny out program /usr/bin/curl protocol tcp to tracker.example port 443",
	"disabled allow out program /usr/bin/curl to lan # printer, perhaps",
	"ask out program /usr/bin/python3.11",
	"allow in program /usr/sbin/sshd protocol tcp from lan port 22",
	"drop in protocol udp port 5353",
	"allow out unit apt-daily.service to domain debian.org",
	"floor deny out to 203.0.113.0/24 # by order",
	"allow out program /usr/bin/curl to 203.0.113.9",
	"allow out program /usr/bin/firefox to a.shop.test",
	"allow out program /usr/bin/firefox to b.shop.test",
	"allow out program /usr/bin/firefox to c.shop.test",
};

static GVariant *some_rules(void)
{
	GVariantBuilder list;

	g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < G_N_ELEMENTS(rules); i++) {
		gboolean mine = i == 2 || i == 3 || i == 4;

		g_variant_builder_add_value(&list, gui_rule(i + 1, rules[i],
							    mine ? getuid() : G_MAXUINT32));
	}
	return g_variant_new("(aa{sv})", &list);
}

static GVariant *entry(guint64 change, const char *kind, gboolean undone, const char *before,
		       const char *after)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "change", "t", change);
	g_variant_dict_insert(&dict, "kind", "s", kind);
	g_variant_dict_insert(&dict, "undone", "b", undone);
	g_variant_dict_insert(&dict, "time", "x", (gint64)1767225600 * G_USEC_PER_SEC);
	g_variant_dict_insert(&dict, "maker", "u", change % 2 ? 0 : getuid());
	g_variant_dict_insert(&dict, "before", "s", before);
	g_variant_dict_insert(&dict, "after", "s", after);
	return g_variant_dict_end(&dict);
}

static GVariant *some_changes(void)
{
	GVariantBuilder list;

	g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
	g_variant_builder_add_value(&list, entry(5, "undo", FALSE, "", rules[3]));
	g_variant_builder_add_value(&list, entry(4, "change", TRUE, rules[3], ""));
	g_variant_builder_add_value(&list, entry(3, "change", FALSE, "allow out to lan",
						 "deny out to lan"));
	g_variant_builder_add_value(&list, entry(2, "expiry", FALSE, rules[2], ""));
	g_variant_builder_add_value(&list, entry(1, "change", FALSE, "", rules[0]));
	g_variant_builder_add_value(&list, entry(1, "change", FALSE, "", rules[1]));
	return g_variant_new("(aa{sv})", &list);
}

static GVariant *total(gint64 start, const char *program, const char *host, guint port,
		       const char *action, guint64 flows)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "start", "x", start);
	g_variant_dict_insert(&dict, "program", "s", program);
	g_variant_dict_insert(&dict, "host", "s", host);
	g_variant_dict_insert(&dict, "port", "u", port);
	g_variant_dict_insert(&dict, "protocol", "s", port == 53 ? "udp" : "tcp");
	g_variant_dict_insert(&dict, "direction", "s", port == 22 ? "in" : "out");
	g_variant_dict_insert(&dict, "action", "s", action);
	g_variant_dict_insert(&dict, "flows", "t", flows);
	g_variant_dict_insert(&dict, "bytes-out", "t", flows * 1234);
	g_variant_dict_insert(&dict, "bytes-in", "t", flows * 56789);
	return g_variant_dict_end(&dict);
}

/* A day with work in its middle. */
static GVariant *some_history(void)
{
	struct sp_period day = sp_period_of(SP_RANGE_DAY, g_get_real_time());
	GVariantBuilder list;

	g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 200; i < 1400; i += 7) {
		gint64 start = day.from + (gint64)i * 60 * G_USEC_PER_SEC;
		guint busy = i > 500 && i < 1100 ? 3 + i % 5 : 1;

		g_variant_builder_add_value(&list, total(start, "/usr/bin/firefox", i % 2 ?
			"www.shop.test" : "news.example", 443, "allow", busy * 4));
		if (i % 3 == 0)
			g_variant_builder_add_value(&list, total(start, "/usr/bin/firefox",
				"tracker.example", 443, "deny", busy));
		if (i % 49 == 4)
			g_variant_builder_add_value(&list, total(start, "/usr/bin/curl",
				"192.0.2.1", 80, "allow", 2));
	}
	g_variant_builder_add_value(&list, total(day.from, "/usr/sbin/sshd", "192.0.2.9", 22,
						 "allow", 1));
	return g_variant_new("(uaa{sv})", 60, &list);
}

static GVariant *record(const char *program, const char *remote, guint port, const char *by)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "time", "x", (gint64)1767225600 * G_USEC_PER_SEC);
	g_variant_dict_insert(&dict, "action", "s", "deny");
	g_variant_dict_insert(&dict, "by", "s", by);
	g_variant_dict_insert(&dict, "program", "s", program);
	g_variant_dict_insert(&dict, "remote", "s", remote);
	g_variant_dict_insert(&dict, "remote-port", "u", port);
	g_variant_dict_insert(&dict, "protocol", "s", "tcp");
	g_variant_dict_insert(&dict, "direction", "s", "out");
	return g_variant_dict_end(&dict);
}

static GVariant *some_records(void)
{
	GVariantBuilder list;

	g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
	g_variant_builder_add_value(&list, record("/usr/bin/curl", "192.0.2.1", 80, "deadline"));
	g_variant_builder_add_value(&list, record("/usr/bin/curl", "192.0.2.1", 80, "deadline"));
	g_variant_builder_add_value(&list, record("/usr/bin/wget", "2001:db8::7", 443, "nobody"));
	g_variant_builder_add_value(&list, record("", "192.0.2.3", 25, "limit"));
	return g_variant_new("(aa{sv})", &list);
}

static GVariant *flow(guint64 id, const char *program, const char *remote, const char *action,
		      guint64 rule, guint64 in)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "id", "t", id);
	g_variant_dict_insert(&dict, "action", "s", action);
	g_variant_dict_insert(&dict, "rule", "t", rule);
	g_variant_dict_insert(&dict, "program", "s", program);
	g_variant_dict_insert(&dict, "direction", "s", id == 4 ? "in" : "out");
	g_variant_dict_insert(&dict, "protocol", "s", "tcp");
	g_variant_dict_insert(&dict, "remote", "s", remote);
	g_variant_dict_insert(&dict, "remote-port", "u", 443);
	g_variant_dict_insert(&dict, "local-port", "u", 22);
	g_variant_dict_insert(&dict, "bytes-out", "t", in / 20);
	g_variant_dict_insert(&dict, "bytes-in", "t", in);
	return g_variant_dict_end(&dict);
}

/* A second of the flows' life. */
static GVariant *some_flows(guint second)
{
	GVariantBuilder list;
	guint64 wave = (guint64)second * 700000 + second * second % 17 * 90000;

	g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
	g_variant_builder_add_value(&list, flow(1, "/usr/bin/firefox", "192.0.2.10", "allow", 1, wave));
	g_variant_builder_add_value(&list, flow(2, "/usr/bin/firefox", "2001:db8::10", "allow", 1,
						second / 9 * 120000));
	g_variant_builder_add_value(&list, flow(3, "/usr/bin/curl", "192.0.2.1", "allow", 3,
						second > 30 ? second * 20000 : 0));
	g_variant_builder_add_value(&list, flow(4, "/usr/sbin/sshd", "192.0.2.9", "allow", 7, 4000));
	g_variant_builder_add_value(&list, flow(5, "/usr/bin/python3.11", "198.51.100.7", "deny", 0, 0));
	return g_variant_new("(xaa{sv})", (gint64)(second + 1) * G_USEC_PER_SEC, &list);
}

/* Is something on its way, or do pages fade into each other? */
static gboolean moves(GtkWidget *from)
{
	if (!gtk_widget_get_mapped(from))
		return FALSE;
	if (SP_IS_PAGE(from) && sp_page_state(SP_PAGE(from)) == SP_PAGE_LOADING)
		return TRUE;
	if (GTK_IS_STACK(from) && gtk_stack_get_transition_running(GTK_STACK(from)))
		return TRUE;
	for (GtkWidget *w = gtk_widget_get_first_child(from); w; w = gtk_widget_get_next_sibling(w))
		if (moves(w))
			return TRUE;
	return FALSE;
}

/* What comes next begins in a moment, if at all. */
static void settle(GtkWidget *window)
{
	do
		picture_wait(600);
	while (moves(window));
	picture_wait(600);
	while (moves(window))
		picture_wait(100);
}

static GtkWidget *window_of(GtkApplication *application, const char *page, int width)
{
	GtkWidget *window = sp_manager_window_new(application, link_to);

	gtk_window_set_default_size(GTK_WINDOW(window), width, 680);
	sp_manager_window_go(SP_MANAGER_WINDOW(window), page);
	gtk_window_present(GTK_WINDOW(window));
	settle(window);
	return window;
}

static void shoot(GtkApplication *application, const char *name, const char *page, int width)
{
	GtkWidget *window = window_of(application, page, width);

	picture_save(window, name);
	gtk_window_destroy(GTK_WINDOW(window));
}

static void shoot_over(GtkWidget *window, const char *name)
{
	gtk_window_present(GTK_WINDOW(window));
	settle(window);
	picture_save(window, name);
	gtk_window_destroy(GTK_WINDOW(window));
}

static GtkWidget *editor(SpRules *all, SpChanges *changes, const char *text)
{
	struct sp_text_error error;

	return sp_rule_editor_new(all, changes, 0, sp_draft_of_text(text, getuid(), &error));
}

static GFile *a_file(void)
{
	g_autofree char *path = g_build_filename(g_get_tmp_dir(), "sallyport-pictures.rules", NULL);
	g_autoptr(GString) text = g_string_new(NULL);

	g_string_append_printf(text, "%s owner system\n", rules[12]);
	g_string_append(text, "allow out program /usr/bin/wget owner system # from home\n"
			      "deny out owner system program /usr/bin/firefox\n");
	g_file_set_contents(path, text->str, -1, NULL);
	return g_file_new_for_path(path);
}

static gboolean is_picking(GtkWidget *widget)
{
	return GTK_IS_TOGGLE_BUTTON(widget) &&
	       g_strcmp0(gtk_button_get_icon_name(GTK_BUTTON(widget)), "edit-select-all-symbolic") == 0;
}

/* The button that begins to pick, pressed; then all marks for programs that are shown. */
static void pick(GtkWidget *from, guint *marks)
{
	if (is_picking(from))
		gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(from), TRUE);
	if (GTK_IS_CHECK_BUTTON(from) && gtk_widget_get_mapped(from) && ++*marks % 3 == 2)
		gtk_check_button_set_active(GTK_CHECK_BUTTON(from), TRUE);
	for (GtkWidget *w = gtk_widget_get_first_child(from); w; w = gtk_widget_get_next_sibling(w))
		pick(w, marks);
}

static void take_picking(GtkApplication *application, const char *name, int width)
{
	GtkWidget *window = window_of(application, "rules", width);
	guint marks = 0;

	pick(window, &marks);
	picture_wait(400);
	pick(window, &marks);
	picture_wait(400);
	picture_save(window, name);
	gtk_window_destroy(GTK_WINDOW(window));
}

static void take_rules(GtkApplication *application)
{
	gui_firewall_says(firewall, "Rules.List", some_rules());
	gui_firewall_says(firewall, "Rules.Journal", some_changes());
	shoot(application, "manager-rules", "rules", 900);
	shoot(application, "manager-rules-narrow", "rules", 360);
	shoot(application, "manager-changes", "changes", 900);
	take_picking(application, "manager-picking", 900);
	take_picking(application, "manager-picking-narrow", 360);
}

static void take_editors(GtkApplication *application)
{
	g_autoptr(SpRules) all = sp_rules_new(link_to);
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);
	g_autoptr(SpFindings) findings = sp_findings_new(all);
	struct sp_draft *wrong = sp_draft_new(getuid());
	g_autoptr(GFile) file = a_file();

	gui_firewall_says(firewall, "History.Recent", some_records());
	picture_wait(1200);
	shoot_over(editor(all, changes, "allow out program /usr/bin/curl to 203.0.113.7 port 443 # by the way"),
		   "manager-editor");
	sp_draft_set(wrong, SP_DRAFT_PROGRAM, "/usr/bin/curl");
	sp_draft_set(wrong, SP_DRAFT_PORT, "70000");
	shoot_over(sp_rule_editor_new(all, changes, 0, wrong), "manager-editor-wrong");
	shoot_over(sp_review_new(findings, changes), "manager-review");
	shoot_over(sp_import_new(all, changes, file), "manager-import");
}

/* All programs of a list unfolded. */
static void unfold(GtkWidget *from)
{
	if (GTK_IS_TREE_EXPANDER(from) && gtk_tree_expander_get_list_row(GTK_TREE_EXPANDER(from)))
		gtk_tree_list_row_set_expanded(
			gtk_tree_expander_get_list_row(GTK_TREE_EXPANDER(from)), TRUE);
	for (GtkWidget *w = gtk_widget_get_first_child(from); w; w = gtk_widget_get_next_sibling(w))
		unfold(w);
}

/* Before yesterday there was less. */
static void take_news(GtkApplication *application)
{
	GtkWidget *window;

	gui_firewall_says(firewall, "History.Totals", g_variant_new("(u@aa{sv})", 3600,
		g_variant_new_parsed("[{'program': <'/usr/bin/firefox'>, 'host': <'news.example'>}]")));
	window = window_of(application, "new", 900);
	gui_firewall_says(firewall, "History.Totals", some_history());
	sp_manager_window_go(SP_MANAGER_WINDOW(window), "rules");
	picture_wait(600);
	sp_manager_window_go(SP_MANAGER_WINDOW(window), "new");
	picture_wait(1200);
	picture_save(window, "manager-new");
	gtk_window_destroy(GTK_WINDOW(window));
}

static void take_history(GtkApplication *application)
{
	GtkWidget *window;

	gui_firewall_says(firewall, "History.Totals", some_history());
	gui_firewall_says(firewall, "History.Recent", some_records());
	shoot(application, "manager-missed", "missed", 900);
	take_news(application);
	shoot(application, "manager-history-narrow", "history", 360);
	window = window_of(application, "history", 900);
	unfold(window);
	picture_wait(400);
	picture_save(window, "manager-history");
	gtk_window_destroy(GTK_WINDOW(window));
}

static void take_connections(GtkApplication *application, const char *name, int width)
{
	GtkWidget *window;

	gui_firewall_says(firewall, "Flows.List", some_flows(0));
	window = window_of(application, "connections", width);
	for (guint second = 1; second < 60; second++) {
		gui_firewall_says(firewall, "Flows.List", some_flows(second));
		gui_firewall_changed(firewall, "Flows");
		picture_wait(20);
	}
	unfold(window);
	picture_wait(400);
	picture_save(window, name);
	gtk_window_destroy(GTK_WINDOW(window));
}

static void take_states(GtkApplication *application)
{
	gui_firewall_refuses(firewall, "Rules.List", "NotAuthorized");
	shoot(application, "manager-locked", "rules", 900);
	gui_firewall_fails(firewall, "Rules.List", "Limit");
	shoot(application, "manager-error", "rules", 900);
	gui_firewall_fails(firewall, "Rules.List", NULL);
	gui_firewall_says(firewall, "Rules.List", g_variant_new_parsed("(@aa{sv} [],)"));
	shoot(application, "manager-empty", "rules", 900);
	gui_firewall_leave(firewall);
	shoot(application, "manager-disconnected", "rules", 900);
}

static void take_settings(GtkApplication *application)
{
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);

	gui_firewall_says(firewall, "Manager.GetSettings", g_variant_new_parsed(
		"({'default-out': <'ask'>, 'default-in': <'deny'>, 'deadline-seconds': <@u 45>,"
		" 'outcome': <'deny'>, 'nobody': <'deny'>, 'absent-out': <'deny'>,"
		" 'absent-in': <'deny'>, 'judge-loopback': <false>, 'hosts': <true>,"
		" 'kept-minutes': <@u 1>, 'kept-hours': <@u 31>, 'kept-days': <@u 366>,"
		" 'history-size': <@u 32>},)"));
	gui_firewall_says(firewall, "Networks.List", g_variant_new_parsed(
		"([{'id': <'connection:1'>, 'name': <'home'>, 'title': <'Wi-Fi of Us'>, 'devices': <['wlan0']>},"
		"  {'id': <'device:wg0'>, 'name': <''>, 'title': <'wg0'>, 'devices': <['wg0']>}],)"));
	shoot(application, "manager-settings", "settings", 900);
	shoot(application, "manager-settings-narrow", "settings", 360);
	gui_firewall_says(firewall, "Manager.GetStatus", g_variant_new_parsed(
		"({'state': <'off'>, 'mode': <'off'>, 'agents': <@u 1>, 'mode-until': <@x 1767229200000000>,"
		" 'mode-reason': <'a game'>, 'reasons': <['the mode is off']>},)"));
	shoot(application, "manager-off", "rules", 900);
	shoot(application, "manager-settings-off", "settings", 900);
	shoot_over(sp_welcome_new(changes), "manager-welcome");
}

static void take(GtkApplication *application)
{
	link_to = sp_link_new();
	take_rules(application);
	take_editors(application);
	take_history(application);
	take_connections(application, "manager-connections", 900);
	take_connections(application, "manager-connections-narrow", 360);
	take_settings(application);
	take_states(application);
	g_object_unref(link_to);
}

int main(int argc, char **argv)
{
	int status;

	firewall = gui_firewall_new();
	status = picture_main(argc, argv, take);
	gui_firewall_free(firewall);
	return status;
}
