/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules that are written: drafts, what they would mean, the editor, what is odd about rules. */
#include <stdlib.h>
#include <string.h>

#include <glib/gstdio.h>

#include "effect.h"
#include "export.h"
#include "findings.h"
#include "manager.h"
#include "plan.h"
#include "sentence.h"
#include "sp-import.h"
#include "sp-review.h"
#include "sp-rule-editor.h"
#include "manager_test.h"

static void check_round(const char *text)
{
	struct sp_text_error error;
	struct sp_draft *draft = sp_draft_of_text(text, SP_SYSTEM, &error);
	enum sp_draft_field field;
	struct sp_rule rule;
	char *printed;
	g_autofree char *line = NULL;

	ck_assert_msg(draft != NULL, "%s: %s", text, error.message);
	line = sp_draft_text(draft);
	ck_assert_msg(sp_draft_check(draft, &rule, &error, &field), "%s: %s", line, error.message);
	printed = sp_text_print(&rule, NULL);
	ck_assert_str_eq(printed, text);
	free(printed);
	sp_rule_clear(&rule);
	sp_draft_free(draft);
}

START_TEST(a_draft_loses_nothing)
{
	static const char *const texts[] = {
		"allow out", "drop in", "disabled floor log deny out program /usr/bin/curl",
		"ask out program like /opt/*/bin/run user 4242 protocol tcp to shop.test port 80-90 # a # b",
		"deny in package curl protocol udp from 192.0.2.0/24 port 53 remote-port 1000",
		"allow out program \"/opt/a b/\\\"c\\\"\" app flatpak:org.x.Y to domain example.org interface wg0",
		"allow out to @trackers until 2030-01-01T00:00:00Z",
		"allow out process 77 to lan until quit boot 0123456789abcdef0123456789abcdef",
		"allow out protocol sctp to 2001:db8::1-2001:db8::9 local-port 7 network home",
	};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
		check_round(texts[i]);
}
END_TEST

START_TEST(a_draft_says_which_field_is_wrong)
{
	struct sp_draft *draft = sp_draft_new(ME);
	enum sp_draft_field field;
	struct sp_text_error error;
	struct sp_rule rule;

	sp_draft_set(draft, SP_DRAFT_PROGRAM, "curl");
	ck_assert(!sp_draft_check(draft, &rule, &error, &field));
	ck_assert_int_eq(field, SP_DRAFT_PROGRAM);
	sp_draft_set(draft, SP_DRAFT_PROGRAM, "  /usr/bin/curl ");
	sp_draft_set(draft, SP_DRAFT_REMOTE, "300.1.2.3/4");
	sp_draft_set(draft, SP_DRAFT_PORT, "443");
	ck_assert(!sp_draft_check(draft, &rule, &error, &field));
	ck_assert_int_eq(field, SP_DRAFT_REMOTE);
	sp_draft_set(draft, SP_DRAFT_REMOTE, "*.example.org");
	sp_draft_set(draft, SP_DRAFT_PORT, "70000");
	ck_assert(!sp_draft_check(draft, &rule, &error, &field));
	ck_assert_int_eq(field, SP_DRAFT_PORT);
	sp_draft_set(draft, SP_DRAFT_PORT, "");
	ck_assert(sp_draft_check(draft, &rule, &error, &field));
	ck_assert_int_eq(rule.remote_kind, SP_REMOTE_DOMAIN);
	ck_assert_str_eq(rule.program, "/usr/bin/curl");
	sp_rule_clear(&rule);
	sp_draft_free(draft);
}
END_TEST

/* The daemon's, when they have come. */
static SpRules *rules_of(GVariant *list)
{
	SpRules *rules = sp_rules_new(link_to);

	gui_firewall_says(firewall, "Rules.List", reply_of(list));
	gui_firewall_changed(firewall, "Rules");
	while (!g_list_model_get_n_items(G_LIST_MODEL(rules)))
		g_main_context_iteration(NULL, TRUE);
	return rules;
}

static void take_result(GObject *source, GAsyncResult *result, gpointer data)
{
	*(GAsyncResult **)data = g_object_ref(result);
}

