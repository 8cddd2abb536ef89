/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-prompt-private.h: what is asked, what an answer would do, and what became of it. */
#include "sp-prompt-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "facts.h"
#include "fit.h"
#include "headline.h"
#include "sp-request-row.h"

/* At the usual size of text; px */
#define WIDTH	460
#define PAGE	120	/* of what scrolls, at least; the buttons never do */

static int height_of(GtkWidget *widget, int width)
{
	int height;

	gtk_widget_measure(widget, GTK_ORIENTATION_VERTICAL, width, NULL, &height, NULL, NULL);
	return height;
}

/* As wide as its text wants, as high as what is in it, up to the screen's height. */
void sp_prompt_window_fit(SpPromptWindow *self)
{
	int width = (int)(WIDTH * sp_fit_text(GTK_WIDGET(self)));
	int others = height_of(self->bar, width) + height_of(self->foot, width);

	gtk_widget_set_size_request(GTK_WIDGET(self->clamp), width, -1);
	adw_clamp_set_maximum_size(self->clamp, width);
	adw_clamp_set_tightening_threshold(self->clamp, width);
	gtk_scrolled_window_set_max_content_height(self->page,
		MAX(sp_fit_height(GTK_WIDGET(self)) - others, PAGE));
}

static void set_text(GtkLabel *label, const char *text)
{
	gtk_label_set_text(label, text ? text : "");
	gtk_widget_set_visible(GTK_WIDGET(label), text && *text);
}

/* "": none is made. */
static const char *rule_for(SpPromptWindow *self, const struct sp_question *q)
{
	g_autofree char *scope = sp_prompt_window_scope(self, q);
	int index = sp_question_find_scope(q, scope);

	return index < 0 ? "" : sp_question_scope(q, (guint)index)->text;
}

/* Is the same rule made of each answer? */
static gboolean is_one_rule(SpPromptWindow *self)
{
	const char *rule = rule_for(self, sp_prompt_window_question(self));
	g_autoptr(GPtrArray) asks = sp_prompt_window_answered(self);

	for (guint i = 0; i < asks->len; i++)
		if (strcmp(rule_for(self, sp_request_question(asks->pdata[i])), rule) != 0)
			return FALSE;
	return TRUE;
}

static char *effect_of(SpPromptWindow *self)
{
	const struct sp_question *q = sp_prompt_window_question(self);
	g_autofree char *scope = sp_prompt_window_scope(self, q);
	const char *lifetime = sp_lifetime_row_get(self->lifetime);
	guint count = sp_prompt_window_count_answered(self);

	if (strcmp(lifetime, "once") != 0 && !is_one_rule(self))
		return g_strdup_printf(ngettext("Makes a rule for the %u that is marked.",
						"Makes a rule for each of the %u that are marked.",
						count), count);
	return sp_facts_effect(q, (guint)MAX(sp_question_find_scope(q, scope), 0), self->action,
			       lifetime);
}

void sp_prompt_window_show_effect(SpPromptWindow *self)
{
	const struct sp_question *q = sp_prompt_window_question(self);
	g_autofree char *scope = sp_prompt_window_scope(self, q);
	int index = sp_question_find_scope(q, scope);
	gboolean once = strcmp(sp_lifetime_row_get(self->lifetime), "once") == 0;
	g_autofree char *effect = effect_of(self);
	g_autofree char *command = index < 0 || self->many ? NULL :
		sp_facts_command(q, (guint)index, self->action,
				 sp_lifetime_row_get(self->lifetime));

	gtk_widget_set_visible(GTK_WIDGET(self->updates), sp_prompt_window_has_versions(self));
	gtk_widget_set_sensitive(GTK_WIDGET(self->updates), !once);
	set_text(self->effect, effect);
	sp_details_set_command(self->details, command);
}

void sp_prompt_window_show_state(SpPromptWindow *self)
{
	const struct sp_question *q = sp_prompt_window_question(self);
	g_autofree char *certainty = self->sure ? sp_facts_certainty(q) : NULL;

	set_text(self->message, certainty ? certainty : sp_prompt_window_message(self));
	sp_prompt_window_fit(self);
	sp_answer_bar_set_ready(self->answers, sp_prompt_window_can_answer(self));
	sp_countdown_set(self->countdown, q);
	sp_details_update(self->details, q);
}

