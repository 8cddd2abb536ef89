/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-pick-bar.h. Each button is one change of the daemon's: it is undone as one. */
#include "sp-pick-bar.h"

#include <glib/gi18n-lib.h>

#include "sp-wrap.h"

struct _SpPickBar {
	AdwBin parent;
	SpPicks *picks;
	GListModel *shown;
	SpChanges *changes;

	GtkRevealer *revealer;
	GtkLabel *count;
	GtkWidget *all, *deeds;
};

G_DEFINE_FINAL_TYPE(SpPickBar, sp_pick_bar, ADW_TYPE_BIN)

static void on_all(SpPickBar *self)
{
	sp_picks_set(self->picks, self->shown, TRUE);
}

static void turn(SpPickBar *self, gboolean on)
{
	g_autoptr(GArray) ids = sp_picks_ids(self->picks);

	sp_changes_switch(self->changes, (const guint64 *)(void *)ids->data, ids->len, on, NULL, NULL);
}

static void on_on(SpPickBar *self)
{
	turn(self, TRUE);
}

static void on_off(SpPickBar *self)
{
	turn(self, FALSE);
}

static void on_remove(SpPickBar *self)
{
	g_autoptr(GArray) ids = sp_picks_ids(self->picks);

	sp_changes_remove(self->changes, (const guint64 *)(void *)ids->data, ids->len);
}

static void show(SpPickBar *self)
{
	g_autoptr(GArray) ids = sp_picks_ids(self->picks);
	g_autofree char *text = g_strdup_printf(ngettext("%u rule picked", "%u rules picked", ids->len),
						ids->len);

	gtk_label_set_text(self->count, ids->len ? text : _("Pick rules"));
	gtk_widget_set_sensitive(self->deeds, ids->len > 0);
	gtk_revealer_set_reveal_child(self->revealer, sp_picks_on(self->picks));
}

static void sp_pick_bar_dispose(GObject *object)
{
	SpPickBar *self = SP_PICK_BAR(object);

	g_clear_object(&self->picks);
	g_clear_object(&self->shown);
	g_clear_object(&self->changes);
	G_OBJECT_CLASS(sp_pick_bar_parent_class)->dispose(object);
}

static void sp_pick_bar_class_init(SpPickBarClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_pick_bar_dispose;
	g_type_ensure(SP_TYPE_WRAP);
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-pick-bar.ui");
	gtk_widget_class_bind_template_child(widget, SpPickBar, revealer);
	gtk_widget_class_bind_template_child(widget, SpPickBar, count);
	gtk_widget_class_bind_template_child(widget, SpPickBar, all);
	gtk_widget_class_bind_template_child(widget, SpPickBar, deeds);
	gtk_widget_class_bind_template_callback(widget, on_all);
	gtk_widget_class_bind_template_callback(widget, on_on);
	gtk_widget_class_bind_template_callback(widget, on_off);
	gtk_widget_class_bind_template_callback(widget, on_remove);
}

static void sp_pick_bar_init(SpPickBar *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sp_pick_bar_new(void)
{
	return g_object_new(SP_TYPE_PICK_BAR, NULL);
}

void sp_pick_bar_set(SpPickBar *self, SpPicks *picks, GListModel *shown, SpChanges *changes)
{
	self->picks = g_object_ref(picks);
	self->shown = g_object_ref(shown);
	self->changes = g_object_ref(changes);
	g_signal_connect_object(picks, "changed", G_CALLBACK(show), self, G_CONNECT_SWAPPED);
	show(self);
}