static char *effect_on(SpRules *rules, guint64 edited, const char *text, GVariant *records)
{
	static const struct sp_defaults defaults = { .out = SP_ASK, .in = SP_DENY };
	g_autoptr(GAsyncResult) result = NULL;
	struct sp_text_error error;
	struct sp_rule rule;

	ck_assert_int_eq(sp_text_parse(text, strlen(text), ME, NULL, &rule, &error), 1);
	sp_effect_look(rules, edited, &rule, records, &defaults, NULL, take_result, &result);
	sp_rule_clear(&rule);
	while (!result)
		g_main_context_iteration(NULL, TRUE);
	return sp_effect_finish(result, NULL);
}

static char *effect_of(SpRules *rules, guint64 edited, const char *text)
{
	return effect_on(rules, edited, text, NULL);
}

static GVariant *record(const char *event, const char *program, const char *remote, const char *host)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "event", "s", event);
	g_variant_dict_insert(&dict, "direction", "s", "out");
	g_variant_dict_insert(&dict, "program", "s", program);
	g_variant_dict_insert(&dict, "user", "u", ME);
	g_variant_dict_insert(&dict, "protocol", "s", "tcp");
	g_variant_dict_insert(&dict, "remote", "s", remote);
	g_variant_dict_insert(&dict, "remote-port", "u", 443);
	g_variant_dict_insert(&dict, "local-port", "u", 50000);
	g_variant_dict_insert(&dict, "interface", "s", "eth0");
	g_variant_dict_insert(&dict, "flows", "u", host ? 4 : 1);
	if (host)
		g_variant_dict_insert(&dict, "host", "s", host);
	return g_variant_dict_end(&dict);
}

/* Each record as often as it tells; what hangs on what was not recorded can't be told. */
START_TEST(recorded_flows_are_judged_again)
{
	g_autoptr(SpRules) rules = rules_of(list_of(
		gui_rule(1, "allow out program /usr/bin/curl", ME),
		gui_rule(2, "deny out program /usr/bin/wget package wget", ME), NULL));
	g_autoptr(GVariant) records = g_variant_ref_sink(list_of(
		record("decided", "/usr/bin/curl", "192.0.2.1", "shop.test"),
		record("ended", "/usr/bin/curl", "192.0.2.1", "shop.test"),
		record("decided", "/usr/bin/wget", "192.0.2.1", NULL)));
	g_autofree char *refused = NULL, *host = NULL, *asked = NULL, *same = NULL, *edited = NULL;
	g_autofree char *unsure = NULL;

	refused = effect_on(rules, 0, "deny out program /usr/bin/curl to 192.0.2.0/24", records);
	ck_assert_str_eq(refused, "Of the last 5 recorded connections 4 would be refused, such as "
			 "curl → shop.test port 443");
	host = effect_on(rules, 0, "drop out program /usr/bin/curl to domain test", records);
	ck_assert_ptr_nonnull(strstr(host, "4 would be dropped"));
	/* Without the allow that is edited, the default is what is left. */
	edited = effect_on(rules, 1, "allow out program /usr/bin/curl to other.test", records);
	ck_assert_msg(strstr(edited, "4 would be asked about") != NULL, "%s", edited);
	asked = effect_on(rules, 0, "ask out program /usr/bin/curl port 443 protocol tcp", records);
	ck_assert_ptr_nonnull(strstr(asked, "4 would be asked about"));
	same = effect_on(rules, 0, "deny out program /usr/bin/ssh", records);
	ck_assert_str_eq(same, "All of the last 5 recorded connections would be decided as before");
	unsure = effect_on(rules, 0, "allow out program /usr/bin/wget unit a.service", records);
	ck_assert_msg(strstr(unsure, "1 can’t be told") != NULL, "%s", unsure);
}
END_TEST

START_TEST(the_effect_on_other_rules_is_told)
{
	g_autoptr(SpRules) rules = rules_of(list_of(
		gui_rule(1, "floor deny out to lan", G_MAXUINT32),
		gui_rule(2, "allow out program /usr/bin/curl to shop.test", ME), NULL));
	g_autofree char *never = NULL, *same = NULL, *over = NULL, *none = NULL, *self = NULL;

	never = effect_of(rules, 0, "allow out program /usr/bin/curl to lan");
	ck_assert_ptr_nonnull(strstr(never, "It would never decide; this one does: "
				     "Deny connections by any program to the local network."));
	same = effect_of(rules, 0, "allow out program /usr/bin/curl to shop.test");
	ck_assert_ptr_nonnull(strstr(same, "says the same"));
	over = effect_of(rules, 0, "deny out program /usr/bin/curl to shop.test");
	ck_assert_msg(strstr(over, "This one would not decide any more: Allow curl") != NULL, "%s", over);
	none = effect_of(rules, 0, "deny out program /usr/bin/wget");
	ck_assert_str_eq(none, "");
	/* What is being edited is not in its own way. */
	self = effect_of(rules, 2, "allow out program /usr/bin/curl to shop.test");
	ck_assert_str_eq(self, "");
}
END_TEST

