/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-history-page.h. It asks again now and then, but only while somebody looks. */
#include "sp-history-page.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "follow.h"
#include "icon.h"
#include "name.h"
#include "sp-history-plot.h"
#include "sp-lines.h"
#include "sp-place-row.h"
#include "sp-traffic-cell.h"

#define REFRESH_SECONDS 20

struct _SpHistoryPage {
	AdwBin parent;
	SpHistory *history;
	SpRefusals *refusals;
	SpNews *novelties;
	SpChanges *changes;
	guint timer;

	SpHistoryPlot *plot;
	GtkDropDown *range;
	GtkSearchEntry *search;
	GtkMenuButton *forget_button;
	GtkPopover *forget_popover;
	GtkToggleButton *by_program, *by_news, *by_missed;
	GtkStack *stack;
	GtkWidget *hosts_lack;
	SpPage *programs_page, *news_page, *missed_page;
	SpLines *programs, *news, *missed;
};

G_DEFINE_FINAL_TYPE(SpHistoryPage, sp_history_page, ADW_TYPE_BIN)

static void refresh(SpHistoryPage *self)
{
	sp_history_plot_refresh(self->plot);
	sp_query_refresh(sp_refusals_query(self->refusals));
	sp_news_look(self->novelties);
}

static gboolean on_timer(gpointer data)
{
	refresh(data);
	return G_SOURCE_CONTINUE;
}

static void sp_history_page_map(GtkWidget *widget)
{
	SpHistoryPage *self = SP_HISTORY_PAGE(widget);

	GTK_WIDGET_CLASS(sp_history_page_parent_class)->map(widget);
	refresh(self);
	self->timer = g_timeout_add_seconds(REFRESH_SECONDS, on_timer, self);
}

static void sp_history_page_unmap(GtkWidget *widget)
{
	g_clear_handle_id(&SP_HISTORY_PAGE(widget)->timer, g_source_remove);
	GTK_WIDGET_CLASS(sp_history_page_parent_class)->unmap(widget);
}

static void on_range(SpHistoryPage *self)
{
	if (self->history)	/* else the template is just being filled */
		sp_history_plot_range(self->plot, gtk_drop_down_get_selected(self->range));
}

static void on_search(SpHistoryPage *self)
{
	sp_history_search(self->history, gtk_editable_get_text(GTK_EDITABLE(self->search)));
}

void sp_history_page_search(SpHistoryPage *self)
{
	gtk_widget_grab_focus(GTK_WIDGET(self->search));
}

static void on_which(SpHistoryPage *self)
{
	gtk_stack_set_visible_child_name(self->stack,
		gtk_toggle_button_get_active(self->by_missed) ? "missed" :
		gtk_toggle_button_get_active(self->by_news) ? "news" : "programs");
}

static void on_forget(SpHistoryPage *self)
{
	gtk_popover_popdown(self->forget_popover);
	sp_changes_forget(self->changes);
}

/* Lists. */

static GtkWidget *make_program(gpointer data)
{
	return sp_traffic_cell_new();
}

static void fill_program(GtkWidget *row, gpointer item)
{
	sp_traffic_cell_set(SP_TRAFFIC_CELL(row), item);
}

static GtkWidget *make_place(gpointer data)
{
	return sp_place_row_new();
}

static void fill_missed(GtkWidget *row, gpointer item)
{
	g_autofree char *title = item ? sp_refusal_title(item) : NULL;
	g_autofree char *detail = item ? sp_refusal_detail(item) : NULL;
	g_autoptr(GIcon) icon = item ? sp_icon_of(sp_refusal_program(item)) : NULL;

	if (!item)
		return;
	sp_place_row_set(SP_PLACE_ROW(row), icon, title, detail);
	sp_place_row_offer(SP_PLACE_ROW(row), sp_refusal_draft(item, SP_ALLOW),
			   sp_refusal_draft(item, SP_DENY));
}

static void fill_news(GtkWidget *row, gpointer item)
{
	g_autofree char *title = item ? sp_novelty_title(item) : NULL;
	g_autofree char *detail = item ? sp_novelty_detail(item) : NULL;
	g_autoptr(GIcon) icon = item ? sp_icon_of(sp_novelty_program(item)) : NULL;

	if (!item)
		return;
	sp_place_row_set(SP_PLACE_ROW(row), icon, title, detail);
	sp_place_row_offer(SP_PLACE_ROW(row), sp_novelty_draft(item, SP_ALLOW),
			   sp_novelty_draft(item, SP_DENY));
}

static GListModel *places_of(gpointer item, gpointer data)
{
	return sp_traffic_is_place(item) ? NULL :
	       sp_history_places(SP_HISTORY_PAGE(data)->history, item);
}

static void show_counts(SpHistoryPage *self)
{
	guint new = g_list_model_get_n_items(G_LIST_MODEL(self->novelties));
	guint missed = g_list_model_get_n_items(G_LIST_MODEL(self->refusals));
	g_autofree char *news = new ? g_strdup_printf(_("New (%u)"), new) : g_strdup(_("New"));
	g_autofree char *text = missed ? g_strdup_printf(_("Missed (%u)"), missed) :
				g_strdup(_("Missed"));

	gtk_button_set_label(GTK_BUTTON(self->by_news), news);
	gtk_button_set_label(GTK_BUTTON(self->by_missed), text);
	gtk_widget_set_visible(self->hosts_lack, sp_news_lacks_hosts(self->novelties));
}

