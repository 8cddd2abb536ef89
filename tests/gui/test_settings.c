/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the firewall is, its mode, the check-up, and the first run. */
#include <glib/gstdio.h>

#include "manager_test.h"
#include "sp-check-list.h"
#include "sp-manager-window.h"
#include "sp-mode-chooser.h"
#include "sp-network-list.h"
#include "sp-resolver-row.h"
#include "sp-settings-page.h"
#include "sp-state-bar.h"
#include "sp-welcome.h"

static GVariant *status_of(const char *state, const char *mode, gint64 until)
{
	const char *const reasons[] = { "<b>because</b>", NULL };
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "state", "s", state);
	g_variant_dict_insert(&dict, "mode", "s", mode);
	g_variant_dict_insert(&dict, "mode-until", "x", until);
	g_variant_dict_insert(&dict, "agents", "u", 1);
	if (!g_str_equal(state, "protecting"))
		g_variant_dict_insert(&dict, "reasons", "^as", reasons);
	return g_variant_new("(@a{sv})", g_variant_dict_end(&dict));
}

static void change_status(const char *state, const char *mode)
{
	gui_firewall_says(firewall, "Manager.GetStatus", status_of(state, mode, 0));
	gui_firewall_changed(firewall, "Manager");
}

static void wait_for_health(SpStatus *status, enum sp_health health)
{
	while (sp_status_health(status) != health)
		g_main_context_iteration(NULL, TRUE);
}

START_TEST(health_is_told_in_words)
{
	g_autoptr(SpStatus) status = sp_status_new(link_to);
	g_autofree char *detail = NULL;

	ck_assert_int_eq(sp_status_health(status), SP_HEALTH_UNKNOWN);
	wait_for_health(status, SP_HEALTH_GOOD);
	ck_assert_str_eq(sp_status_title(status), "This machine is protected");
	change_status("degraded", "normal");
	wait_for_health(status, SP_HEALTH_NOTE);
	detail = sp_status_detail(status);
	ck_assert_str_eq(detail, "<b>because</b>");
	change_status("off", "off");
	wait_for_health(status, SP_HEALTH_BAD);
	ck_assert_str_eq(sp_status_title(status), "The firewall is off: everything passes");
	gui_firewall_leave(firewall);
	wait_for_health(status, SP_HEALTH_UNKNOWN);
	ck_assert_str_eq(sp_status_mode(status), "");
}
END_TEST

START_TEST(a_bar_is_there_while_something_is_wrong)
{
	g_autoptr(SpStatus) status = sp_status_new(link_to);
	GtkWidget *bar = sp_state_bar_new(), *window = widgets_show(bar);
	GtkRevealer *revealer = GTK_REVEALER(adw_bin_get_child(ADW_BIN(bar)));

	sp_state_bar_set(SP_STATE_BAR(bar), status);
	wait_for_health(status, SP_HEALTH_GOOD);
	ck_assert(!gtk_revealer_get_reveal_child(revealer));
	change_status("off", "off");
	wait_for_health(status, SP_HEALTH_BAD);
	ck_assert(gtk_revealer_get_reveal_child(revealer));
	ck_assert_ptr_nonnull(widgets_label(bar, "The firewall is off: everything passes"));
	widgets_freed(window, bar);
}
END_TEST

/* The button named so; a mode's row has a check button of its name. */
static GtkCheckButton *mode_button(GtkWidget *from, const char *title)
{
	GtkWidget *row = gtk_widget_get_ancestor(widgets_label(from, title), ADW_TYPE_ACTION_ROW);

	return GTK_CHECK_BUTTON(adw_action_row_get_activatable_widget(ADW_ACTION_ROW(row)));
}

