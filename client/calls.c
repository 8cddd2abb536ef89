/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's methods as functions. */
#include "calls.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "bus.h"
#include "error.h"
#include "rule.h"
#include "sentence.h"

static GVariant *options(gboolean all)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	if (all)
		g_variant_dict_insert(&dict, "all", "b", TRUE);
	return g_variant_dict_end(&dict);
}

/* The only member of a reply. */
static GVariant *member(GVariant *reply)
{
	GVariant *value;

	if (!reply)
		return NULL;
	value = g_variant_get_child_value(reply, 0);
	g_variant_unref(reply);
	return value;
}

static gboolean done(GVariant *reply)
{
	if (!reply)
		return FALSE;
	g_variant_unref(reply);
	return TRUE;
}

GVariant *sp_call_status(GDBusConnection *bus, GError **error)
{
	return member(sp_bus_call(bus, "Manager", "GetStatus", NULL,
				  G_VARIANT_TYPE("(a{sv})"), error));
}

/* Those with a greater id than @after; none where there are no more. */
static GVariant *list_page(GDBusConnection *bus, gboolean all, guint64 after, GError **error)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	if (all)
		g_variant_dict_insert(&dict, "all", "b", TRUE);
	g_variant_dict_insert(&dict, "after", "t", after);
	return member(sp_bus_call(bus, "Rules", "List",
				  g_variant_new("(@a{sv})", g_variant_dict_end(&dict)),
				  G_VARIANT_TYPE("(aa{sv})"), error));
}

/* Appends what is in @page behind @after; where that ends now. */
static guint64 take_page(GVariantBuilder *list, GVariant *page, guint64 after)
{
	GVariantIter iter;
	GVariant *rule;

	g_variant_iter_init(&iter, page);
	while ((rule = g_variant_iter_next_value(&iter))) {
		if (sp_dict_number(rule, "id") > after) {
			after = sp_dict_number(rule, "id");
			g_variant_builder_add_value(list, rule);
		}
		g_variant_unref(rule);
	}
	return after;
}

GVariant *sp_call_rules_list(GDBusConnection *bus, gboolean all, GError **error)
{
	GVariantBuilder list;
	guint64 after = 0, last;

	g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
	do {
		g_autoptr(GVariant) page = list_page(bus, all, after, error);

		if (!page) {
			g_variant_builder_clear(&list);
			return NULL;
		}
		last = after;
		after = take_page(&list, page, after);
	} while (after > last);
	return g_variant_ref_sink(g_variant_builder_end(&list));
}

gboolean sp_call_rules_add(GDBusConnection *bus, const char *text, guint32 owner,
			   const char *lifetime, guint64 *id, GError **error)
{
	g_autoptr(GVariant) reply = NULL;
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "owner", "u", owner);
	if (lifetime)
		g_variant_dict_insert(&dict, "lifetime", "s", lifetime);
	reply = sp_bus_call(bus, "Rules", "Add",
			    g_variant_new("(s@a{sv})", text, g_variant_dict_end(&dict)),
			    G_VARIANT_TYPE("(t)"), error);
	if (!reply)
		return FALSE;
	g_variant_get(reply, "(t)", id);
	return TRUE;
}

/* What one message takes: lines are shorter, messages may be longer. */
#define IMPORT_PART	98304u

/* The end of the last line that fits; of @text where all of it does. */
static gsize part_length(const char *text, gsize length)
{
	gsize fits = MIN(length, IMPORT_PART);

	while (fits < length && fits && text[fits - 1] != '\n')
		fits--;
	return fits ? fits : length;
}

/* Takes @options. */
static gboolean import_part(GDBusConnection *bus, const char *text, GVariant *options, GArray *ids,
			    GError **error)
{
	g_autoptr(GVariant) reply = NULL, array = NULL;
	const guint64 *values;
	gsize count;

	reply = sp_bus_call(bus, "Rules", "Import", g_variant_new("(s@a{sv})", text, options),
			    G_VARIANT_TYPE("(at)"), error);
	if (!reply)
		return FALSE;
	array = g_variant_get_child_value(reply, 0);
	values = g_variant_get_fixed_array(array, &count, sizeof(*values));
	g_array_append_vals(ids, values, count);
	return TRUE;
}

