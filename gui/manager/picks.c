/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See picks.h. By number: a rule that was changed meanwhile is another item. */
#include "picks.h"

struct _SpPicks {
	GObject parent;
	SpRules *rules;
	GHashTable *ids;	/* guint64 */
	gboolean on;
};

G_DEFINE_FINAL_TYPE(SpPicks, sp_picks, G_TYPE_OBJECT)

static guint changed;

static gboolean is_gone(gpointer id, gpointer value, gpointer data)
{
	return !sp_rules_find(data, *(const guint64 *)id);
}

static void on_rules_changed(SpPicks *self)
{
	if (g_hash_table_foreach_remove(self->ids, is_gone, self->rules))
		g_signal_emit(self, changed, 0);
}

static void sp_picks_finalize(GObject *object)
{
	SpPicks *self = SP_PICKS(object);

	g_hash_table_unref(self->ids);
	g_object_unref(self->rules);
	G_OBJECT_CLASS(sp_picks_parent_class)->finalize(object);
}

static void sp_picks_class_init(SpPicksClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_picks_finalize;
	changed = g_signal_new("changed", G_TYPE_FROM_CLASS(class), G_SIGNAL_RUN_LAST, 0, NULL,
			       NULL, NULL, G_TYPE_NONE, 0);
}

static void sp_picks_init(SpPicks *self)
{
	self->ids = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}

SpPicks *sp_picks_new(SpRules *rules)
{
	SpPicks *self = g_object_new(SP_TYPE_PICKS, NULL);

	self->rules = g_object_ref(rules);
	g_signal_connect_object(rules, "items-changed", G_CALLBACK(on_rules_changed), self,
				G_CONNECT_SWAPPED);
	return self;
}

gboolean sp_picks_on(SpPicks *self)
{
	return self->on;
}

void sp_picks_turn(SpPicks *self, gboolean on)
{
	if (self->on == on)
		return;
	self->on = on;
	g_hash_table_remove_all(self->ids);
	g_signal_emit(self, changed, 0);
}

gboolean sp_picks_can(SpPicks *self, SpRuleItem *item)
{
	return !sp_rule_item_in_file(item);
}

gboolean sp_picks_has(SpPicks *self, SpRuleItem *item)
{
	guint64 id = sp_rule_item_id(item);

	return g_hash_table_contains(self->ids, &id);
}

static void put(SpPicks *self, SpRuleItem *item, gboolean picked)
{
	guint64 id = sp_rule_item_id(item);

	if (!picked)
		g_hash_table_remove(self->ids, &id);
	else if (sp_picks_can(self, item))
		g_hash_table_add(self->ids, g_memdup2(&id, sizeof(id)));
}

void sp_picks_set_one(SpPicks *self, SpRuleItem *item, gboolean picked)
{
	put(self, item, picked);
	g_signal_emit(self, changed, 0);
}

void sp_picks_set(SpPicks *self, GListModel *list, gboolean picked)
{
	for (guint i = 0; i < g_list_model_get_n_items(list); i++) {
		g_autoptr(SpRuleItem) item = g_list_model_get_item(list, i);

		put(self, item, picked);
	}
	g_signal_emit(self, changed, 0);
}

void sp_picks_count(SpPicks *self, GListModel *list, guint *can, guint *are)
{
	*can = *are = 0;
	for (guint i = 0; i < g_list_model_get_n_items(list); i++) {
		g_autoptr(SpRuleItem) item = g_list_model_get_item(list, i);

		*can += sp_picks_can(self, item);
		*are += sp_picks_has(self, item);
	}
}

GArray *sp_picks_ids(SpPicks *self)
{
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(guint64));
	GHashTableIter iter;
	gpointer id;

	g_hash_table_iter_init(&iter, self->ids);
	while (g_hash_table_iter_next(&iter, &id, NULL))
		g_array_append_vals(ids, id, 1);
	return ids;
}
