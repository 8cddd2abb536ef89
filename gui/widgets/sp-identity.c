/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-identity.h. */
#include "sp-identity.h"

#include <glib/gi18n-lib.h>

#include "entry.h"
#include "facts.h"
#include "icon.h"

struct _SpIdentity {
	GtkBox parent;
	GtkImage *image;
	GtkLabel *name, *path, *badge, *chain;
};

G_DEFINE_FINAL_TYPE(SpIdentity, sp_identity, GTK_TYPE_BOX)

static void sp_identity_class_init(SpIdentityClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-identity.ui");
	gtk_widget_class_bind_template_child(widget, SpIdentity, image);
	gtk_widget_class_bind_template_child(widget, SpIdentity, name);
	gtk_widget_class_bind_template_child(widget, SpIdentity, path);
	gtk_widget_class_bind_template_child(widget, SpIdentity, badge);
	gtk_widget_class_bind_template_child(widget, SpIdentity, chain);
}

static void sp_identity_init(SpIdentity *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sp_identity_new(void)
{
	return g_object_new(SP_TYPE_IDENTITY, NULL);
}

/* A label without text is not there, for eyes and screen readers. */
static void set_text(GtkLabel *label, const char *text)
{
	gtk_label_set_text(label, text ? text : "");
	gtk_widget_set_visible(GTK_WIDGET(label), text && *text);
}

void sp_identity_set_badge(SpIdentity *self, const struct sp_question *question)
{
	static const char *const classes[] = {
		[SP_TONE_GOOD] = "good", [SP_TONE_PLAIN] = "plain",
		[SP_TONE_WARN] = "warn", [SP_TONE_BAD] = "bad",
	};
	enum sp_tone tone;

	set_text(self->badge, sp_facts_badge(question, &tone));
	for (guint i = 0; i < G_N_ELEMENTS(classes); i++)
		gtk_widget_remove_css_class(GTK_WIDGET(self->badge), classes[i]);
	gtk_widget_add_css_class(GTK_WIDGET(self->badge), classes[tone]);
}

/* Arrows are not read aloud. */
static void set_spoken_chain(SpIdentity *self, const char *parents)
{
	GtkAccessible *chain = GTK_ACCESSIBLE(self->chain);

	if (parents)
		gtk_accessible_update_property(chain, GTK_ACCESSIBLE_PROPERTY_LABEL, parents, -1);
	else
		gtk_accessible_reset_property(chain, GTK_ACCESSIBLE_PROPERTY_LABEL);
}

void sp_identity_set_chain(SpIdentity *self, const struct sp_question *question)
{
	g_autofree char *chain = question ? sp_facts_chain(question) :
					    g_strdup(_("Started in different ways"));
	g_autofree char *parents = question ? sp_facts_started_by(question) : NULL;

	set_text(self->chain, chain);
	set_spoken_chain(self, parents);
}

void sp_identity_set(SpIdentity *self, const struct sp_question *question)
{
	g_autoptr(SpEntry) entry = sp_entry_of_question(question);
	g_autoptr(GIcon) icon = sp_icon_of_entry(entry);
	g_autofree char *name = sp_facts_whole_name(question);

	gtk_image_set_from_gicon(self->image, icon);
	set_text(self->name, name);
	set_text(self->path, *question->program ? question->program : _("Its file is not known"));
	sp_identity_set_chain(self, question);
	sp_identity_set_badge(self, question);
}
