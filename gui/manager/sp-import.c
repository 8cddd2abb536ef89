/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-import.h. */
#include "sp-import.h"

#include <glib/gi18n-lib.h>

#include "plan.h"
#include "sp-lines.h"
#include "sp-page.h"
#include "sp-place-row.h"

/* Of a file; more would be no list of rules that fits a change. */
#define BYTES_MAX (8 << 20)

struct _SpImport {
	AdwWindow parent;
	SpRules *rules;
	SpChanges *changes;
	GFile *file;
	SpPlan *plan;		/* NULL: not read, or it can't be */
	GtkWidget *add;
	GtkLabel *summary;
	SpPage *page;
	SpLines *list;
};

G_DEFINE_FINAL_TYPE(SpImport, sp_import, ADW_TYPE_WINDOW)

static void set_summary(SpImport *self, const char *text)
{
	gtk_label_set_text(self->summary, text);
	gtk_widget_set_visible(GTK_WIDGET(self->summary), *text != '\0');
}

static void show_plan(SpImport *self)
{
	guint all = g_list_model_get_n_items(G_LIST_MODEL(self->plan));
	guint count = sp_plan_count(self->plan);
	g_autofree char *text = count ?
		g_strdup_printf(ngettext("%u rule would be added.", "%u rules would be added.", count),
				count) :
		g_strdup(_("All of these rules are there already."));

	sp_lines_show(self->list, G_LIST_MODEL(self->plan));
	sp_page_show(self->page, all ? SP_PAGE_CONTENT : SP_PAGE_EMPTY, NULL);
	set_summary(self, all ? text : "");
	gtk_widget_set_sensitive(self->add, count > 0);
}

static void show_error(SpImport *self, const char *message)
{
	sp_page_show(self->page, SP_PAGE_ERROR, message);
	set_summary(self, "");
	gtk_widget_set_sensitive(self->add, FALSE);
}

static void take(SpImport *self, const char *text, gsize length)
{
	g_autoptr(GError) error = NULL;

	sp_lines_show(self->list, NULL);
	g_clear_object(&self->plan);
	self->plan = sp_plan_new(self->rules, text, length, &error);
	if (self->plan)
		show_plan(self);
	else
		show_error(self, error->message);
}

static void on_loaded(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(SpImport) self = data;
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	gsize length;
	gboolean loaded = g_file_load_partial_contents_finish(G_FILE(source), result, &text, &length,
							      NULL, &error);

	if (!loaded)
		show_error(self, error->message);
	else if (length > BYTES_MAX)
		show_error(self, _("The file is too large for a list of rules."));
	else
		take(self, text, length);
}

static gboolean wants_more(const char *text, goffset length, gpointer data)
{
	return length <= BYTES_MAX;
}

static void on_read(SpImport *self)
{
	sp_page_show(self->page, SP_PAGE_LOADING, NULL);
	g_file_load_partial_contents_async(self->file, NULL, wants_more, on_loaded,
					   g_object_ref(self));
}

static void on_added(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(SpImport) self = data;
	g_autoptr(GError) error = NULL;
	gboolean added = sp_changes_finish(SP_CHANGES(source), result, &error);

	if (added) {
		gtk_window_destroy(GTK_WINDOW(self));
		return;
	}
	if (!gtk_widget_get_visible(GTK_WIDGET(self)))	/* closed meanwhile */
		sp_changes_tell(SP_CHANGES(source), error);
	gtk_widget_set_sensitive(self->add, TRUE);
	set_summary(self, error->message);
}

static void on_add(SpImport *self)
{
	gtk_widget_set_sensitive(self->add, FALSE);
	sp_changes_import(self->changes, sp_plan_text(self->plan), sp_plan_count(self->plan),
			  on_added, g_object_ref(self));
}

static GtkWidget *make_row(gpointer data)
{
	return sp_place_row_new();
}

static void fill_row(GtkWidget *row, gpointer item)
{
	g_autoptr(GIcon) icon = item ? g_themed_icon_new(sp_plan_line_icon(item)) : NULL;

	if (!item)
		return;
	sp_place_row_set(SP_PLACE_ROW(row), icon, sp_plan_line_sentence(item),
			 sp_plan_line_effect(item));
	sp_place_row_offer(SP_PLACE_ROW(row), NULL, NULL);
}

static void sp_import_dispose(GObject *object)
{
	SpImport *self = SP_IMPORT(object);

	sp_lines_end(&self->list);
	g_clear_object(&self->plan);
	g_clear_object(&self->rules);
	g_clear_object(&self->changes);
	g_clear_object(&self->file);
	G_OBJECT_CLASS(sp_import_parent_class)->dispose(object);
}

static void sp_import_class_init(SpImportClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_import_dispose;
	g_type_ensure(SP_TYPE_PAGE);
	g_type_ensure(SP_TYPE_LINES);
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-import.ui");
	gtk_widget_class_bind_template_child(widget, SpImport, add);
	gtk_widget_class_bind_template_child(widget, SpImport, summary);
	gtk_widget_class_bind_template_child(widget, SpImport, page);
	gtk_widget_class_bind_template_child(widget, SpImport, list);
	gtk_widget_class_bind_template_callback(widget, on_add);
	gtk_widget_class_bind_template_callback(widget, on_read);
	gtk_widget_class_add_binding_action(widget, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void sp_import_init(SpImport *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sp_import_new(SpRules *rules, SpChanges *changes, GFile *file)
{
	SpImport *self = g_object_new(SP_TYPE_IMPORT, NULL);

	self->rules = g_object_ref(rules);
	self->changes = g_object_ref(changes);
	self->file = g_object_ref(file);
	sp_lines_make(self->list, make_row, fill_row, self);
	on_read(self);
	return GTK_WIDGET(self);
}