static void show_headline(SpPromptWindow *self)
{
	struct sp_headline headline;

	if (self->many)
		sp_headline_of_many(sp_prompt_window_question(self),
				    sp_program_count(self->program), &headline);
	else
		sp_headline_of(sp_prompt_window_question(self), &headline);
	sp_headline_label_set(self->headline, &headline);
	sp_headline_clear(&headline);
}

static void show_facts(SpPromptWindow *self)
{
	const struct sp_question *q = sp_prompt_window_question(self);
	g_autofree char *host = self->many ? NULL : sp_facts_host(q);
	g_autofree char *past = sp_facts_past(q);
	g_autofree char *name = sp_facts_whole_name(q);

	gtk_window_set_title(GTK_WINDOW(self), *q->name ? name : _("Unknown program"));
	sp_identity_set(self->identity, q);
	set_text(self->host, host);
	set_text(self->past, past);
	sp_details_set(self->details, q, self->many);
}

/* All but the one shown, for the list below the buttons. */
static gboolean is_behind(gpointer item, gpointer data)
{
	return item != SP_PROMPT_WINDOW(data)->ask;
}

static GtkWidget *make_waiting_row(gpointer ask, gpointer data)
{
	return sp_request_row_new(ask, FALSE);
}

static GtkWidget *make_list_row(gpointer ask, gpointer data)
{
	return sp_request_row_new(ask, TRUE);
}

void sp_prompt_window_show_lists(SpPromptWindow *self)
{
	GtkFilter *filter = GTK_FILTER(gtk_custom_filter_new(is_behind, self, NULL));
	g_autoptr(GtkFilterListModel) behind = gtk_filter_list_model_new(
		G_LIST_MODEL(g_object_ref(self->program)), filter);

	gtk_list_box_bind_model(self->waiting, self->many ? NULL : G_LIST_MODEL(behind),
				make_waiting_row, NULL, NULL);
	gtk_list_box_bind_model(self->list, self->many ? G_LIST_MODEL(self->program) : NULL,
				make_list_row, NULL, NULL);
}

static void show_counts(SpPromptWindow *self)
{
	guint behind = sp_program_count(self->program) - 1;
	g_autofree char *text = g_strdup_printf(
		ngettext("%u more question of this program", "%u more questions of this program",
			 behind), behind);

	gtk_label_set_text(self->waiting_label, text);
	gtk_widget_set_visible(self->waiting_box, behind && !self->many);
	gtk_widget_set_visible(self->list_box, self->many);
	show_headline(self);
	sp_prompt_window_fit(self);
}

/* A line more or less moves the buttons. */
static void show_warning(SpPromptWindow *self, GListModel *subjects)
{
	g_autofree char *warning = sp_prompt_window_warning(subjects);

	if (strcmp(warning, gtk_label_get_text(self->warning)) != 0)
		sp_answer_bar_arm(self->answers);
	gtk_label_set_text(self->warning, warning);
	gtk_widget_set_visible(self->warning_box, *warning);
}

static void show_origin(SpPromptWindow *self, GListModel *subjects)
{
	sp_identity_set_badge(self->identity, sp_prompt_window_worst(subjects));
	sp_identity_set_chain(self->identity, sp_prompt_window_has_one_chain(subjects) ?
					      sp_request_question_at(subjects, 0) : NULL);
}

/* Where there is more or less to choose the buttons may move. */
static void show_choices(SpPromptWindow *self, GListModel *subjects)
{
	if (sp_scope_chooser_set(self->scope, subjects, self->many))
		sp_answer_bar_arm(self->answers);
	sp_lifetime_row_update(self->lifetime, subjects);
}

void sp_prompt_window_show_again(SpPromptWindow *self)
{
	g_autoptr(GListModel) subjects = sp_prompt_window_subjects(self);

	show_counts(self);
	show_origin(self, subjects);
	show_warning(self, subjects);
	show_choices(self, subjects);
	sp_prompt_window_show_effect(self);
	sp_prompt_window_show_state(self);
}

void sp_prompt_window_show_renewed(SpPromptWindow *self)
{
	self->sure = FALSE;
	sp_answer_bar_arm(self->answers);
	show_facts(self);
	sp_prompt_window_show_again(self);
}

void sp_prompt_window_show_all(SpPromptWindow *self)
{
	g_autoptr(GListModel) subjects = sp_prompt_window_subjects(self);

	sp_lifetime_row_set(self->lifetime, subjects);
	sp_prompt_window_show_renewed(self);
}
