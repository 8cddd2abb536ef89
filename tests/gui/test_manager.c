/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules manager: models by themselves, each page to its end, with a daemon that says what it is told. */
#include <string.h>

#include "journal.h"
#include "rule-filter.h"
#include "rule-groups.h"
#include "rules.h"
#include "sp-fold.h"
#include "sp-journal-page.h"
#include "sp-manager-window.h"
#include "sp-page.h"
#include "sp-program-row.h"
#include "sp-rule-cell.h"
#include "sp-rules-page.h"
#include "manager_test.h"

static void wait_for(SpQuery *query, enum sp_query_state state)
{
	while (sp_query_state(query) != state)
		g_main_context_iteration(NULL, TRUE);
}

static GVariant *three_rules(void)
{
	return list_of(gui_rule(1, "allow out program /usr/bin/wget to shop.test # shoes", ME),
		       gui_rule(2, "disabled deny out program /usr/bin/curl", G_MAXUINT32),
		       gui_rule(3, "ask out program /usr/bin/wget", G_MAXUINT32));
}

START_TEST(a_query_tells_how_it_is)
{
	SpQuery *query;

	gui_firewall_leave(firewall);
	query = sp_query_new(link_to, "Rules", "List", g_variant_new_parsed("(@a{sv} {},)"));
	wait_for(query, SP_QUERY_ABSENT);
	gui_firewall_refuses(firewall, "Rules.List", "NotAuthorized");
	gui_firewall_come(firewall);
	wait_for(query, SP_QUERY_LOCKED);
	ck_assert_ptr_null(sp_query_result(query));
	sp_query_unlock(query);
	wait_for(query, SP_QUERY_READY);
	ck_assert(!sp_query_is_stale(query));
	/* A change is not worth a password that nobody asked for. */
	gui_firewall_changed(firewall, "Rules");
	while (!sp_query_is_stale(query))
		g_main_context_iteration(NULL, TRUE);
	ck_assert_int_eq(sp_query_state(query), SP_QUERY_READY);
	ck_assert_ptr_nonnull(sp_query_result(query));
	gui_firewall_fails(firewall, "Rules.List", "Limit");
	sp_query_unlock(query);
	wait_for(query, SP_QUERY_FAILED);
	ck_assert_str_eq(sp_query_message(query), "not authorised");
	g_object_add_weak_pointer(G_OBJECT(query), (gpointer *)&query);
	g_object_unref(query);
	widgets_settle();
	ck_assert_ptr_null(query);
}
END_TEST

START_TEST(another_question_is_not_answered_by_the_last)
{
	g_autoptr(SpQuery) query = sp_query_new(link_to, "Rules", "Journal",
						g_variant_new_parsed("(@u 1, @a{sv} {})"));
	g_autoptr(GVariant) first = NULL, second = NULL;
	guint limit;

	first = gui_firewall_called(firewall, "Rules.Journal");
	sp_query_set_args(query, g_variant_new_parsed("(@u 2, @a{sv} {})"), FALSE);
	second = gui_firewall_called(firewall, "Rules.Journal");
	g_variant_get_child(second, 0, "u", &limit);
	ck_assert_uint_eq(limit, 2);
	wait_for(query, SP_QUERY_READY);
}
END_TEST

static void wait_for_whole(SpRules *rules)
{
	while (!sp_rules_whole(rules))
		g_main_context_iteration(NULL, TRUE);
}

static GVariant *many_rules(guint count)
{
	GVariantBuilder list;

	g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 1; i <= count; i++) {
		g_autofree char *text = g_strdup_printf("allow out port %u", i);

		g_variant_builder_add_value(&list, gui_rule(i, text, ME));
	}
	return reply_of(g_variant_builder_end(&list));
}

/* From number 1 on, without a gap, and each once. */
static void check_numbers(SpRules *rules, guint count)
{
	ck_assert_uint_eq(g_list_model_get_n_items(G_LIST_MODEL(rules)), count);
	for (guint i = 0; i < count; i++) {
		g_autoptr(SpRuleItem) item = g_list_model_get_item(G_LIST_MODEL(rules), i);

		ck_assert_uint_eq(sp_rule_item_id(item), i + 1);
	}
}

