/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notifications of the desktop, by libnotify. Its calls wait for the server's
 * reply, so they have a thread of their own: a server that hangs holds up no
 * question. Without a server nothing happens.
 *
 * What comes back is believed as far as anybody on the session bus: see
 * HACKING.md. No notification can allow anything.
 */
#pragma once

#include <glib.h>

/* Strings are copied. @actions: pairs of name and label, then NULL; may be NULL. */
struct sp_note {
	const char *summary, *body;	/* plain text, literal */
	const char *const *actions;
	gboolean urgent;		/* also over a full screen, or when not disturbed */
};

struct sp_notifier;

/* Called in the main context. @token: to bring a window to the front, or NULL. */
typedef void (*sp_notifier_action)(const char *key, const char *action, const char *token,
				   void *data);

struct sp_notifier *sp_notifier_new(sp_notifier_action action, void *data);
/* Closes what is shown. */
void sp_notifier_free(struct sp_notifier *notifier);

/* Replaces the one of that @key. */
void sp_notifier_show(struct sp_notifier *notifier, const char *key,
		      const struct sp_note *note);
void sp_notifier_close(struct sp_notifier *notifier, const char *key);
