/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules that are written: drafts, what they would mean, the editor, what is odd about rules. */
#include <stdlib.h>
#include <string.h>

#include "effect.h"
#include "findings.h"
#include "manager.h"
#include "sentence.h"
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

static char *effect_of(SpRules *rules, guint64 edited, const char *text)
{
	struct sp_text_error error;
	struct sp_rule rule;
	char *words;

	ck_assert_int_eq(sp_text_parse(text, strlen(text), ME, NULL, &rule, &error), 1);
	words = sp_effect_words(rules, edited, &rule);
	sp_rule_clear(&rule);
	return words;
}

START_TEST(the_effect_on_other_rules_is_told)
{
	g_autoptr(SpRules) rules = sp_rules_new(link_to);
	g_autoptr(GVariant) dicts = g_variant_ref_sink(list_of(
		gui_rule(1, "floor deny out to lan", G_MAXUINT32),
		gui_rule(2, "allow out program /usr/bin/curl to shop.test", ME), NULL));
	g_autofree char *never = NULL, *same = NULL, *over = NULL, *none = NULL, *self = NULL;

	sp_rules_take(rules, dicts);
	never = effect_of(rules, 0, "allow out program /usr/bin/curl to lan");
	ck_assert_ptr_nonnull(strstr(never, "It would never decide; this one does: "
				     "Deny connections by any program to the local network."));
	same = effect_of(rules, 0, "allow out program /usr/bin/curl to shop.test");
	ck_assert_ptr_nonnull(strstr(same, "says the same"));
	over = effect_of(rules, 0, "deny out program /usr/bin/curl to shop.test");
	ck_assert_ptr_nonnull(strstr(over, "This one would not decide any more: Allow curl"));
	none = effect_of(rules, 0, "deny out program /usr/bin/wget");
	ck_assert_str_eq(none, "");
	/* What is being edited is not in its own way. */
	self = effect_of(rules, 2, "allow out program /usr/bin/curl to shop.test");
	ck_assert_str_eq(self, "");
}
END_TEST

static GtkWidget *editor_of(guint64 rule, const char *text)
{
	g_autoptr(SpRules) rules = sp_rules_new(link_to);
	g_autoptr(SpChanges) changes = sp_changes_new(link_to);
	struct sp_text_error error;
	GtkWidget *editor = sp_rule_editor_new(rules, changes, rule,
					       sp_draft_of_text(text, ME, &error));

	gtk_window_present(GTK_WINDOW(editor));
	while (!gtk_widget_get_mapped(editor))
		g_main_context_iteration(NULL, TRUE);
	return editor;
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
	GtkWidget *editor = editor_of(0, "allow out");
	GtkWidget *save = widgets_button(editor, "_Save");
	g_autoptr(GVariant) called = NULL;
	const char *text;

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
	GtkWidget *save = widgets_button(editor, "_Save");
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
	widgets_press(widgets_button(editor, "_Save"));
	close_it(editor);
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
	tcase_add_test(models, rules_of_one_domain_become_one);
	suite_add_tcase(suite, models);
	tcase_add_checked_fixture(widgets, manager_start, manager_stop);
	tcase_set_timeout(widgets, 60);
	tcase_add_test(widgets, what_is_typed_becomes_a_sentence_and_a_rule);
	tcase_add_test(widgets, what_the_daemon_refuses_stays_open);
	tcase_add_test(widgets, closing_while_it_is_saved_is_no_harm);
	tcase_add_test(widgets, odd_rules_are_found_and_mended);
	suite_add_tcase(suite, widgets);
	return unit_run(suite);
}
