/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon over the system bus: whether it is there, calls on it, what it
 * signals. Finds it again by itself when it, or the bus, comes back. Emits
 *
 *	changed()                                          the state is another
 *	heard::INTERFACE(member, parameters)               a signal of "Rules", …
 */
#pragma once

#include <gio/gio.h>

enum sp_link_state {
	SP_LINK_WAITING,	/* not known yet */
	SP_LINK_ABSENT,		/* nobody has the daemon's name, or there is no bus */
	SP_LINK_PRESENT,
};

#define SP_TYPE_LINK (sp_link_get_type())
G_DECLARE_FINAL_TYPE(SpLink, sp_link, SP, LINK, GObject)

SpLink *sp_link_new(void);
enum sp_link_state sp_link_state(SpLink *self);

/*
 * Calls a method of the daemon; finished with sp_bus_call_finish(). @ask: polkit may
 * ask the person for a password meanwhile. Only while the link is present.
 */
void sp_link_call(SpLink *self, const char *interface, const char *method, GVariant *args,
		  gboolean ask, GCancellable *cancellable, GAsyncReadyCallback ready,
		  gpointer data);
/* NULL with @error unset: it was cancelled, and whoever asked may be gone. */
GVariant *sp_link_call_finish(GObject *source, GAsyncResult *result, GError **error);