START_TEST(rules_come_in_pages)
{
	g_autoptr(SpRules) rules = NULL;
	g_autoptr(SpRuleItem) last = NULL;
	guint *changes;

	gui_firewall_says(firewall, "Rules.List", many_rules(2300));
	rules = sp_rules_new(link_to);
	while (!g_list_model_get_n_items(G_LIST_MODEL(rules)))
		g_main_context_iteration(NULL, TRUE);
	ck_assert_uint_lt(g_list_model_get_n_items(G_LIST_MODEL(rules)), 2300);
	ck_assert(!sp_rules_whole(rules));
	wait_for_whole(rules);
	check_numbers(rules, 2300);
	last = g_list_model_get_item(G_LIST_MODEL(rules), 2299);
	/* Again, and nothing moves; again, with fewer. */
	changes = widgets_count(rules, "items-changed");
	gui_firewall_says(firewall, "Rules.List", many_rules(2301));
	gui_firewall_changed(firewall, "Rules");
	while (g_list_model_get_n_items(G_LIST_MODEL(rules)) != 2301)
		g_main_context_iteration(NULL, TRUE);
	ck_assert_uint_eq(*changes, 1);
	ck_assert_ptr_eq(sp_rules_find(rules, 2300), last);
	gui_firewall_says(firewall, "Rules.List", many_rules(700));
	gui_firewall_changed(firewall, "Rules");
	while (g_list_model_get_n_items(G_LIST_MODEL(rules)) != 700)
		g_main_context_iteration(NULL, TRUE);
	check_numbers(rules, 700);
	ck_assert(sp_rules_whole(rules));
}
END_TEST

/* The daemon does not say the rest: that is told, not passed over. */
START_TEST(a_page_that_fails_is_an_error)
{
	g_autoptr(SpRules) rules = NULL;

	gui_firewall_says(firewall, "Rules.List", many_rules(2300));
	rules = sp_rules_new(link_to);
	while (!g_list_model_get_n_items(G_LIST_MODEL(rules)))
		g_main_context_iteration(NULL, TRUE);
	gui_firewall_fails(firewall, "Rules.List", "NotReady");
	wait_for(sp_rules_query(rules), SP_QUERY_FAILED);
	ck_assert(!sp_rules_whole(rules));
	gui_firewall_fails(firewall, "Rules.List", NULL);
	sp_query_refresh(sp_rules_query(rules));
	wait_for_whole(rules);
	check_numbers(rules, 2300);
}
END_TEST

START_TEST(rules_that_stay_are_the_same)
{
	g_autoptr(SpRules) rules = sp_rules_new(link_to);
	g_autoptr(GVariant) before = g_variant_ref_sink(three_rules()), after = NULL;
	g_autoptr(SpRuleItem) first = NULL;
	guint *changes;

	sp_rules_take(rules, before);
	ck_assert_uint_eq(g_list_model_get_n_items(G_LIST_MODEL(rules)), 3);
	first = g_list_model_get_item(G_LIST_MODEL(rules), 0);
	changes = widgets_count(rules, "items-changed");
	sp_rules_take(rules, before);
	ck_assert_uint_eq(*changes, 0);
	after = g_variant_ref_sink(list_of(
		gui_rule(3, "deny out program /usr/bin/wget", G_MAXUINT32),
		gui_rule(1, "allow out program /usr/bin/wget to shop.test # shoes", ME), NULL));
	sp_rules_take(rules, after);
	ck_assert_uint_eq(*changes, 1);
	ck_assert_uint_eq(g_list_model_get_n_items(G_LIST_MODEL(rules)), 2);
	ck_assert_ptr_eq(sp_rules_find(rules, 1), first);
	ck_assert_ptr_null(sp_rules_find(rules, 2));
	ck_assert_int_eq(sp_rule_item_rule(sp_rules_find(rules, 3))->action, SP_DENY);
}
END_TEST

START_TEST(a_rule_of_the_future_is_shown_as_the_daemon_words_it)
{
	GVariantDict dict;
	g_autoptr(GVariant) variant = NULL;
	g_autoptr(SpRuleItem) item = NULL;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "id", "t", (guint64)7);
	g_variant_dict_insert(&dict, "text", "s", "allow sideways on mondays");
	g_variant_dict_insert(&dict, "sentence", "s", "Allow what comes sideways on Mondays.");
	variant = g_variant_ref_sink(g_variant_dict_end(&dict));
	item = sp_rule_item_new(variant);
	ck_assert_str_eq(sp_rule_item_sentence(item), "Allow what comes sideways on Mondays.");
}
END_TEST

