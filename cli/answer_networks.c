/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Networks that nobody named, asked about by whoever answers questions: once each. */
#include "answer.h"

#include <glib/gi18n.h>

#include "calls.h"
#include "known_networks.h"
#include "width.h"

struct sp_answer_networks {
	struct sp_answer *answer;
	struct sp_known_networks *list;
	GHashTable *asked;	/* ids */
};

static void ask(struct sp_answer_networks *networks, GVariant *network)
{
	g_autofree char *title = sp_width_harmless(sp_dict_string(network, "title")), *line = NULL;
	g_autofree const char **devices = NULL;

	g_variant_lookup(network, "devices", "^a&s", &devices);
	if (!devices || !devices[0] ||
	    !g_hash_table_add(networks->asked, g_strdup(sp_dict_string(network, "id"))))
		return;
	line = g_strdup_printf(_("Which network is “%s”? Say so with: sallyport networks name %s home "
				 "(or public, or another name)"), title, devices[0]);
	networks->answer->face->say(networks->answer, line);
}

static void on_list(GVariant *list, void *data)
{
	for (gsize i = 0; i < g_variant_n_children(list); i++) {
		g_autoptr(GVariant) network = g_variant_get_child_value(list, i);

		if (sp_dict_flag(network, "asks"))
			ask(data, network);
	}
}

void sp_answer_networks_begin(struct sp_answer_networks *networks)
{
	sp_known_networks_begin(networks->list);
}

struct sp_answer_networks *sp_answer_networks_new(struct sp_answer *answer, GDBusConnection *bus)
{
	struct sp_answer_networks *networks = g_new0(struct sp_answer_networks, 1);

	networks->answer = answer;
	networks->list = sp_known_networks_new(bus, on_list, networks);
	networks->asked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return networks;
}

void sp_answer_networks_free(struct sp_answer_networks *networks)
{
	sp_known_networks_free(networks->list);
	g_hash_table_unref(networks->asked);
	g_free(networks);
}
