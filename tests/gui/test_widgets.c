/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each widget by itself, to its end. */
#include <string.h>

#include "facts.h"
#include "icon.h"
#include "sp-answer-bar.h"
#include "sp-request-row.h"
#include "sp-countdown.h"
#include "sp-details.h"
#include "sp-headline-label.h"
#include "sp-identity.h"
#include "sp-lifetime-row.h"
#include "sp-scope-chooser.h"
#include "widgets.h"

START_TEST(headline_shows_text_and_no_markup)
{
	const char *const pieces[SP_SPANS] = { "<b>x</b>&amp;", "2", "" };
	GtkWidget *widget = sp_headline_label_new(), *window = widgets_show(widget);
	struct sp_headline headline;
	GtkWidget *label;
	PangoAttrList *attributes;

	sp_headline_expand("{1} makes {2}", pieces, &headline);
	sp_headline_label_set(SP_HEADLINE_LABEL(widget), &headline);
	label = widgets_label(widget, "<b>x</b>&amp; makes 2");
	ck_assert_ptr_nonnull(label);
	ck_assert(!gtk_label_get_use_markup(GTK_LABEL(label)));
	attributes = gtk_label_get_attributes(GTK_LABEL(label));
	ck_assert_int_eq(g_slist_length(pango_attr_list_get_attributes(attributes)), 2);
	sp_headline_clear(&headline);
	/* It takes the focus, so that no key answers. */
	ck_assert(gtk_widget_grab_focus(widget));
	widgets_freed(window, widget);
}
END_TEST

START_TEST(identity_tells_what_is_known)
{
	GtkWidget *widget = sp_identity_new(), *window = widgets_show(widget);
	struct sp_question *q = gui_question_with(1, "program", "/tmp/<i>a</i>");

	sp_identity_set(SP_IDENTITY(widget), q);
	ck_assert_ptr_nonnull(widgets_label(widget, "curl"));
	ck_assert_ptr_nonnull(widgets_label(widget, "/tmp/<i>a</i>"));
	ck_assert_ptr_nonnull(widgets_label(widget, "In a temporary place"));
	ck_assert_ptr_nonnull(widgets_label(widget, "bash \u2192 curl"));
	sp_question_free(q);
	q = gui_question_with(1, "parent", "");
	sp_identity_set(SP_IDENTITY(widget), q);
	ck_assert_ptr_null(widgets_label(widget, "bash \u2192 curl"));
	ck_assert_ptr_null(widgets_label(widget, ""));
	ck_assert_ptr_nonnull(widgets_label(widget, "In a system folder"));
	sp_question_free(q);
	widgets_freed(window, widget);
}
END_TEST

/* What is read aloud where arrows are shown; needs GTK_A11Y=test from the beginning. */
START_TEST(identity_speaks_of_this_question)
{
	GtkWidget *widget, *window, *chain;
	struct sp_question *q = gui_question(1, NULL);

	g_setenv("GTK_A11Y", "test", TRUE);
	widgets_start();
	widget = sp_identity_new();
	window = widgets_show(widget);
	sp_identity_set(SP_IDENTITY(widget), q);
	chain = widgets_label(widget, "bash \u2192 curl");
	ck_assert_ptr_null(gtk_test_accessible_check_property(GTK_ACCESSIBLE(chain),
		GTK_ACCESSIBLE_PROPERTY_LABEL, "Started by bash"));
	sp_question_free(q);
	q = gui_question_with(1, "parent", "");
	sp_identity_set(SP_IDENTITY(widget), q);
	ck_assert(!gtk_test_accessible_has_property(GTK_ACCESSIBLE(chain),
						    GTK_ACCESSIBLE_PROPERTY_LABEL));
	sp_question_free(q);
	widgets_freed(window, widget);
}
END_TEST

START_TEST(icons_are_not_borrowed)
{
	g_autoptr(GIcon) icon = sp_icon_of("/tmp/python3.11");
	const char *const *names = g_themed_icon_get_names(G_THEMED_ICON(icon));

	ck_assert_str_eq(names[0], "application-x-executable");
}
END_TEST

static GListStore *store_of(guint count)
{
	GListStore *store = g_list_store_new(SP_TYPE_REQUEST);

	for (guint i = 0; i < count; i++) {
		g_autoptr(SpRequest) ask = sp_request_new(gui_question(i + 1, NULL));

		g_list_store_append(store, ask);
	}
	return store;
}