static guint count_of(gpointer model)
{
	return g_list_model_get_n_items(G_LIST_MODEL(model));
}

START_TEST(rules_are_filtered)
{
	g_autoptr(SpRules) rules = sp_rules_new(link_to);
	g_autoptr(SpRuleFilter) filter = sp_rule_filter_new();
	g_autoptr(GtkFilterListModel) shown = gtk_filter_list_model_new(
		G_LIST_MODEL(g_object_ref(rules)), GTK_FILTER(g_object_ref(filter)));
	g_autoptr(GVariant) dicts = g_variant_ref_sink(three_rules());

	sp_rules_take(rules, dicts);
	ck_assert_uint_eq(count_of(shown), 3);
	sp_rule_filter_set_search(filter, "WGET shoes ");
	ck_assert_uint_eq(count_of(shown), 1);
	sp_rule_filter_set_search(filter, "");
	sp_rule_filter_set_action(filter, SP_ASK);
	ck_assert_uint_eq(count_of(shown), 1);
	sp_rule_filter_set_action(filter, 0);
	sp_rule_filter_set_owner(filter, SP_OWNER_MINE);
	ck_assert_uint_eq(count_of(shown), ME == G_MAXUINT32 ? 0 : 1);
	sp_rule_filter_set_owner(filter, SP_OWNER_SYSTEM);
	sp_rule_filter_set_switch(filter, SP_SWITCH_OFF);
	ck_assert_uint_eq(count_of(shown), 1);
	ck_assert(sp_rule_filter_narrows(filter));
}
END_TEST

START_TEST(rules_are_grouped_by_program)
{
	g_autoptr(SpRules) rules = sp_rules_new(link_to);
	g_autoptr(SpRuleGroups) groups = sp_rule_groups_new(G_LIST_MODEL(rules));
	g_autoptr(GVariant) dicts = g_variant_ref_sink(three_rules()), more = NULL;
	g_autoptr(SpRuleGroup) curl = NULL, wget = NULL, any = NULL;

	sp_rules_take(rules, dicts);
	ck_assert_uint_eq(count_of(groups), 2);
	curl = g_list_model_get_item(G_LIST_MODEL(groups), 0);
	wget = g_list_model_get_item(G_LIST_MODEL(groups), 1);
	ck_assert_str_eq(sp_rule_group_program(curl), "/usr/bin/curl");
	ck_assert_uint_eq(count_of(wget), 2);
	more = g_variant_ref_sink(list_of(gui_rule(3, "ask out program /usr/bin/wget", G_MAXUINT32),
					  gui_rule(4, "deny out to lan", ME), NULL));
	sp_rules_take(rules, more);
	ck_assert_uint_eq(count_of(groups), 2);
	any = g_list_model_get_item(G_LIST_MODEL(groups), 1);
	ck_assert_str_eq(sp_rule_group_program(any), "");
	ck_assert_uint_eq(count_of(wget), 1);	/* the same group, with less in it */
}
END_TEST

START_TEST(a_page_has_a_face_for_each_state)
{
	GtkWidget *widget = sp_page_new(), *window;
	SpPage *page = SP_PAGE(widget);
	guint *unlock = widgets_count(page, "unlock"), *retry = widgets_count(page, "retry");

	g_object_set(page, "empty-title", "No & nothing", "locked-text", "A password", NULL);
	window = widgets_show(widget);
	sp_page_show(page, SP_PAGE_LOCKED, NULL);
	widgets_press(widgets_button(widget, "Unlock…"));
	ck_assert_uint_eq(*unlock, 1);
	sp_page_show(page, SP_PAGE_ERROR, "<b>bad</b> & worse");
	ck_assert_ptr_nonnull(widgets_label(widget, "<b>bad</b> & worse"));
	widgets_press(widgets_button(widget, "Try Again"));
	ck_assert_uint_eq(*retry, 1);
	sp_page_show(page, SP_PAGE_DISCONNECTED, NULL);
	ck_assert_ptr_nonnull(widgets_label(widget, "The Firewall’s Service Is Not Running"));
	ck_assert_int_eq(sp_page_state(page), SP_PAGE_DISCONNECTED);
	widgets_freed(window, widget);
}
END_TEST

