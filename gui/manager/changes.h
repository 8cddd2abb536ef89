/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the person changes, carried to the daemon. polkit asks in place for what a change
 * takes. Emits, for the window to tell of:
 *
 *	done(text, change)        it is in force; as the journal numbers it, or 0: no undo
 *	failed(text)              it is not, and why
 */
#pragma once

#include "link.h"

#define SP_TYPE_CHANGES (sp_changes_get_type())
G_DECLARE_FINAL_TYPE(SpChanges, sp_changes, SP, CHANGES, GObject)

SpChanges *sp_changes_new(SpLink *link);
SpLink *sp_changes_link(SpChanges *self);

/*
 * Each calls @ready, if any, when it is done or not; an error is told by "failed" as
 * well, but for those of sp_changes_save() and sp_changes_import(), whose caller shows them in
 * its place.
 */
void sp_changes_switch(SpChanges *self, const guint64 *rules, gsize count, gboolean on,
		       GAsyncReadyCallback ready, gpointer data);
void sp_changes_remove(SpChanges *self, const guint64 *rules, gsize count);
/* @rule 0: a new one. @owner: of a new one. @lifetime: "15m", …, or NULL. */
void sp_changes_save(SpChanges *self, guint64 rule, const char *text, guint32 owner,
		     const char *lifetime, GAsyncReadyCallback ready, gpointer data);
/* Rules of @text, @count of them, as one change. */
void sp_changes_import(SpChanges *self, const char *text, guint count, GAsyncReadyCallback ready,
		       gpointer data);
/* @change: as the journal numbers it. */
void sp_changes_undo(SpChanges *self, gboolean redo, guint64 change);
void sp_changes_end(SpChanges *self, const guint64 *flows, gsize count);
/* "normal", "learn", "lockdown", "off"; @seconds 0: without an end; to learn, three days. */
void sp_changes_mode(SpChanges *self, const char *mode, guint seconds, GAsyncReadyCallback ready,
		     gpointer data);
void sp_changes_forget(SpChanges *self);
/* @id: as Networks.List has it. @name "": none. */
void sp_changes_name_network(SpChanges *self, const char *id, const char *name,
			     GAsyncReadyCallback ready, gpointer data);

/* "failed" with an error of these, or of something else, for who has no place of their own for it. */
void sp_changes_tell(SpChanges *self, const GError *error);
void sp_changes_tell_words(SpChanges *self, const char *message);
/* "done" of something that was no change of the daemon's. */
void sp_changes_tell_done(SpChanges *self, const char *text);

/* Of each: FALSE with an error whose message is fit to be shown. */
gboolean sp_changes_finish(SpChanges *self, GAsyncResult *result, GError **error);
