/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See sp-rules-page.h. The way of a rule to the eye:
 *
 *	rules ▶ filter ▶ sorter ▶ (groups ▶ tree, or nothing) ▶ list
 */
#include "sp-rules-page.h"

#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "dialogs.h"
#include "findings.h"
#include "follow.h"
#include "name.h"
#include "rule-filter.h"
#include "rule-groups.h"
#include "sp-lines.h"
#include "sp-page.h"
#include "sp-pick-bar.h"
#include "sp-review.h"
#include "sp-rule-cell.h"
#include "sp-rule-editor.h"

/* As in the template. */
enum order {
	BY_PROGRAM,
	NEWEST_FIRST,
	BY_ACTION,
	BY_OWNER,
};

struct _SpRulesPage {
	AdwBin parent;
	SpRules *rules;
	SpChanges *changes;
	SpFindings *findings;
	SpPicks *picks;
	SpRuleFilter *filter;
	GtkSortListModel *sorted;
	gboolean others;	/* their rules are asked for */

	SpPage *page;
	SpLines *list;
	GtkSearchEntry *search;
	GtkMenuButton *filter_button;
	GtkPopover *filter_popover;
	GtkWidget *tools;
	GtkRevealer *findings_bar;
	GtkLabel *findings_label;
	GtkDropDown *action, *owner, *state, *sort;
	GtkToggleButton *picking;
	GtkMenuButton *more_button;
	SpPickBar *pick_bar;
};

G_DEFINE_FINAL_TYPE(SpRulesPage, sp_rules_page, ADW_TYPE_BIN)

static int compare_newest(gconstpointer a, gconstpointer b, gpointer data)
{
	gint64 first = sp_rule_item_created((SpRuleItem *)a);
	gint64 second = sp_rule_item_created((SpRuleItem *)b);

	return first > second ? -1 : first < second;
}

static int compare_action(gconstpointer a, gconstpointer b, gpointer data)
{
	return (int)sp_rule_item_rule((SpRuleItem *)a)->action -
	       (int)sp_rule_item_rule((SpRuleItem *)b)->action;
}

static int compare_owner(gconstpointer a, gconstpointer b, gpointer data)
{
	guint32 first = sp_rule_item_owner((SpRuleItem *)a);
	guint32 second = sp_rule_item_owner((SpRuleItem *)b);

	return first < second ? -1 : first > second;
}

static GtkSorter *sorter_for(enum order order)
{
	GCompareDataFunc compare = NULL;

	switch (order) {
	case BY_PROGRAM:
		return NULL;	/* groups sort themselves; within one: by number */
	case NEWEST_FIRST:
		compare = compare_newest;
		break;
	case BY_ACTION:
		compare = compare_action;
		break;
	case BY_OWNER:
		compare = compare_owner;
		break;
	}
	return GTK_SORTER(gtk_custom_sorter_new(compare, NULL, NULL));
}

static GListModel *rules_of(gpointer item, gpointer data)
{
	return SP_IS_RULE_GROUP(item) ? G_LIST_MODEL(g_object_ref(item)) : NULL;
}

static GListModel *grouped(SpRulesPage *self)
{
	SpRuleGroups *groups = sp_rule_groups_new(G_LIST_MODEL(self->sorted));

	return G_LIST_MODEL(gtk_tree_list_model_new(G_LIST_MODEL(groups), FALSE, TRUE, rules_of,
						    NULL, NULL));
}

static void show_list(SpRulesPage *self)
{
	enum order order = gtk_drop_down_get_selected(self->sort);
	g_autoptr(GtkSorter) sorter = sorter_for(order);
	g_autoptr(GListModel) shown = NULL;

	sp_lines_show(self->list, NULL);
	gtk_sort_list_model_set_sorter(self->sorted, sorter);
	shown = order == BY_PROGRAM ? grouped(self) : G_LIST_MODEL(g_object_ref(self->sorted));
	sp_lines_show(self->list, shown);
}

/* What it means when nothing is shown; tools are there when rules can be. */
static void show_tools(SpRulesPage *self)
{
	gboolean none = g_list_model_get_n_items(G_LIST_MODEL(self->rules)) == 0;

	gboolean whole = sp_rules_whole(self->rules);

	gtk_widget_set_visible(self->tools, sp_query_state(sp_rules_query(self->rules)) == SP_QUERY_READY);
	/* What is done with all rules waits until all are there. */
	gtk_widget_set_sensitive(GTK_WIDGET(self->picking), whole);
	gtk_widget_set_sensitive(GTK_WIDGET(self->more_button), whole);
	g_object_set(self->page,
		     "empty-icon", none ? "view-list-symbolic" : "system-search-symbolic",
		     "empty-title", none ? _("No Rules Yet") : _("No Rule Fits"),
		     "empty-text", none ?
		     _("Answers you give to Sallyport’s questions become rules, and are listed here.") :
		     _("Try other words, or another filter."), NULL);
}

static void on_sort(SpRulesPage *self)
{
	if (self->sorted)
		show_list(self);
}