gboolean sp_call_rules_import(GDBusConnection *bus, const char *text, const char *lifetime,
			      GArray *ids, GError **error)
{
	gsize left = strlen(text), length;
	gboolean ok = TRUE;

	for (; ok && left; text += length, left -= length) {
		g_autofree char *part = NULL;
		GVariantDict dict;

		length = part_length(text, left);
		part = g_strndup(text, length);
		g_variant_dict_init(&dict, NULL);
		g_variant_dict_insert(&dict, "owner", "u", (guint32)SP_SYSTEM);
		if (length < left)
			g_variant_dict_insert(&dict, "more", "b", TRUE);
		else if (lifetime)
			g_variant_dict_insert(&dict, "lifetime", "s", lifetime);
		ok = import_part(bus, part, g_variant_dict_end(&dict), ids, error);
	}
	return ok;
}

gboolean sp_call_set_mode(GDBusConnection *bus, const char *mode, guint seconds,
			  const char *reason, GError **error)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	if (seconds)
		g_variant_dict_insert(&dict, "seconds", "u", seconds);
	if (reason)
		g_variant_dict_insert(&dict, "reason", "s", reason);
	return done(sp_bus_call(bus, "Manager", "SetMode",
				g_variant_new("(s@a{sv})", mode, g_variant_dict_end(&dict)),
				G_VARIANT_TYPE_UNIT, error));
}

gboolean sp_call_guard(GDBusConnection *bus, guint seconds, GError **error)
{
	return done(sp_bus_call(bus, "Manager", "Guard", g_variant_new("(u)", seconds),
				G_VARIANT_TYPE_UNIT, error));
}

gboolean sp_call_confirm(GDBusConnection *bus, GError **error)
{
	return done(sp_bus_call(bus, "Manager", "Confirm", NULL, G_VARIANT_TYPE_UNIT, error));
}

gboolean sp_call_rules(GDBusConnection *bus, const char *method, const guint64 *ids,
		       gsize count, GError **error)
{
	GVariant *list = g_variant_new_fixed_array(G_VARIANT_TYPE_UINT64, ids,
						   count, sizeof(*ids));

	return done(sp_bus_call(bus, "Rules", method,
				g_variant_new("(@at)", list),
				G_VARIANT_TYPE_UNIT, error));
}

gboolean sp_call_rules_edit(GDBusConnection *bus, guint64 id, const char *text, GError **error)
{
	return done(sp_bus_call(bus, "Rules", "Edit",
				g_variant_new("(ts@a{sv})", id, text, options(FALSE)),
				G_VARIANT_TYPE_UNIT, error));
}

GVariant *sp_call_rules_find(GDBusConnection *bus, guint64 id, GError **error)
{
	g_autoptr(GVariant) rules = sp_call_rules_list(bus, geteuid() == 0, error);
	GVariantIter iter;
	GVariant *rule;

	if (!rules)
		return NULL;
	g_variant_iter_init(&iter, rules);
	while ((rule = g_variant_iter_next_value(&iter))) {
		if (sp_dict_number(rule, "id") == id)
			return rule;
		g_variant_unref(rule);
	}
	g_set_error(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_NO_SUCH_RULE,
		    _("there is no rule %" PRIu64 ", or it is not yours to see"), id);
	return NULL;
}

GVariant *sp_call_rules_undo(GDBusConnection *bus, gboolean redo, guint64 change,
			     gboolean dry_run, GError **error)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	if (dry_run)
		g_variant_dict_insert(&dict, "dry-run", "b", TRUE);
	if (change)
		g_variant_dict_insert(&dict, "change", "t", change);
	return member(sp_bus_call(bus, "Rules", redo ? "Redo" : "Undo",
				  g_variant_new("(@a{sv})", g_variant_dict_end(&dict)),
				  G_VARIANT_TYPE("(aa{sv})"), error));
}

GVariant *sp_call_rules_journal(GDBusConnection *bus, guint limit, gboolean all, GError **error)
{
	return member(sp_bus_call(bus, "Rules", "Journal",
				  g_variant_new("(u@a{sv})", limit, options(all)),
				  G_VARIANT_TYPE("(aa{sv})"), error));
}

GVariant *sp_call_history_recent(GDBusConnection *bus, guint limit,
				 gboolean all, GError **error)
{
	return member(sp_bus_call(bus, "History", "Recent",
				  g_variant_new("(u@a{sv})", limit, options(all)),
				  G_VARIANT_TYPE("(aa{sv})"), error));
}

GVariant *sp_call_history_totals(GDBusConnection *bus, gint64 from, gint64 to, guint step,
				 const char *const *by, gboolean all, GError **error)
{
	g_autoptr(GVariant) reply = NULL;

	reply = sp_bus_call(bus, "History", "Totals",
			    g_variant_new("(xxu^as@a{sv})", from, to, step, by, options(all)),
			    G_VARIANT_TYPE("(uaa{sv})"), error);
	return reply ? g_variant_get_child_value(reply, 1) : NULL;
}

