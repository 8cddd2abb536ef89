/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The prompt's window and the models behind it. */
#include <math.h>
#include <string.h>
#include <sys/socket.h>

#include "application.h"
#include "bus.h"
#include "programs.h"
#include "prompts.h"
#include "style.h"
#include "widgets.h"

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
	ck_assert_ptr_null(sp_programs_ask(programs, gui_question(3, NULL)));	/* another file's */
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
	SpProgram *program = prompts_program(1);
	GtkWidget *window = prompts_window(program);
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

/* From question to question of the same program. */
static struct sp_question *question_of(const char *key, GVariant *value)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert_value(&dict, key, value);
	return gui_question(1, &dict);
}

static SpProgram *program_of(struct sp_question *question)
{
	SpProgram *program = sp_program_new(question);
	g_autoptr(SpRequest) ask = sp_request_new(question);

	sp_program_add(program, ask);
	return program;
}

/* A file that others can change: this version, unless the person says otherwise. */
START_TEST(an_answer_is_for_this_version)
{
	SpProgram *program = program_of(question_of("versions", g_variant_new_boolean(TRUE)));
	GtkWidget *window = prompts_window(program);
	GtkWidget *updates = widgets_button(window, "Also after the program was _updated");
	SpRequest *ask = sp_program_get(program, 0);
	g_autoptr(GError) error = g_error_new_literal(G_IO_ERROR, 0, "no");

	g_signal_connect(ask, "answer", G_CALLBACK(on_answer), NULL);
	ck_assert(gtk_widget_get_visible(updates));
	ck_assert_ptr_nonnull(widgets_label(window,
		"Allow curl (/usr/bin/curl) to connect to 192.0.2.1 on port 443 (TCP). "
		"When the program is changed, it is asked about again."));
	widgets_press(widgets_button(window, "_Allow"));
	ck_assert_str_eq(answered, "allow this-host-port/this-version always");
	sp_request_refused(ask, error);
	gtk_check_button_set_active(GTK_CHECK_BUTTON(updates), TRUE);
	ck_assert_ptr_nonnull(widgets_label(window,
		"Allow curl (/usr/bin/curl) to connect to 192.0.2.1 on port 443 (TCP)."));
	widgets_press(widgets_button(window, "_Allow"));
	ck_assert_str_eq(answered, "allow this-host-port always");
	sp_request_refused(ask, error);
	choose(window, 0);	/* once: there is no rule that could be for a version */
	ck_assert(!gtk_widget_is_sensitive(updates));
	g_object_unref(program);
	widgets_freed(window, window);
}
END_TEST

START_TEST(an_installed_program_has_no_versions)
{
	SpProgram *program = prompts_program(1);
	GtkWidget *window = prompts_window(program);

	ck_assert_ptr_null(widgets_button(window, "Also after the program was _updated"));
	g_object_unref(program);
	widgets_freed(window, window);
}
END_TEST

/* Whatever an interpreter runs, anywhere, for ever: that is said twice. */
START_TEST(much_is_allowed_twice)
{
	SpProgram *program = program_of(question_of("runs", g_variant_new_string("interpreter")));
	GtkWidget *window = prompts_window(program);
	SpRequest *ask = sp_program_get(program, 0);
	guint *count = widgets_count(ask, "answer");
	const char *sure = "curl runs other code: whatever that is may connect anywhere, always. "
			   "If that is meant, press Allow again.";

	g_signal_connect(ask, "answer", G_CALLBACK(on_answer), NULL);
	gtk_check_button_set_active(GTK_CHECK_BUTTON(widgets_button(window, "Anything")), TRUE);
	widgets_press(widgets_button(window, "_Allow"));
	ck_assert_uint_eq(*count, 0);
	ck_assert_ptr_nonnull(widgets_label(window, sure));
	ck_assert(!gtk_widget_is_sensitive(widgets_button(window, "_Allow")));
	/* Another choice is another answer. */
	choose(window, 1);
	ck_assert_ptr_null(widgets_label(window, sure));
	choose(window, 3);
	widgets_press(widgets_button(window, "_Allow"));
	ck_assert_uint_eq(*count, 0);
	widgets_press(widgets_button(window, "_Allow"));
	ck_assert_uint_eq(*count, 1);
	ck_assert_str_eq(answered, "allow anything always");
	g_object_unref(program);
	widgets_freed(window, window);
}
END_TEST