static char *plan_error(SpRules *rules, const char *text)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(sp_plan_new(rules, text, strlen(text), &error));
	return g_strdup(error->message);
}

static const char *effect_at(SpPlan *plan, guint position)
{
	g_autoptr(SpPlanLine) line = g_list_model_get_item(G_LIST_MODEL(plan), position);

	return sp_plan_line_effect(line);
}

START_TEST(what_an_import_would_do_is_known_before)
{
	g_autoptr(SpRules) rules = rules_of(list_of(
		gui_rule(1, "deny out to lan", G_MAXUINT32),
		gui_rule(2, "allow out program /usr/bin/curl", ME), NULL));
	static const char text[] = "# mine\ndeny out to lan owner system\n"
		"deny out program /usr/bin/curl\nask out program /usr/bin/wget  # who?\n";
	static const char json[] = "[{\"action\":\"drop\",\"direction\":\"in\"}]";
	g_autofree char *wrong = NULL, *too_much = NULL, *wrong_json = NULL;
	g_autoptr(GString) many = g_string_new(NULL);
	g_autoptr(SpPlan) plan = NULL, other = NULL, none = NULL;

	plan = sp_plan_new(rules, text, strlen(text), NULL);
	ck_assert_uint_eq(g_list_model_get_n_items(G_LIST_MODEL(plan)), 3);
	ck_assert_ptr_nonnull(strstr(effect_at(plan, 0), "nothing changes"));
	ck_assert_ptr_nonnull(strstr(effect_at(plan, 1), "older and decides no more"));
	ck_assert_str_eq(effect_at(plan, 2), "It is added");
	ck_assert_uint_eq(sp_plan_count(plan), 2);
	ck_assert_ptr_nonnull(strstr(sp_plan_text(plan), "ask out program /usr/bin/wget"));
	ck_assert_ptr_null(strstr(sp_plan_text(plan), "lan"));
	other = sp_plan_new(rules, json, strlen(json), NULL);
	ck_assert_ptr_nonnull(strstr(sp_plan_text(other), "drop in owner "));
	none = sp_plan_new(rules, "", 0, NULL);
	ck_assert_uint_eq(sp_plan_count(none), 0);
	wrong = plan_error(rules, "allow out\nallow sideways\n");
	ck_assert_msg(g_str_has_prefix(wrong, "Line 2: "), "%s", wrong);
	wrong_json = plan_error(rules, "[{\"action\":\"drop\",\"direction\":\"up\"}]");
	ck_assert_msg(g_str_has_prefix(wrong_json, "Rule 1: "), "%s", wrong_json);
	for (guint i = 0; i < 5000; i++)
		g_string_append_printf(many, "deny out to 10.0.%u.%u # %0900u\n", i / 256, i % 256, i);
	too_much = plan_error(rules, many->str);
	ck_assert_ptr_nonnull(strstr(too_much, "too many"));
}
END_TEST

/* What is exported is there already when it is imported. */
START_TEST(an_export_can_be_imported)
{
	g_autofree char *mine = g_strdup_printf("disabled allow out owner %u to lan # out in", ME);
	g_autoptr(SpRules) rules = rules_of(list_of(
		gui_rule(1, "floor deny in protocol tcp from lan port 22", G_MAXUINT32),
		gui_rule(2, mine, ME), gui_rule(3, "ask out", G_MAXUINT32)));
	g_autoptr(SpPicks) picks = sp_picks_new(rules);
	g_autofree char *all = NULL, *one = NULL;
	g_autoptr(SpPlan) plan = NULL;
	guint count;

	all = sp_export_text(rules, picks, &count);
	ck_assert_uint_eq(count, 3);
	plan = sp_plan_new(rules, all, strlen(all), NULL);
	ck_assert_uint_eq(g_list_model_get_n_items(G_LIST_MODEL(plan)), 3);
	ck_assert_uint_eq(sp_plan_count(plan), 0);
	sp_picks_turn(picks, TRUE);
	sp_picks_set_one(picks, sp_rules_find(rules, 3), TRUE);
	one = sp_export_text(rules, picks, &count);
	ck_assert_str_eq(one, "ask out owner system\n");
}
END_TEST

