/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-rule-row.h. */
#include "sp-rule-row.h"

#include <glib/gi18n-lib.h>

#include "sp-wrap.h"

struct _SpRuleRow {
	AdwBin parent;
	GtkImage *action;
	GtkLabel *sentence, *subtitle;
	GtkSwitch *on;
	GtkButton *remove;
	SpChanges *changes;
	SpRuleItem *item;
	gboolean filling;
};

G_DEFINE_FINAL_TYPE(SpRuleRow, sp_rule_row, ADW_TYPE_BIN)

static void show_switch(SpRuleRow *self)
{
	gboolean on = self->item && sp_rule_item_enabled(self->item);

	self->filling = TRUE;
	gtk_switch_set_active(self->on, on);
	gtk_switch_set_state(self->on, on);
	self->filling = FALSE;
	gtk_widget_set_sensitive(GTK_WIDGET(self->on),
				 self->item && !sp_rule_item_in_file(self->item));
}

static void on_switched(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(SpRuleRow) self = data;

	/* As the rule has it: it is the list that tells of the change. */
	show_switch(self);
}

static gboolean on_state_set(SpRuleRow *self, gboolean on, GtkSwitch *widget)
{
	guint64 id;

	if (self->filling)
		return FALSE;
	id = sp_rule_item_id(self->item);
	gtk_widget_set_sensitive(GTK_WIDGET(self->on), FALSE);
	sp_changes_switch(self->changes, &id, 1, on, on_switched, g_object_ref(self));
	return TRUE;
}

static void on_remove(SpRuleRow *self)
{
	guint64 id = sp_rule_item_id(self->item);

	sp_changes_remove(self->changes, &id, 1);
}

static void sp_rule_row_dispose(GObject *object)
{
	SpRuleRow *self = SP_RULE_ROW(object);

	g_clear_object(&self->item);
	g_clear_object(&self->changes);
	G_OBJECT_CLASS(sp_rule_row_parent_class)->dispose(object);
}

static void sp_rule_row_class_init(SpRuleRowClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_rule_row_dispose;
	g_type_ensure(SP_TYPE_WRAP);
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-rule-row.ui");
	gtk_widget_class_bind_template_child(widget, SpRuleRow, action);
	gtk_widget_class_bind_template_child(widget, SpRuleRow, sentence);
	gtk_widget_class_bind_template_child(widget, SpRuleRow, subtitle);
	gtk_widget_class_bind_template_child(widget, SpRuleRow, on);
	gtk_widget_class_bind_template_child(widget, SpRuleRow, remove);
	gtk_widget_class_bind_template_callback(widget, on_state_set);
	gtk_widget_class_bind_template_callback(widget, on_remove);
}

static void sp_rule_row_init(SpRuleRow *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sp_rule_row_new(SpChanges *changes)
{
	SpRuleRow *self = g_object_new(SP_TYPE_RULE_ROW, NULL);

	self->changes = g_object_ref(changes);
	return GTK_WIDGET(self);
}

static void show_action(SpRuleRow *self, const struct sp_rule *rule)
{
	static const struct {
		const char *icon, *class;
	} looks[] = {
		[SP_ALLOW] = { "emblem-ok-symbolic", "success" },
		[SP_DENY] = { "action-unavailable-symbolic", "error" },
		[SP_DROP] = { "process-stop-symbolic", "error" },
		[SP_ASK] = { "dialog-question-symbolic", "warning" },
	};
	GtkWidget *image = GTK_WIDGET(self->action);

	for (guint i = SP_ALLOW; i < G_N_ELEMENTS(looks); i++)
		gtk_widget_remove_css_class(image, looks[i].class);
	gtk_image_set_from_icon_name(self->action, looks[rule->action].icon);
	gtk_widget_add_css_class(image, rule->enabled ? looks[rule->action].class : "dim-label");
}

/* For a screen reader, which comes to each by itself. */
static void set_name(GtkWidget *widget, const char *name)
{
	gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       name, -1);
}

static void show_item(SpRuleRow *self)
{
	g_autofree char *subtitle = sp_rule_item_subtitle(self->item);
	const char *sentence = sp_rule_item_sentence(self->item);
	gboolean enabled = sp_rule_item_enabled(self->item);
	/* TRANSLATORS: names of a switch and a button; %s is the rule as a sentence */
	g_autofree char *on = g_strdup_printf(_("On: %s"), sentence);
	g_autofree char *remove = g_strdup_printf(_("Remove: %s"), sentence);

	gtk_label_set_text(self->sentence, sentence);
	gtk_label_set_text(self->subtitle, subtitle);
	if (enabled)
		gtk_widget_remove_css_class(GTK_WIDGET(self->sentence), "dim-label");
	else
		gtk_widget_add_css_class(GTK_WIDGET(self->sentence), "dim-label");
	gtk_widget_set_sensitive(GTK_WIDGET(self->remove), !sp_rule_item_in_file(self->item));
	show_action(self, sp_rule_item_rule(self->item));
	set_name(GTK_WIDGET(self->on), on);
	set_name(GTK_WIDGET(self->remove), remove);
}

void sp_rule_row_set(SpRuleRow *self, SpRuleItem *item)
{
	if (g_set_object(&self->item, item) && item) {
		show_item(self);
		show_switch(self);
	}
}

SpRuleItem *sp_rule_row_item(SpRuleRow *self)
{
	return self->item;
}