START_TEST(what_is_too_wide_folds)
{
	GtkWidget *widget = sp_fold_new(), *window;
	GtkWidget *wide = gtk_label_new("wide"), *narrow = gtk_label_new("narrow");
	gboolean folded;

	gtk_widget_set_size_request(wide, 400, 10);
	g_object_set(widget, "wide", wide, "narrow", narrow, NULL);
	window = widgets_show(widget);
	g_object_get(widget, "folded", &folded, NULL);
	ck_assert(!folded && gtk_widget_get_child_visible(wide));
	gtk_widget_allocate(widget, 300, 50, -1, NULL);
	g_object_get(widget, "folded", &folded, NULL);
	ck_assert(folded && gtk_widget_get_child_visible(narrow));
	ck_assert(!gtk_widget_get_child_visible(wide));
	widgets_freed(window, widget);
}
END_TEST

START_TEST(a_program_without_a_path_has_a_name)
{
	GtkWidget *widget = sp_program_row_new(), *window = widgets_show(widget);

	sp_program_row_set(SP_PROGRAM_ROW(widget), "/usr/bin/<curl>", "2 rules");
	ck_assert_ptr_nonnull(widgets_label(widget, "<curl>"));
	ck_assert_ptr_nonnull(widgets_label(widget, "/usr/bin/<curl>"));
	sp_program_row_set(SP_PROGRAM_ROW(widget), "", "1 rule");
	ck_assert_ptr_nonnull(widgets_label(widget, "Any program"));
	widgets_freed(window, widget);
}
END_TEST

static GtkWidget *rules_page(GtkWidget **window)
{
	g_autoptr(SpRules) rules = sp_rules_new(link_to);
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);
	GtkWidget *page = sp_rules_page_new(rules, changes);

	gtk_widget_set_size_request(page, 700, 600);
	*window = widgets_show(page);
	return page;
}

START_TEST(rules_are_listed_searched_and_switched)
{
	GtkWidget *window, *page, *toggle;
	g_autoptr(GVariant) called = NULL;

	gui_firewall_says(firewall, "Rules.List", reply_of(three_rules()));
	gui_firewall_says(firewall, "Rules.Enable", g_variant_new("()"));
	page = rules_page(&window);
	wait_for_label(page, "Ask before wget (/usr/bin/wget) connects to any address.");
	wait_for_label(page, "2 rules");
	toggle = widgets_first(page, GTK_TYPE_SWITCH);	/* curl's, which is off */
	ck_assert(!gtk_switch_get_active(GTK_SWITCH(toggle)));
	gtk_switch_set_active(GTK_SWITCH(toggle), TRUE);
	called = gui_firewall_called(firewall, "Rules.Enable");
	g_assert_cmpvariant(called, g_variant_new_parsed("([@t 2],)"));
	ck_assert(!gtk_switch_get_state(GTK_SWITCH(toggle)));	/* not before it is so */
	gtk_editable_set_text(GTK_EDITABLE(widgets_first(page, GTK_TYPE_SEARCH_ENTRY)), "no such thing");
	wait_for_label(page, "No Rule Fits");
	widgets_freed(window, page);
}
END_TEST

/* A program's mark is for all of its rules; what is done with them is one change. */
START_TEST(rules_are_picked_and_changed_together)
{
	GtkWidget *window, *page, *toggle, *cell, *mark;
	g_autoptr(GVariant) off = NULL, removed = NULL;

	gui_firewall_says(firewall, "Rules.List", reply_of(three_rules()));
	gui_firewall_says(firewall, "Rules.Disable", g_variant_new("()"));
	gui_firewall_says(firewall, "Rules.Remove", g_variant_new("()"));
	page = rules_page(&window);
	wait_for_label(page, "2 rules");
	ck_assert_ptr_null(widgets_first(page, GTK_TYPE_CHECK_BUTTON));
	toggle = widgets_tooltip(page, "Pick Rules");
	while (!gtk_widget_is_sensitive(toggle))
		g_main_context_iteration(NULL, TRUE);
	gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(toggle), TRUE);
	cell = gtk_widget_get_ancestor(widgets_label(page, "2 rules"), SP_TYPE_RULE_CELL);
	while (!(mark = widgets_first(cell, GTK_TYPE_CHECK_BUTTON)))
		g_main_context_iteration(NULL, TRUE);
	ck_assert(!gtk_widget_is_sensitive(widgets_button(page, "Switch Off")));
	gtk_check_button_set_active(GTK_CHECK_BUTTON(mark), TRUE);
	wait_for_label(page, "2 rules picked");
	widgets_press(widgets_button(page, "Switch Off"));
	off = gui_firewall_called(firewall, "Rules.Disable");
	ck_assert_uint_eq(g_variant_n_children(g_variant_get_child_value(off, 0)), 2);
	widgets_press(widgets_button(page, "Pick All"));
	wait_for_label(page, "3 rules picked");
	widgets_press(widgets_button(page, "Remove"));
	removed = gui_firewall_called(firewall, "Rules.Remove");
	ck_assert_uint_eq(g_variant_n_children(g_variant_get_child_value(removed, 0)), 3);
	gui_firewall_says(firewall, "Rules.List", reply_of(list_of(gui_rule(2, "deny out", ME), NULL, NULL)));
	gui_firewall_changed(firewall, "Rules");
	wait_for_label(page, "1 rule picked");
	gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(toggle), FALSE);
	ck_assert_ptr_null(widgets_first(page, GTK_TYPE_CHECK_BUTTON));
	widgets_freed(window, page);
}
END_TEST

