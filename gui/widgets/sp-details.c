/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-details.h. */
#include "sp-details.h"

#include <glib/gi18n-lib.h>

#include "facts.h"

struct _SpDetails {
	GtkBox parent;
	GtkExpander *expander;
	GtkGrid *grid;
	GtkWidget *command_box;
	GtkLabel *command;
	char *hash;		/* that is shown */
	gboolean of_list;
};

G_DEFINE_FINAL_TYPE(SpDetails, sp_details, GTK_TYPE_BOX)

static guint opened;	/* the signal: there is more to see */

static void on_expanded(SpDetails *self)
{
	if (gtk_expander_get_expanded(self->expander))
		g_signal_emit(self, opened, 0);
}

static void on_copy(SpDetails *self)
{
	gdk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(self)),
			       gtk_label_get_text(self->command));
}

static void sp_details_finalize(GObject *object)
{
	g_free(SP_DETAILS(object)->hash);
	G_OBJECT_CLASS(sp_details_parent_class)->finalize(object);
}

static void sp_details_class_init(SpDetailsClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->finalize = sp_details_finalize;
	opened = g_signal_new("opened", SP_TYPE_DETAILS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
			      G_TYPE_NONE, 0);
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-details.ui");
	gtk_widget_class_bind_template_child(widget, SpDetails, expander);
	gtk_widget_class_bind_template_child(widget, SpDetails, grid);
	gtk_widget_class_bind_template_child(widget, SpDetails, command_box);
	gtk_widget_class_bind_template_child(widget, SpDetails, command);
	gtk_widget_class_bind_template_callback(widget, on_copy);
	gtk_widget_class_bind_template_callback(widget, on_expanded);
}

static void sp_details_init(SpDetails *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sp_details_new(void)
{
	return g_object_new(SP_TYPE_DETAILS, NULL);
}

static GtkWidget *label_new(const char *text, const char *class)
{
	GtkWidget *label = gtk_label_new(text);

	gtk_label_set_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_widget_set_valign(label, GTK_ALIGN_START);
	gtk_widget_add_css_class(label, "caption");
	if (class)
		gtk_widget_add_css_class(label, class);
	return label;
}

struct rows {
	GtkGrid *grid;
	int count;
};

/* What is not known has no row. */
static void add(struct rows *rows, const char *name, const char *text)
{
	GtkWidget *key, *value;

	if (!text || !*text)
		return;
	key = label_new(name, "secondary");
	value = label_new(text, NULL);
	gtk_label_set_selectable(GTK_LABEL(value), TRUE);
	gtk_widget_set_hexpand(value, TRUE);
	gtk_grid_attach(rows->grid, key, 0, rows->count, 1, 1);
	gtk_grid_attach(rows->grid, value, 1, rows->count, 1, 1);
	rows->count++;
}

static void add_number(struct rows *rows, const char *name, guint32 number)
{
	g_autofree char *text = number ? g_strdup_printf("%u", number) : NULL;

	add(rows, name, text);
}

static void add_user(struct rows *rows, const struct sp_question *q)
{
	g_autofree char *text = *q->user_name ?
		g_strdup_printf("%s (%u)", q->user_name, q->user) :
		g_strdup_printf("%u", q->user);

	add(rows, _("User"), text);
}

static void add_far_end(struct rows *rows, const struct sp_question *q)
{
	g_autofree char *service = sp_facts_service(q);
	g_autofree char *remotes = sp_question_remotes(q);

	add(rows, sp_question_host_is_sure(q) ? _("Host name") : _("Claimed host name"), q->host);
	add(rows, _("Address"), remotes);
	add(rows, _("Service"), service);
	add_number(rows, _("Remote port"), q->inbound ? q->remote_port : 0);
	add_number(rows, _("Local port"), q->inbound ? 0 : q->local_port);
	add(rows, _("Through"), q->interface);
	add_number(rows, _("Connections waiting"), q->flows);
}

void sp_details_set(SpDetails *self, const struct sp_question *q, gboolean of_list)
{
	struct rows rows = { .grid = self->grid };
	g_autofree char *flags = sp_facts_flags(q), *launch = sp_facts_launch(q);
	g_autofree char *why = sp_facts_why(q);
	GtkWidget *child;

	g_free(self->hash);
	self->hash = g_strdup(q->hash);
	self->of_list = of_list;
	while ((child = gtk_widget_get_first_child(GTK_WIDGET(self->grid))))
		gtk_grid_remove(self->grid, child);
	add(&rows, _("These are of"), of_list ? _("The first question of the list") : NULL);
	add(&rows, _("File"), q->program);
	add(&rows, _("SHA-256"), q->hash);
	add(&rows, _("Package"), q->package);
	add(&rows, _("AppImage"), q->bundle);
	add(&rows, _("Application"), q->app);
	add(&rows, _("Service"), q->unit);
	add(&rows, _("Container"), q->container);
	add(&rows, _("Command line"), q->command_line);
	add(&rows, _("Script"), q->script);
	add(&rows, _("Started by"), launch);
	add_number(&rows, _("Process"), q->pid);
	add_user(&rows, q);
	add_far_end(&rows, q);
	add(&rows, _("Asked because"), why);
	add(&rows, _("Remarks"), flags);
}

void sp_details_update(SpDetails *self, const struct sp_question *q)
{
	if (g_strcmp0(self->hash, q->hash) != 0)
		sp_details_set(self, q, self->of_list);
}

void sp_details_set_command(SpDetails *self, const char *command)
{
	gtk_label_set_text(self->command, command ? command : "");
	gtk_widget_set_visible(self->command_box, command != NULL);
}
