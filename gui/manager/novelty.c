/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See news.h: one of them. */
#include "novelty.h"

#include <glib/gi18n-lib.h>

#include "format.h"

struct _SpNovelty {
	GObject parent;
	enum sp_novelty_kind kind;
	SpTraffic *traffic;
};

G_DEFINE_FINAL_TYPE(SpNovelty, sp_novelty, G_TYPE_OBJECT)

static void sp_novelty_finalize(GObject *object)
{
	g_object_unref(SP_NOVELTY(object)->traffic);
	G_OBJECT_CLASS(sp_novelty_parent_class)->finalize(object);
}

static void sp_novelty_class_init(SpNoveltyClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_novelty_finalize;
}

static void sp_novelty_init(SpNovelty *self)
{
}

SpNovelty *sp_novelty_new(enum sp_novelty_kind kind, SpTraffic *traffic)
{
	SpNovelty *self = g_object_new(SP_TYPE_NOVELTY, NULL);

	self->kind = kind;
	self->traffic = g_object_ref(traffic);
	return self;
}

enum sp_novelty_kind sp_novelty_kind(SpNovelty *self)
{
	return self->kind;
}

const char *sp_novelty_program(SpNovelty *self)
{
	return sp_traffic_program(self->traffic);
}

char *sp_novelty_title(SpNovelty *self)
{
	const char *program = sp_format_program(sp_novelty_program(self));
	g_autofree char *protocol = NULL, *place = NULL;

	switch (self->kind) {
	case SP_NEW_PROGRAM:
		return g_strdup(program);
	case SP_NEW_PORT:
		protocol = g_ascii_strup(sp_traffic_protocol(self->traffic), -1);
		/* TRANSLATORS: program, protocol, number */
		return g_strdup_printf(_("%s listens on %s port %u"), program, protocol,
				       sp_traffic_port(self->traffic));
	case SP_NEW_HOST:
		break;
	}
	place = sp_traffic_title(self->traffic);
	return g_strdup_printf("%s → %s", program, place);
}

char *sp_novelty_detail(SpNovelty *self)
{
	static const char *const kinds[] = {
		[SP_NEW_PROGRAM] = N_("New program"), [SP_NEW_PORT] = N_("New port"),
		[SP_NEW_HOST] = N_("New host"),
	};
	g_autofree char *counts = sp_traffic_detail(self->traffic);

	return g_strdup_printf("%s · %s", _(kinds[self->kind]), counts);
}

struct sp_draft *sp_novelty_draft(SpNovelty *self, enum sp_action action)
{
	struct sp_draft *draft = sp_traffic_draft(self->traffic, action);

	/* It is the port that is new, not who came first. */
	if (draft && self->kind == SP_NEW_PORT)
		sp_draft_set(draft, SP_DRAFT_REMOTE, "");
	return draft;
}