static void on_search(SpRulesPage *self)
{
	sp_rule_filter_set_search(self->filter, gtk_editable_get_text(GTK_EDITABLE(self->search)));
}

/* Others' rules are not listed unless they are asked for, which takes a password. */
static void show_others(SpRulesPage *self, gboolean others)
{
	if (self->others == others)
		return;
	self->others = others;
	sp_rules_show_all(self->rules, others);
}

/* No password: back to what is there without one. */
static void on_query(SpRulesPage *self)
{
	SpQuery *query = sp_rules_query(self->rules);

	if (self->others && (sp_query_is_stale(query) || sp_query_state(query) == SP_QUERY_LOCKED))
		gtk_drop_down_set_selected(self->owner, SP_OWNER_ANY);
}

static void on_filter(SpRulesPage *self)
{
	if (!self->filter)
		return;		/* the template is just being filled */
	show_others(self, gtk_drop_down_get_selected(self->owner) == SP_OWNER_OTHERS);
	sp_rule_filter_set_action(self->filter, gtk_drop_down_get_selected(self->action));
	sp_rule_filter_set_owner(self->filter, gtk_drop_down_get_selected(self->owner));
	sp_rule_filter_set_switch(self->filter, gtk_drop_down_get_selected(self->state));
	if (sp_rule_filter_narrows(self->filter))
		gtk_widget_add_css_class(GTK_WIDGET(self->filter_button), "accent");
	else
		gtk_widget_remove_css_class(GTK_WIDGET(self->filter_button), "accent");
}

static void open_window(SpRulesPage *self, GtkWidget *window)
{
	GtkRoot *root = gtk_widget_get_root(GTK_WIDGET(self));

	gtk_window_set_transient_for(GTK_WINDOW(window), GTK_WINDOW(root));
	gtk_window_present(GTK_WINDOW(window));
}

static void edit(SpRulesPage *self, SpRuleItem *item)
{
	if (!sp_rule_item_readable(item) || sp_rule_item_in_file(item))
		return;
	open_window(self, sp_rule_editor_new(self->rules, self->changes, sp_rule_item_id(item),
					     sp_draft_of_rule(sp_rule_item_rule(item))));
}

static void on_activated(SpRulesPage *self, GObject *item)
{
	g_autoptr(SpRuleItem) rule = sp_lines_item(item);

	if (sp_picks_on(self->picks))
		sp_picks_set_one(self->picks, rule, !sp_picks_has(self->picks, rule));
	else
		edit(self, rule);
}

static void on_picking(SpRulesPage *self)
{
	sp_picks_turn(self->picks, gtk_toggle_button_get_active(self->picking));
}

/* Escape ends the picking. */
static gboolean on_escape(GtkWidget *widget, GVariant *args, gpointer data)
{
	SpRulesPage *self = SP_RULES_PAGE(widget);
	gboolean picking = gtk_toggle_button_get_active(self->picking);

	gtk_toggle_button_set_active(self->picking, FALSE);
	return picking;
}

static void on_add(SpRulesPage *self)
{
	sp_rules_page_write(self, NULL);
}

static void on_review(SpRulesPage *self)
{
	open_window(self, sp_review_new(self->findings, self->changes));
}

static void on_import(GtkWidget *widget, const char *action, GVariant *parameter)
{
	SpRulesPage *self = SP_RULES_PAGE(widget);

	sp_dialog_import(GTK_WINDOW(gtk_widget_get_root(widget)), self->rules, self->changes);
}

static void on_export(GtkWidget *widget, const char *action, GVariant *parameter)
{
	SpRulesPage *self = SP_RULES_PAGE(widget);

	sp_dialog_export(GTK_WINDOW(gtk_widget_get_root(widget)), self->rules, self->picks,
			 self->changes);
}

static void show_findings(SpRulesPage *self)
{
	guint count = g_list_model_get_n_items(G_LIST_MODEL(self->findings));
	g_autofree char *text = g_strdup_printf(ngettext("%u rule could be tidied up",
							 "%u rules could be tidied up", count), count);

	if (count)
		gtk_label_set_text(self->findings_label, text);
	gtk_revealer_set_reveal_child(self->findings_bar, count > 0);
}

static GtkWidget *make_row(gpointer data)
{
	SpRulesPage *self = data;

	return sp_rule_cell_new(self->changes, self->picks);
}

static void fill_row(GtkWidget *row, gpointer item)
{
	sp_rule_cell_set(SP_RULE_CELL(row), item);
}

static void sp_rules_page_dispose(GObject *object)
{
	SpRulesPage *self = SP_RULES_PAGE(object);

	sp_lines_end(&self->list);
	g_clear_object(&self->sorted);
	g_clear_object(&self->filter);
	g_clear_object(&self->findings);
	g_clear_object(&self->picks);
	g_clear_object(&self->rules);
	g_clear_object(&self->changes);
	G_OBJECT_CLASS(sp_rules_page_parent_class)->dispose(object);
}

