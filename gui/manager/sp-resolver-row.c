/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-resolver-row.h. It shows what the rules say, and never what was only asked for. */
#include "sp-resolver-row.h"

struct _SpResolverRow {
	AdwActionRow parent;
	GtkSwitch *on;
	SpRules *rules;
	SpChanges *changes;
	gboolean filling;
};

G_DEFINE_FINAL_TYPE(SpResolverRow, sp_resolver_row, ADW_TYPE_ACTION_ROW)

/* Of nobody in particular, about no program in particular. */
static gboolean is_meant(SpRuleItem *item)
{
	const struct sp_rule *rule = sp_rule_item_rule(item);

	return sp_rule_item_readable(item) && !sp_rule_item_in_file(item) &&
	       rule->owner == SP_SYSTEM && rule->action == SP_ALLOW && rule->direction == SP_OUT &&
	       rule->remote_kind == SP_REMOTE_RESOLVER &&
	       !*sp_rule_item_program(item);
}

/* Their numbers; how many of them are @on. */
static GArray *find(SpResolverRow *self, guint *on)
{
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(guint64));
	GPtrArray *items = sp_items_array(self->rules);

	*on = 0;
	for (guint i = 0; i < items->len; i++) {
		guint64 id = sp_rule_item_id(items->pdata[i]);

		if (!is_meant(items->pdata[i]))
			continue;
		g_array_append_val(ids, id);
		*on += sp_rule_item_enabled(items->pdata[i]);
	}
	return ids;
}

static void show(SpResolverRow *self)
{
	guint on;
	g_autoptr(GArray) ids = find(self, &on);

	gtk_widget_set_visible(GTK_WIDGET(self), ids->len > 0);
	self->filling = TRUE;
	gtk_switch_set_active(self->on, on > 0);
	gtk_switch_set_state(self->on, on > 0);
	self->filling = FALSE;
	gtk_widget_set_sensitive(GTK_WIDGET(self->on), TRUE);
}

static void on_switched(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(SpResolverRow) self = data;

	if (self->rules)
		show(self);
}

static gboolean on_state_set(SpResolverRow *self, gboolean on)
{
	g_autoptr(GArray) ids = NULL;
	guint were;

	if (self->filling)
		return FALSE;
	ids = find(self, &were);
	gtk_widget_set_sensitive(GTK_WIDGET(self->on), FALSE);
	sp_changes_switch(self->changes, (const guint64 *)(void *)ids->data, ids->len, on,
			  on_switched, g_object_ref(self));
	return TRUE;
}

static void sp_resolver_row_dispose(GObject *object)
{
	SpResolverRow *self = SP_RESOLVER_ROW(object);

	g_clear_object(&self->rules);
	g_clear_object(&self->changes);
	G_OBJECT_CLASS(sp_resolver_row_parent_class)->dispose(object);
}

static void sp_resolver_row_class_init(SpResolverRowClass *class)
{
	G_OBJECT_CLASS(class)->dispose = sp_resolver_row_dispose;
}

static void sp_resolver_row_init(SpResolverRow *self)
{
	self->on = GTK_SWITCH(gtk_switch_new());
	gtk_widget_set_valign(GTK_WIDGET(self->on), GTK_ALIGN_CENTER);
	adw_action_row_add_suffix(ADW_ACTION_ROW(self), GTK_WIDGET(self->on));
	adw_action_row_set_activatable_widget(ADW_ACTION_ROW(self), GTK_WIDGET(self->on));
	g_signal_connect_swapped(self->on, "state-set", G_CALLBACK(on_state_set), self);
	gtk_widget_set_visible(GTK_WIDGET(self), FALSE);
}

void sp_resolver_row_set(SpResolverRow *self, SpRules *rules, SpChanges *changes)
{
	self->rules = g_object_ref(rules);
	self->changes = g_object_ref(changes);
	g_signal_connect_object(rules, "items-changed", G_CALLBACK(show), self, G_CONNECT_SWAPPED);
	show(self);
}
