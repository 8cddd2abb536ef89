/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-manager-window.h. */
#include "sp-manager-window.h"

#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "changes.h"
#include "journal.h"
#include "name.h"
#include "rules.h"
#include "sp-connections-page.h"
#include "sp-fold.h"
#include "sp-history-page.h"
#include "sp-journal-page.h"
#include "sp-rules-page.h"
#include "sp-settings-page.h"
#include "sp-state-bar.h"
#include "sp-welcome.h"

struct _SpManagerWindow {
	AdwApplicationWindow parent;
	SpChanges *changes;
	AdwToastOverlay *toasts;
	AdwViewStack *stack;
	SpStateBar *state;
	GtkMenuButton *menu_button;
	SpRulesPage *rules_page;
	SpHistoryPage *history_page;
	GtkWidget *welcome;	/* NULL: there is none */
};

G_DEFINE_FINAL_TYPE(SpManagerWindow, sp_manager_window, ADW_TYPE_APPLICATION_WINDOW)

/* Text of a toast is markup in libadwaita 1.2. */
static AdwToast *toast_new(const char *text)
{
	g_autofree char *title = g_markup_escape_text(text, -1);

	return adw_toast_new(title);
}

static void on_done(SpManagerWindow *self, const char *text, guint64 change)
{
	AdwToast *toast = toast_new(text);

	if (change) {
		/* Longer than usual: whoever needs it has to read, and to get there. */
		adw_toast_set_timeout(toast, 12);
		adw_toast_set_button_label(toast, _("Undo"));
		adw_toast_set_action_name(toast, "win.undo");
		adw_toast_set_action_target(toast, "t", change);
	}
	adw_toast_overlay_add_toast(self->toasts, toast);
}

static void on_failed(SpManagerWindow *self, const char *text)
{
	AdwToast *toast = toast_new(text);

	adw_toast_set_priority(toast, ADW_TOAST_PRIORITY_HIGH);
	adw_toast_overlay_add_toast(self->toasts, toast);
}

static void on_undo(GtkWidget *widget, const char *action, GVariant *change)
{
	sp_changes_undo(SP_MANAGER_WINDOW(widget)->changes, FALSE, g_variant_get_uint64(change));
}

/* Opens the editor with that line. */
static void on_write(GtkWidget *widget, const char *action, GVariant *text)
{
	sp_rules_page_write(SP_MANAGER_WINDOW(widget)->rules_page, g_variant_get_string(text, NULL));
}

static void on_added(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(GError) error = NULL;

	if (!sp_changes_finish(SP_CHANGES(source), result, &error))
		sp_changes_tell(SP_CHANGES(source), error);
}

/* Makes that rule at once. */
static void on_add(GtkWidget *widget, const char *action, GVariant *text)
{
	sp_changes_save(SP_MANAGER_WINDOW(widget)->changes, 0, g_variant_get_string(text, NULL),
			getuid(), NULL, on_added, NULL);
}

static void on_go(GtkWidget *widget, const char *action, GVariant *page)
{
	sp_manager_window_go(SP_MANAGER_WINDOW(widget), g_variant_get_string(page, NULL));
}

static void on_search(GtkWidget *widget, const char *action, GVariant *parameter)
{
	GtkWidget *page = adw_view_stack_get_visible_child(SP_MANAGER_WINDOW(widget)->stack);

	if (SP_IS_RULES_PAGE(page))
		sp_rules_page_search(SP_RULES_PAGE(page));
	else if (SP_IS_HISTORY_PAGE(page))
		sp_history_page_search(SP_HISTORY_PAGE(page));
}

static void sp_manager_window_dispose(GObject *object)
{
	SpManagerWindow *self = SP_MANAGER_WINDOW(object);

	g_clear_weak_pointer(&self->welcome);
	g_clear_object(&self->changes);
	G_OBJECT_CLASS(sp_manager_window_parent_class)->dispose(object);
}

