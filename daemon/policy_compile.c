/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See policy_compile.h. */
#include "policy_compile.h"

#include <string.h>

void sp_compile_free(void *data)
{
	struct sp_compile *compile = data;

	g_array_unref(compile->rules);
	sp_file_policy_clear(&compile->files);
	g_free(compile->boot);
	g_free(compile);
}

/* Of @count rules those of the floor. */
static gsize keep_floor(struct sp_rule *rules, gsize count)
{
	gsize kept = 0;

	for (gsize i = 0; i < count; i++)
		if (rules[i].floor)
			rules[kept++] = rules[i];
	return kept;
}

static void put(struct sp_rule *place, const GArray *rules)
{
	if (rules->len)	/* else it has no data */
		memcpy(place, rules->data, rules->len * sizeof(*place));
}

/* The rules as they count; what they hold is shared. */
static struct sp_rule *effective(const struct sp_compile *compile, gsize *count)
{
	const GArray *rules = compile->rules, *files = compile->files.rules;
	struct sp_rule *all = g_new(struct sp_rule, rules->len + files->len + 1);

	put(all, rules);
	put(all + rules->len, files);
	for (guint i = 0; i < rules->len; i++)
		if (all[i].unconfirmed)
			all[i].action = SP_ASK;
	*count = rules->len + files->len;
	if (compile->lockdown)
		*count = keep_floor(all, *count);
	return all;
}

struct sp_snapshot *sp_compile_now(const struct sp_compile *compile)
{
	static const struct sp_defaults closed = { .out = SP_DENY, .in = SP_DENY };
	gsize count;
	g_autofree struct sp_rule *rules = effective(compile, &count);
	const struct sp_source source = {
		.rules = rules,
		.count = count,
		.defaults = compile->lockdown ? closed : compile->defaults,
		.lists = (struct sp_list *const *)compile->files.lists->pdata,
		.list_count = compile->files.lists->len,
		.boot = compile->boot,
		.epoch = compile->epoch,
		.now = g_get_real_time() * 1000,
	};

	return sp_snapshot_compile(&source);
}

struct begun {
	struct sp_compile *compile;
	sp_compile_done done;
	void *data;
};

static void begun_free(void *data)
{
	struct begun *begun = data;

	sp_compile_free(begun->compile);
	g_free(begun);
}

static void compile_worker(GTask *task, void *source, void *data, GCancellable *cancel)
{
	const struct begun *begun = data;

	g_task_return_pointer(task, sp_compile_now(begun->compile),
			      (GDestroyNotify)sp_snapshot_unref);
}

static void on_compiled(GObject *source, GAsyncResult *result, void *data)
{
	g_autoptr(GError) error = NULL;
	const struct begun *begun = g_task_get_task_data(G_TASK(result));
	struct sp_snapshot *snapshot = g_task_propagate_pointer(G_TASK(result), &error);

	if (!error)		/* else it is cancelled */
		begun->done(snapshot, begun->data);
}

void sp_compile_begin(struct sp_compile *compile, GCancellable *cancel, sp_compile_done done,
		      void *data)
{
	g_autoptr(GTask) task = NULL;
	struct begun *begun;

	if (compile->rules->len + compile->files.rules->len <= SP_COMPILE_HERE) {
		struct sp_snapshot *snapshot = sp_compile_now(compile);

		sp_compile_free(compile);
		done(snapshot, data);
		return;
	}
	begun = g_new0(struct begun, 1);
	begun->compile = compile;
	begun->done = done;
	begun->data = data;
	task = g_task_new(NULL, cancel, on_compiled, NULL);
	g_task_set_task_data(task, begun, begun_free);
	g_task_run_in_thread(task, compile_worker);
}
