/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See status.h. */
#include "status.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "calls.h"
#include "format.h"
#include "width.h"

struct _SpStatus {
	GObject parent;
	SpQuery *query;
	GVariant *dict;
};

G_DEFINE_FINAL_TYPE(SpStatus, sp_status, G_TYPE_OBJECT)

static guint changed;

static void on_query(SpStatus *self)
{
	g_clear_pointer(&self->dict, g_variant_unref);
	if (sp_query_state(self->query) == SP_QUERY_READY)
		self->dict = g_variant_get_child_value(sp_query_result(self->query), 0);
	g_signal_emit(self, changed, 0);
}

static void sp_status_finalize(GObject *object)
{
	SpStatus *self = SP_STATUS(object);

	g_clear_pointer(&self->dict, g_variant_unref);
	g_clear_object(&self->query);
	G_OBJECT_CLASS(sp_status_parent_class)->finalize(object);
}

static void sp_status_class_init(SpStatusClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_status_finalize;
	changed = g_signal_new("changed", G_TYPE_FROM_CLASS(class), G_SIGNAL_RUN_LAST, 0, NULL,
			       NULL, NULL, G_TYPE_NONE, 0);
}

static void sp_status_init(SpStatus *self)
{
}

SpStatus *sp_status_new(SpLink *link)
{
	SpStatus *self = g_object_new(SP_TYPE_STATUS, NULL);

	self->query = sp_query_new(link, "Manager", "GetStatus", g_variant_new("()"));
	g_signal_connect_object(self->query, "changed", G_CALLBACK(on_query), self,
				G_CONNECT_SWAPPED);
	on_query(self);
	return self;
}

SpQuery *sp_status_query(SpStatus *self)
{
	return self->query;
}

GVariant *sp_status_dict(SpStatus *self)
{
	return self->dict;
}

const char *sp_status_mode(SpStatus *self)
{
	return self->dict ? sp_dict_string(self->dict, "mode") : "";
}

gboolean sp_status_is_paused(SpStatus *self)
{
	return self->dict && sp_dict_number(self->dict, "mode-until") != 0;
}

static gboolean is(SpStatus *self, const char *key, const char *value)
{
	return self->dict && strcmp(sp_dict_string(self->dict, key), value) == 0;
}

enum sp_health sp_status_health(SpStatus *self)
{
	if (!self->dict)
		return SP_HEALTH_UNKNOWN;
	if (is(self, "state", "protecting"))
		return SP_HEALTH_GOOD;
	return is(self, "state", "degraded") ? SP_HEALTH_NOTE : SP_HEALTH_BAD;
}

const char *sp_status_title(SpStatus *self)
{
	switch (sp_status_health(self)) {
	case SP_HEALTH_UNKNOWN:
		return _("It is not known whether this machine is protected");
	case SP_HEALTH_GOOD:
		if (is(self, "mode", "learn"))
			return _("Learning: what installed programs do is allowed, and noted");
		return is(self, "mode", "lockdown") ? _("Locked down: only what overrides all others is allowed") :
						      _("This machine is protected");
	case SP_HEALTH_NOTE:
		return _("This machine is protected, but not fully");
	case SP_HEALTH_BAD:
		break;
	}
	return is(self, "mode", "off") ? _("The firewall is off: everything passes") :
					 _("This machine is not protected");
}

static void add(GString *text, const char *words)
{
	if (*words)
		g_string_append_printf(text, "%s%s", text->len ? "\n" : "", words);
}

char *sp_status_detail(SpStatus *self)
{
	GString *text = g_string_new(NULL);
	g_autofree char *time = NULL, *until = NULL, *reason = NULL;
	g_autofree const char **reasons = NULL;

	if (!self->dict)
		return g_string_free(text, FALSE);
	time = sp_format_time((gint64)sp_dict_number(self->dict, "mode-until"), g_get_real_time());
	until = g_strdup_printf(_("Until %s"), time);
	reason = sp_width_harmless(sp_dict_string(self->dict, "mode-reason"));
	add(text, *time ? until : "");
	add(text, reason);
	g_variant_lookup(self->dict, "reasons", "^a&s", &reasons);
	for (gsize i = 0; reasons && reasons[i]; i++)
		add(text, reasons[i]);
	return g_string_free(text, FALSE);
}