static void sp_manager_window_class_init(SpManagerWindowClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_manager_window_dispose;
	g_type_ensure(SP_TYPE_FOLD);
	g_type_ensure(SP_TYPE_STATE_BAR);
	gtk_widget_class_set_template_from_resource(widget,
		"/org/sallyport/ui/sp-manager-window.ui");
	gtk_widget_class_bind_template_child(widget, SpManagerWindow, toasts);
	gtk_widget_class_bind_template_child(widget, SpManagerWindow, stack);
	gtk_widget_class_bind_template_child(widget, SpManagerWindow, state);
	gtk_widget_class_bind_template_child(widget, SpManagerWindow, menu_button);
	gtk_widget_class_install_action(widget, "win.undo", "t", on_undo);
	gtk_widget_class_install_action(widget, "win.search", NULL, on_search);
	gtk_widget_class_install_action(widget, "win.go", "s", on_go);
	gtk_widget_class_install_action(widget, "win.write", "s", on_write);
	gtk_widget_class_install_action(widget, "win.add", "s", on_add);
	gtk_widget_class_add_binding_action(widget, GDK_KEY_f, GDK_CONTROL_MASK, "win.search", NULL);
	gtk_widget_class_add_binding_action(widget, GDK_KEY_w, GDK_CONTROL_MASK, "window.close", NULL);
}

static void sp_manager_window_init(SpManagerWindow *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
	sp_name_within(self->menu_button, _("Menu"));
}

static void add_page(SpManagerWindow *self, GtkWidget *page, const char *name, const char *title,
		     const char *icon)
{
	adw_view_stack_add_titled_with_icon(self->stack, page, name, title, icon);
}

static void add_pages(SpManagerWindow *self, SpLink *link)
{
	g_autoptr(SpRules) rules = sp_rules_new(link);
	g_autoptr(SpJournal) journal = sp_journal_new(link);
	g_autoptr(SpHistory) history = sp_history_new(link);
	g_autoptr(SpRefusals) refusals = sp_refusals_new(link);
	g_autoptr(SpNews) news = sp_news_new(link);
	g_autoptr(SpFlows) flows = sp_flows_new(link);
	g_autoptr(SpStatus) status = sp_status_new(link);

	self->rules_page = SP_RULES_PAGE(sp_rules_page_new(rules, self->changes));
	self->history_page = SP_HISTORY_PAGE(sp_history_page_new(history, refusals, news,
							      self->changes));
	add_page(self, sp_connections_page_new(flows, rules, self->changes), "connections",
		 _("Connections"), "network-transmit-receive-symbolic");
	add_page(self, GTK_WIDGET(self->rules_page), "rules", _("Rules"), "view-list-symbolic");
	add_page(self, GTK_WIDGET(self->history_page), "history", _("History"),
		 "document-open-recent-symbolic");
	add_page(self, sp_journal_page_new(journal, self->changes), "changes", _("Changes"),
		 "document-edit-symbolic");
	add_page(self, sp_settings_page_new(status, rules, self->changes), "settings", _("Settings"),
		 "emblem-system-symbolic");
	sp_state_bar_set(self->state, status);
	adw_view_stack_set_visible_child_name(self->stack, "rules");
}

GtkWidget *sp_manager_window_new(GtkApplication *application, SpLink *link)
{
	SpManagerWindow *self = g_object_new(SP_TYPE_MANAGER_WINDOW, "application", application,
					     NULL);

	self->changes = sp_changes_new(link);
	g_signal_connect_object(self->changes, "done", G_CALLBACK(on_done), self,
				G_CONNECT_SWAPPED);
	g_signal_connect_object(self->changes, "failed", G_CALLBACK(on_failed), self,
				G_CONNECT_SWAPPED);
	add_pages(self, link);
	return GTK_WIDGET(self);
}

void sp_manager_window_go(SpManagerWindow *self, const char *page)
{
	if (sp_history_page_show(self->history_page, page))
		page = "history";
	if (adw_view_stack_get_child_by_name(self->stack, page))
		adw_view_stack_set_visible_child_name(self->stack, page);
}

void sp_manager_window_welcome(SpManagerWindow *self)
{
	if (self->welcome || !sp_welcome_is_due())
		return;
	g_set_weak_pointer(&self->welcome, sp_welcome_new(self->changes));
	gtk_window_set_transient_for(GTK_WINDOW(self->welcome), GTK_WINDOW(self));
	gtk_window_present(GTK_WINDOW(self->welcome));
}
