/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The prompt's window and the models behind it. */
#include <math.h>
#include <string.h>

#include "programs.h"
#include "sp-prompt-window.h"
#include "widgets.h"

static SpProgram *program_with(guint count)
{
	struct sp_question *first = gui_question(1, NULL);
	SpProgram *program = sp_program_new(first);

	for (guint i = 0; i < count; i++) {
		g_autofree char *remote = g_strdup_printf("192.0.2.%u", i + 1);
		g_autoptr(SpRequest) ask = sp_request_new(gui_question_with(i + 1, "remote", remote));

		sp_program_add(program, ask);
	}
	sp_question_free(first);
	return program;
}

static GtkWidget *window_of(SpProgram *program)
{
	GtkWidget *window = sp_prompt_window_new(NULL, program);

	sp_prompt_window_appear(SP_PROMPT_WINDOW(window));
	while (!gtk_widget_get_mapped(window))
		g_main_context_iteration(NULL, TRUE);
	return window;
}

static char answered[256];

static void on_answer(SpRequest *ask, const char *action, const char *scope,
		      const char *lifetime, gpointer data)
{
	g_snprintf(answered, sizeof(answered), "%s %s %s", action, scope, lifetime);
}

START_TEST(models_group_by_program)
{
	SpPrograms *programs = sp_programs_new();
	GVariantDict dict;
	SpRequest *first, *second, *third;

	first = sp_programs_ask(programs, gui_question(1, NULL));
	second = sp_programs_ask(programs, gui_question_with(2, "remote", "192.0.2.9"));
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "image", "t", (guint64)7);	/* another file of that path */
	third = sp_programs_ask(programs, gui_question(3, &dict));
	ck_assert_uint_eq(g_list_model_get_n_items(G_LIST_MODEL(programs)), 2);
	ck_assert_ptr_eq(sp_programs_of(programs, first), sp_programs_of(programs, second));
	ck_assert_ptr_ne(sp_programs_of(programs, first), sp_programs_of(programs, third));
	ck_assert_ptr_null(sp_programs_ask(programs, gui_question(3, NULL)));
	ck_assert_ptr_eq(sp_programs_find(programs, 2), second);
	sp_programs_remove(programs, third);
	ck_assert_uint_eq(g_list_model_get_n_items(G_LIST_MODEL(programs)), 1);
	ck_assert_ptr_null(sp_programs_find(programs, 3));
	g_object_add_weak_pointer(G_OBJECT(first), (gpointer *)&first);
	g_object_unref(programs);
	ck_assert_ptr_null(first);
}
END_TEST

START_TEST(an_answer_is_sent_once)
{
	g_autoptr(SpRequest) ask = sp_request_new(gui_question(1, NULL));
	guint *count = widgets_count(ask, "answer"), *changed = widgets_count(ask, "changed");
	g_autoptr(GError) error = g_error_new_literal(G_IO_ERROR, 0, "no");

	sp_request_answer(ask, "allow", "anything", "once");
	sp_request_answer(ask, "deny", "anything", "once");
	sp_request_dismiss(ask);
	ck_assert_uint_eq(*count, 1);
	ck_assert(sp_request_is_sending(ask));
	sp_request_refused(ask, error);
	ck_assert_str_eq(sp_request_message(ask), "no");
	ck_assert_uint_eq(*changed, 2);
	sp_request_answer(ask, "deny", "anything", "once");
	ck_assert_uint_eq(*count, 2);
	ck_assert_ptr_null(sp_request_message(ask));
}
END_TEST

/* Of the only drop-down there is. */
static gboolean choose(GtkWidget *from, guint item)
{
	if (GTK_IS_DROP_DOWN(from)) {
		gtk_drop_down_set_selected(GTK_DROP_DOWN(from), item);
		return TRUE;
	}
	for (GtkWidget *w = gtk_widget_get_first_child(from); w; w = gtk_widget_get_next_sibling(w))
		if (choose(w, item))
			return TRUE;
	return FALSE;
}

