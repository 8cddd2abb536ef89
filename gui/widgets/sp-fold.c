/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-fold.h. */
#include "sp-fold.h"

struct _SpFold {
	GtkWidget parent;
	GtkWidget *wide, *narrow;
	gboolean folded;
};

G_DEFINE_FINAL_TYPE(SpFold, sp_fold, GTK_TYPE_WIDGET)

enum { PROP_WIDE = 1, PROP_NARROW, PROP_FOLDED, PROPS };

static GParamSpec *props[PROPS];

static void sp_fold_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
			    int *minimum, int *natural, int *minimum_baseline,
			    int *natural_baseline)
{
	SpFold *self = SP_FOLD(widget);
	int wide_minimum = 0, wide_natural = 0;

	if (self->narrow)
		gtk_widget_measure(self->narrow, orientation, -1, minimum, natural, NULL, NULL);
	if (self->wide)
		gtk_widget_measure(self->wide, orientation, -1, &wide_minimum, &wide_natural,
				   NULL, NULL);
	*natural = MAX(*natural, wide_natural);
	if (orientation == GTK_ORIENTATION_VERTICAL)
		*minimum = MAX(*minimum, wide_minimum);
}

static void allocate(GtkWidget *child, gboolean shown, int width, int height, int baseline)
{
	if (!child)
		return;
	gtk_widget_set_child_visible(child, shown);
	if (shown)
		gtk_widget_allocate(child, width, height, baseline, NULL);
}

static void sp_fold_size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
	SpFold *self = SP_FOLD(widget);
	int natural = 0;
	gboolean folded;

	if (self->wide)
		gtk_widget_measure(self->wide, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural,
				   NULL, NULL);
	folded = width < natural;
	allocate(self->wide, !folded, width, height, baseline);
	allocate(self->narrow, folded, width, height, baseline);
	if (self->folded == folded)
		return;
	self->folded = folded;
	g_object_notify_by_pspec(G_OBJECT(self), props[PROP_FOLDED]);
}

static void set_child(SpFold *self, GtkWidget **child, GtkWidget *widget)
{
	g_clear_pointer(child, gtk_widget_unparent);
	*child = widget;
	if (widget)
		gtk_widget_set_parent(widget, GTK_WIDGET(self));
}

static void sp_fold_set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
	SpFold *self = SP_FOLD(object);

	if (id == PROP_WIDE)
		set_child(self, &self->wide, g_value_get_object(value));
	else if (id == PROP_NARROW)
		set_child(self, &self->narrow, g_value_get_object(value));
	else
		G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void sp_fold_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
	if (id == PROP_FOLDED)
		g_value_set_boolean(value, SP_FOLD(object)->folded);
	else
		G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void sp_fold_dispose(GObject *object)
{
	SpFold *self = SP_FOLD(object);

	set_child(self, &self->wide, NULL);
	set_child(self, &self->narrow, NULL);
	G_OBJECT_CLASS(sp_fold_parent_class)->dispose(object);
}

static void sp_fold_class_init(SpFoldClass *class)
{
	GObjectClass *object = G_OBJECT_CLASS(class);
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	object->dispose = sp_fold_dispose;
	object->set_property = sp_fold_set_property;
	object->get_property = sp_fold_get_property;
	props[PROP_WIDE] = g_param_spec_object("wide", NULL, NULL, GTK_TYPE_WIDGET,
		G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
	props[PROP_NARROW] = g_param_spec_object("narrow", NULL, NULL, GTK_TYPE_WIDGET,
		G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
	props[PROP_FOLDED] = g_param_spec_boolean("folded", NULL, NULL, FALSE,
		G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
	g_object_class_install_properties(object, PROPS, props);
	widget->measure = sp_fold_measure;
	widget->size_allocate = sp_fold_size_allocate;
}

static void sp_fold_init(SpFold *self)
{
}

GtkWidget *sp_fold_new(void)
{
	return g_object_new(SP_TYPE_FOLD, NULL);
}
