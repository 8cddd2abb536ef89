/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See findings.h. A thread looks at a copy of the rules' fields whose strings are kept
 * alive by the items; items never change.
 */
#include "oddity.h"

#include "domain.h"
#include "splice.h"

/* After the last change; ms */
#define DELAY 400

struct _SpFindings {
	GObject parent;
	SpRules *rules;
	GPtrArray *oddities;
	GCancellable *look;	/* under way */
	guint timer;
};

static void list_model_init(GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE(SpFindings, sp_findings, G_TYPE_OBJECT,
			      G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, list_model_init))

static GType get_item_type(GListModel *model)
{
	return SP_TYPE_ODDITY;
}

static guint get_n_items(GListModel *model)
{
	return SP_FINDINGS(model)->oddities->len;
}

static gpointer get_item(GListModel *model, guint position)
{
	GPtrArray *oddities = SP_FINDINGS(model)->oddities;

	return position < oddities->len ? g_object_ref(g_ptr_array_index(oddities, position)) : NULL;
}

static void list_model_init(GListModelInterface *interface)
{
	interface->get_item_type = get_item_type;
	interface->get_n_items = get_n_items;
	interface->get_item = get_item;
}

/* What the thread works on. */
struct work {
	GPtrArray *items;	/* keep what @rules point to */
	GArray *rules;		/* struct sp_rule, shallow */
};

static void work_free(gpointer data)
{
	struct work *work = data;

	g_ptr_array_unref(work->items);
	g_array_unref(work->rules);
	g_free(work);
}

/* Without the administrator's files, which are not to be changed here. */
static struct work *gather(SpRules *rules)
{
	struct work *work = g_new0(struct work, 1);

	work->items = g_ptr_array_new_with_free_func(g_object_unref);
	work->rules = g_array_new(FALSE, FALSE, sizeof(struct sp_rule));
	for (guint i = 0; i < g_list_model_get_n_items(G_LIST_MODEL(rules)); i++) {
		SpRuleItem *item = g_list_model_get_item(G_LIST_MODEL(rules), i);

		g_ptr_array_add(work->items, item);
		if (sp_rule_item_readable(item) && !sp_rule_item_in_file(item))
			g_array_append_vals(work->rules, sp_rule_item_rule(item), 1);
	}
	return work;
}

static void run(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
	const struct sp_analyse_options options = { .domain_of = sp_domain_of };
	GPtrArray *oddities = g_ptr_array_new_with_free_func(g_object_unref);
	const struct work *work = data;
	const struct sp_rule *rules = (const struct sp_rule *)(void *)work->rules->data;
	struct sp_analysis analysis;

	if (!sp_analyse(rules, work->rules->len, &options, &analysis))
		g_error("no memory");
	for (size_t i = 0; i < analysis.count; i++) {
		SpOddity *oddity = sp_oddity_new(&analysis.findings[i], rules, work->rules->len);

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
	sp_splice(G_LIST_MODEL(self), &self->oddities, oddities);
}

static gboolean on_timer(gpointer data)
{
	SpFindings *self = data;
	g_autoptr(GTask) task = NULL;

	self->timer = 0;
	self->look = g_cancellable_new();
	task = g_task_new(self, self->look, on_looked, NULL);
	g_task_set_task_data(task, gather(self->rules), work_free);
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
	g_ptr_array_unref(self->oddities);
	G_OBJECT_CLASS(sp_findings_parent_class)->finalize(object);
}

static void sp_findings_class_init(SpFindingsClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_findings_finalize;
}

static void sp_findings_init(SpFindings *self)
{
	self->oddities = g_ptr_array_new_with_free_func(g_object_unref);
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
