/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See dialogs.h. */
#include "dialogs.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "export.h"
#include "sp-import.h"

struct import {
	GtkWindow *parent;	/* NULL: gone */
	SpRules *rules;
	SpChanges *changes;
};

static void on_import(GtkNativeDialog *dialog, int response, struct import *import)
{
	g_autoptr(GFile) file = response == GTK_RESPONSE_ACCEPT ?
				gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog)) : NULL;
	GtkWidget *window;

	if (file && import->parent) {
		window = sp_import_new(import->rules, import->changes, file);
		gtk_window_set_transient_for(GTK_WINDOW(window), import->parent);
		gtk_window_present(GTK_WINDOW(window));
	}
	g_clear_weak_pointer(&import->parent);
	g_object_unref(import->rules);
	g_object_unref(import->changes);
	g_free(import);
	g_object_unref(dialog);
}

static GtkNativeDialog *dialog_new(GtkWindow *parent, const char *title, GtkFileChooserAction action,
				   const char *accept)
{
	GtkFileChooserNative *dialog = gtk_file_chooser_native_new(title, parent, action, accept, NULL);
	g_autoptr(GtkFileFilter) filter = gtk_file_filter_new();

	gtk_file_filter_set_name(filter, _("Rules"));
	gtk_file_filter_add_pattern(filter, "*.rules");
	gtk_file_filter_add_pattern(filter, "*.json");
	gtk_file_filter_add_mime_type(filter, "text/plain");
	gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(dialog), filter);
	gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(dialog), TRUE);
	return GTK_NATIVE_DIALOG(dialog);
}

void sp_dialog_import(GtkWindow *parent, SpRules *rules, SpChanges *changes)
{
	GtkNativeDialog *dialog = dialog_new(parent, _("Import Rules"),
					     GTK_FILE_CHOOSER_ACTION_OPEN, _("_Open"));
	struct import *import = g_new0(struct import, 1);

	g_set_weak_pointer(&import->parent, parent);
	import->rules = g_object_ref(rules);
	import->changes = g_object_ref(changes);
	g_signal_connect(dialog, "response", G_CALLBACK(on_import), import);
	gtk_native_dialog_show(dialog);
}

struct export {
	SpChanges *changes;
	GBytes *text;
	guint count;
};

static void export_free(struct export *export)
{
	g_object_unref(export->changes);
	g_bytes_unref(export->text);
	g_free(export);
}

static void on_written(GObject *source, GAsyncResult *result, gpointer data)
{
	struct export *export = data;
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;

	if (g_file_replace_contents_finish(G_FILE(source), result, NULL, &error)) {
		text = g_strdup_printf(ngettext("%u rule exported", "%u rules exported", export->count),
				       export->count);
		sp_changes_tell_done(export->changes, text);
	} else {
		sp_changes_tell(export->changes, error);
	}
	export_free(export);
}

static void on_export(GtkNativeDialog *dialog, int response, struct export *export)
{
	g_autoptr(GFile) file = response == GTK_RESPONSE_ACCEPT ?
				gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog)) : NULL;

	if (file)
		g_file_replace_contents_bytes_async(file, export->text, NULL, FALSE,
						    G_FILE_CREATE_NONE, NULL, on_written, export);
	else
		export_free(export);
	g_object_unref(dialog);
}

void sp_dialog_export(GtkWindow *parent, SpRules *rules, SpPicks *picks, SpChanges *changes)
{
	struct export *export = g_new0(struct export, 1);
	char *text = sp_export_text(rules, picks, &export->count);
	g_autofree char *title = g_strdup_printf(ngettext("Export %u Rule", "Export %u Rules",
							  export->count), export->count);
	GtkNativeDialog *dialog = dialog_new(parent, title, GTK_FILE_CHOOSER_ACTION_SAVE, _("_Save"));

	export->changes = g_object_ref(changes);
	export->text = g_bytes_new_take(text, strlen(text));
	gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(dialog), "sallyport.rules");
	g_signal_connect(dialog, "response", G_CALLBACK(on_export), export);
	gtk_native_dialog_show(dialog);
}