/*
 * Others' rules want a password; without it the filter goes back. It need not be open for
 * that: GTK 4.8, asked for the tooltip of an open one whose window went, says a critical.
 */
START_TEST(others_rules_are_asked_for)
{
	GtkWidget *window, *page, *filter, *owner;
	GtkDropDown *list;
	g_autoptr(GVariant) first = NULL, second = NULL, called = NULL;

	gui_firewall_says(firewall, "Rules.List", reply_of(three_rules()));
	page = rules_page(&window);
	wait_for_label(page, "2 rules");
	first = gui_firewall_called(firewall, "Rules.List");
	second = gui_firewall_called(firewall, "Rules.List");	/* the page after the last */
	gui_firewall_fails(firewall, "Rules.List", "NotAuthorized");
	filter = widgets_first(page, GTK_TYPE_MENU_BUTTON);
	filter = GTK_WIDGET(gtk_menu_button_get_popover(GTK_MENU_BUTTON(filter)));
	owner = widgets_label(gtk_popover_get_child(GTK_POPOVER(filter)), "Owner");
	list = GTK_DROP_DOWN(gtk_widget_get_next_sibling(owner));
	gtk_drop_down_set_selected(list, SP_OWNER_OTHERS);
	called = gui_firewall_called(firewall, "Rules.List");
	g_assert_cmpvariant(called, g_variant_new_parsed("({'after': <@t 0>, 'all': <true>, 'limit': <@u 500>},)"));
	while (gtk_drop_down_get_selected(list) != SP_OWNER_ANY)
		g_main_context_iteration(NULL, TRUE);
	gui_firewall_fails(firewall, "Rules.List", NULL);
	widgets_freed(window, page);
}
END_TEST

START_TEST(a_page_waits_for_the_daemon)
{
	GtkWidget *window, *page;

	gui_firewall_leave(firewall);
	page = rules_page(&window);
	wait_for_label(page, "The Firewall’s Service Is Not Running");
	gui_firewall_come(firewall);
	wait_for_label(page, "No Rules Yet");
	gui_firewall_says(firewall, "Rules.List", reply_of(three_rules()));
	gui_firewall_changed(firewall, "Rules");
	wait_for_label(page, "1 rule");
	widgets_freed(window, page);
}
END_TEST

static GVariant *entry(guint64 change, gboolean undone, const char *before, const char *after)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "change", "t", change);
	g_variant_dict_insert(&dict, "kind", "s", "change");
	g_variant_dict_insert(&dict, "undone", "b", undone);
	g_variant_dict_insert(&dict, "maker", "u", 0);
	g_variant_dict_insert(&dict, "before", "s", before);
	g_variant_dict_insert(&dict, "after", "s", after);
	return g_variant_dict_end(&dict);
}