static GtkWidget *editor_with(SpChanges *changes, guint64 rule, const char *text)
{
	g_autoptr(SpRules) rules = sp_rules_new(link_to);
	struct sp_text_error error;
	GtkWidget *editor = sp_rule_editor_new(rules, changes, rule,
					       sp_draft_of_text(text, ME, &error));

	gtk_window_present(GTK_WINDOW(editor));
	while (!gtk_widget_get_mapped(editor))
		g_main_context_iteration(NULL, TRUE);
	return editor;
}

static GtkWidget *editor_of(guint64 rule, const char *text)
{
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);

	return editor_with(changes, rule, text);
}

static GtkWidget *row_titled(GtkWidget *editor, const char *title)
{
	GtkWidget *label = widgets_label(editor, title);

	ck_assert_msg(label != NULL, "no %s", title);
	return gtk_widget_get_ancestor(label, ADW_TYPE_PREFERENCES_ROW);
}

/* A window that is gone is freed. */
static void wait_for_end(GtkWidget *window)
{
	g_object_add_weak_pointer(G_OBJECT(window), (gpointer *)&window);
	while (window)
		g_main_context_iteration(NULL, TRUE);
}

static void close_it(GtkWidget *window)
{
	g_object_add_weak_pointer(G_OBJECT(window), (gpointer *)&window);
	gtk_window_destroy(GTK_WINDOW(window));
	while (window)
		g_main_context_iteration(NULL, TRUE);
}

START_TEST(what_is_typed_becomes_a_sentence_and_a_rule)
{
	GtkWidget *editor, *save;
	g_autoptr(GVariant) called = NULL;
	const char *text;

	gui_firewall_says(firewall, "History.Recent", reply_of(list_of(
		record("decided", "/usr/bin/curl", "192.0.2.1", NULL),
		record("decided", "/usr/bin/curl", "192.0.2.1", NULL), NULL)));
	editor = editor_of(0, "allow out");
	save = widgets_button(editor, "Save");
	gui_firewall_says(firewall, "Rules.Add", g_variant_new("(t)", (guint64)12));
	gtk_editable_set_text(GTK_EDITABLE(row_titled(editor, "Program (its file; empty: any)")),
			      "curl");
	ck_assert(!gtk_widget_get_sensitive(save));
	gtk_editable_set_text(GTK_EDITABLE(row_titled(editor, "Program (its file; empty: any)")),
			      "/usr/bin/curl");
	gtk_editable_set_text(GTK_EDITABLE(row_titled(editor, "Port, or first-last (empty: any)")),
			      "443");
	ck_assert_ptr_nonnull(widgets_label(editor,
		"Allow curl (/usr/bin/curl) to connect to any address on port 443."));
	adw_combo_row_set_selected(ADW_COMBO_ROW(row_titled(editor, "Action")), 1);
	wait_for_label(editor, "Of the last 2 recorded connections 2 would be refused, such as "
		       "curl → 192.0.2.1 port 443");
	adw_combo_row_set_selected(ADW_COMBO_ROW(row_titled(editor, "For How Long")), 1);
	widgets_press(save);
	called = gui_firewall_called(firewall, "Rules.Add");
	g_variant_get_child(called, 0, "&s", &text);
	ck_assert_str_eq(text, "deny out program \"/usr/bin/curl\" port 443");
	wait_for_end(editor);
}
END_TEST

START_TEST(what_the_daemon_refuses_stays_open)
{
	GtkWidget *editor = editor_of(7, "deny out to lan # note");
	GtkWidget *save = widgets_button(editor, "Save");
	g_autoptr(GVariant) called = NULL;

	gui_firewall_fails(firewall, "Rules.Edit", "NotAuthorized");
	gui_firewall_says(firewall, "Rules.Edit", g_variant_new("()"));
	widgets_press(save);
	called = gui_firewall_called(firewall, "Rules.Edit");
	g_assert_cmpvariant(called, g_variant_new_parsed("(@t 7, 'deny out to lan # note', @a{sv} {})"));
	wait_for_label(editor, "Not authorised");
	gui_firewall_fails(firewall, "Rules.Edit", NULL);
	widgets_press(save);
	wait_for_end(editor);
}
END_TEST