START_TEST(what_is_little_is_allowed_once)
{
	SpProgram *program = program_of(question_of("runs", g_variant_new_string("interpreter")));
	GtkWidget *window = prompts_window(program);
	guint *count = widgets_count(sp_program_get(program, 0), "answer");

	widgets_press(widgets_button(window, "_Allow"));
	ck_assert_uint_eq(*count, 1);
	g_object_unref(program);
	widgets_freed(window, window);
}
END_TEST

static struct sp_question *named(guint64 id, const char *host)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "host", "s", host);
	g_variant_dict_insert(&dict, "host-source", "s", "own");
	return gui_question(id, &dict);
}

static void wait_until_live(GtkWidget *button)
{
	while (!gtk_widget_is_sensitive(button))
		g_main_context_iteration(NULL, TRUE);
}

/* What becomes known is shown; what was chosen stays, and the buttons sleep again. */
START_TEST(a_name_that_comes_late)
{
	SpPrograms *programs = sp_programs_new();
	SpRequest *ask = sp_programs_ask(programs, gui_question(1, NULL));
	GtkWidget *window = prompts_window(sp_programs_of(programs, ask));
	GtkWidget *allow = widgets_button(window, "_Allow");

	gtk_check_button_set_active(GTK_CHECK_BUTTON(widgets_button(window, "Anything")), TRUE);
	choose(window, 1);
	wait_until_live(allow);
	ck_assert_ptr_null(sp_programs_ask(programs, named(1, "shop.test")));
	ck_assert(!gtk_widget_is_sensitive(allow));
	ck_assert_ptr_nonnull(widgets_label(window, "192.0.2.1 – the program looked this name up itself"));
	ck_assert_ptr_nonnull(widgets_label(window,
		"curl wants to connect to shop.test on HTTPS\u00a0(TCP\u00a0443)."));
	ck_assert(gtk_check_button_get_active(GTK_CHECK_BUTTON(widgets_button(window, "Anything"))));
	ck_assert_ptr_nonnull(widgets_label(window,
		"Allow curl (/usr/bin/curl) to connect to any address. This holds for 15 minutes."));
	wait_until_live(allow);
	g_object_unref(programs);
	widgets_freed(window, window);
}
END_TEST

/* One that waits below says its name there, and disturbs nobody. */
START_TEST(a_name_of_one_that_waits)
{
	SpPrograms *programs = sp_programs_new();
	SpRequest *ask = sp_programs_ask(programs, gui_question(1, NULL));
	GtkWidget *window, *allow;

	sp_programs_ask(programs, gui_question_with(2, "remote", "192.0.2.2"));
	window = prompts_window(sp_programs_of(programs, ask));
	allow = widgets_button(window, "_Allow");
	wait_until_live(allow);
	ck_assert_ptr_nonnull(widgets_label(window, "192.0.2.2"));
	sp_programs_ask(programs, named(2, "shop.test"));
	ck_assert_ptr_nonnull(widgets_label(window, "shop.test"));
	ck_assert_ptr_null(widgets_label(window, "192.0.2.2"));
	ck_assert(gtk_widget_is_sensitive(allow));
	g_object_unref(programs);
	widgets_freed(window, window);
}
END_TEST

static void update(SpRequest *ask, const char *key, const char *text)
{
	g_autoptr(GVariant) changes = NULL;
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, key, "s", text);
	changes = g_variant_ref_sink(g_variant_dict_end(&dict));
	sp_request_update(ask, changes);
}

static void wait_for_another_address(SpRequest *ask, const char *address)
{
	g_autoptr(GVariant) changes = NULL;
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert_value(&dict, "other-remotes", g_variant_new_strv(&address, 1));
	changes = g_variant_ref_sink(g_variant_dict_end(&dict));
	sp_request_update(ask, changes);
}