START_TEST(one_question_is_answered)
{
	SpProgram *program = program_with(1);
	GtkWidget *window = window_of(program);
	SpRequest *ask = sp_program_get(program, 0);

	g_signal_connect(ask, "answer", G_CALLBACK(on_answer), NULL);
	gtk_check_button_set_active(GTK_CHECK_BUTTON(widgets_button(window, "Anything")), TRUE);
	ck_assert_ptr_nonnull(widgets_label(window,
		"Allow curl (/usr/bin/curl) to connect to any address."));
	choose(window, 1);
	ck_assert_ptr_nonnull(widgets_label(window,
		"Allow curl (/usr/bin/curl) to connect to any address. "
		"This holds for 15 minutes."));
	widgets_press(widgets_button(window, "_Deny"));
	ck_assert_str_eq(answered, "deny anything 15m");
	ck_assert(!gtk_widget_is_sensitive(widgets_button(window, "_Allow")));
	g_object_unref(program);
	widgets_freed(window, window);
}
END_TEST

START_TEST(others_wait_below)
{
	SpProgram *program = program_with(3);
	GtkWidget *window = window_of(program);
	g_autoptr(SpRequest) first = g_object_ref(sp_program_get(program, 0));

	ck_assert_ptr_nonnull(widgets_label(window, "2 more questions of this program"));
	ck_assert_ptr_null(widgets_label(window, "Mark All or None"));
	/* The one on the screen goes by itself: the next is new, so inert. */
	widgets_press(widgets_button(window, "_Allow"));
	sp_program_remove(program, first);
	ck_assert(!gtk_widget_is_sensitive(widgets_button(window, "_Allow")));
	ck_assert_ptr_nonnull(widgets_label(window, "1 more question of this program"));
	/* One that comes is put behind, and changes nothing. */
	widgets_press(widgets_button(window, "_Not Now"));
	g_object_unref(program);
	widgets_freed(window, window);
}
END_TEST

START_TEST(many_are_one_list)
{
	SpProgram *program = program_with(12);
	GtkWidget *window = window_of(program);
	guint sent = 0;

	ck_assert_ptr_nonnull(widgets_label(window, "curl wants to make 12 connections."));
	sp_request_set_chosen(sp_program_get(program, 3), FALSE);
	ck_assert_ptr_nonnull(widgets_label(window,
		"Makes a rule for each of the 11 that are marked."));
	widgets_press(widgets_button(window, "_Deny"));
	for (guint i = 0; i < 12; i++)
		sent += sp_request_is_sending(sp_program_get(program, i));
	ck_assert_uint_eq(sent, 11);
	ck_assert(!sp_request_is_sending(sp_program_get(program, 3)));
	g_object_unref(program);
	widgets_freed(window, window);
}
END_TEST

/* What comes when the list has been read is not part of the answer to it. */
START_TEST(late_ones_are_not_marked)
{
	SpProgram *program = program_with(5);
	GtkWidget *window = window_of(program);
	GtkWidget *allow = widgets_button(window, "_Allow");
	g_autoptr(SpRequest) late = sp_request_new(gui_question_with(99, "remote", "192.0.2.99"));

	while (!gtk_widget_is_sensitive(allow))
		g_main_context_iteration(NULL, TRUE);
	sp_program_add(program, late);
	ck_assert(!sp_request_chosen(late));
	widgets_press(allow);
	ck_assert(!sp_request_is_sending(late));
	ck_assert(sp_request_is_sending(sp_program_get(program, 0)));
	g_object_unref(program);
	widgets_freed(window, window);
}
END_TEST

START_TEST(closing_is_not_now)
{
	SpProgram *program = program_with(2);
	GtkWidget *window = window_of(program);
	guint *first = widgets_count(sp_program_get(program, 0), "dismiss");
	guint *second = widgets_count(sp_program_get(program, 1), "dismiss");
	GtkWidget *allow = widgets_button(window, "_Allow");

	gtk_window_close(GTK_WINDOW(window));
	ck_assert_uint_eq(*first, 0);	/* inert still */
	while (!gtk_widget_is_sensitive(allow))
		g_main_context_iteration(NULL, TRUE);
	gtk_window_close(GTK_WINDOW(window));
	ck_assert_uint_eq(*first, 1);
	ck_assert_uint_eq(*second, 1);
	ck_assert(gtk_widget_get_mapped(window));
	g_object_unref(program);
	widgets_freed(window, window);
}
END_TEST