static void sp_history_page_dispose(GObject *object)
{
	SpHistoryPage *self = SP_HISTORY_PAGE(object);

	sp_lines_end(&self->programs);
	sp_lines_end(&self->news);
	sp_lines_end(&self->missed);
	g_clear_handle_id(&self->timer, g_source_remove);
	g_clear_object(&self->history);
	g_clear_object(&self->refusals);
	g_clear_object(&self->novelties);
	g_clear_object(&self->changes);
	G_OBJECT_CLASS(sp_history_page_parent_class)->dispose(object);
}

static void bind_children(GtkWidgetClass *widget)
{
	gtk_widget_class_bind_template_child(widget, SpHistoryPage, plot);
	gtk_widget_class_bind_template_child(widget, SpHistoryPage, range);
	gtk_widget_class_bind_template_child(widget, SpHistoryPage, search);
	gtk_widget_class_bind_template_child(widget, SpHistoryPage, forget_button);
	gtk_widget_class_bind_template_child(widget, SpHistoryPage, forget_popover);
	gtk_widget_class_bind_template_child(widget, SpHistoryPage, by_program);
	gtk_widget_class_bind_template_child(widget, SpHistoryPage, by_missed);
	gtk_widget_class_bind_template_child(widget, SpHistoryPage, by_news);
	gtk_widget_class_bind_template_child(widget, SpHistoryPage, hosts_lack);
	gtk_widget_class_bind_template_child(widget, SpHistoryPage, news_page);
	gtk_widget_class_bind_template_child(widget, SpHistoryPage, news);
	gtk_widget_class_bind_template_child(widget, SpHistoryPage, stack);
	gtk_widget_class_bind_template_child(widget, SpHistoryPage, programs_page);
	gtk_widget_class_bind_template_child(widget, SpHistoryPage, missed_page);
	gtk_widget_class_bind_template_child(widget, SpHistoryPage, programs);
	gtk_widget_class_bind_template_child(widget, SpHistoryPage, missed);
	gtk_widget_class_bind_template_callback(widget, on_range);
	gtk_widget_class_bind_template_callback(widget, on_search);
	gtk_widget_class_bind_template_callback(widget, on_which);
	gtk_widget_class_bind_template_callback(widget, on_forget);
}

static void sp_history_page_class_init(SpHistoryPageClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_history_page_dispose;
	widget->map = sp_history_page_map;
	widget->unmap = sp_history_page_unmap;
	g_type_ensure(SP_TYPE_PAGE);
	g_type_ensure(SP_TYPE_LINES);
	g_type_ensure(SP_TYPE_HISTORY_PLOT);
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-history-page.ui");
	bind_children(widget);
}

static void sp_history_page_init(SpHistoryPage *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
	sp_name_within(self->range, _("Time"));
	sp_name_within(self->forget_button, _("Forget the History…"));
}

static void fill_programs(SpHistoryPage *self)
{
	GListModel *programs = sp_history_programs(self->history);
	g_autoptr(GtkTreeListModel) tree = NULL;

	sp_follow(self->programs_page, sp_history_query(self->history), programs);
	tree = gtk_tree_list_model_new(g_object_ref(programs), FALSE, FALSE, places_of, self, NULL);
	sp_lines_make(self->programs, make_program, fill_program, self);
	sp_lines_show(self->programs, G_LIST_MODEL(tree));
}

static void list(SpHistoryPage *self, SpLines *lines, GListModel *model,
		 void (*fill)(GtkWidget *row, gpointer item))
{
	sp_lines_make(lines, make_place, fill, self);
	sp_lines_show(lines, model);
	g_signal_connect_object(model, "items-changed", G_CALLBACK(show_counts), self,
				G_CONNECT_SWAPPED);
}

GtkWidget *sp_history_page_new(SpHistory *history, SpRefusals *refusals, SpNews *news,
			       SpChanges *changes)
{
	SpHistoryPage *self = g_object_new(SP_TYPE_HISTORY_PAGE, NULL);

	self->history = g_object_ref(history);
	self->refusals = g_object_ref(refusals);
	self->novelties = g_object_ref(news);
	self->changes = g_object_ref(changes);
	sp_query_sleep(sp_refusals_query(refusals));	/* until the page is mapped, as the others */
	sp_history_plot_set(self->plot, history, gtk_drop_down_get_selected(self->range));
	fill_programs(self);
	list(self, self->missed, G_LIST_MODEL(refusals), fill_missed);
	sp_follow(self->missed_page, sp_refusals_query(refusals), G_LIST_MODEL(refusals));
	list(self, self->news, G_LIST_MODEL(news), fill_news);
	sp_follow_both(self->news_page, sp_news_before(news), sp_news_today(news),
		       G_LIST_MODEL(news));
	show_counts(self);
	return GTK_WIDGET(self);
}

gboolean sp_history_page_show(SpHistoryPage *self, const char *part)
{
	GtkToggleButton *button = strcmp(part, "missed") == 0 ? self->by_missed :
				  strcmp(part, "new") == 0 ? self->by_news : NULL;

	if (button)
		gtk_toggle_button_set_active(button, TRUE);
	return button != NULL;
}