START_TEST(a_mode_is_chosen_and_shown_when_it_is_so)
{
	g_autoptr(SpStatus) status = sp_status_new(link_to);
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);
	GtkWidget *chooser = sp_mode_chooser_new(), *window = widgets_show(chooser);
	g_autoptr(GVariant) called = NULL, refused = NULL, learns = NULL;

	sp_mode_chooser_set(SP_MODE_CHOOSER(chooser), status, changes);
	wait_for_health(status, SP_HEALTH_GOOD);
	ck_assert(gtk_check_button_get_active(mode_button(chooser, "Normal")));
	gui_firewall_fails(firewall, "Manager.SetMode", "NotAuthorized");
	gtk_check_button_set_active(mode_button(chooser, "Off"), TRUE);
	refused = gui_firewall_called(firewall, "Manager.SetMode");
	g_assert_cmpvariant(refused, g_variant_new_parsed("('off', {'seconds': <@u 900>})"));
	while (!gtk_check_button_get_active(mode_button(chooser, "Normal")))
		g_main_context_iteration(NULL, TRUE);	/* it stays as it was */
	gui_firewall_fails(firewall, "Manager.SetMode", NULL);
	gui_firewall_says(firewall, "Manager.SetMode", g_variant_new("()"));
	adw_combo_row_set_selected(ADW_COMBO_ROW(gtk_widget_get_ancestor(
		widgets_label(chooser, "Locked Down or Off For"), ADW_TYPE_COMBO_ROW)), 3);
	gtk_check_button_set_active(mode_button(chooser, "Locked Down"), TRUE);
	called = gui_firewall_called(firewall, "Manager.SetMode");
	g_assert_cmpvariant(called, g_variant_new_parsed("('lockdown', @a{sv} {})"));
	change_status("protecting", "lockdown");
	while (!gtk_check_button_get_active(mode_button(chooser, "Locked Down")) ||
	       !gtk_widget_get_sensitive(chooser))
		g_main_context_iteration(NULL, TRUE);
	/* Learning has its own end, whatever is chosen for the others. */
	gtk_check_button_set_active(mode_button(chooser, "Learn for Some Days"), TRUE);
	learns = gui_firewall_called(firewall, "Manager.SetMode");
	g_assert_cmpvariant(learns, g_variant_new_parsed("('learn', @a{sv} {})"));
	change_status("protecting", "learn");
	while (!gtk_check_button_get_active(mode_button(chooser, "Learn for Some Days")) ||
	       !gtk_widget_get_sensitive(chooser))
		g_main_context_iteration(NULL, TRUE);
	widgets_freed(window, chooser);
}
END_TEST

START_TEST(the_check_up_says_what_to_do)
{
	GtkWidget *list = sp_check_list_new(), *window = widgets_show(list);

	sp_check_list_examine(SP_CHECK_LIST(list), NULL, "it is <b>away</b>");
	ck_assert_ptr_nonnull(widgets_label(list, "The daemon does not answer: it is <b>away</b>."));
	ck_assert_ptr_nonnull(widgets_label(list, "Start it: systemctl enable --now sallyportd"));
	ck_assert_ptr_nonnull(widgets_tooltip(list, "Copy “systemctl enable --now sallyportd”"));
	sp_check_list_examine(SP_CHECK_LIST(list), NULL, "again");
	ck_assert_ptr_null(widgets_label(list, "The daemon does not answer: it is <b>away</b>."));
	widgets_freed(window, list);
}
END_TEST

static void start_spoken(void)
{
	g_setenv("GTK_A11Y", "test", TRUE);
	manager_start();
}

/* The daemon's row, with its icon. */
static GtkWidget *icon_of(GtkWidget *list)
{
	GtkWidget *label = widgets_label(list, "The daemon does not answer: away.");

	return widgets_first(gtk_widget_get_ancestor(label, ADW_TYPE_ACTION_ROW), GTK_TYPE_IMAGE);
}

/* Who does not see the colour is told what it says. */
START_TEST(the_check_up_is_spoken)
{
	GtkWidget *list = sp_check_list_new(), *window = widgets_show(list);

	sp_check_list_examine(SP_CHECK_LIST(list), NULL, "away");
	widgets_settle();
	ck_assert_ptr_null(gtk_test_accessible_check_property(GTK_ACCESSIBLE(icon_of(list)),
		GTK_ACCESSIBLE_PROPERTY_LABEL, "Not in order"));
	widgets_freed(window, list);
}
END_TEST

static const char systemd_xml[] =
	"<node><interface name='org.freedesktop.systemd1.Manager'><method name='StartUnit'>"
	"<arg type='s' direction='in'/><arg type='s' direction='in'/>"
	"<arg type='o' direction='out'/></method></interface></node>";