static void bind_children(GtkWidgetClass *widget)
{
	gtk_widget_class_bind_template_child(widget, SpRulesPage, page);
	gtk_widget_class_bind_template_child(widget, SpRulesPage, list);
	gtk_widget_class_bind_template_child(widget, SpRulesPage, tools);
	gtk_widget_class_bind_template_child(widget, SpRulesPage, findings_bar);
	gtk_widget_class_bind_template_child(widget, SpRulesPage, findings_label);
	gtk_widget_class_bind_template_child(widget, SpRulesPage, search);
	gtk_widget_class_bind_template_child(widget, SpRulesPage, filter_button);
	gtk_widget_class_bind_template_child(widget, SpRulesPage, filter_popover);
	gtk_widget_class_bind_template_child(widget, SpRulesPage, action);
	gtk_widget_class_bind_template_child(widget, SpRulesPage, owner);
	gtk_widget_class_bind_template_child(widget, SpRulesPage, state);
	gtk_widget_class_bind_template_child(widget, SpRulesPage, sort);
	gtk_widget_class_bind_template_child(widget, SpRulesPage, picking);
	gtk_widget_class_bind_template_child(widget, SpRulesPage, pick_bar);
	gtk_widget_class_bind_template_child(widget, SpRulesPage, more_button);
	gtk_widget_class_bind_template_callback(widget, on_search);
	gtk_widget_class_bind_template_callback(widget, on_filter);
	gtk_widget_class_bind_template_callback(widget, on_sort);
	gtk_widget_class_bind_template_callback(widget, on_activated);
	gtk_widget_class_bind_template_callback(widget, on_picking);
	gtk_widget_class_bind_template_callback(widget, on_add);
	gtk_widget_class_bind_template_callback(widget, on_review);
}

static void sp_rules_page_class_init(SpRulesPageClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_rules_page_dispose;
	g_type_ensure(SP_TYPE_PAGE);
	g_type_ensure(SP_TYPE_PICK_BAR);
	g_type_ensure(SP_TYPE_LINES);
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-rules-page.ui");
	bind_children(widget);
	gtk_widget_class_install_action(widget, "rules.import", NULL, on_import);
	gtk_widget_class_install_action(widget, "rules.export", NULL, on_export);
	gtk_widget_class_add_binding(widget, GDK_KEY_Escape, 0, on_escape, NULL);
}

static void sp_rules_page_init(SpRulesPage *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
	gtk_search_entry_set_key_capture_widget(self->search, GTK_WIDGET(self));
	sp_name_within(self->filter_button, _("Filter and Order"));
	sp_name_within(self->more_button, _("Import and Export"));
	sp_name_within(self->action, _("Action"));
	sp_name_within(self->owner, _("Owner"));
	sp_name_within(self->state, _("State"));
	sp_name_within(self->sort, _("Order"));
}

GtkWidget *sp_rules_page_new(SpRules *rules, SpChanges *changes)
{
	SpRulesPage *self = g_object_new(SP_TYPE_RULES_PAGE, NULL);
	GtkFilterListModel *filtered;

	self->rules = g_object_ref(rules);
	self->changes = g_object_ref(changes);
	self->findings = sp_findings_new(rules);
	g_signal_connect_object(self->findings, "items-changed", G_CALLBACK(show_findings), self,
				G_CONNECT_SWAPPED);
	self->filter = sp_rule_filter_new();
	filtered = gtk_filter_list_model_new(G_LIST_MODEL(g_object_ref(rules)),
					     GTK_FILTER(g_object_ref(self->filter)));
	self->sorted = gtk_sort_list_model_new(G_LIST_MODEL(filtered), NULL);
	self->picks = sp_picks_new(rules);
	sp_pick_bar_set(self->pick_bar, self->picks, G_LIST_MODEL(self->sorted), changes);
	sp_lines_make(self->list, make_row, fill_row, self);
	show_list(self);
	g_signal_connect_object(rules, "items-changed", G_CALLBACK(show_tools), self,
				G_CONNECT_SWAPPED);
	g_signal_connect_object(rules, "notify::whole", G_CALLBACK(show_tools), self,
				G_CONNECT_SWAPPED);
	g_signal_connect_object(sp_rules_query(rules), "changed", G_CALLBACK(show_tools), self,
				G_CONNECT_SWAPPED);
	g_signal_connect_object(sp_rules_query(rules), "changed", G_CALLBACK(on_query), self,
				G_CONNECT_SWAPPED);
	show_tools(self);
	sp_follow(self->page, sp_rules_query(rules), G_LIST_MODEL(self->sorted));
	return GTK_WIDGET(self);
}

void sp_rules_page_search(SpRulesPage *self)
{
	gtk_widget_grab_focus(GTK_WIDGET(self->search));
}

void sp_rules_page_write(SpRulesPage *self, const char *text)
{
	struct sp_text_error error;
	struct sp_draft *draft = text ? sp_draft_of_text(text, getuid(), &error) :
				 sp_draft_new(getuid());

	if (draft)
		open_window(self, sp_rule_editor_new(self->rules, self->changes, 0, draft));
	else
		sp_changes_tell_words(self->changes, error.message);
}
