/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dialog as plain lines, for scripts and for terminals that can do
 * nothing. Lines that were written ahead answer one question each, in order;
 * after the last one's answer it ends. On a terminal they don't: what was typed
 * before the question is thrown away.
 */
#include "answer.h"

#include <errno.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "answer_line.h"
#include "output.h"
#include "screen.h"

#define LINE_MAX_BYTES 4096

struct lines_face {
	GString *input;		/* read and not used yet */
	gboolean ended;		/* no more will come */
	guint shown;		/* serial of the question that was printed last */
	guint source;
};

static void put_line(const char *text)
{
	g_autofree char *line = g_strdup_printf("%s\n", text);

	sp_output_put(line);
}

static void use_line(struct sp_answer *a, const char *line)
{
	g_autofree char *problem = NULL;

	if (isatty(STDIN_FILENO) && sp_dialog_inert(a->dialog, sp_moment_now())) {
		put_line(_("The question is new: that line was not used."));
		return;
	}
	switch (sp_answer_line(a->dialog, line, &problem)) {
	case SP_LINE_DONE:
		break;
	case SP_LINE_QUIT:
		sp_answer_end(a, 0);
		break;
	case SP_LINE_WRONG:
		put_line(problem);
		break;
	}
}

/* The first whole line of the input, which it leaves; NULL: there is none. */
static char *take_line(struct lines_face *face)
{
	char *newline = strchr(face->input->str, '\n');
	gsize length = newline ? (gsize)(newline - face->input->str) : face->input->len;
	char *line;

	if (!newline && !(face->ended && face->input->len))
		return NULL;
	line = g_strndup(face->input->str, length);
	g_string_erase(face->input, 0, (gssize)(length + (newline ? 1 : 0)));
	return line;
}

/* While a question is open. FALSE: more input must come. */
static gboolean use_input(struct sp_answer *a)
{
	struct lines_face *face = a->face_data;
	g_autofree char *line = take_line(face);

	if (!line)
		return FALSE;
	use_line(a, g_strstrip(line));
	return TRUE;
}

static gboolean read_input(int fd, GIOCondition condition, gpointer data)
{
	struct sp_answer *a = data;
	struct lines_face *face = a->face_data;
	char bytes[512];
	ssize_t got = read(fd, bytes, sizeof(bytes));

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return G_SOURCE_CONTINUE;
	face->source = 0;	/* update() makes it again if it is needed */
	if (got > 0)
		g_string_append_len(face->input, bytes, got);
	face->ended = got <= 0 || face->input->len > LINE_MAX_BYTES;
	sp_answer_step(a);
	return G_SOURCE_REMOVE;
}

static void print_question(struct sp_answer *a)
{
	struct lines_face *face = a->face_data;
	g_autofree char *text = sp_screen_plain(a->dialog, sp_moment_now());
	const char *message = sp_dialog_message(a->dialog);

	if (message)
		put_line(message);
	sp_output_put(text);
	if (isatty(STDIN_FILENO)) {
		tcflush(STDIN_FILENO, TCIFLUSH);
		g_string_truncate(face->input, 0);
	}
	sp_dialog_drawn(a->dialog, sp_moment_now());
	face->shown = sp_dialog_serial(a->dialog);
}

static void update(struct sp_answer *a)
{
	struct lines_face *face = a->face_data;

	if (sp_dialog_state(a->dialog) == SP_DIALOG_SHOWN &&
	    face->shown != sp_dialog_serial(a->dialog))
		print_question(a);
	while (sp_dialog_state(a->dialog) == SP_DIALOG_SHOWN && use_input(a))
		;
	/* What a person types while nothing is asked is no answer to what comes. */
	if (sp_dialog_state(a->dialog) == SP_DIALOG_IDLE && isatty(STDIN_FILENO))
		g_string_truncate(face->input, 0);
	if (face->ended && !face->input->len && a->ready &&
	    sp_dialog_state(a->dialog) != SP_DIALOG_SENDING)
		sp_answer_end(a, 0);
	if (!face->source && !face->ended && !strchr(face->input->str, '\n'))
		face->source = g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR,
					     read_input, a);
}

static void open_face(struct sp_answer *a)
{
	struct lines_face *face = a->face_data;

	face->input = g_string_new(NULL);
}

static void ready(struct sp_answer *a)
{
	put_line(_("Waiting for questions."));
}

static void say(struct sp_answer *a, const char *text)
{
	put_line(text);
}

static void close_face(struct sp_answer *a)
{
	struct lines_face *face = a->face_data;

	g_clear_handle_id(&face->source, g_source_remove);
	g_string_free(face->input, TRUE);
}

const struct sp_face sp_face_lines = {
	.open = open_face,
	.ready = ready,
	.say = say,
	.update = update,
	.close = close_face,
	.size = sizeof(struct lines_face),
};