static void on_start_unit(GDBusConnection *bus, const char *sender, const char *path,
			  const char *interface, const char *method, GVariant *args,
			  GDBusMethodInvocation *call, gpointer unit)
{
	g_variant_get_child(args, 0, "s", unit);
	g_dbus_method_invocation_return_value(call, g_variant_new("(o)", "/job"));
}

/* systemd on the test's bus: notes which unit was started. */
static GDBusConnection *systemd_new(char **unit)
{
	static const GDBusInterfaceVTable vtable = { .method_call = on_start_unit };
	g_autoptr(GDBusNodeInfo) info = g_dbus_node_info_new_for_xml(systemd_xml, NULL);
	GDBusConnection *bus = g_dbus_connection_new_for_address_sync(
		g_getenv("DBUS_SYSTEM_BUS_ADDRESS"), G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
		G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL, NULL);
	g_autoptr(GVariant) reply = NULL;

	g_dbus_connection_register_object(bus, "/org/freedesktop/systemd1", info->interfaces[0],
					  &vtable, unit, NULL, NULL);
	reply = g_dbus_connection_call_sync(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
		"org.freedesktop.DBus", "RequestName",
		g_variant_new("(su)", "org.freedesktop.systemd1", 0), NULL,
		G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
	ck_assert(reply);
	return bus;
}

START_TEST(what_can_be_mended_has_a_button)
{
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);
	GtkWidget *list = sp_check_list_new(), *window = widgets_show(list);
	guint *done = widgets_count(changes, "done");
	g_autoptr(GDBusConnection) systemd = NULL;
	g_autoptr(GVariant) off = NULL, called = NULL;
	g_autofree char *unit = NULL;
	const char *mode;

	systemd = systemd_new(&unit);
	sp_check_list_set(SP_CHECK_LIST(list), changes);
	sp_check_list_examine(SP_CHECK_LIST(list), NULL, "it is away");
	widgets_press(widgets_button(list, "Start"));
	while (!*done)
		g_main_context_iteration(NULL, TRUE);
	ck_assert_str_eq(unit, "sallyportd.service");
	off = g_variant_ref_sink(g_variant_new_parsed(
		"{'state': <'off'>, 'mode': <'off'>, 'agents': <@u 1>}"));
	sp_check_list_examine(SP_CHECK_LIST(list), off, NULL);
	ck_assert_ptr_null(widgets_button(list, "Start"));
	gui_firewall_says(firewall, "Manager.SetMode", g_variant_new("()"));
	widgets_press(widgets_button(list, "Turn On"));
	called = gui_firewall_called(firewall, "Manager.SetMode");
	g_variant_get_child(called, 0, "&s", &mode);
	ck_assert_str_eq(mode, "normal");
	widgets_freed(window, list);
}
END_TEST

START_TEST(networks_get_names)
{
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);
	GtkWidget *list = sp_network_list_new(), *window = widgets_show(gtk_box_new(0, 0)), *row;
	g_autoptr(GVariant) named = NULL, forgotten = NULL;

	gtk_box_append(GTK_BOX(gtk_window_get_child(GTK_WINDOW(window))), list);
	gui_firewall_says(firewall, "Networks.Name", g_variant_new("()"));
	gui_firewall_says(firewall, "Networks.Forget", g_variant_new("()"));
	sp_network_list_set(SP_NETWORK_LIST(list), changes);
	ck_assert(!gtk_widget_get_visible(list));
	gui_firewall_says(firewall, "Networks.List", g_variant_new_parsed(
		"([{'id': <'gateway:1'>, 'name': <''>, 'title': <'Cafe <b>'>, 'devices': <['wlan0', 'eth0']>},"
		"  {'id': <''>, 'name': <''>, 'title': <'tun7'>, 'devices': <@as []>}],)"));
	gui_firewall_changed(firewall, "Networks");
	wait_for_shown(list, "Cafe <b> (wlan0, eth0)");
	ck_assert(!gtk_widget_is_sensitive(shown(list, "tun7 (not here)")));
	row = gtk_widget_get_ancestor(shown(list, "Cafe <b> (wlan0, eth0)"), ADW_TYPE_ENTRY_ROW);
	gtk_editable_set_text(GTK_EDITABLE(row), " public ");
	g_signal_emit_by_name(row, "apply");
	named = gui_firewall_called(firewall, "Networks.Name");
	g_assert_cmpvariant(named, g_variant_new_parsed("('gateway:1', 'public')"));
	gtk_editable_set_text(GTK_EDITABLE(row), "");
	g_signal_emit_by_name(row, "apply");
	forgotten = gui_firewall_called(firewall, "Networks.Forget");
	/* What the daemon refuses is not so. */
	gui_firewall_fails(firewall, "Networks.Name", "NotAuthorized");
	gtk_editable_set_text(GTK_EDITABLE(row), "home");
	g_signal_emit_by_name(row, "apply");
	while (*gtk_editable_get_text(GTK_EDITABLE(row)))
		g_main_context_iteration(NULL, TRUE);
	widgets_freed(window, list);
}
END_TEST

