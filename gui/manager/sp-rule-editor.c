/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See sp-rule-editor.h. The draft is what counts: form and line are filled from it, and
 * what is typed in either goes into it; judge() then says what it means.
 */
#include "sp-rule-editor.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "calls.h"
#include "choices.h"
#include "effect.h"
#include "rule_context.h"
#include "sentence.h"

/* After the last key, until the other rules are looked at; ms */
#define PAUSE 250

struct _SpRuleEditor {
	AdwWindow parent;
	SpRules *rules;
	SpChanges *changes;
	guint64 rule;
	struct sp_draft *draft;
	struct sp_choices protocols, lifetimes;
	gboolean filling, valid;
	SpQuery *records, *status;	/* what it would mean is told by them */
	guint pause;
	GCancellable *look;		/* under way; NULL */

	GtkWidget *save, *form;
	GtkLabel *sentence, *message, *effect;
	AdwComboRow *action, *direction, *protocol, *owner, *lifetime;
	AdwEntryRow *program, *remote, *port, *note, *text;
};

G_DEFINE_FINAL_TYPE(SpRuleEditor, sp_rule_editor, ADW_TYPE_WINDOW)

static void set_text(GtkLabel *label, const char *text)
{
	gtk_label_set_text(label, text ? text : "");
	gtk_widget_set_visible(GTK_WIDGET(label), text && *text);
}

static void mark(gpointer row, gboolean wrong)
{
	if (wrong)
		gtk_widget_add_css_class(row, "error");
	else
		gtk_widget_remove_css_class(row, "error");
}

/* @wrong: SP_DRAFT_FIELDS for none of them. */
static void mark_rows(SpRuleEditor *self, enum sp_draft_field wrong)
{
	mark(self->program, wrong == SP_DRAFT_PROGRAM);
	mark(self->remote, wrong == SP_DRAFT_REMOTE);
	mark(self->port, wrong == SP_DRAFT_PORT);
	mark(self->note, wrong == SP_DRAFT_NOTE);
}

static void set_valid(SpRuleEditor *self, gboolean valid)
{
	self->valid = valid;
	gtk_widget_set_sensitive(self->save, valid);
}

static void stop_looking(SpRuleEditor *self)
{
	g_cancellable_cancel(self->look);
	g_clear_object(&self->look);
}

static void on_looked(GObject *source, GAsyncResult *result, gpointer data)
{
	SpRuleEditor *self = data;
	g_autofree char *words = sp_effect_finish(result, NULL);

	if (!words)
		return;		/* stopped; @data may be gone */
	g_clear_object(&self->look);
	set_text(self->effect, words);
}

/* The first argument of its reply; NULL: not there. */
static GVariant *reply_of(SpQuery *query)
{
	return sp_query_state(query) == SP_QUERY_READY ?
	       g_variant_get_child_value(sp_query_result(query), 0) : NULL;
}

static void look(SpRuleEditor *self, const struct sp_rule *rule)
{
	g_autoptr(GVariant) records = reply_of(self->records), status = reply_of(self->status);
	struct sp_defaults defaults = sp_rule_defaults(status);

	self->look = g_cancellable_new();
	sp_effect_look(self->rules, self->rule, rule, records, &defaults, self->look, on_looked, self);
}

/* The rules are looked through: not at each key. */
static gboolean on_pause(gpointer data)
{
	SpRuleEditor *self = data;
	enum sp_draft_field ignored;
	struct sp_text_error error;
	struct sp_rule rule;

	self->pause = 0;
	if (sp_draft_check(self->draft, &rule, &error, &ignored)) {
		look(self, &rule);
		sp_rule_clear(&rule);
	} else {
		set_text(self->effect, NULL);
	}
	return G_SOURCE_REMOVE;
}

static void judge_effect(SpRuleEditor *self)
{
	stop_looking(self);
	g_clear_handle_id(&self->pause, g_source_remove);
	self->pause = g_timeout_add(PAUSE, on_pause, self);
}

/* What the draft means, or what is wrong with it. */
static void judge(SpRuleEditor *self)
{
	enum sp_draft_field wrong = SP_DRAFT_FIELDS;
	struct sp_text_error error;
	struct sp_rule rule;
	char *sentence;

	if (sp_draft_check(self->draft, &rule, &error, &wrong)) {
		sentence = sp_sentence(&rule);
		set_text(self->sentence, sentence);
		free(sentence);
		sp_rule_clear(&rule);
		set_text(self->message, NULL);
		set_valid(self, TRUE);
	} else {
		set_text(self->message, error.message);
		set_valid(self, FALSE);
	}
	mark_rows(self, wrong);
	mark(self->text, FALSE);
	judge_effect(self);
}

