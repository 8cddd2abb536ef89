/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See choices.h. */
#include "choices.h"

#include <string.h>

#include <glib/gi18n-lib.h>

static void choice_clear(gpointer data)
{
	g_free(((struct sp_choice *)data)->words);
}

static void add(struct sp_choices *choices, const char *name, const char *words,
		const char *lifetime)
{
	struct sp_choice choice = { .words = g_strdup(words), .lifetime = lifetime };

	gtk_string_list_append(choices->names, name);
	g_array_append_val(choices->choices, choice);
}

static void begin(struct sp_choices *choices)
{
	sp_choices_clear(choices);
	choices->names = gtk_string_list_new(NULL);
	choices->choices = g_array_new(FALSE, FALSE, sizeof(struct sp_choice));
	g_array_set_clear_func(choices->choices, choice_clear);
}

/* @words is selected, and added as it is where it is none of those that are offered. */
static void select_or_add(struct sp_choices *choices, const char *name, const char *words,
			  guint *selected)
{
	for (*selected = 0; *selected < choices->choices->len; (*selected)++) {
		const struct sp_choice *choice = sp_choices_get(choices, *selected);

		if (!choice->lifetime && strcmp(choice->words, words) == 0)
			return;
	}
	add(choices, name, words, NULL);
}

void sp_choices_protocols(struct sp_choices *choices, const struct sp_draft *draft, guint *selected)
{
	static const char *const offered[] = { "tcp", "udp", "icmp", "icmpv6" };
	const char *own = draft->fields[SP_DRAFT_PROTOCOL];

	begin(choices);
	add(choices, _("Any"), "", NULL);
	for (guint i = 0; i < G_N_ELEMENTS(offered); i++) {
		g_autofree char *name = g_ascii_strup(offered[i], -1);

		add(choices, name, offered[i], NULL);
	}
	select_or_add(choices, own, own, selected);
}

void sp_choices_lifetimes(struct sp_choices *choices, const struct sp_draft *draft, guint *selected)
{
	const char *own = draft->fields[SP_DRAFT_UNTIL];

	begin(choices);
	add(choices, _("Always"), "", NULL);
	add(choices, _("15 Minutes"), "", "15m");
	add(choices, _("1 Hour"), "", "1h");
	add(choices, _("1 Day"), "", "1d");
	add(choices, _("Until the Machine Restarts"), "until reboot", NULL);
	select_or_add(choices, own, own, selected);
}

const struct sp_choice *sp_choices_get(const struct sp_choices *choices, guint position)
{
	return choices->choices && position < choices->choices->len ?
	       &g_array_index(choices->choices, struct sp_choice, position) : NULL;
}

void sp_choices_clear(struct sp_choices *choices)
{
	g_clear_object(&choices->names);
	g_clear_pointer(&choices->choices, g_array_unref);
}
