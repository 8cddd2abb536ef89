/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's methods, one function each. What the dictionaries hold is
 * written in data/org.sallyport.Firewall1.xml. Times are µs of CLOCK_REALTIME.
 */
#pragma once

#include <gio/gio.h>

GVariant *sp_call_status(GDBusConnection *bus, GError **error);	/* a{sv} */

/* @seconds 0: without an end. @reason: NULL or text. */
gboolean sp_call_set_mode(GDBusConnection *bus, const char *mode, guint seconds,
			  const char *reason, GError **error);
/* Of the changes that follow on @bus. */
gboolean sp_call_guard(GDBusConnection *bus, guint seconds, GError **error);
gboolean sp_call_confirm(GDBusConnection *bus, GError **error);

/* @all: of all users, too. aa{sv} */
GVariant *sp_call_rules_list(GDBusConnection *bus, gboolean all, GError **error);
/* @lifetime: "15m", …; NULL: none. */
gboolean sp_call_rules_add(GDBusConnection *bus, const char *text, guint32 owner,
			   const char *lifetime, guint64 *id, GError **error);
/*
 * Adds the rules of all lines of @text, in one change; none where there is an error.
 * Their ids, guint64, are appended to @ids.
 */
gboolean sp_call_rules_import(GDBusConnection *bus, const char *text, const char *lifetime,
			      GArray *ids, GError **error);
/* "Remove", "Enable" or "Disable". */
gboolean sp_call_rules(GDBusConnection *bus, const char *method, const guint64 *ids,
		       gsize count, GError **error);
gboolean sp_call_rules_edit(GDBusConnection *bus, guint64 id, const char *text, GError **error);
/* One rule, of those that the caller sees without a password, or may: a{sv} */
GVariant *sp_call_rules_find(GDBusConnection *bus, guint64 id, GError **error);
/* @change 0: the caller's latest. aa{sv}: what was, or with @dry_run would be, undone or redone. */
GVariant *sp_call_rules_undo(GDBusConnection *bus, gboolean redo, guint64 change,
			     gboolean dry_run, GError **error);
/* aa{sv}, newest first */
GVariant *sp_call_rules_journal(GDBusConnection *bus, guint limit, gboolean all, GError **error);

#define SP_RECENT_MAX 1000
/* aa{sv}, oldest first */
GVariant *sp_call_history_recent(GDBusConnection *bus, guint limit,
				 gboolean all, GError **error);
/* @step, @by: as in the interface. aa{sv} */
GVariant *sp_call_history_totals(GDBusConnection *bus, gint64 from, gint64 to, guint step,
				 const char *const *by, gboolean all, GError **error);
gboolean sp_call_history_forget(GDBusConnection *bus, gboolean all, GError **error);
/* Records follow by the signal of that name. */
gboolean sp_call_history_watch(GDBusConnection *bus, gboolean all, GError **error);

#define SP_FLOWS_PAGE 1000
/* All pages; *@time: of the last. aa{sv}, by id */
GVariant *sp_call_flows(GDBusConnection *bus, gboolean all, gint64 *time, GError **error);
gboolean sp_call_flows_end(GDBusConnection *bus, const guint64 *ids, gsize count, GError **error);

/* aa{sv} */
GVariant *sp_call_networks(GDBusConnection *bus, GError **error);
gboolean sp_call_network_name(GDBusConnection *bus, const char *id, const char *name,
			      GError **error);
/* "Forget" or "Ignore". */
gboolean sp_call_network(GDBusConnection *bus, const char *method, const char *id, GError **error);

/* Looks up in an a{sv}; missing or of another type: "", 0, FALSE. */
const char *sp_dict_string(GVariant *dict, const char *key);
guint64 sp_dict_number(GVariant *dict, const char *key);	/* y u x t */
gboolean sp_dict_flag(GVariant *dict, const char *key);
/*
 * The path of a program as a rule has it, from what a flow or record has as "program".
 * NULL: it is not known, or was too long, and has an ellipsis in its middle.
 */
char *sp_program_path(const char *told);