START_TEST(scopes_are_offered_and_chosen)
{
	GtkWidget *widget = sp_scope_chooser_new(), *window = widgets_show(widget);
	SpScopeChooser *chooser = SP_SCOPE_CHOOSER(widget);
	g_autoptr(GListStore) one = store_of(1), two = store_of(2);
	guint *changed = widgets_count(widget, "changed");

	ck_assert(sp_scope_chooser_set(chooser, G_LIST_MODEL(one), FALSE));
	ck_assert_str_eq(sp_scope_chooser_get(chooser), "this-host-port");
	ck_assert_uint_eq(*changed, 1);
	gtk_check_button_set_active(GTK_CHECK_BUTTON(widgets_button(widget, "Anything")), TRUE);
	ck_assert_str_eq(sp_scope_chooser_get(chooser), "anything");
	ck_assert_uint_eq(*changed, 2);
	ck_assert_ptr_nonnull(widgets_button(widget, "Any host, port 443"));
	/* What was chosen stays so when the same is offered again. */
	ck_assert(sp_scope_chooser_set(chooser, G_LIST_MODEL(two), TRUE));
	ck_assert_str_eq(sp_scope_chooser_get(chooser), "anything");
	ck_assert_ptr_nonnull(widgets_button(widget, "Each host and port in the list"));
	/* Not a button moves, then, or loses the focus. */
	ck_assert(!sp_scope_chooser_set(chooser, G_LIST_MODEL(one), TRUE));
	ck_assert_uint_eq(*changed, 3);
	widgets_freed(window, widget);
}
END_TEST

static SpRequest *request_with(guint64 id, const char *key, GVariant *value)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert_value(&dict, key, value);
	return sp_request_new(gui_question(id, &dict));
}

static SpRequest *request_of_scope(guint64 id, const char *name, const char *label)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a(sss)"));
	g_variant_builder_add(&builder, "(sss)", name, label, "");
	return request_with(id, "scopes", g_variant_builder_end(&builder));
}

/* A question that offers less narrows what several have in common. */
START_TEST(scopes_of_several_are_common)
{
	GtkWidget *widget = sp_scope_chooser_new(), *window = widgets_show(widget);
	g_autoptr(GListStore) asks = store_of(1);
	g_autoptr(SpRequest) poor = request_of_scope(10, "this-host-port", "This connection");
	g_autoptr(SpRequest) other = request_of_scope(11, "this-host", "This host");

	g_list_store_append(asks, poor);
	sp_scope_chooser_set(SP_SCOPE_CHOOSER(widget), G_LIST_MODEL(asks), TRUE);
	ck_assert_ptr_null(widgets_button(widget, "Anything"));
	ck_assert_ptr_nonnull(widgets_button(widget, "Each host and port in the list"));
	/* Nothing in common: there is an answer all the same. */
	g_list_store_append(asks, other);
	sp_scope_chooser_set(SP_SCOPE_CHOOSER(widget), G_LIST_MODEL(asks), TRUE);
	ck_assert_ptr_nonnull(widgets_button(widget, "Each connection in the list"));
	ck_assert_str_eq(sp_scope_chooser_get(SP_SCOPE_CHOOSER(widget)), "");
	widgets_freed(window, widget);
}
END_TEST

/* What is another thing for each is not called by what it is for the first. */
START_TEST(scopes_of_several_are_true_of_each)
{
	GtkWidget *widget = sp_scope_chooser_new(), *window = widgets_show(widget);
	SpScopeChooser *chooser = SP_SCOPE_CHOOSER(widget);
	g_autoptr(GListStore) domains = g_list_store_new(SP_TYPE_REQUEST);
	g_autoptr(GListStore) addresses = g_list_store_new(SP_TYPE_REQUEST);
	g_autoptr(SpRequest) one = request_of_scope(1, "this-domain", "All of one.test");
	g_autoptr(SpRequest) same = request_of_scope(2, "this-domain", "All of one.test");
	g_autoptr(SpRequest) two = request_of_scope(3, "this-domain", "All of two.test");
	g_autoptr(SpRequest) address = request_of_scope(4, "this-address", "192.0.2.1");

	g_list_store_append(domains, one);
	g_list_store_append(domains, same);
	sp_scope_chooser_set(chooser, G_LIST_MODEL(domains), TRUE);
	ck_assert_ptr_nonnull(widgets_button(widget, "All of one.test"));
	g_list_store_append(domains, two);
	sp_scope_chooser_set(chooser, G_LIST_MODEL(domains), TRUE);
	ck_assert_ptr_null(widgets_button(widget, "All of one.test"));
	ck_assert_ptr_nonnull(widgets_button(widget, "Each domain in the list, any port"));
	g_list_store_append(addresses, address);
	sp_scope_chooser_set(chooser, G_LIST_MODEL(addresses), TRUE);
	ck_assert_ptr_nonnull(widgets_button(widget, "Each address in the list, any port"));
	widgets_freed(window, widget);
}
END_TEST

