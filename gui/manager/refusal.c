/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See refusals.h: one of them. */
#include "refusal.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "calls.h"
#include "format.h"

struct _SpRefusal {
	GObject parent;
	GVariant *record;	/* the latest */
	guint count;
};

G_DEFINE_FINAL_TYPE(SpRefusal, sp_refusal, G_TYPE_OBJECT)

static void sp_refusal_finalize(GObject *object)
{
	g_variant_unref(SP_REFUSAL(object)->record);
	G_OBJECT_CLASS(sp_refusal_parent_class)->finalize(object);
}

static void sp_refusal_class_init(SpRefusalClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_refusal_finalize;
}

static void sp_refusal_init(SpRefusal *self)
{
}

gboolean sp_refusal_is(GVariant *record)
{
	static const char *const by[] = { "deadline", "nobody", "limit", NULL };

	return strcmp(sp_dict_string(record, "action"), "allow") != 0 &&
	       g_strv_contains(by, sp_dict_string(record, "by"));
}

static gboolean is_inbound(GVariant *record)
{
	return strcmp(sp_dict_string(record, "direction"), "in") == 0;
}

/* Ours of what comes in, theirs of what goes out: what a rule would be about. */
static guint port_of(GVariant *record)
{
	return (guint)sp_dict_number(record, is_inbound(record) ? "local-port" : "remote-port");
}

char *sp_refusal_key(GVariant *record)
{
	return g_strdup_printf("%s\n%s\n%u\n%s\n%s\n%s", sp_dict_string(record, "program"),
			       sp_dict_string(record, "remote"), port_of(record),
			       sp_dict_string(record, "protocol"),
			       sp_dict_string(record, "direction"), sp_dict_string(record, "by"));
}

SpRefusal *sp_refusal_new(GVariant *record)
{
	SpRefusal *self = g_object_new(SP_TYPE_REFUSAL, NULL);

	self->record = g_variant_ref(record);
	self->count = 1;
	return self;
}

void sp_refusal_add(SpRefusal *self, GVariant *record)
{
	g_variant_unref(self->record);
	self->record = g_variant_ref(record);
	self->count++;
}

gint64 sp_refusal_last(SpRefusal *self)
{
	return (gint64)sp_dict_number(self->record, "time");
}

const char *sp_refusal_program(SpRefusal *self)
{
	return sp_dict_string(self->record, "program");
}

char *sp_refusal_title(SpRefusal *self)
{
	g_autofree char *remote = sp_format_remote(self->record);

	return sp_format_flow(sp_format_program(sp_refusal_program(self)),
			      sp_dict_string(self->record, "direction"), remote,
			      (guint)sp_dict_number(self->record, "remote-port"),
			      (guint)sp_dict_number(self->record, "local-port"));
}

static const char *reason(const char *by)
{
	if (strcmp(by, "nobody") == 0)
		return _("Refused: nobody could be asked");
	if (strcmp(by, "limit") == 0)
		return _("Refused: too many were waiting");
	return _("Missed: nobody answered in time");
}

char *sp_refusal_detail(SpRefusal *self)
{
	g_autofree char *time = sp_format_time(sp_refusal_last(self), g_get_real_time());
	const char *why = reason(sp_dict_string(self->record, "by"));

	if (self->count == 1)
		return g_strdup_printf("%s · %s", why, time);
	/* TRANSLATORS: why, how often, when */
	return g_strdup_printf(_("%s · %u times, last %s"), why, self->count, time);
}

struct sp_draft *sp_refusal_draft(SpRefusal *self, enum sp_action action)
{
	guint port = port_of(self->record);
	g_autofree char *number = port ? g_strdup_printf("%u", port) : g_strdup("");
	const char *host = sp_format_sure_host(self->record);
	struct sp_draft *draft = sp_draft_about(sp_refusal_program(self),
						(guint32)sp_dict_number(self->record, "user"), action,
						is_inbound(self->record) ? SP_IN : SP_OUT);

	if (!draft)
		return NULL;
	sp_draft_set(draft, SP_DRAFT_REMOTE, *host ? host : sp_dict_string(self->record, "remote"));
	sp_draft_set(draft, SP_DRAFT_PROTOCOL, sp_dict_string(self->record, "protocol"));
	sp_draft_set(draft, SP_DRAFT_PORT, number);
	return draft;
}
