/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-page.h. */
#include "sp-page.h"

struct _SpPage {
	GtkWidget parent;
	GtkStack *stack;
	GtkSpinner *spinner;
	AdwStatusPage *empty, *locked, *error;
	GtkRevealer *stale;
	AdwBin *bin;
	enum sp_page_state state;
};

static void buildable_init(GtkBuildableIface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE(SpPage, sp_page, GTK_TYPE_WIDGET,
			      G_IMPLEMENT_INTERFACE(GTK_TYPE_BUILDABLE, buildable_init))

enum { PROP_EMPTY_ICON = 1, PROP_EMPTY_TITLE, PROP_EMPTY_TEXT, PROP_LOCKED_TEXT, PROPS };
enum { UNLOCK, RETRY, SIGNALS };

static GtkBuildableIface *parent_buildable;
static guint signals[SIGNALS];

/* A child in a template is the content; the template's own is ours. */
static void add_child(GtkBuildable *buildable, GtkBuilder *builder, GObject *child,
		      const char *type)
{
	SpPage *self = SP_PAGE(buildable);

	if (self->bin && !type && GTK_IS_WIDGET(child))
		adw_bin_set_child(self->bin, GTK_WIDGET(child));
	else
		parent_buildable->add_child(buildable, builder, child, type);
}

static void buildable_init(GtkBuildableIface *interface)
{
	parent_buildable = g_type_interface_peek_parent(interface);
	interface->add_child = add_child;
}

static void on_unlock(SpPage *self)
{
	g_signal_emit(self, signals[UNLOCK], 0);
}

static void on_retry(SpPage *self)
{
	g_signal_emit(self, signals[RETRY], 0);
}

static void sp_page_set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
	SpPage *self = SP_PAGE(object);
	const char *text = g_value_get_string(value);

	switch (id) {
	case PROP_EMPTY_ICON:
		adw_status_page_set_icon_name(self->empty, text);
		break;
	case PROP_EMPTY_TITLE:
		adw_status_page_set_title(self->empty, text ? text : "");
		break;
	case PROP_EMPTY_TEXT:
		adw_status_page_set_description(self->empty, text);
		break;
	case PROP_LOCKED_TEXT:
		adw_status_page_set_description(self->locked, text);
		break;
	default:
		G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
	}
}

static void sp_page_dispose(GObject *object)
{
	GtkWidget *child;

	while ((child = gtk_widget_get_first_child(GTK_WIDGET(object))))
		gtk_widget_unparent(child);
	G_OBJECT_CLASS(sp_page_parent_class)->dispose(object);
}

static void bind_children(GtkWidgetClass *widget)
{
	gtk_widget_class_bind_template_child(widget, SpPage, stack);
	gtk_widget_class_bind_template_child(widget, SpPage, spinner);
	gtk_widget_class_bind_template_child(widget, SpPage, empty);
	gtk_widget_class_bind_template_child(widget, SpPage, locked);
	gtk_widget_class_bind_template_child(widget, SpPage, error);
	gtk_widget_class_bind_template_child(widget, SpPage, stale);
	gtk_widget_class_bind_template_child(widget, SpPage, bin);
	gtk_widget_class_bind_template_callback(widget, on_unlock);
	gtk_widget_class_bind_template_callback(widget, on_retry);
}

static void sp_page_class_init(SpPageClass *class)
{
	GObjectClass *object = G_OBJECT_CLASS(class);
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
	static const char *const names[PROPS] = {
		[PROP_EMPTY_ICON] = "empty-icon", [PROP_EMPTY_TITLE] = "empty-title",
		[PROP_EMPTY_TEXT] = "empty-text", [PROP_LOCKED_TEXT] = "locked-text",
	};

	object->dispose = sp_page_dispose;
	object->set_property = sp_page_set_property;
	for (guint i = 1; i < PROPS; i++)
		g_object_class_install_property(object, i, g_param_spec_string(names[i], NULL, NULL,
			NULL, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
	signals[UNLOCK] = g_signal_new("unlock", G_TYPE_FROM_CLASS(class), G_SIGNAL_RUN_LAST, 0,
				       NULL, NULL, NULL, G_TYPE_NONE, 0);
	signals[RETRY] = g_signal_new("retry", G_TYPE_FROM_CLASS(class), G_SIGNAL_RUN_LAST, 0,
				      NULL, NULL, NULL, G_TYPE_NONE, 0);
	gtk_widget_class_set_layout_manager_type(widget, GTK_TYPE_BIN_LAYOUT);
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-page.ui");
	bind_children(widget);
}

static void sp_page_init(SpPage *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
	gtk_spinner_start(self->spinner);
}

GtkWidget *sp_page_new(void)
{
	return g_object_new(SP_TYPE_PAGE, NULL);
}

void sp_page_show(SpPage *self, enum sp_page_state state, const char *message)
{
	static const char *const names[] = {
		[SP_PAGE_LOADING] = "loading", [SP_PAGE_CONTENT] = "content",
		[SP_PAGE_EMPTY] = "empty", [SP_PAGE_DISCONNECTED] = "disconnected",
		[SP_PAGE_LOCKED] = "locked", [SP_PAGE_ERROR] = "error",
	};
	g_autofree char *shown = g_markup_escape_text(message ? message : "", -1);

	self->state = state;
	adw_status_page_set_description(self->error, shown);
	gtk_stack_set_visible_child_name(self->stack, names[state]);
	gtk_spinner_set_spinning(self->spinner, state == SP_PAGE_LOADING);
}

enum sp_page_state sp_page_state(SpPage *self)
{
	return self->state;
}

void sp_page_set_stale(SpPage *self, gboolean stale)
{
	gtk_revealer_set_reveal_child(self->stale, stale);
}