START_TEST(closing_while_it_is_saved_is_no_harm)
{
	GtkWidget *editor = editor_of(7, "deny out to lan");

	gui_firewall_says(firewall, "Rules.Edit", g_variant_new("()"));
	widgets_press(widgets_button(editor, "Save"));
	close_it(editor);
}
END_TEST

/* However long a password was asked for: what became of it is told. */
START_TEST(closing_hides_no_refusal)
{
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);
	GtkWidget *editor = editor_with(changes, 7, "deny out to lan");
	guint *failed = widgets_count(changes, "failed");

	gui_firewall_fails(firewall, "Rules.Edit", "NotAuthorized");
	widgets_press(widgets_button(editor, "Save"));
	close_it(editor);
	while (!*failed)
		g_main_context_iteration(NULL, TRUE);
}
END_TEST

static GFile *file_of(const char *text)
{
	g_autofree char *path = NULL;
	int file = g_file_open_tmp("rules-XXXXXX", &path, NULL);

	g_close(file, NULL);
	ck_assert(g_file_set_contents(path, text, -1, NULL));
	return g_file_new_for_path(path);
}

START_TEST(a_file_is_looked_at_before_it_is_imported)
{
	g_autoptr(SpRules) rules = sp_rules_new(link_to);
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);
	g_autoptr(GFile) file = file_of("deny out owner system to lan\nnonsense\n");
	g_autoptr(GVariant) called = NULL;
	GtkWidget *window = sp_import_new(rules, changes, file), *add;

	gtk_window_present(GTK_WINDOW(window));
	add = widgets_button(window, "Import");
	while (!widgets_label(window, "Line 2: unknown word \"nonsense\"; expected \"allow\", \"deny\", \"drop\" or \"ask\""))
		g_main_context_iteration(NULL, TRUE);
	ck_assert(!gtk_widget_get_sensitive(add));
	ck_assert(g_file_set_contents(g_file_peek_path(file), "deny out owner system to lan\n", -1, NULL));
	widgets_press(widgets_button(window, "Try Again"));
	wait_for_label(window, "1 rule would be added.");
	wait_for_label(window, "Deny connections by any program to the local network.");
	gui_firewall_fails(firewall, "Rules.Import", "NotAuthorized");
	gui_firewall_says(firewall, "Rules.Import", g_variant_new_parsed("([@t 9],)"));
	widgets_press(add);
	called = gui_firewall_called(firewall, "Rules.Import");
	g_assert_cmpvariant(called, g_variant_new_parsed(
		"('deny out to lan\\n', {'owner': <@u 4294967295>})"));
	wait_for_label(window, "Not authorised");
	gui_firewall_fails(firewall, "Rules.Import", NULL);
	widgets_press(add);
	wait_for_end(window);
	g_file_delete(file, NULL, NULL);
}
END_TEST

/* What is longer than a message goes in parts of whole lines, and is added by the last. */
START_TEST(closing_hides_no_refused_import)
{
	g_autoptr(SpRules) rules = sp_rules_new(link_to);
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);
	g_autoptr(GFile) file = file_of("deny out owner system to lan\n");
	guint *failed = widgets_count(changes, "failed");
	GtkWidget *window = sp_import_new(rules, changes, file);

	gtk_window_present(GTK_WINDOW(window));
	wait_for_label(window, "1 rule would be added.");
	gui_firewall_fails(firewall, "Rules.Import", "NotAuthorized");
	widgets_press(widgets_button(window, "Import"));
	close_it(window);
	while (!*failed)
		g_main_context_iteration(NULL, TRUE);
	g_file_delete(file, NULL, NULL);
}
END_TEST

START_TEST(a_long_import_goes_in_parts)
{
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);
	g_autoptr(GString) text = g_string_new(NULL), sent = g_string_new(NULL);
	gboolean more = TRUE;
	guint parts = 0;

	gui_firewall_says(firewall, "Rules.Import", g_variant_new_parsed("(@at [],)"));
	for (guint i = 0; i < 10000; i++)
		g_string_append_printf(text, "deny out to 10.0.%u.%u\n", i / 256, i % 256);
	sp_changes_import(changes, text->str, 10000, NULL, NULL);
	for (; more; parts++) {
		g_autoptr(GVariant) called = gui_firewall_called(firewall, "Rules.Import"), options = NULL;
		const char *part;

		g_variant_get(called, "(&s@a{sv})", &part, &options);
		ck_assert(g_str_has_suffix(part, "\n"));
		g_string_append(sent, part);
		more = g_variant_lookup(options, "more", "b", &more) && more;
	}
	ck_assert_uint_eq(parts, 3);
	ck_assert_str_eq(sent->str, text->str);
}
END_TEST