/* An answer is for all addresses of the host that wait: they are told, and then it takes a moment. */
START_TEST(addresses_of_a_host_are_told)
{
	static const char both[] =
		"192.0.2.1, 2001:db8::1 – the program looked this name up itself";
	SpPrograms *programs = sp_programs_new();
	GVariantDict dict;
	SpRequest *ask;
	GtkWidget *window, *deny;
	guint *answers;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "host", "s", "shop.test");
	g_variant_dict_insert(&dict, "host-source", "s", "own");
	g_variant_dict_insert(&dict, "remote", "s", "192.0.2.1");
	ask = sp_programs_ask(programs, gui_question(1, &dict));
	answers = widgets_count(ask, "answer");
	window = prompts_window(sp_programs_of(programs, ask));
	deny = widgets_button(window, "_Deny");
	while (!gtk_widget_is_sensitive(deny))
		g_main_context_iteration(NULL, TRUE);
	wait_for_another_address(ask, "2001:db8::1");
	ck_assert_ptr_nonnull(widgets_label(window, both));
	ck_assert(!gtk_widget_is_sensitive(deny));
	widgets_press(deny);
	ck_assert_uint_eq(*answers, 1);
	wait_for_another_address(ask, "2001:db8::1");	/* no news */
	ck_assert_ptr_nonnull(widgets_label(window, both));
	g_object_unref(programs);
	widgets_freed(window, window);
}
END_TEST

START_TEST(details_that_come_late)
{
	SpProgram *program = prompts_program(1);
	GtkWidget *window = prompts_window(program);
	GtkWidget *allow = widgets_button(window, "_Allow");
	SpRequest *ask = sp_program_get(program, 0);

	wait_until_live(allow);
	update(ask, "hash", "e3b0c442");	/* whoever looks for it finds it */
	ck_assert(gtk_widget_is_sensitive(allow));
	update(ask, "package", "curl");
	ck_assert(!gtk_widget_is_sensitive(allow));
	ck_assert_ptr_nonnull(widgets_label(window, "Packaged"));
	wait_until_live(allow);
	update(ask, "package", "curl");		/* said again */
	ck_assert(gtk_widget_is_sensitive(allow));
	g_object_unref(program);
	widgets_freed(window, window);
}
END_TEST

START_TEST(others_wait_below)
{
	SpProgram *program = prompts_program(3);
	GtkWidget *window = prompts_window(program);
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
	SpProgram *program = prompts_program(12);
	GtkWidget *window = prompts_window(program);
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
	SpProgram *program = prompts_program(5);
	GtkWidget *window = prompts_window(program);
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

static struct sp_question *question_for_once(guint64 id)
{
	static const char *const once = "once";
	GVariantBuilder scopes;
	GVariantDict dict;

	g_variant_builder_init(&scopes, G_VARIANT_TYPE("a(sss)"));
	g_variant_builder_add(&scopes, "(sss)", "this-host-port", "This connection", "");
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert_value(&dict, "scopes", g_variant_builder_end(&scopes));
	g_variant_dict_insert_value(&dict, "lifetimes", g_variant_new_strv(&once, 1));
	return gui_question(id, &dict);
}

/* An answer to several is one that each of them offers, whichever are marked. */
START_TEST(a_list_offers_what_all_offer)
{
	SpProgram *program = prompts_program(5);
	GtkWidget *window = prompts_window(program), *allow = widgets_button(window, "_Allow");
	g_autoptr(SpRequest) poor = sp_request_new(question_for_once(99));

	gtk_check_button_set_active(GTK_CHECK_BUTTON(widgets_button(window, "Anything")), TRUE);
	g_signal_connect(poor, "answer", G_CALLBACK(on_answer), NULL);
	wait_until_live(allow);
	sp_program_add(program, poor);
	ck_assert(gtk_widget_is_sensitive(allow));	/* it is not marked */
	ck_assert_ptr_nonnull(widgets_button(window, "Anything"));
	sp_request_set_chosen(poor, TRUE);
	ck_assert(!gtk_widget_is_sensitive(allow));
	ck_assert_ptr_null(widgets_button(window, "Anything"));
	widgets_press(allow);
	ck_assert_str_eq(answered, "allow this-host-port once");
	g_object_unref(program);
	widgets_freed(window, window);
}
END_TEST

/* Of any of them, also where the oldest is not marked. */
START_TEST(a_list_tells_what_was_refused)
{
	SpProgram *program = prompts_program(4);
	GtkWidget *window = prompts_window(program), *allow = widgets_button(window, "_Allow");
	g_autoptr(GError) error = g_error_new_literal(G_IO_ERROR, 0, "not authorised");

	sp_request_set_chosen(sp_program_get(program, 0), FALSE);
	widgets_press(allow);
	for (guint i = 1; i < 4; i++) {
		ck_assert(!gtk_widget_is_sensitive(allow));
		sp_request_refused(sp_program_get(program, i), error);
		ck_assert_ptr_nonnull(widgets_label(window, "not authorised"));
	}
	widgets_press(allow);
	ck_assert_ptr_null(widgets_label(window, "not authorised"));
	g_object_unref(program);
	widgets_freed(window, window);
}
END_TEST

static SpRequest *traced_by(guint64 id, const char *parent)
{
	const char *const flags[] = { "traced", NULL }, *const ancestors[] = { parent, NULL };
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "flags", "^as", flags);
	g_variant_dict_insert(&dict, "ancestors", "^as", ancestors);
	g_variant_dict_insert(&dict, "package", "s", "curl");
	g_variant_dict_insert(&dict, "package-state", "s", "modified");
	return sp_request_new(gui_question(id, &dict));
}