START_TEST(changes_are_told_and_undone)
{
	g_autoptr(SpJournal) journal = sp_journal_new(link_to);
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);
	GtkWidget *page = sp_journal_page_new(journal, changes), *window;
	g_autoptr(GVariant) undo = NULL, redo = NULL;
	GVariant *none = list_of(NULL, NULL, NULL);

	gui_firewall_says(firewall, "Rules.Undo", g_variant_new_tuple(&none, 1));
	none = list_of(NULL, NULL, NULL);
	gui_firewall_says(firewall, "Rules.Redo", g_variant_new_tuple(&none, 1));
	gui_firewall_says(firewall, "Rules.Journal", reply_of(list_of(
		entry(9, FALSE, "", "deny out to lan"), entry(9, FALSE, "", "deny in from lan"),
		entry(8, TRUE, "allow out to lan", "disabled allow out to lan"))));
	gtk_widget_set_size_request(page, 700, 600);
	window = widgets_show(page);
	wait_for_label(page, "Added: Deny connections by any program to the local network.\n"
		       "Added: Deny connections to any program from the local network.");
	ck_assert_uint_eq(count_of(journal), 2);
	widgets_press(widgets_button(page, "Undo"));
	undo = gui_firewall_called(firewall, "Rules.Undo");
	g_assert_cmpvariant(undo, g_variant_new_parsed("({'change': <@t 9>},)"));
	widgets_press(widgets_button(page, "Redo"));
	redo = gui_firewall_called(firewall, "Rules.Redo");
	g_assert_cmpvariant(redo, g_variant_new_parsed("({'change': <@t 8>},)"));
	widgets_freed(window, page);
}
END_TEST

/* What the journal says of a change by the person, so long from now. */
static GVariant *made_at(gint64 seconds, guint64 change, guint64 rule)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "change", "t", change);
	g_variant_dict_insert(&dict, "kind", "s", "change");
	g_variant_dict_insert(&dict, "time", "x", g_get_real_time() + seconds * G_USEC_PER_SEC);
	g_variant_dict_insert(&dict, "maker", "u", ME);
	g_variant_dict_insert(&dict, "rule", "t", rule);
	return g_variant_dict_end(&dict);
}

/* Of one that is about to be made. */
static GVariant *made(guint64 change, guint64 rule)
{
	return made_at(60, change, rule);
}

static GtkWidget *window_with_rules(void)
{
	GtkWidget *window = sp_manager_window_new(NULL, link_to);
	GVariant *none = list_of(NULL, NULL, NULL);

	gui_firewall_says(firewall, "Rules.List", reply_of(list_of(
		gui_rule(5, "deny out to lan", ME), gui_rule(6, "deny in from lan", ME), NULL)));
	gui_firewall_says(firewall, "Rules.Remove", g_variant_new("()"));
	gui_firewall_says(firewall, "Rules.Undo", g_variant_new_tuple(&none, 1));
	gtk_window_present(GTK_WINDOW(window));
	wait_for_label(window, "Deny connections by any program to the local network.");
	return window;
}

static void window_freed(GtkWidget *window)
{
	g_object_ref(window);
	gtk_window_destroy(GTK_WINDOW(window));
	widgets_settle();
	g_object_add_weak_pointer(G_OBJECT(window), (gpointer *)&window);
	g_object_unref(window);
	ck_assert_ptr_null(window);
}

START_TEST(the_window_tells_what_became_of_a_change)
{
	GtkWidget *window = window_with_rules(), *trash;

	sp_manager_window_go(SP_MANAGER_WINDOW(window), "nowhere");
	trash = gtk_widget_get_next_sibling(widgets_first(window, GTK_TYPE_SWITCH));
	widgets_press(trash);
	wait_for_label(window, "Rule removed");
	gui_firewall_fails(firewall, "Rules.Remove", "NotAuthorized");
	widgets_press(trash);
	wait_for_label(window, "Not authorised");
	window_freed(window);
}
END_TEST

/* Not what the person, here or in another window, has changed since. */
START_TEST(a_toast_undoes_what_it_tells_of)
{
	GtkWidget *window = window_with_rules(), *trash;
	g_autoptr(GVariant) undo = NULL;

	gui_firewall_says(firewall, "Rules.Journal", reply_of(list_of(made(12, 9), made(11, 5), NULL)));
	trash = gtk_widget_get_next_sibling(widgets_first(window, GTK_TYPE_SWITCH));
	widgets_press(trash);
	wait_for_shown(window, "Undo");
	gui_firewall_says(firewall, "Rules.Journal", reply_of(list_of(made(13, 5), made(12, 9), NULL)));
	widgets_press(trash);
	widgets_press(gtk_widget_get_ancestor(shown(window, "Undo"), GTK_TYPE_BUTTON));
	undo = gui_firewall_called(firewall, "Rules.Undo");
	g_assert_cmpvariant(undo, g_variant_new_parsed("({'change': <@t 11>},)"));
	window_freed(window);
}
END_TEST