START_TEST(settings_are_shown_and_more_is_passed_over)
{
	g_autoptr(SpStatus) status = sp_status_new(link_to);
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);
	g_autoptr(SpRules) rules = sp_rules_new(link_to);
	GtkWidget *page = sp_settings_page_new(status, rules, changes), *window;

	gui_firewall_says(firewall, "Manager.GetSettings", g_variant_new_parsed(
		"({'default-out': <'ask'>, 'hosts': <true>, 'new-thing': <'x'>, 'kept-minutes': <@u 1>,"
		" 'kept-hours': <@u 31>, 'kept-days': <@u 366>, 'history-size': <@u 32>},)"));
	gui_firewall_changed(firewall, "Manager");
	gtk_widget_set_size_request(page, 600, 1500);
	window = widgets_show(page);
	wait_for_label(page, "Outgoing connections that no rule is about");
	ck_assert_ptr_nonnull(widgets_label(page, "Ask"));
	ck_assert_ptr_nonnull(widgets_label(page, "Yes"));
	ck_assert_ptr_null(widgets_label(page, "x"));
	ck_assert_ptr_nonnull(widgets_label(page, "Minutes for 1 d, hours for 31 d, days for 366 d; at most 32 MiB"));
	wait_for_label(page, "This machine is protected");
	widgets_freed(window, page);
}
END_TEST

/* Only those that are about every program; on or off together, when the daemon says so. */
START_TEST(name_servers_are_switched)
{
	g_autoptr(SpRules) rules = sp_rules_new(link_to);
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);
	GtkWidget *row = g_object_new(SP_TYPE_RESOLVER_ROW, NULL), *window, *toggle;
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
	g_autoptr(GVariant) called = NULL;

	gui_firewall_says(firewall, "Rules.Disable", g_variant_new("()"));
	sp_resolver_row_set(SP_RESOLVER_ROW(row), rules, changes);
	gtk_box_append(GTK_BOX(box), row);
	window = widgets_show(box);
	ck_assert(!gtk_widget_get_visible(row));
	gui_firewall_says(firewall, "Rules.List", reply_of(list_of(
		gui_rule(1, "allow out protocol udp to resolver port 53", SP_SYSTEM),
		gui_rule(2, "allow out program /usr/bin/curl protocol udp to resolver port 53", SP_SYSTEM),
		gui_rule(3, "allow out protocol tcp to resolver port 53", SP_SYSTEM))));
	gui_firewall_changed(firewall, "Rules");
	while (!(toggle = widgets_first(row, GTK_TYPE_SWITCH)))
		g_main_context_iteration(NULL, TRUE);
	ck_assert(gtk_switch_get_active(GTK_SWITCH(toggle)));
	gtk_switch_set_active(GTK_SWITCH(toggle), FALSE);
	called = gui_firewall_called(firewall, "Rules.Disable");
	g_assert_cmpvariant(called, g_variant_new_parsed("([@t 1, 3],)"));
	while (!gtk_widget_is_sensitive(toggle))
		g_main_context_iteration(NULL, TRUE);
	ck_assert(gtk_switch_get_state(GTK_SWITCH(toggle)));	/* the rules are as before */
	widgets_freed(window, box);
}
END_TEST

static char *config;

/* GLib looks once where the configuration is. */
static void start_elsewhere(void)
{
	config = g_dir_make_tmp("sallyport-XXXXXX", NULL);
	g_setenv("XDG_CONFIG_HOME", config, TRUE);
	manager_start();
}