static void fill_text(SpRuleEditor *self)
{
	g_autofree char *text = sp_draft_text(self->draft);

	gtk_editable_set_text(GTK_EDITABLE(self->text), text);
}

static void fill_row(AdwEntryRow *row, const char *text)
{
	if (strcmp(gtk_editable_get_text(GTK_EDITABLE(row)), text) != 0)
		gtk_editable_set_text(GTK_EDITABLE(row), text);
}

static void fill_choices(SpRuleEditor *self)
{
	guint selected;

	sp_choices_protocols(&self->protocols, self->draft, &selected);
	adw_combo_row_set_model(self->protocol, G_LIST_MODEL(self->protocols.names));
	adw_combo_row_set_selected(self->protocol, selected);
	sp_choices_lifetimes(&self->lifetimes, self->draft, &selected);
	adw_combo_row_set_model(self->lifetime, G_LIST_MODEL(self->lifetimes.names));
	adw_combo_row_set_selected(self->lifetime, selected);
}

static void fill_form(SpRuleEditor *self)
{
	const struct sp_draft *draft = self->draft;

	adw_combo_row_set_selected(self->action, draft->action - SP_ALLOW);
	adw_combo_row_set_selected(self->direction, draft->direction);
	adw_combo_row_set_selected(self->owner, draft->owner == SP_SYSTEM);
	fill_row(self->program, draft->fields[SP_DRAFT_PROGRAM]);
	fill_row(self->remote, draft->fields[SP_DRAFT_REMOTE]);
	fill_row(self->port, draft->fields[SP_DRAFT_PORT]);
	fill_row(self->note, draft->fields[SP_DRAFT_NOTE]);
	fill_choices(self);
}

static void fill(SpRuleEditor *self)
{
	self->filling = TRUE;
	fill_form(self);
	fill_text(self);
	self->filling = FALSE;
	judge(self);
}

static void take_row(SpRuleEditor *self, enum sp_draft_field field, AdwEntryRow *row)
{
	sp_draft_set(self->draft, field, gtk_editable_get_text(GTK_EDITABLE(row)));
}

static void take_choice(SpRuleEditor *self, enum sp_draft_field field,
			const struct sp_choices *choices, AdwComboRow *row)
{
	const struct sp_choice *choice = sp_choices_get(choices, adw_combo_row_get_selected(row));

	if (choice)
		sp_draft_set(self->draft, field, choice->words);
}

static void on_form(SpRuleEditor *self)
{
	if (!self->draft || self->filling)
		return;
	self->draft->action = SP_ALLOW + adw_combo_row_get_selected(self->action);
	self->draft->direction = adw_combo_row_get_selected(self->direction) ? SP_IN : SP_OUT;
	if (!self->rule)
		self->draft->owner = adw_combo_row_get_selected(self->owner) ? SP_SYSTEM : getuid();
	take_row(self, SP_DRAFT_PROGRAM, self->program);
	take_row(self, SP_DRAFT_REMOTE, self->remote);
	take_row(self, SP_DRAFT_PORT, self->port);
	take_row(self, SP_DRAFT_NOTE, self->note);
	take_choice(self, SP_DRAFT_PROTOCOL, &self->protocols, self->protocol);
	take_choice(self, SP_DRAFT_UNTIL, &self->lifetimes, self->lifetime);
	self->filling = TRUE;
	fill_text(self);
	self->filling = FALSE;
	judge(self);
}

static void on_text(SpRuleEditor *self)
{
	const char *text = gtk_editable_get_text(GTK_EDITABLE(self->text));
	struct sp_text_error error;
	struct sp_draft *draft;

	if (!self->draft || self->filling)
		return;
	draft = sp_draft_of_text(text, self->draft->owner, &error);
	mark(self->text, !draft);
	if (!draft) {
		set_text(self->message, error.message);
		set_valid(self, FALSE);
		return;
	}
	sp_draft_free(self->draft);
	self->draft = draft;
	self->filling = TRUE;
	fill_form(self);
	self->filling = FALSE;
	judge(self);
}

static void on_saved(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(SpRuleEditor) self = data;
	g_autoptr(GError) error = NULL;
	gboolean saved = sp_changes_finish(SP_CHANGES(source), result, &error);

	if (saved) {
		gtk_window_destroy(GTK_WINDOW(self));
		return;
	}
	if (!gtk_widget_get_visible(GTK_WIDGET(self)))	/* closed meanwhile */
		sp_changes_tell(SP_CHANGES(source), error);
	gtk_widget_set_sensitive(self->form, TRUE);
	set_valid(self, TRUE);
	set_text(self->message, error->message);
}