static void on_done(SpChanges *changes, const char *text, guint64 change, guint64 *number)
{
	*number = change;
}

static guint64 number_of_last(SpChanges *changes)
{
	guint64 number = G_MAXUINT64;
	gulong handler = g_signal_connect(changes, "done", G_CALLBACK(on_done), &number);

	while (number == G_MAXUINT64)
		g_main_context_iteration(NULL, TRUE);
	g_signal_handler_disconnect(changes, handler);
	return number;
}

START_TEST(a_change_without_a_daemon_is_told)
{
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);
	guint *failed = widgets_count(changes, "failed");
	const guint64 rule = 5;

	gui_firewall_leave(firewall);
	while (sp_link_state(link_to) == SP_LINK_PRESENT)
		g_main_context_iteration(NULL, TRUE);
	sp_changes_remove(changes, &rule, 1);
	sp_changes_switch(changes, &rule, 1, TRUE, NULL, NULL);
	sp_changes_undo(changes, FALSE, 3);
	sp_changes_forget(changes);
	ck_assert_uint_eq(*failed, 4);
	sp_changes_save(changes, 0, "deny out", ME, NULL, NULL, NULL);
	ck_assert_uint_eq(*failed, 4);	/* it is told in its place */
}
END_TEST

START_TEST(a_change_finds_its_number)
{
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);
	const guint64 rules[] = { 5, 6 };

	gui_firewall_says(firewall, "Rules.Remove", g_variant_new("()"));
	gui_firewall_says(firewall, "Rules.Add", g_variant_new("(t)", (guint64)8));
	gui_firewall_says(firewall, "Rules.Journal", reply_of(list_of(
		made(13, 5), made(12, 8), made(11, 6))));
	sp_changes_remove(changes, rules, 2);
	ck_assert_uint_eq(number_of_last(changes), 11);
	sp_changes_save(changes, 0, "deny out", ME, NULL, NULL, NULL);
	ck_assert_uint_eq(number_of_last(changes), 12);
	/* What changed nothing is not in the journal: nothing else is undone for it. */
	gui_firewall_says(firewall, "Rules.Journal", reply_of(list_of(made_at(-60, 10, 5), NULL, NULL)));
	sp_changes_remove(changes, rules, 2);
	ck_assert_uint_eq(number_of_last(changes), 0);
	gui_firewall_fails(firewall, "Rules.Journal", "NotAuthorized");
	sp_changes_remove(changes, rules, 2);
	ck_assert_uint_eq(number_of_last(changes), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("manager");
	TCase *models = tcase_create("models"), *widgets = tcase_create("widgets");

	tcase_add_checked_fixture(models, manager_start, manager_stop);
	tcase_set_timeout(models, 60);
	tcase_add_test(models, a_query_tells_how_it_is);
	tcase_add_test(models, another_question_is_not_answered_by_the_last);
	tcase_add_test(models, rules_come_in_pages);
	tcase_add_test(models, a_page_that_fails_is_an_error);
	tcase_add_test(models, rules_that_stay_are_the_same);
	tcase_add_test(models, a_rule_of_the_future_is_shown_as_the_daemon_words_it);
	tcase_add_test(models, rules_are_filtered);
	tcase_add_test(models, rules_are_grouped_by_program);
	tcase_add_test(models, a_change_finds_its_number);
	tcase_add_test(models, a_change_without_a_daemon_is_told);
	suite_add_tcase(suite, models);
	tcase_add_checked_fixture(widgets, manager_start, manager_stop);
	tcase_set_timeout(widgets, 60);
	tcase_add_test(widgets, a_page_has_a_face_for_each_state);
	tcase_add_test(widgets, what_is_too_wide_folds);
	tcase_add_test(widgets, a_program_without_a_path_has_a_name);
	tcase_add_test(widgets, rules_are_listed_searched_and_switched);
	tcase_add_test(widgets, rules_are_picked_and_changed_together);
	tcase_add_test(widgets, others_rules_are_asked_for);
	tcase_add_test(widgets, a_page_waits_for_the_daemon);
	tcase_add_test(widgets, changes_are_told_and_undone);
	tcase_add_test(widgets, the_window_tells_what_became_of_a_change);
	tcase_add_test(widgets, a_toast_undoes_what_it_tells_of);
	suite_add_tcase(suite, widgets);
	return unit_run(suite);
}