/* Processes of a program differ: what is said is true of all that are marked. */
START_TEST(a_list_tells_of_all)
{
	static const char warning[] = "Another program can change what it does: it is traced.";
	SpProgram *program = prompts_program(4);
	GtkWidget *window = prompts_window(program), *allow = widgets_button(window, "_Allow");
	g_autoptr(SpRequest) other = traced_by(99, "/usr/bin/gdb");

	ck_assert_ptr_nonnull(widgets_label(window, "bash \u2192 curl"));
	ck_assert_ptr_nonnull(widgets_label(window, "In a system folder"));
	sp_program_add(program, other);		/* at once: it is marked */
	ck_assert(sp_request_chosen(other));
	ck_assert_ptr_nonnull(widgets_label(window, warning));
	ck_assert_ptr_nonnull(widgets_label(window, "Started in different ways"));
	ck_assert_ptr_nonnull(widgets_label(window, "Packaged, but modified"));
	wait_until_live(allow);
	sp_request_set_chosen(other, FALSE);
	ck_assert_ptr_null(widgets_label(window, warning));
	ck_assert_ptr_nonnull(widgets_label(window, "bash \u2192 curl"));
	ck_assert_ptr_nonnull(widgets_label(window, "In a system folder"));
	ck_assert(!gtk_widget_is_sensitive(allow));	/* it may have moved */
	g_object_unref(program);
	widgets_freed(window, window);
}
END_TEST

/* A rule about a process is another one for each. */
START_TEST(what_is_one_rule_is_told)
{
	SpProgram *program = prompts_program(4);
	GtkWidget *window = prompts_window(program);
	GVariantBuilder scopes;
	GVariantDict dict;
	g_autoptr(SpRequest) bound = NULL;

	g_variant_builder_init(&scopes, G_VARIANT_TYPE("a(sss)"));
	g_variant_builder_add(&scopes, "(sss)", "anything", "Anything", "allow out process 901 "
			      "until quit boot 0123456789abcdef0123456789abcdef");
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert_value(&dict, "scopes", g_variant_builder_end(&scopes));
	bound = sp_request_new(gui_question(99, &dict));
	gtk_check_button_set_active(GTK_CHECK_BUTTON(widgets_button(window, "Anything")), TRUE);
	ck_assert_ptr_nonnull(widgets_label(window,
		"Allow curl (/usr/bin/curl) to connect to any address."));
	sp_program_add(program, bound);
	ck_assert_ptr_nonnull(widgets_label(window,
		"Makes a rule for each of the 5 that are marked."));
	g_object_unref(program);
	widgets_freed(window, window);
}
END_TEST

