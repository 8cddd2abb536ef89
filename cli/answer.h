/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sallyport answer, inside: the dialog between the daemon and a face. There
 * are two faces: a terminal's keys and screen, and plain lines.
 */
#pragma once

#include <gio/gio.h>

#include "dialog.h"

struct sp_answer;

struct sp_face {
	void (*open)(struct sp_answer *answer);
	/* The daemon listens to us from now on. */
	void (*ready)(struct sp_answer *answer);
	/* A line that stays, without newline. */
	void (*say)(struct sp_answer *answer, const char *text);
	/* The dialog changed. */
	void (*update)(struct sp_answer *answer);
	void (*close)(struct sp_answer *answer);
	gsize size;		/* of its data, zeroed before anything is called */
};

extern const struct sp_face sp_face_terminal;
extern const struct sp_face sp_face_lines;

struct sp_answer {
	struct sp_dialog *dialog;
	const struct sp_face *face;
	void *face_data;
	/* The rest is not the faces'. */
	GDBusConnection *bus;
	struct sp_agent *agent;
	struct sp_answer_networks *networks;
	GMainLoop *loop;
	GError *error;		/* why it ended */
	gboolean ready;		/* registered at least once */
	int signal;		/* that ended it; 0: none */
};

/* Says which networks want a name, from when the daemon listens to us. */
struct sp_answer_networks *sp_answer_networks_new(struct sp_answer *answer, GDBusConnection *bus);
void sp_answer_networks_begin(struct sp_answer_networks *networks);
void sp_answer_networks_free(struct sp_answer_networks *networks);

struct sp_moment sp_moment_now(void);

/* After each event: performs the dialog's acts and updates the face. */
void sp_answer_step(struct sp_answer *answer);
void sp_answer_end(struct sp_answer *answer, int signal);

/*
 * Signals as events, for the terminal: blocked before any thread is made, then
 * read from a descriptor.
 */
void sp_answer_block_signals(void);
int sp_answer_open_signals(void);	/* a signalfd, or -1 */
