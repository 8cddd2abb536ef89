/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dialog on a terminal. A question has the other screen for itself; what
 * was answered stays as lines on the ordinary one. While an answer is on its
 * way the terminal is given back if a password may be asked there.
 */
#include "answer.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "keys.h"
#include "output.h"
#include "password.h"
#include "screen.h"
#include "terminal.h"

struct terminal_face {
	struct sp_keys keys;
	guint shown;		/* serial of the question that was drawn last */
	gboolean on_screen;	/* a question has the other screen */
	gboolean away;		/* stopped, or in the background */
	GString *unsaid;	/* lines that wait for the ordinary screen */
	guint key_source, timer;
	int signals;
	guint signal_source;
};

static gboolean read_keys(int fd, GIOCondition condition, gpointer data)
{
	struct sp_answer *a = data;
	struct terminal_face *face = a->face_data;
	char bytes[256];
	ssize_t got = read(fd, bytes, sizeof(bytes));

	if (got <= 0) {		/* the terminal is gone */
		face->key_source = 0;
		sp_answer_end(a, 0);
		return G_SOURCE_REMOVE;
	}
	sp_dialog_key(a->dialog, sp_keys_read(&face->keys, bytes, (gsize)got),
		      sp_moment_now());
	sp_answer_step(a);
	return G_SOURCE_CONTINUE;
}

/* Who reads keys has the terminal raw: always both or neither. */
static void listen_to_keys(struct sp_answer *a, gboolean on)
{
	struct terminal_face *face = a->face_data;

	sp_terminal_raw(on);
	if (on && !face->key_source)
		face->key_source = g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR,
						 read_keys, a);
	if (!on)
		g_clear_handle_id(&face->key_source, g_source_remove);
}

static gboolean tick(gpointer data)
{
	struct sp_answer *a = data;
	struct terminal_face *face = a->face_data;

	face->timer = 0;
	sp_answer_step(a);
	return G_SOURCE_REMOVE;
}

static void set_timer(struct sp_answer *a)
{
	struct terminal_face *face = a->face_data;
	gint64 wake = sp_dialog_wake(a->dialog, sp_moment_now());

	g_clear_handle_id(&face->timer, g_source_remove);
	if (wake >= 0)	/* rounded up, so that it has changed by then */
		face->timer = g_timeout_add((guint)(wake / 1000 + 1), tick, a);
}

static void draw(struct sp_answer *a)
{
	struct sp_screen screen;
	int rows, columns;

	sp_terminal_size(&rows, &columns);
	sp_screen_make(&screen, a->dialog, rows, columns, sp_output_colour(), sp_moment_now());
	sp_terminal_draw(screen.lines);
	sp_dialog_hide(a->dialog, !screen.complete, sp_moment_now());
	sp_screen_clear(&screen);
}

/* Its first time: what was typed before it could be read does not count. */
static void draw_new(struct sp_answer *a)
{
	struct terminal_face *face = a->face_data;

	draw(a);
	sp_terminal_discard();
	sp_dialog_drawn(a->dialog, sp_moment_now());
	face->shown = sp_dialog_serial(a->dialog);
}

static void show_question(struct sp_answer *a)
{
	struct terminal_face *face = a->face_data;

	listen_to_keys(a, TRUE);
	sp_terminal_screen(TRUE);
	if (!face->on_screen || face->shown != sp_dialog_serial(a->dialog))
		draw_new(a);
	else
		draw(a);
	face->on_screen = TRUE;
}

static void hide_question(struct sp_answer *a)
{
	struct terminal_face *face = a->face_data;

	sp_terminal_screen(FALSE);
	face->on_screen = FALSE;
	if (face->unsaid->len) {
		sp_output_put(face->unsaid->str);
		g_string_truncate(face->unsaid, 0);
	}
}

static void update(struct sp_answer *a)
{
	struct terminal_face *face = a->face_data;

	if (!a->ready || face->away)
		return;
	switch (sp_dialog_state(a->dialog)) {
	case SP_DIALOG_SHOWN:
		show_question(a);
		break;
	case SP_DIALOG_SENDING:
		hide_question(a);
		listen_to_keys(a, !sp_password_running());
		break;
	case SP_DIALOG_IDLE:
		hide_question(a);
		listen_to_keys(a, TRUE);
		break;
	}
	set_timer(a);
}

static void say(struct sp_answer *a, const char *text)
{
	struct terminal_face *face = a->face_data;

	g_string_append_printf(face->unsaid, "%s\n", text);
	if (!face->on_screen && !face->away)
		hide_question(a);
}

/* Ctrl-Z: the terminal is as it was, until we are continued. */
static void stop(struct sp_answer *a)
{
	struct terminal_face *face = a->face_data;

	face->away = TRUE;
	g_clear_handle_id(&face->timer, g_source_remove);
	listen_to_keys(a, FALSE);
	hide_question(a);
	kill(getpid(), SIGSTOP);
}

static void resume(struct sp_answer *a)
{
	struct terminal_face *face = a->face_data;

	if (!sp_terminal_foreground()) {
		face->away = TRUE;
		return;
	}
	/* Also after a stop that nobody told us of: set everything anew. */
	listen_to_keys(a, FALSE);
	hide_question(a);
	face->away = FALSE;
	sp_answer_step(a);
}

static void handle_signal(struct sp_answer *a, int number)
{
	switch (number) {
	case SIGTSTP:
		stop(a);
		break;
	case SIGCONT:
		resume(a);
		break;
	case SIGWINCH:
		sp_answer_step(a);
		break;
	default:
		sp_answer_end(a, number);
		break;
	}
}

static gboolean read_signals(int fd, GIOCondition condition, gpointer data)
{
	struct signalfd_siginfo info;

	while (read(fd, &info, sizeof(info)) == sizeof(info))
		handle_signal(data, (int)info.ssi_signo);
	return G_SOURCE_CONTINUE;
}

static void open_face(struct sp_answer *a)
{
	struct terminal_face *face = a->face_data;

	face->unsaid = g_string_new(NULL);
	face->signals = sp_answer_open_signals();
	if (face->signals >= 0)
		face->signal_source = g_unix_fd_add(face->signals, G_IO_IN, read_signals, a);
}

static void ready(struct sp_answer *a)
{
	say(a, _("Waiting for questions; q quits."));
}

static void close_face(struct sp_answer *a)
{
	struct terminal_face *face = a->face_data;

	if (!face->away) {
		listen_to_keys(a, FALSE);
		hide_question(a);
	}
	g_clear_handle_id(&face->timer, g_source_remove);
	g_clear_handle_id(&face->signal_source, g_source_remove);
	if (face->signals >= 0)
		close(face->signals);
	g_string_free(face->unsaid, TRUE);
}

const struct sp_face sp_face_terminal = {
	.open = open_face,
	.ready = ready,
	.say = say,
	.update = update,
	.close = close_face,
	.size = sizeof(struct terminal_face),
};