START_TEST(closing_is_not_now)
{
	SpProgram *program = prompts_program(2);
	GtkWidget *window = prompts_window(program);
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
	SpProgram *program = prompts_program(1);
	GtkWidget *window = prompts_window(program);
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

static void wait_until_active(GtkWidget *window, gboolean active)
{
	while (gtk_window_is_active(GTK_WINDOW(window)) != active)
		g_main_context_iteration(NULL, TRUE);
}

/* What brought it to the front may go on: a second click, a key that is held. */
START_TEST(who_comes_back_has_to_wait)
{
	SpProgram *program = prompts_program(1);
	GtkWidget *window = prompts_window(program), *other = widgets_show(gtk_label_new("other"));
	GtkWidget *allow = widgets_button(window, "_Allow");

	wait_until_active(other, TRUE);
	wait_until_live(allow);
	sp_prompt_window_raise(SP_PROMPT_WINDOW(window), "");
	wait_until_active(window, TRUE);
	ck_assert(!gtk_widget_is_sensitive(allow));
	wait_until_live(allow);
	gtk_window_destroy(GTK_WINDOW(other));
	g_object_unref(program);
	widgets_freed(window, window);
}
END_TEST

/* The prompt, and the agent's end of its connection. */
struct prompt {
	SpApplication *application;
	GDBusConnection *agent;
};

static void prompt_start(struct prompt *prompt)
{
	g_autoptr(GSocketConnection) stream = NULL;
	g_autoptr(GSocket) socket = NULL;
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	prompt->application = sp_application_new(ends[0], NULL);
	socket = g_socket_new_from_fd(ends[1], NULL);
	stream = g_socket_connection_factory_create_connection(socket);
	prompt->agent = g_dbus_connection_new_sync(G_IO_STREAM(stream), NULL,
						   G_DBUS_CONNECTION_FLAGS_NONE, NULL, NULL, NULL);
	ck_assert(g_application_register(G_APPLICATION(prompt->application), NULL, NULL));
}

static void prompt_end(struct prompt *prompt)
{
	g_object_unref(prompt->application);
	g_object_unref(prompt->agent);
}

static void tell_prompt(struct prompt *prompt, const char *method, GVariant *args)
{
	g_dbus_connection_call(prompt->agent, NULL, "/org/sallyport/Agent", SP_BUS_NAME ".Agent",
			       method, args, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
}

/* A window more; the newest is the first. */
static GtkWidget *ask_prompt(struct prompt *prompt, guint64 id, const char *program)
{
	struct sp_question *q = gui_question_with(id, "program", program);
	guint count = g_list_length(gtk_application_get_windows(GTK_APPLICATION(prompt->application)));
	GList *windows;

	tell_prompt(prompt, "Ask", g_variant_new("(ts@a{sv})", id, "token", q->dict));
	sp_question_free(q);
	do {
		g_main_context_iteration(NULL, TRUE);
		windows = gtk_application_get_windows(GTK_APPLICATION(prompt->application));
	} while (g_list_length(windows) == count);
	return windows->data;
}

/* The window beneath does not get the second click of a double click. */
START_TEST(a_window_that_goes_uncovers_no_button)
{
	struct prompt prompt;
	GtkWidget *beneath, *allow;

	prompt_start(&prompt);
	beneath = ask_prompt(&prompt, 1, "/usr/bin/wget");
	ask_prompt(&prompt, 2, "/usr/bin/curl");
	allow = widgets_button(beneath, "_Allow");
	wait_until_live(allow);
	tell_prompt(&prompt, "Cancel", g_variant_new("(ts)", (guint64)2, "answered"));
	while (gtk_application_get_windows(GTK_APPLICATION(prompt.application))->next)
		g_main_context_iteration(NULL, TRUE);
	ck_assert(!gtk_widget_is_sensitive(allow));
	wait_until_live(allow);
	prompt_end(&prompt);
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

/* Pixels of a window as they are on the screen. */
struct shot {
	GdkTexture *texture;
	guint32 *pixels;
	int width, height;
};

static GskRenderNode *drawn(GtkWidget *window)
{
	g_autoptr(GdkPaintable) paintable = gtk_widget_paintable_new(window);
	GtkSnapshot *snapshot = gtk_snapshot_new();

	gdk_paintable_snapshot(paintable, GDK_SNAPSHOT(snapshot),
			       gtk_widget_get_width(window), gtk_widget_get_height(window));
	return gtk_snapshot_free_to_node(snapshot);
}

/* From the window's corner, without its shadow. */
static void take(GtkWidget *window, struct shot *shot)
{
	const graphene_rect_t whole = GRAPHENE_RECT_INIT(0, 0,
		(float)gtk_widget_get_width(window), (float)gtk_widget_get_height(window));
	GskRenderer *renderer = gtk_native_get_renderer(GTK_NATIVE(window));
	g_autoptr(GskRenderNode) node = NULL;

	while (!(node = drawn(window)))
		g_main_context_iteration(NULL, TRUE);
	shot->texture = gsk_renderer_render_texture(renderer, node, &whole);
	shot->width = gdk_texture_get_width(shot->texture);
	shot->height = gdk_texture_get_height(shot->texture);
	shot->pixels = g_new(guint32, (gsize)shot->width * (gsize)shot->height);
	gdk_texture_download(shot->texture, (guchar *)shot->pixels, (gsize)shot->width * 4);
}

static void drop(struct shot *shot)
{
	g_free(shot->pixels);
	g_object_unref(shot->texture);
}

/* What there is most of behind and around the letters. */
static GdkRGBA background(const struct shot *shot, const graphene_rect_t *box)
{
	g_autoptr(GHashTable) counts = g_hash_table_new(NULL, NULL);
	int left = MAX((int)box->origin.x, 0), top = MAX((int)box->origin.y, 0);
	int right = MIN((int)(box->origin.x + box->size.width), shot->width);
	int bottom = MIN((int)(box->origin.y + box->size.height), shot->height);
	guint32 best = 0;
	guint most = 0;

	for (int y = top; y < bottom; y++)
		for (int x = left; x < right; x++) {
			guint32 pixel = shot->pixels[(gsize)y * (gsize)shot->width + (gsize)x];
			gpointer key = GUINT_TO_POINTER(pixel);
			guint count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, key)) + 1;

			g_hash_table_insert(counts, key, GUINT_TO_POINTER(count));
			if (count > most) {
				most = count;
				best = pixel;
			}
		}
	return (GdkRGBA){ .red = (best >> 16 & 0xff) / 255.0f, .green = (best >> 8 & 0xff) / 255.0f,
			  .blue = (best & 0xff) / 255.0f, .alpha = 1 };
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

struct eye {
	GtkWidget *window;
	struct shot shot;
	double least;
	guint count;
};

/* Whole ones: what is scrolled away is not drawn. */
static void look_at(struct eye *eye, GtkWidget *label)
{
	const char *text = gtk_label_get_text(GTK_LABEL(label));
	graphene_rect_t box;
	GdkRGBA back;

	if (!*text || !gtk_widget_compute_bounds(label, eye->window, &box) ||
	    box.origin.y + box.size.height > eye->shot.height)
		return;
	back = background(&eye->shot, &box);
	ck_assert_msg(contrast(label, &back) >= eye->least, "%s: %.2f", text,
		      contrast(label, &back));
	eye->count++;
}

static void look(struct eye *eye, GtkWidget *widget)
{
	if (!gtk_widget_get_mapped(widget) || !gtk_widget_get_child_visible(widget))
		return;
	if (GTK_IS_LABEL(widget))
		look_at(eye, widget);
	for (GtkWidget *w = gtk_widget_get_first_child(widget); w; w = gtk_widget_get_next_sibling(w))
		look(eye, w);
}

static void assert_readable(SpProgram *program, double least)
{
	struct eye eye = { .window = prompts_window(program), .least = least };
	GtkWidget *allow = widgets_button(eye.window, "_Allow");

	wait_until_live(allow);
	for (guint i = 0; i < 10; i++)	/* transitions of colours end */
		widgets_settle();
	take(eye.window, &eye.shot);
	look(&eye, eye.window);
	ck_assert_uint_ge(eye.count, 12);
	drop(&eye.shot);
	g_object_unref(program);
	widgets_freed(eye.window, eye.window);
}

static struct sp_question *badged(const char *path, const char *flag, const char *package)
{
	const char *const flags[] = { flag, NULL };
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "program", "s", path);
	g_variant_dict_insert(&dict, "flags", "^as", flags);
	g_variant_dict_insert(&dict, "package", "s", package);
	g_variant_dict_insert(&dict, "package-state", "s", "unmodified");
	g_variant_dict_insert(&dict, "past", "(uuu)", 41, 2, 6);
	g_variant_dict_insert(&dict, "versions", "b", TRUE);
	return gui_question(1, &dict);
}

static SpProgram *refused_one(void)
{
	SpProgram *program = prompts_program(1);
	g_autoptr(GError) error = g_error_new_literal(G_IO_ERROR, 0, "not authorised");

	sp_request_refused(sp_program_get(program, 0), error);
	return program;
}

/* Every label of every kind of window, against what is really behind it. */
static void assert_all_readable(double least)
{
	sp_style_load();
	assert_readable(prompts_program(3), least);
	assert_readable(prompts_program(6), least);
	assert_readable(refused_one(), least);
	assert_readable(program_of(badged("/usr/bin/curl", NULL, "curl")), least);
	assert_readable(program_of(badged("/home/alice/curl", NULL, "")), least);
	assert_readable(program_of(badged("/home/alice/curl", "changed", "")), least);
	assert_readable(program_of(badged("/usr/bin/curl", "deleted", "curl")), least);
}

static const AdwColorScheme schemes[] = { ADW_COLOR_SCHEME_FORCE_LIGHT,
					  ADW_COLOR_SCHEME_FORCE_DARK };

START_TEST(text_can_be_read)
{
	adw_init();
	adw_style_manager_set_color_scheme(adw_style_manager_get_default(), schemes[_i]);
	assert_all_readable(4.5);
}
END_TEST

/* For who needs more. */
START_TEST(text_can_be_read_with_high_contrast)
{
	g_setenv("ADW_DEBUG_HIGH_CONTRAST", "1", TRUE);
	adw_init();
	adw_style_manager_set_color_scheme(adw_style_manager_get_default(), schemes[_i]);
	ck_assert(adw_style_manager_get_high_contrast(adw_style_manager_get_default()));
	assert_all_readable(7);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("window");
	TCase *tests = tcase_create("window"), *colours = tcase_create("colours");

	tcase_add_checked_fixture(tests, widgets_start, NULL);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, models_group_by_program);
	tcase_add_test(tests, an_answer_is_sent_once);
	tcase_add_test(tests, one_question_is_answered);
	tcase_add_test(tests, an_answer_is_for_this_version);
	tcase_add_test(tests, an_installed_program_has_no_versions);
	tcase_add_test(tests, much_is_allowed_twice);
	tcase_add_test(tests, what_is_little_is_allowed_once);
	tcase_add_test(tests, a_name_that_comes_late);
	tcase_add_test(tests, a_name_of_one_that_waits);
	tcase_add_test(tests, addresses_of_a_host_are_told);
	tcase_add_test(tests, details_that_come_late);
	tcase_add_test(tests, others_wait_below);
	tcase_add_test(tests, many_are_one_list);
	tcase_add_test(tests, late_ones_are_not_marked);
	tcase_add_test(tests, a_list_offers_what_all_offer);
	tcase_add_test(tests, a_list_tells_what_was_refused);
	tcase_add_test(tests, a_list_tells_of_all);
	tcase_add_test(tests, what_is_one_rule_is_told);
	tcase_add_test(tests, closing_is_not_now);
	tcase_add_test(tests, an_error_is_shown);
	tcase_add_test(tests, who_comes_back_has_to_wait);
	tcase_add_test(tests, a_window_that_goes_uncovers_no_button);
	suite_add_tcase(suite, tests);
	tcase_set_timeout(colours, 120);
	tcase_add_loop_test(colours, text_can_be_read, 0, 2);
	tcase_add_loop_test(colours, text_can_be_read_with_high_contrast, 0, 2);
	suite_add_tcase(suite, colours);
	return unit_run(suite);
}