gboolean sp_call_history_forget(GDBusConnection *bus, gboolean all, GError **error)
{
	return done(sp_bus_call(bus, "History", "Forget",
				g_variant_new("(@a{sv})", options(all)),
				G_VARIANT_TYPE_UNIT, error));
}

gboolean sp_call_history_watch(GDBusConnection *bus, gboolean all, GError **error)
{
	return done(sp_bus_call(bus, "History", "Watch",
				g_variant_new("(@a{sv})", options(all)),
				G_VARIANT_TYPE_UNIT, error));
}

/* Appends a page to @to; *@after becomes its last id. FALSE with @error unset: the last page. */
static gboolean add_page(GDBusConnection *bus, gboolean all, guint64 *after, gint64 *time,
			 GVariantBuilder *to, GError **error)
{
	g_autoptr(GVariant) reply = NULL, page = NULL;
	GVariantIter iter;
	GVariant *flow;

	reply = sp_bus_call(bus, "Flows", "List",
			    g_variant_new("(tu@a{sv})", *after, SP_FLOWS_PAGE, options(all)),
			    G_VARIANT_TYPE("(xaa{sv})"), error);
	if (!reply)
		return FALSE;
	g_variant_get(reply, "(x@aa{sv})", time, &page);
	g_variant_iter_init(&iter, page);
	while ((flow = g_variant_iter_next_value(&iter))) {
		*after = sp_dict_number(flow, "id");
		g_variant_builder_add_value(to, flow);
		g_variant_unref(flow);
	}
	return g_variant_n_children(page) == SP_FLOWS_PAGE;
}

GVariant *sp_call_flows(GDBusConnection *bus, gboolean all, gint64 *time, GError **error)
{
	GVariantBuilder builder;
	GError *failed = NULL;
	guint64 after = 0;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("aa{sv}"));
	while (add_page(bus, all, &after, time, &builder, &failed))
		;
	if (failed) {
		g_variant_builder_clear(&builder);
		g_propagate_error(error, failed);
		return NULL;
	}
	return g_variant_ref_sink(g_variant_builder_end(&builder));
}

gboolean sp_call_flows_end(GDBusConnection *bus, const guint64 *ids, gsize count, GError **error)
{
	GVariant *list = g_variant_new_fixed_array(G_VARIANT_TYPE_UINT64, ids, count, sizeof(*ids));

	return done(sp_bus_call(bus, "Flows", "End", g_variant_new("(@at)", list),
				G_VARIANT_TYPE_UNIT, error));
}

GVariant *sp_call_networks(GDBusConnection *bus, GError **error)
{
	return member(sp_bus_call(bus, "Networks", "List", NULL, G_VARIANT_TYPE("(aa{sv})"), error));
}

gboolean sp_call_network_name(GDBusConnection *bus, const char *id, const char *name,
			      GError **error)
{
	return done(sp_bus_call(bus, "Networks", "Name", g_variant_new("(ss)", id, name),
				G_VARIANT_TYPE_UNIT, error));
}

gboolean sp_call_network(GDBusConnection *bus, const char *method, const char *id, GError **error)
{
	return done(sp_bus_call(bus, "Networks", method, g_variant_new("(s)", id),
				G_VARIANT_TYPE_UNIT, error));
}

const char *sp_dict_string(GVariant *dict, const char *key)
{
	const char *value = "";

	g_variant_lookup(dict, key, "&s", &value);
	return value;
}

char *sp_program_path(const char *told)
{
	return *told == '/' && !strstr(told, "\u2026") ? sp_text_of_literal(told) : NULL;
}

guint64 sp_dict_number(GVariant *dict, const char *key)
{
	g_autoptr(GVariant) value = g_variant_lookup_value(dict, key, NULL);

	if (!value)
		return 0;
	switch (g_variant_classify(value)) {
	case G_VARIANT_CLASS_BYTE:
		return g_variant_get_byte(value);
	case G_VARIANT_CLASS_UINT32:
		return g_variant_get_uint32(value);
	case G_VARIANT_CLASS_INT64:
		return (guint64)g_variant_get_int64(value);
	case G_VARIANT_CLASS_UINT64:
		return g_variant_get_uint64(value);
	default:
		return 0;	/* other types are no numbers of this interface */
	}
}

gboolean sp_dict_flag(GVariant *dict, const char *key)
{
	gboolean value = FALSE;

	g_variant_lookup(dict, key, "b", &value);
	return value;
}
