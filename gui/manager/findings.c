/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See findings.h. A thread looks at a copy of the rules. */
#include "oddity.h"

#include "copy.h"
#include "domain.h"

/* After the last change; ms */
#define DELAY 400

struct _SpFindings {
	SpItems parent;
	SpRules *rules;
	GCancellable *look;	/* under way */
	guint timer;
};

G_DEFINE_FINAL_TYPE(SpFindings, sp_findings, SP_TYPE_ITEMS)

static void run(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
	const struct sp_analyse_options options = { .domain_of = sp_domain_of };
	GPtrArray *oddities = sp_items_array_new();
	struct sp_analysis analysis;
	gsize count;
	const struct sp_rule *rules = sp_copy_rules(data, &count);

	if (!sp_analyse(rules, count, &options, &analysis))
		g_error("no memory");
	for (size_t i = 0; i < analysis.count; i++) {
		SpOddity *oddity = sp_oddity_new(&analysis.findings[i], rules, count);

		if (oddity)
			g_ptr_array_add(oddities, oddity);
	}
	sp_analysis_clear(&analysis);
	g_task_return_pointer(task, oddities, (GDestroyNotify)g_ptr_array_unref);
}

static void on_looked(GObject *source, GAsyncResult *result, gpointer data)
{
	SpFindings *self = SP_FINDINGS(source);
	GPtrArray *oddities = g_task_propagate_pointer(G_TASK(result), NULL);

	if (!oddities)
		return;		/* another look is under way, or wanted */
	g_clear_object(&self->look);
	sp_items_set(self, oddities);
}

static gboolean on_timer(gpointer data)
{
	SpFindings *self = data;
	g_autoptr(GTask) task = NULL;

	self->timer = 0;
	self->look = g_cancellable_new();
	task = g_task_new(self, self->look, on_looked, NULL);
	/* Without the administrator's files, which are not to be changed here. */
	g_task_set_task_data(task, sp_copy_new(self->rules, FALSE), (GDestroyNotify)sp_copy_free);
	g_task_run_in_thread(task, run);
	return G_SOURCE_REMOVE;
}

static void on_rules_changed(SpFindings *self)
{
	if (self->look)
		g_cancellable_cancel(self->look);
	g_clear_object(&self->look);
	g_clear_handle_id(&self->timer, g_source_remove);
	self->timer = g_timeout_add(DELAY, on_timer, self);
}

static void sp_findings_finalize(GObject *object)
{
	SpFindings *self = SP_FINDINGS(object);

	g_clear_handle_id(&self->timer, g_source_remove);
	g_clear_object(&self->look);
	g_object_unref(self->rules);
	G_OBJECT_CLASS(sp_findings_parent_class)->finalize(object);
}

static void sp_findings_class_init(SpFindingsClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_findings_finalize;
}

static void sp_findings_init(SpFindings *self)
{
}

SpFindings *sp_findings_new(SpRules *rules)
{
	SpFindings *self = g_object_new(SP_TYPE_FINDINGS, NULL);

	self->rules = g_object_ref(rules);
	g_signal_connect_object(rules, "items-changed", G_CALLBACK(on_rules_changed), self,
				G_CONNECT_SWAPPED);
	on_rules_changed(self);
	return self;
}