START_TEST(the_first_run_asks_once)
{
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);
	g_autofree char *inner = NULL, *mark = NULL;
	GtkWidget *welcome, *row;
	g_autoptr(GVariant) called = NULL;

	ck_assert(sp_welcome_is_due());
	welcome = sp_welcome_new(changes);
	gtk_window_present(GTK_WINDOW(welcome));
	wait_for_label(welcome, "Learn for Some Days");
	gui_firewall_says(firewall, "Manager.SetMode", g_variant_new("()"));
	gui_firewall_fails(firewall, "Manager.SetMode", "NotAuthorized");
	row = gtk_widget_get_ancestor(widgets_label(welcome, "Learn for Some Days"),
				      ADW_TYPE_ACTION_ROW);
	adw_action_row_activate(ADW_ACTION_ROW(row));
	called = gui_firewall_called(firewall, "Manager.SetMode");
	g_assert_cmpvariant(called, g_variant_new_parsed("('learn', @a{sv} {})"));
	wait_for_label(welcome, "Not authorised");
	ck_assert(sp_welcome_is_due());
	gui_firewall_fails(firewall, "Manager.SetMode", NULL);
	g_object_add_weak_pointer(G_OBJECT(welcome), (gpointer *)&welcome);
	adw_action_row_activate(ADW_ACTION_ROW(row));
	while (welcome)
		g_main_context_iteration(NULL, TRUE);
	ck_assert(!sp_welcome_is_due());
	inner = g_build_filename(config, "sallyport", NULL);
	mark = g_build_filename(inner, "welcomed", NULL);
	g_remove(mark);
	g_rmdir(inner);
	g_rmdir(config);
	g_free(config);
}
END_TEST

static guint count_welcomes(void)
{
	GListModel *windows = gtk_window_get_toplevels();
	guint count = 0;

	for (guint i = 0; i < g_list_model_get_n_items(windows); i++) {
		g_autoptr(GtkWidget) window = g_list_model_get_item(windows, i);

		count += SP_IS_WELCOME(window);
	}
	return count;
}

/* However often the program is activated while it is open. */
START_TEST(one_welcome_is_enough)
{
	GtkWidget *window = sp_manager_window_new(NULL, link_to);

	gtk_window_present(GTK_WINDOW(window));
	sp_manager_window_welcome(SP_MANAGER_WINDOW(window));
	sp_manager_window_welcome(SP_MANAGER_WINDOW(window));
	ck_assert_uint_eq(count_welcomes(), 1);
	gtk_window_destroy(GTK_WINDOW(window));
	g_rmdir(config);
	g_free(config);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("settings");
	TCase *models = tcase_create("models"), *widgets = tcase_create("widgets");
	TCase *first = tcase_create("first run"), *spoken = tcase_create("spoken");

	tcase_add_checked_fixture(models, manager_start, manager_stop);
	tcase_set_timeout(models, 60);
	tcase_add_test(models, health_is_told_in_words);
	suite_add_tcase(suite, models);
	tcase_add_checked_fixture(widgets, manager_start, manager_stop);
	tcase_set_timeout(widgets, 60);
	tcase_add_test(widgets, a_bar_is_there_while_something_is_wrong);
	tcase_add_test(widgets, a_mode_is_chosen_and_shown_when_it_is_so);
	tcase_add_test(widgets, the_check_up_says_what_to_do);
	tcase_add_test(widgets, what_can_be_mended_has_a_button);
	tcase_add_test(widgets, networks_get_names);
	tcase_add_test(widgets, settings_are_shown_and_more_is_passed_over);
	tcase_add_test(widgets, name_servers_are_switched);
	suite_add_tcase(suite, widgets);
	tcase_add_checked_fixture(spoken, start_spoken, manager_stop);
	tcase_set_timeout(spoken, 60);
	tcase_add_test(spoken, the_check_up_is_spoken);
	suite_add_tcase(suite, spoken);
	tcase_add_checked_fixture(first, start_elsewhere, manager_stop);
	tcase_set_timeout(first, 60);
	tcase_add_test(first, the_first_run_asks_once);
	tcase_add_test(first, one_welcome_is_enough);
	suite_add_tcase(suite, first);
	return unit_run(suite);
}
