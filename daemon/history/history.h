/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happened lately, in memory: the newest SP_HISTORY_MAX records. Each has
 * a serial number; readers come with the number they want to read on from, so
 * that one who is slow holds up nothing and loses what was overwritten.
 */
#pragma once

#include <glib.h>
#include "verdict.h"

#define SP_HISTORY_MAX	4096u

struct sp_history;

struct sp_history *sp_history_new(void);
void sp_history_free(struct sp_history *history);
/* @added is called after each addition. */
void sp_history_listen(struct sp_history *history, void (*added)(void *data), void *data);

void sp_history_add(struct sp_history *history, const struct sp_record *record);

/* Serials: first that is still there, and the one that the next will get. */
guint64 sp_history_first(const struct sp_history *history);
guint64 sp_history_next(const struct sp_history *history);
const struct sp_record *sp_history_get(const struct sp_history *history, guint64 serial);

/* Blanks what there is of a user; SP_ANY_USER: of everybody. */
void sp_history_forget(struct sp_history *history, guint32 uid);

/* SP_ANY_USER reads everybody's. Nobody reads what is forgotten. */
gboolean sp_history_may(const struct sp_record *record, guint32 reader);

/* As in the interface History: a{sv}. */
GVariant *sp_history_describe(const struct sp_record *record, guint64 serial);
