/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See sp-wrap.h. It measures as little as there is to measure: in a horizontal GtkBox, GTK
 * asks a text that wraps how wide it is for a height, and tries many widths to find out.
 */
#include "sp-wrap.h"

/* Characters of a line of the body, at least; px between the two. */
#define LINE	26
#define SPACING	12

struct _SpWrap {
	GtkWidget parent;
	GtkWidget *start, *body, *controls;
	int line;		/* a line's width; 0: not known */
};

G_DEFINE_FINAL_TYPE(SpWrap, sp_wrap, GTK_TYPE_WIDGET)

enum { PROP_START = 1, PROP_BODY, PROP_CONTROLS };

/* As the text is large. Pango lays out a text to know it, so that it is kept. */
static int line_width(SpWrap *self)
{
	PangoFontMetrics *metrics;

	if (!self->line) {
		metrics = pango_context_get_metrics(gtk_widget_get_pango_context(GTK_WIDGET(self)),
						    NULL, NULL);
		self->line = LINE * PANGO_PIXELS(pango_font_metrics_get_approximate_char_width(metrics));
		pango_font_metrics_unref(metrics);
	}
	return self->line;
}

static void sp_wrap_css_changed(GtkWidget *widget, GtkCssStyleChange *change)
{
	SP_WRAP(widget)->line = 0;
	GTK_WIDGET_CLASS(sp_wrap_parent_class)->css_changed(widget, change);
}

struct size {
	int minimum, natural;
};

static struct size size_of(GtkWidget *child, GtkOrientation orientation, int for_size)
{
	struct size size = { 0 };

	gtk_widget_measure(child, orientation, for_size, &size.minimum, &size.natural, NULL, NULL);
	return size;
}

/* What is before the body takes that from its width. */
static int before(SpWrap *self)
{
	if (!self->start || !gtk_widget_get_visible(self->start))
		return 0;
	return size_of(self->start, GTK_ORIENTATION_HORIZONTAL, -1).natural + SPACING;
}

static int start_height(SpWrap *self)
{
	return before(self) ? size_of(self->start, GTK_ORIENTATION_VERTICAL, -1).natural : 0;
}

/* The room for the body beside the controls; 0: not enough. */
static int beside(SpWrap *self, int width)
{
	struct size body = size_of(self->body, GTK_ORIENTATION_HORIZONTAL, -1);
	int left = width - before(self) - SPACING -
		   size_of(self->controls, GTK_ORIENTATION_HORIZONTAL, -1).natural;

	return left >= MAX(MIN(body.natural, line_width(self)), body.minimum) ? left : 0;
}

static void measure_width(SpWrap *self, int *minimum, int *natural)
{
	struct size body = size_of(self->body, GTK_ORIENTATION_HORIZONTAL, -1);
	struct size controls = size_of(self->controls, GTK_ORIENTATION_HORIZONTAL, -1);

	*minimum = MAX(before(self) + body.minimum, controls.minimum);
	*natural = before(self) + body.natural + SPACING + controls.natural;
}

static void measure_height(SpWrap *self, int width, int *minimum, int *natural)
{
	int room = width < 0 ? -1 : beside(self, width);
	struct size body = size_of(self->body, GTK_ORIENTATION_VERTICAL,
				   room ? room : width - before(self));
	struct size controls = size_of(self->controls, GTK_ORIENTATION_VERTICAL, -1);
	int start = start_height(self);

	body.minimum = MAX(body.minimum, start);
	body.natural = MAX(body.natural, start);
	*minimum = room ? MAX(body.minimum, controls.minimum) : body.minimum + controls.minimum;
	*natural = room ? MAX(body.natural, controls.natural) : body.natural + controls.natural;
}

static void sp_wrap_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
			    int *minimum, int *natural, int *minimum_baseline,
			    int *natural_baseline)
{
	if (orientation == GTK_ORIENTATION_HORIZONTAL)
		measure_width(SP_WRAP(widget), minimum, natural);
	else
		measure_height(SP_WRAP(widget), for_size, minimum, natural);
}

static GtkSizeRequestMode sp_wrap_get_request_mode(GtkWidget *widget)
{
	return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

/* @x: from the start, which is on the right in some languages. */
static void place(SpWrap *self, GtkWidget *child, int x, int y, int width, int height)
{
	if (gtk_widget_get_direction(GTK_WIDGET(self)) == GTK_TEXT_DIR_RTL)
		x = gtk_widget_get_width(GTK_WIDGET(self)) - x - width;
	gtk_widget_size_allocate(child, &(GtkAllocation){ x, y, width, height }, -1);
}

/* Start and body beside each other, the body in the middle of the height. */
static void place_body(SpWrap *self, int width, int height)
{
	int left = before(self);
	int high = MIN(size_of(self->body, GTK_ORIENTATION_VERTICAL, width).natural, height);

	if (left)
		place(self, self->start, 0, 0, left - SPACING, height);
	place(self, self->body, left, (height - high) / 2, width, high);
}

static void sp_wrap_size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
	SpWrap *self = SP_WRAP(widget);
	struct size controls = size_of(self->controls, GTK_ORIENTATION_HORIZONTAL, -1);
	int room = beside(self, width), wide = MIN(controls.natural, width), low;

	if (room) {
		place_body(self, room, height);
		place(self, self->controls, width - wide, 0, wide, height);
		return;
	}
	low = size_of(self->controls, GTK_ORIENTATION_VERTICAL, -1).natural;
	place_body(self, width - before(self), height - low);
	place(self, self->controls, width - wide, height - low, wide, low);
}

static GtkWidget **child_of(SpWrap *self, guint property)
{
	return property == PROP_START ? &self->start : property == PROP_BODY ? &self->body :
	       &self->controls;
}

static void sp_wrap_set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
	SpWrap *self = SP_WRAP(object);
	GtkWidget **child = child_of(self, id);

	g_clear_pointer(child, gtk_widget_unparent);
	*child = g_value_get_object(value);
	gtk_widget_set_parent(*child, GTK_WIDGET(self));
}

static void sp_wrap_dispose(GObject *object)
{
	SpWrap *self = SP_WRAP(object);

	g_clear_pointer(&self->start, gtk_widget_unparent);
	g_clear_pointer(&self->body, gtk_widget_unparent);
	g_clear_pointer(&self->controls, gtk_widget_unparent);
	G_OBJECT_CLASS(sp_wrap_parent_class)->dispose(object);
}

static void sp_wrap_class_init(SpWrapClass *class)
{
	GObjectClass *object = G_OBJECT_CLASS(class);
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	object->dispose = sp_wrap_dispose;
	object->set_property = sp_wrap_set_property;
	g_object_class_install_property(object, PROP_START, g_param_spec_object("start", NULL, NULL,
		GTK_TYPE_WIDGET, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
	g_object_class_install_property(object, PROP_BODY, g_param_spec_object("body", NULL, NULL,
		GTK_TYPE_WIDGET, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
	g_object_class_install_property(object, PROP_CONTROLS, g_param_spec_object("controls", NULL,
		NULL, GTK_TYPE_WIDGET, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
	widget->css_changed = sp_wrap_css_changed;
	widget->measure = sp_wrap_measure;
	widget->get_request_mode = sp_wrap_get_request_mode;
	widget->size_allocate = sp_wrap_size_allocate;
}

static void sp_wrap_init(SpWrap *self)
{
}

GtkWidget *sp_wrap_new(void)
{
	return g_object_new(SP_TYPE_WRAP, NULL);
}