static GListStore *store_with(const char *key, GVariant *value)
{
	GListStore *store = g_list_store_new(SP_TYPE_REQUEST);
	g_autoptr(SpRequest) ask = request_with(1, key, value);

	g_list_store_append(store, ask);
	return store;
}

START_TEST(lifetime_begins_as_suggested)
{
	GtkWidget *widget = sp_lifetime_row_new(), *window = widgets_show(widget);
	SpLifetimeRow *row = SP_LIFETIME_ROW(widget);
	g_autoptr(GListStore) hour = store_with("lifetime-default", g_variant_new_string("1h"));
	g_autoptr(GListStore) none = store_with("lifetime-default", g_variant_new_string("no such"));

	ck_assert_str_eq(sp_lifetime_row_get(row), "once");
	sp_lifetime_row_set(row, G_LIST_MODEL(hour));
	ck_assert_str_eq(sp_lifetime_row_get(row), "1h");
	sp_lifetime_row_set(row, G_LIST_MODEL(none));
	ck_assert_str_eq(sp_lifetime_row_get(row), "once");
	widgets_freed(window, widget);
}
END_TEST

START_TEST(lifetimes_of_several_are_common)
{
	static const char *const few[] = { "once", "1h" }, *const fewer[] = { "once", "15m" };
	GtkWidget *widget = sp_lifetime_row_new(), *window = widgets_show(widget);
	SpLifetimeRow *row = SP_LIFETIME_ROW(widget);
	g_autoptr(GListStore) asks = store_with("lifetime-default", g_variant_new_string("1h"));
	g_autoptr(SpRequest) second = request_with(2, "lifetimes", g_variant_new_strv(few, 2));
	g_autoptr(SpRequest) third = request_with(3, "lifetimes", g_variant_new_strv(fewer, 2));

	sp_lifetime_row_set(row, G_LIST_MODEL(asks));
	g_list_store_append(asks, second);
	sp_lifetime_row_update(row, G_LIST_MODEL(asks));
	ck_assert_str_eq(sp_lifetime_row_get(row), "1h");
	g_list_store_append(asks, third);
	sp_lifetime_row_update(row, G_LIST_MODEL(asks));
	ck_assert_str_eq(sp_lifetime_row_get(row), "once");
	widgets_freed(window, widget);
}
END_TEST

static void hold(struct sp_question *q, gboolean held, gint64 deadline)
{
	g_autoptr(GVariant) changes = NULL;
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "held", "b", held);
	g_variant_dict_insert(&dict, "deadline", "x", deadline);
	changes = g_variant_ref_sink(g_variant_dict_end(&dict));
	sp_question_update(q, changes);
}

START_TEST(countdown_counts_and_stands)
{
	GtkWidget *widget = sp_countdown_new(), *window = widgets_show(widget);
	struct sp_question *q = gui_question_with(1, "outcome", "drop");

	hold(q, FALSE, g_get_real_time() - 1);
	sp_countdown_set(SP_COUNTDOWN(widget), q);
	ck_assert_ptr_nonnull(widgets_label(widget, "Dropped in 0 seconds without an answer"));
	hold(q, TRUE, g_get_real_time() + 99 * G_USEC_PER_SEC);
	sp_countdown_set(SP_COUNTDOWN(widget), q);
	ck_assert_ptr_nonnull(widgets_label(widget, "Waiting for you; the time stands still"));
	hold(q, TRUE, g_get_real_time() + 61 * G_USEC_PER_SEC);
	sp_countdown_set(SP_COUNTDOWN(widget), q);
	ck_assert_ptr_nonnull(widgets_label(widget, "Waiting for you; the time stands still"));
	/* Not for ever: the last minute is counted. */
	while (!widgets_label(widget, "Dropped in 60 seconds without an answer"))
		g_main_context_iteration(NULL, TRUE);
	sp_question_free(q);
	widgets_freed(window, widget);
}
END_TEST

