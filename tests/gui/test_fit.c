/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The prompt's window on a small screen (of 1366 x 768): its buttons are always on it. */
#include "sp-answer-bar.h"
#include "prompts.h"
#include "style.h"
#include "widgets.h"

#define SCREEN 768

static void larger_text(int times)
{
	sp_style_load();
	g_object_set(gtk_settings_get_default(), "gtk-xft-dpi", times * 96 * PANGO_SCALE, NULL);
}

static gboolean on_frame(GtkWidget *widget, GdkFrameClock *clock, gpointer frames)
{
	return --*(guint *)frames ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* What changed has its place: some frames were drawn since. */
static void wait_for_frames(GtkWidget *window)
{
	guint frames = 4;

	gtk_widget_add_tick_callback(window, on_frame, &frames, NULL);
	while (frames)
		g_main_context_iteration(NULL, TRUE);
}

static graphene_rect_t place_of(GtkWidget *widget, GtkWidget *window)
{
	graphene_rect_t box;

	ck_assert(gtk_widget_compute_bounds(widget, window, &box));
	return box;
}

static void assert_fits(GtkWidget *window)
{
	graphene_rect_t bar = place_of(widgets_first(window, SP_TYPE_ANSWER_BAR), window);

	ck_assert_int_le(gtk_widget_get_height(window), SCREEN);
	ck_assert(bar.origin.y + bar.size.height <= (float)gtk_widget_get_height(window));
}

static const guint counts[] = { 1, SP_PROMPT_MANY - 1, 40 };

START_TEST(the_buttons_are_on_the_screen)
{
	SpProgram *program = prompts_program(counts[_i / 2]);
	GtkWidget *window;

	larger_text(_i % 2 + 1);
	window = prompts_window(program);
	wait_for_frames(window);
	assert_fits(window);
	gtk_expander_set_expanded(GTK_EXPANDER(widgets_first(window, GTK_TYPE_EXPANDER)), TRUE);
	wait_for_frames(window);
	assert_fits(window);
	g_object_unref(program);
	widgets_freed(window, window);
}
END_TEST

/* Those that come later go below the buttons, and take the place of what scrolls. */
START_TEST(later_ones_leave_them_there)
{
	SpProgram *program = prompts_program(1);
	GtkWidget *window;

	larger_text(2);
	window = prompts_window(program);
	for (guint i = 2; i < SP_PROMPT_MANY; i++) {
		g_autoptr(SpRequest) ask = sp_request_new(gui_question(i, NULL));

		sp_program_add(program, ask);
	}
	wait_for_frames(window);
	assert_fits(window);
	g_object_unref(program);
	widgets_freed(window, window);
}
END_TEST

/* Why an answer was not taken is said beside the buttons. */
START_TEST(what_is_said_of_an_answer_is_seen)
{
	g_autofree char *why = g_strnfill(200, 'x');
	g_autoptr(GError) error = g_error_new_literal(G_IO_ERROR, 0, why);
	SpProgram *program = prompts_program(1);
	graphene_rect_t page, message;
	GtkWidget *window;
	int width;

	larger_text(2);
	window = prompts_window(program);
	width = gtk_widget_get_width(window);
	gtk_expander_set_expanded(GTK_EXPANDER(widgets_first(window, GTK_TYPE_EXPANDER)), TRUE);
	wait_for_frames(window);
	sp_request_refused(sp_program_get(program, 0), error);
	wait_for_frames(window);
	assert_fits(window);
	ck_assert_int_eq(gtk_widget_get_width(window), width);
	page = place_of(widgets_first(window, GTK_TYPE_SCROLLED_WINDOW), window);
	message = place_of(widgets_label(window, why), window);
	ck_assert(message.origin.y >= page.origin.y + page.size.height);
	g_object_unref(program);
	widgets_freed(window, window);
}
END_TEST

/* What there is no room for is scrolled to: the details begin where the page does. */
START_TEST(what_is_opened_is_seen)
{
	g_autofree char *line = g_strnfill(600, 'x');
	struct sp_question *question = gui_question_with(1, "command-line", line);
	SpProgram *program = sp_program_new(question);
	g_autoptr(SpRequest) ask = sp_request_new(question);
	graphene_rect_t page, details;
	GtkWidget *window, *expander;

	sp_program_add(program, ask);
	larger_text(2);
	window = prompts_window(program);
	expander = widgets_first(window, GTK_TYPE_EXPANDER);
	gtk_expander_set_expanded(GTK_EXPANDER(expander), TRUE);
	wait_for_frames(window);
	page = place_of(widgets_first(window, GTK_TYPE_SCROLLED_WINDOW), window);
	details = place_of(expander, window);
	ck_assert_float_eq_tol(details.origin.y, page.origin.y, 1);
	g_object_unref(program);
	widgets_freed(window, window);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fit");
	TCase *tests = tcase_create("fit");

	tcase_add_checked_fixture(tests, widgets_start, NULL);
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, the_buttons_are_on_the_screen, 0, 2 * G_N_ELEMENTS(counts));
	tcase_add_test(tests, later_ones_leave_them_there);
	tcase_add_test(tests, what_is_said_of_an_answer_is_seen);
	tcase_add_test(tests, what_is_opened_is_seen);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