START_TEST(odd_rules_are_found_and_mended)
{
	g_autoptr(SpRules) rules = sp_rules_new(link_to);
	g_autoptr(SpFindings) findings = sp_findings_new(rules);
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);
	g_autoptr(GVariant) called = NULL;
	GtkWidget *window = sp_review_new(findings, changes);

	gui_firewall_says(firewall, "Rules.Remove", g_variant_new("()"));
	gui_firewall_says(firewall, "Rules.List", reply_of(list_of(
		gui_rule(4, "allow out program /usr/bin/curl to lan", ME),
		gui_rule(5, "floor deny out to lan", G_MAXUINT32), NULL)));
	gtk_window_present(GTK_WINDOW(window));
	wait_for_label(window, "A Rule That Never Decides");
	widgets_press(widgets_button(window, "Remove"));
	called = gui_firewall_called(firewall, "Rules.Remove");
	g_assert_cmpvariant(called, g_variant_new_parsed("([@t 4],)"));
	gui_firewall_says(firewall, "Rules.List", g_variant_new_parsed("(@aa{sv} [],)"));
	gui_firewall_changed(firewall, "Rules");
	wait_for_label(window, "All Tidy");
	close_it(window);
}
END_TEST

START_TEST(rules_of_one_domain_become_one)
{
	g_autoptr(SpRules) rules = sp_rules_new(link_to);
	g_autoptr(SpFindings) findings = sp_findings_new(rules);
	g_autoptr(SpOddity) oddity = NULL;
	const guint64 *remove;
	gsize count;

	gui_firewall_says(firewall, "Rules.List", reply_of(list_of(
		gui_rule(1, "allow out program /usr/bin/curl to a.example.org", ME),
		gui_rule(2, "allow out program /usr/bin/curl to b.example.org", ME),
		gui_rule(3, "allow out program /usr/bin/curl to c.example.org", ME))));
	gui_firewall_changed(firewall, "Rules");
	while (!g_list_model_get_n_items(G_LIST_MODEL(findings)))
		g_main_context_iteration(NULL, TRUE);
	oddity = g_list_model_get_item(G_LIST_MODEL(findings), 0);
	remove = sp_oddity_remove(oddity, &count);
	ck_assert_uint_eq(count, 3);
	ck_assert_uint_eq(remove[0] + remove[1] + remove[2], 6);
	ck_assert_ptr_nonnull(strstr(sp_oddity_add(oddity), "domain example.org"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rules");
	TCase *models = tcase_create("models"), *widgets = tcase_create("widgets");

	tcase_add_checked_fixture(models, manager_start, manager_stop);
	tcase_set_timeout(models, 60);
	tcase_add_test(models, a_draft_loses_nothing);
	tcase_add_test(models, a_draft_says_which_field_is_wrong);
	tcase_add_test(models, the_effect_on_other_rules_is_told);
	tcase_add_test(models, recorded_flows_are_judged_again);
	tcase_add_test(models, rules_of_one_domain_become_one);
	tcase_add_test(models, what_an_import_would_do_is_known_before);
	tcase_add_test(models, an_export_can_be_imported);
	tcase_add_test(models, a_long_import_goes_in_parts);
	suite_add_tcase(suite, models);
	tcase_add_checked_fixture(widgets, manager_start, manager_stop);
	tcase_set_timeout(widgets, 60);
	tcase_add_test(widgets, what_is_typed_becomes_a_sentence_and_a_rule);
	tcase_add_test(widgets, what_the_daemon_refuses_stays_open);
	tcase_add_test(widgets, closing_while_it_is_saved_is_no_harm);
	tcase_add_test(widgets, closing_hides_no_refusal);
	tcase_add_test(widgets, closing_hides_no_refused_import);
	tcase_add_test(widgets, odd_rules_are_found_and_mended);
	tcase_add_test(widgets, a_file_is_looked_at_before_it_is_imported);
	suite_add_tcase(suite, widgets);
	return unit_run(suite);
}