START_TEST(details_leave_out_what_is_unknown)
{
	GtkWidget *widget = sp_details_new(), *window = widgets_show(widget);
	struct sp_question *q = gui_question_with(1, "command-line", "");

	sp_details_set(SP_DETAILS(widget), q, FALSE);
	sp_details_set_command(SP_DETAILS(widget), NULL);
	gtk_expander_set_expanded(GTK_EXPANDER(gtk_widget_get_first_child(widget)), TRUE);
	ck_assert_ptr_nonnull(widgets_label(widget, "/usr/bin/curl"));
	ck_assert_ptr_nonnull(widgets_label(widget, "HTTPS (TCP 443)"));
	ck_assert_ptr_null(widgets_label(widget, "Command line"));
	ck_assert_ptr_null(widgets_label(widget, ""));
	sp_details_set_command(SP_DETAILS(widget), "sallyport rules add 'allow out'");
	ck_assert_ptr_nonnull(widgets_label(widget, "sallyport rules add 'allow out'"));
	sp_question_free(q);
	widgets_freed(window, widget);
}
END_TEST

static void on_text(GObject *clipboard, GAsyncResult *result, gpointer data)
{
	*(char **)data = gdk_clipboard_read_text_finish(GDK_CLIPBOARD(clipboard), result, NULL);
}

static GtkWidget *button_with_icon(GtkWidget *from, const char *icon)
{
	GtkWidget *found = NULL;

	if (GTK_IS_BUTTON(from) && g_strcmp0(gtk_button_get_icon_name(GTK_BUTTON(from)), icon) == 0)
		return from;
	for (GtkWidget *w = gtk_widget_get_first_child(from); w && !found;
	     w = gtk_widget_get_next_sibling(w))
		found = button_with_icon(w, icon);
	return found;
}

START_TEST(the_command_is_copied_as_it_is)
{
	const char *command = "sallyport rules add 'allow out program \"/opt/<b>a'\\''b\"'";
	GtkWidget *widget = sp_details_new(), *window = widgets_show(widget);
	GdkClipboard *clipboard = gtk_widget_get_clipboard(widget);
	g_autofree char *text = NULL;

	sp_details_set_command(SP_DETAILS(widget), command);
	gtk_expander_set_expanded(GTK_EXPANDER(gtk_widget_get_first_child(widget)), TRUE);
	widgets_press(button_with_icon(widget, "edit-copy-symbolic"));
	gdk_clipboard_read_text_async(clipboard, NULL, on_text, &text);
	while (!text)
		g_main_context_iteration(NULL, TRUE);
	ck_assert_str_eq(text, command);
	widgets_freed(window, widget);
}
END_TEST

START_TEST(a_row_and_its_question_agree)
{
	g_autoptr(SpRequest) ask = sp_request_new(gui_question(1, NULL));
	GtkWidget *row = sp_request_row_new(ask, TRUE), *window, *list = gtk_list_box_new();
	GtkWidget *check;

	gtk_list_box_append(GTK_LIST_BOX(list), row);
	window = widgets_show(list);
	ck_assert_ptr_nonnull(widgets_label(row, "192.0.2.1"));
	check = gtk_widget_get_first_child(gtk_widget_get_first_child(row));
	ck_assert(gtk_check_button_get_active(GTK_CHECK_BUTTON(check)));
	sp_request_set_chosen(ask, FALSE);
	ck_assert(!gtk_check_button_get_active(GTK_CHECK_BUTTON(check)));
	gtk_check_button_set_active(GTK_CHECK_BUTTON(check), TRUE);
	ck_assert(sp_request_chosen(ask));
	widgets_freed(window, row);
}
END_TEST

static struct sp_question *named(const char *source)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "host", "s", "update.test");
	g_variant_dict_insert(&dict, "host-source", "s", source);
	return gui_question(1, &dict);
}

/* In a row there is no word on how sure a name is. */
START_TEST(a_row_has_no_name_that_is_a_guess)
{
	static const struct {
		const char *source, *text;
	} cases[] = {
		{ "own", "update.test" }, { "system", "update.test" },
		{ "network", "192.0.2.1" }, { "doubtful", "192.0.2.1" },
	};
	g_autoptr(SpRequest) ask = sp_request_new(named(cases[_i].source));
	GtkWidget *row = sp_request_row_new(ask, TRUE), *window, *list = gtk_list_box_new();

	gtk_list_box_append(GTK_LIST_BOX(list), row);
	window = widgets_show(list);
	ck_assert_ptr_nonnull(widgets_label(row, cases[_i].text));
	widgets_freed(window, row);
}
END_TEST