static void on_save(SpRuleEditor *self)
{
	g_autofree char *text = sp_draft_text(self->draft);
	const struct sp_choice *lifetime = sp_choices_get(&self->lifetimes,
		adw_combo_row_get_selected(self->lifetime));

	set_text(self->message, NULL);
	set_valid(self, FALSE);
	gtk_widget_set_sensitive(self->form, FALSE);
	sp_changes_save(self->changes, self->rule, text, self->draft->owner,
			lifetime ? lifetime->lifetime : NULL, on_saved, g_object_ref(self));
}

static void sp_rule_editor_dispose(GObject *object)
{
	SpRuleEditor *self = SP_RULE_EDITOR(object);

	g_clear_handle_id(&self->pause, g_source_remove);
	stop_looking(self);
	g_clear_object(&self->records);
	g_clear_object(&self->status);
	g_clear_object(&self->rules);
	g_clear_object(&self->changes);
	G_OBJECT_CLASS(sp_rule_editor_parent_class)->dispose(object);
}

static void sp_rule_editor_finalize(GObject *object)
{
	SpRuleEditor *self = SP_RULE_EDITOR(object);

	sp_draft_free(self->draft);
	sp_choices_clear(&self->protocols);
	sp_choices_clear(&self->lifetimes);
	G_OBJECT_CLASS(sp_rule_editor_parent_class)->finalize(object);
}

static void bind_children(GtkWidgetClass *widget)
{
	gtk_widget_class_bind_template_child(widget, SpRuleEditor, save);
	gtk_widget_class_bind_template_child(widget, SpRuleEditor, form);
	gtk_widget_class_bind_template_child(widget, SpRuleEditor, sentence);
	gtk_widget_class_bind_template_child(widget, SpRuleEditor, message);
	gtk_widget_class_bind_template_child(widget, SpRuleEditor, effect);
	gtk_widget_class_bind_template_child(widget, SpRuleEditor, action);
	gtk_widget_class_bind_template_child(widget, SpRuleEditor, direction);
	gtk_widget_class_bind_template_child(widget, SpRuleEditor, protocol);
	gtk_widget_class_bind_template_child(widget, SpRuleEditor, owner);
	gtk_widget_class_bind_template_child(widget, SpRuleEditor, lifetime);
	gtk_widget_class_bind_template_child(widget, SpRuleEditor, program);
	gtk_widget_class_bind_template_child(widget, SpRuleEditor, remote);
	gtk_widget_class_bind_template_child(widget, SpRuleEditor, port);
	gtk_widget_class_bind_template_child(widget, SpRuleEditor, note);
	gtk_widget_class_bind_template_child(widget, SpRuleEditor, text);
	gtk_widget_class_bind_template_callback(widget, on_form);
	gtk_widget_class_bind_template_callback(widget, on_text);
	gtk_widget_class_bind_template_callback(widget, on_save);
}

static void sp_rule_editor_class_init(SpRuleEditorClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_rule_editor_dispose;
	G_OBJECT_CLASS(class)->finalize = sp_rule_editor_finalize;
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-rule-editor.ui");
	bind_children(widget);
	gtk_widget_class_add_binding_action(widget, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void sp_rule_editor_init(SpRuleEditor *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

static SpQuery *query_of(SpRuleEditor *self, const char *interface, const char *method,
			 GVariant *args)
{
	SpQuery *query = sp_query_new(sp_changes_link(self->changes), interface, method, args);

	g_signal_connect_object(query, "changed", G_CALLBACK(judge_effect), self, G_CONNECT_SWAPPED);
	return query;
}

GtkWidget *sp_rule_editor_new(SpRules *rules, SpChanges *changes, guint64 rule,
			      struct sp_draft *draft)
{
	SpRuleEditor *self = g_object_new(SP_TYPE_RULE_EDITOR, NULL);
	GVariantDict options;

	self->rules = g_object_ref(rules);
	self->changes = g_object_ref(changes);
	self->rule = rule;
	self->draft = draft;
	g_variant_dict_init(&options, NULL);
	self->records = query_of(self, "History", "Recent",
				 g_variant_new("(u@a{sv})", SP_RECENT_MAX, g_variant_dict_end(&options)));
	self->status = query_of(self, "Manager", "GetStatus", g_variant_new("()"));
	gtk_window_set_title(GTK_WINDOW(self), rule ? _("Edit Rule") : _("New Rule"));
	/* A rule's owner is kept when it is edited; another user's has no name here. */
	gtk_widget_set_visible(GTK_WIDGET(self->owner), rule == 0);
	fill(self);
	return GTK_WIDGET(self);
}