START_TEST(an_error_is_shown)
{
	SpProgram *program = program_with(1);
	GtkWidget *window = window_of(program);
	g_autoptr(GError) error = g_error_new_literal(G_IO_ERROR, 0, "not <b>authorised</b>");

	widgets_press(widgets_button(window, "_Allow"));
	sp_request_refused(sp_program_get(program, 0), error);
	ck_assert_ptr_nonnull(widgets_label(window, "not <b>authorised</b>"));
	widgets_press(widgets_button(window, "_Allow"));
	ck_assert_ptr_null(widgets_label(window, "not <b>authorised</b>"));
	g_object_unref(program);
	widgets_freed(window, window);
}
END_TEST

/* WCAG's relative luminance and contrast. */
static double linear(float c)
{
	return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(const GdkRGBA *c)
{
	return 0.2126 * linear(c->red) + 0.7152 * linear(c->green) + 0.0722 * linear(c->blue);
}

static GdkRGBA over(const GdkRGBA *front, const GdkRGBA *back)
{
	GdkRGBA mixed = { .alpha = 1 };

	mixed.red = front->red * front->alpha + back->red * (1 - front->alpha);
	mixed.green = front->green * front->alpha + back->green * (1 - front->alpha);
	mixed.blue = front->blue * front->alpha + back->blue * (1 - front->alpha);
	return mixed;
}

static double contrast(GtkWidget *label, const GdkRGBA *back)
{
	GdkRGBA front, mixed;
	double a, b;

	gtk_style_context_get_color(gtk_widget_get_style_context(label), &front);
	mixed = over(&front, back);
	a = luminance(&mixed);
	b = luminance(back);
	return (MAX(a, b) + 0.05) / (MIN(a, b) + 0.05);
}

static guint check_contrast(GtkWidget *widget, const GdkRGBA *back)
{
	guint count = 0;

	if (!gtk_widget_get_visible(widget))
		return 0;
	if (GTK_IS_LABEL(widget) && *gtk_label_get_text(GTK_LABEL(widget))) {
		ck_assert_msg(contrast(widget, back) >= 4.5, "%s: %.1f",
			      gtk_label_get_text(GTK_LABEL(widget)), contrast(widget, back));
		count++;
	}
	for (GtkWidget *w = gtk_widget_get_first_child(widget); w; w = gtk_widget_get_next_sibling(w))
		count += check_contrast(w, back);
	return count;
}

static void load_style(void)
{
	g_autoptr(GtkCssProvider) style = gtk_css_provider_new();

	gtk_css_provider_load_from_resource(style, "/org/sallyport/ui/style.css");
	gtk_style_context_add_provider_for_display(gdk_display_get_default(),
						   GTK_STYLE_PROVIDER(style),
						   GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

START_TEST(text_can_be_read)
{
	static const AdwColorScheme schemes[] = { ADW_COLOR_SCHEME_FORCE_LIGHT,
						  ADW_COLOR_SCHEME_FORCE_DARK };
	SpProgram *program = program_with(3);
	GtkWidget *window, *allow;
	GdkRGBA back;

	load_style();
	adw_style_manager_set_color_scheme(adw_style_manager_get_default(), schemes[_i]);
	window = window_of(program);
	allow = widgets_button(window, "_Allow");
	while (!gtk_widget_is_sensitive(allow))
		g_main_context_iteration(NULL, TRUE);
	gtk_style_context_lookup_color(gtk_widget_get_style_context(window), "window_bg_color", &back);
	ck_assert_uint_ge(check_contrast(window, &back), 15);
	g_object_unref(program);
	widgets_freed(window, window);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("window");
	TCase *tests = tcase_create("window");

	tcase_add_checked_fixture(tests, widgets_start, NULL);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, models_group_by_program);
	tcase_add_test(tests, an_answer_is_sent_once);
	tcase_add_test(tests, one_question_is_answered);
	tcase_add_test(tests, others_wait_below);
	tcase_add_test(tests, many_are_one_list);
	tcase_add_test(tests, late_ones_are_not_marked);
	tcase_add_test(tests, closing_is_not_now);
	tcase_add_test(tests, an_error_is_shown);
	tcase_add_loop_test(tests, text_can_be_read, 0, 2);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