START_TEST(details_say_that_a_name_is_claimed)
{
	GtkWidget *widget = sp_details_new(), *window = widgets_show(widget);
	struct sp_question *sure = named("own"), *guess = named("doubtful");

	gtk_expander_set_expanded(GTK_EXPANDER(gtk_widget_get_first_child(widget)), TRUE);
	sp_details_set(SP_DETAILS(widget), sure, FALSE);
	ck_assert_ptr_nonnull(widgets_label(widget, "Host name"));
	sp_details_set(SP_DETAILS(widget), guess, FALSE);
	ck_assert_ptr_null(widgets_label(widget, "Host name"));
	ck_assert_ptr_nonnull(widgets_label(widget, "Claimed host name"));
	sp_question_free(sure);
	sp_question_free(guess);
	widgets_freed(window, widget);
}
END_TEST

START_TEST(buttons_are_inert_at_first)
{
	GtkWidget *widget = sp_answer_bar_new(), *window = widgets_show(widget);
	guint *answered = widgets_count(widget, "answered");
	guint *dismissed = widgets_count(widget, "dismissed");
	GtkWidget *allow = widgets_button(widget, "_Allow");

	sp_answer_bar_arm(SP_ANSWER_BAR(widget));
	ck_assert(!gtk_widget_is_sensitive(allow));
	g_signal_emit_by_name(allow, "clicked");
	g_signal_emit_by_name(widgets_button(widget, "_Not Now"), "clicked");
	ck_assert_uint_eq(*answered + *dismissed, 0);
	widgets_press(allow);
	widgets_press(widgets_button(widget, "_Deny"));
	ck_assert_uint_eq(*answered, 2);
	widgets_press(widgets_button(widget, "_Not Now"));
	ck_assert_uint_eq(*dismissed, 1);
	/* While an answer is on its way, too. */
	sp_answer_bar_set_ready(SP_ANSWER_BAR(widget), FALSE);
	g_signal_emit_by_name(allow, "clicked");
	ck_assert_uint_eq(*answered, 2);
	ck_assert(!gtk_widget_is_sensitive(allow));
	widgets_freed(window, widget);
}
END_TEST

/* Each time it is armed the time begins anew: it can't end while it is. */
START_TEST(arming_again_prolongs)
{
	GtkWidget *widget = sp_answer_bar_new(), *window = widgets_show(widget);
	gint64 last;

	sp_answer_bar_arm(SP_ANSWER_BAR(widget));
	for (int i = 0; i < 3; i++) {
		g_usleep(SP_ANSWER_INERT * 1000 / 2);
		sp_answer_bar_arm(SP_ANSWER_BAR(widget));
		widgets_settle();
	}
	last = g_get_monotonic_time();
	ck_assert(sp_answer_bar_is_inert(SP_ANSWER_BAR(widget)));
	while (sp_answer_bar_is_inert(SP_ANSWER_BAR(widget)))
		g_main_context_iteration(NULL, TRUE);
	ck_assert_int_ge(g_get_monotonic_time() - last, SP_ANSWER_INERT * 900);
	widgets_freed(window, widget);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("widgets");
	TCase *tests = tcase_create("widgets"), *spoken = tcase_create("spoken");

	tcase_add_checked_fixture(tests, widgets_start, NULL);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, headline_shows_text_and_no_markup);
	tcase_add_test(tests, identity_tells_what_is_known);
	tcase_add_test(tests, icons_are_not_borrowed);
	tcase_add_test(tests, scopes_are_offered_and_chosen);
	tcase_add_test(tests, scopes_of_several_are_common);
	tcase_add_test(tests, scopes_of_several_are_true_of_each);
	tcase_add_test(tests, lifetime_begins_as_suggested);
	tcase_add_test(tests, lifetimes_of_several_are_common);
	tcase_add_test(tests, countdown_counts_and_stands);
	tcase_add_test(tests, details_leave_out_what_is_unknown);
	tcase_add_test(tests, the_command_is_copied_as_it_is);
	tcase_add_test(tests, a_row_and_its_question_agree);
	tcase_add_loop_test(tests, a_row_has_no_name_that_is_a_guess, 0, 4);
	tcase_add_test(tests, details_say_that_a_name_is_claimed);
	tcase_add_test(tests, buttons_are_inert_at_first);
	tcase_add_test(tests, arming_again_prolongs);
	suite_add_tcase(suite, tests);
	tcase_set_timeout(spoken, 60);
	tcase_add_test(spoken, identity_speaks_of_this_question);
	suite_add_tcase(suite, spoken);
	return unit_run(suite);
}
