/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See store_thread.h. The store is touched by the thread alone, from open to
 * close. @waiting counts jobs queued or under way, of each sort; it is the main thread's.
 * A job is owned by the queue, then by the thread, then by the idle source
 * that delivers it.
 */
#include "store_thread.h"

#include <gio/gio.h>
#include <stdlib.h>
#include "guard_steps.h"
#include "log.h"
#include "point.h"

enum job_kind { JOB_OPEN, JOB_APPLY, JOB_EXPIRE, JOB_UNDO, JOB_CHANGE, JOB_JOURNAL, JOB_TOTALS, JOB_STOP };

enum sort { CHANGES, LOOKS, TOTALS, SORTS };

static const guint most[SORTS] = {
	[CHANGES] = SP_STORE_CHANGES_MAX,
	[LOOKS] = SP_STORE_LOOKS_MAX,
	[TOTALS] = SP_STORE_TOTALS_MAX,
};

/* What could not be saved is tried again after this. */
#define RETRY_US	(30 * G_USEC_PER_SEC)

#define ENTRIES_MAX	100000u	/* of the journal, to be looked through */

struct job {
	enum job_kind kind;
	struct sp_store_thread *thread;
	GArray *changes, *rules, *entries;
	guint64 change;
	gsize limit;
	gboolean redo, hold, held;
	guint32 uid;
	char *how;
	gint64 now;
	enum sp_store_error error;
	char message[512];
	sp_store_done done;
	sp_totals_work totals_work;	/* JOB_TOTALS */
	void (*totals_done)(void *data);
	GDestroyNotify free_data;
	void *data;
};

struct sp_store_thread {
	GThread *thread;
	GAsyncQueue *jobs;		/* struct job */
	GAsyncQueue *opened;		/* the answer to JOB_OPEN */
	GMainContext *context;
	char *folder, *runtime;
	struct sp_totals *totals;	/* the thread's; NULL: not open */
	gboolean untidy;		/* the thread's: history.db wants tidying */
	GMutex mutex;			/* of @trouble */
	char *trouble;			/* NULL: none */
	guint waiting[SORTS];
	gboolean stopped;		/* nothing more is taken */
	gint references;		/* ours and each job's to be delivered */
};

static void rule_clear(void *rule)
{
	sp_rule_clear(rule);
}

static void change_clear(void *change)
{
	sp_rule_clear(&((struct sp_change *)change)->rule);
}

GArray *sp_rules_new(void)
{
	GArray *rules = g_array_new(FALSE, TRUE, sizeof(struct sp_rule));

	g_array_set_clear_func(rules, rule_clear);
	return rules;
}

GArray *sp_changes_new(void)
{
	GArray *changes = g_array_new(FALSE, TRUE, sizeof(struct sp_change));

	g_array_set_clear_func(changes, change_clear);
	return changes;
}

static void entry_clear(void *data)
{
	struct sp_journal_entry *entry = data;

	free(entry->how);
	free(entry->before);
	free(entry->after);
}

GArray *sp_entries_new(void)
{
	GArray *entries = g_array_new(FALSE, TRUE, sizeof(struct sp_journal_entry));

	g_array_set_clear_func(entries, entry_clear);
	return entries;
}

static void thread_unref(struct sp_store_thread *thread)
{
	if (!g_atomic_int_dec_and_test(&thread->references))
		return;
	g_async_queue_unref(thread->jobs);
	g_async_queue_unref(thread->opened);
	g_main_context_unref(thread->context);
	g_mutex_clear(&thread->mutex);
	g_free(thread->trouble);
	g_free(thread->folder);
	g_free(thread->runtime);
	g_free(thread);
}

static void job_free(void *data)
{
	struct job *job = data;

	g_clear_pointer(&job->changes, g_array_unref);
	g_clear_pointer(&job->rules, g_array_unref);
	g_clear_pointer(&job->entries, g_array_unref);
	g_free(job->how);
	if (job->free_data)
		job->free_data(job->data);
	thread_unref(job->thread);
	g_free(job);
}

static struct job *job_new(struct sp_store_thread *thread, enum job_kind kind)
{
	struct job *job = g_new0(struct job, 1);

	job->kind = kind;
	job->thread = thread;
	g_atomic_int_inc(&thread->references);
	return job;
}

static enum sort sort_of(const struct job *job)
{
	switch (job->kind) {
	case JOB_OPEN:
	case JOB_APPLY:
	case JOB_EXPIRE:
	case JOB_UNDO:
		return CHANGES;
	case JOB_CHANGE:
	case JOB_JOURNAL:
		return LOOKS;
	case JOB_TOTALS:
		return TOTALS;
	case JOB_STOP:
		return SORTS;
	}
	g_assert_not_reached();
}

/* Changes go first; the end is the last. */
static int rank(const void *job, const void *other, void *data)
{
	enum sort a = sort_of(job), b = sort_of(other);

	return (a > b) - (a < b);
}

static void push(struct job *job)
{
	g_async_queue_push_sorted(job->thread->jobs, job, rank, NULL);
}

static gboolean deliver(void *data)
{
	struct job *job = data;
	struct sp_store_result result = {
		.error = job->error,
		.held = job->held,
		.message = job->message,
		.changes = job->changes,
		.rules = job->rules,
		.entries = job->entries,
	};

	job->thread->waiting[sort_of(job)]--;
	if (job->kind == JOB_TOTALS) {
		if (job->totals_done)
			job->totals_done(job->data);
		return G_SOURCE_REMOVE;
	}
	job->done(&result, job->data);
	job->changes = result.changes;
	job->rules = result.rules;
	job->entries = result.entries;
	return G_SOURCE_REMOVE;
}

static void fail(struct job *job, enum sp_store_error error, const char *message)
{
	job->error = error;
	g_strlcpy(job->message, message ? message : "", sizeof(job->message));
}

static void load(struct sp_store *store, struct job *job)
{
	struct sp_rule *rules = NULL;
	size_t count = 0;
	enum sp_store_error error = sp_store_load(store, &rules, &count);

	if (error) {
		fail(job, error, sp_store_message(store));
		return;
	}
	job->rules = sp_rules_new();
	g_array_append_vals(job->rules, rules, count);	/* what they hold moves too */
	free(rules);
}

static void apply(struct sp_store *store, struct job *job)
{
	struct sp_change *changes = (struct sp_change *)(void *)job->changes->data;
	struct sp_actor actor = { .uid = job->uid, .how = job->how };
	enum sp_store_error error;

	sp_point("storing");
	error = sp_store_apply(store, changes, job->changes->len, &actor);
	sp_point("stored");
	if (!error)
		return;
	fail(job, error, sp_store_message(store));
	job->held = job->hold && sp_store_hold(store, changes, job->changes->len, &actor);
}

static void undo(struct sp_store *store, struct job *job)
{
	struct sp_actor actor = { .uid = job->uid, .how = job->how };
	struct sp_change *changes = NULL;
	size_t count = 0;
	enum sp_store_error error;

	error = sp_store_undo(store, job->change, job->redo, &actor, &changes, &count);
	if (error) {
		fail(job, error, sp_store_message(store));
		return;
	}
	job->changes = sp_changes_new();
	g_array_append_vals(job->changes, changes, count);	/* what they hold moves too */
	free(changes);
}

static void look(struct sp_store *store, struct job *job)
{
	struct sp_journal_entry *entries = NULL;
	enum sp_store_error error = SP_STORE_OK;
	size_t count = 0;

	if (job->kind == JOB_CHANGE && !job->change)
		error = sp_store_undo_next(store, job->uid, job->redo, &job->change);
	if (!error)
		error = job->kind == JOB_CHANGE ?
			sp_store_journal_change(store, job->change, &entries, &count) :
			sp_store_journal(store, job->limit, &entries, &count);
	if (error) {
		fail(job, error, sp_store_message(store));
		return;
	}
	job->entries = sp_entries_new();
	g_array_append_vals(job->entries, entries, count);
	free(entries);
}

static void expire(struct sp_store *store, struct job *job)
{
	size_t removed = 0;
	enum sp_store_error error = sp_store_expire(store, job->now, &removed);

	if (error)
		fail(job, error, sp_store_message(store));
	else if (removed)
		load(store, job);
}

static gboolean report_lost(struct sp_store *store)
{
	char why[200];

	if (!sp_store_lost(store, why, sizeof(why)))
		return FALSE;
	sp_log_error("changes of the rules that were not saved can't be, and are lost: %s", why);
	return TRUE;
}

/* For the main loop to read. */
static void note_trouble(struct sp_store_thread *thread, struct sp_store *store)
{
	const char *trouble = store ? sp_store_trouble(store) : NULL;

	if (store)
		report_lost(store);
	g_mutex_lock(&thread->mutex);
	if (trouble && g_strcmp0(trouble, thread->trouble))
		sp_log_error("%s", trouble);
	g_free(thread->trouble);
	thread->trouble = g_strdup(trouble);
	g_mutex_unlock(&thread->mutex);
}

/* What can't be undone stays: whoever wants it undone looks again, and says why. */
static void take_back(struct sp_store *store, const char *how)
{
	const struct sp_actor actor = { .uid = SP_SYSTEM, .how = "not confirmed" };
	struct sp_journal_entry *entries = NULL;
	g_autoptr(GArray) steps = NULL;
	size_t count = 0;

	if (sp_store_journal(store, ENTRIES_MAX, &entries, &count))
		return;
	steps = sp_guard_steps(entries, count, how);
	sp_journal_entries_free(entries, count);
	for (guint i = 0; i < steps->len; i++) {
		const struct sp_guard_step *step =
			&g_array_index(steps, struct sp_guard_step, i);
		struct sp_change *changes = NULL;
		size_t changed = 0;

		if (sp_store_undo(store, step->change, step->redo, &actor, &changes, &changed))
			continue;
		for (size_t j = 0; j < changed; j++)
			sp_rule_clear(&changes[j].rule);
		free(changes);
	}
}

/* The first job: answers on @opened instead of the main loop. */
static struct sp_store *open_store(struct sp_store_thread *thread, struct job *job)
{
	struct sp_store *store = sp_store_open(thread->folder, &job->error, job->message,
					       sizeof(job->message));

	if (store && thread->runtime && sp_store_hold_in(store, thread->runtime))
		sp_log_warn("%s", sp_store_message(store));
	if (store && job->how)
		take_back(store, job->how);
	if (store)
		load(store, job);
	note_trouble(thread, store);
	return store;
}

/* TRUE: the rules changed. */
static gboolean work(struct sp_store *store, struct job *job)
{
	switch (job->kind) {
	case JOB_APPLY:
		apply(store, job);
		return !job->error;
	case JOB_EXPIRE:
		expire(store, job);
		return !job->error && job->rules;
	case JOB_UNDO:
		undo(store, job);
		return !job->error;
	case JOB_CHANGE:
	case JOB_JOURNAL:
		look(store, job);
		return FALSE;
	case JOB_OPEN:
	case JOB_TOTALS:
	case JOB_STOP:
		break;
	}
	g_assert_not_reached();
}

/* TRUE: the copy is to be written again. A job may save what was held, whatever becomes of it. */
static gboolean work_and_save(struct sp_store *store, struct job *job)
{
	size_t held = sp_store_held(store);
	gboolean changed = work(store, job);

	return changed || sp_store_held(store) < held;
}

static void copy(struct sp_store_thread *thread, struct sp_store *store)
{
	sp_store_copy(store);
	note_trouble(thread, store);
}

/* history.db, opened when it is needed first; NULL: it can't be. */
static struct sp_totals *open_totals(struct sp_store_thread *thread)
{
	static struct sp_log_limit limit = SP_LOG_LIMIT(3, 3600);
	enum sp_store_error error;
	char message[300];
	struct sp_totals *totals = sp_totals_open(thread->folder, &error, message, sizeof(message));

	if (!totals && sp_log_may(&limit))
		sp_log_warn("no history: %s", message);
	return totals;
}

static void close_damaged(struct sp_store_thread *thread)
{
	if (!thread->totals || !sp_totals_damaged(thread->totals))
		return;
	sp_log_warn("the history is damaged, and begun again: %s",
		    sp_totals_message(thread->totals));
	g_clear_pointer(&thread->totals, sp_totals_close);
	sp_totals_set_aside(thread->folder);
}

static void work_totals(struct sp_store_thread *thread, struct job *job)
{
	if (!thread->totals)
		thread->totals = open_totals(thread);
	job->totals_work(thread->totals, job->data);
	close_damaged(thread);
	thread->untidy = thread->totals != NULL;
}

/* A small step, so that a job that comes meanwhile waits for little. */
static void tidy_totals(struct sp_store_thread *thread)
{
	thread->untidy = sp_totals_tidy(thread->totals, g_get_real_time() / G_USEC_PER_SEC);
	close_damaged(thread);
	thread->untidy = thread->untidy && thread->totals;
}

/* NULL: there is none, and what is left to be done can be. */
static struct job *next_job(struct sp_store_thread *thread, struct sp_store *store,
			    gboolean changed)
{
	if (changed || thread->untidy)
		return g_async_queue_try_pop(thread->jobs);
	if (store && sp_store_held(store))
		return g_async_queue_timeout_pop(thread->jobs, RETRY_US);
	return g_async_queue_pop(thread->jobs);
}

/* Nothing waits. */
static void tidy(struct sp_store_thread *thread, struct sp_store *store, gboolean changed)
{
	if (sp_store_held(store) && !sp_store_save_held(store)) {
		if (!report_lost(store))
			sp_log_info("the changes of the rules that were not saved are saved now");
		changed = TRUE;
	}
	if (changed)
		copy(thread, store);
}

static void *run(void *data)
{
	struct sp_store_thread *thread = data;
	struct sp_store *store = NULL;
	gboolean changed = FALSE;

	for (;;) {
		struct job *job = next_job(thread, store, changed);

		if (store && (!job || job->kind == JOB_STOP)) {
			tidy(thread, store, changed);
			changed = FALSE;
		}
		if (!job && thread->untidy)
			tidy_totals(thread);
		if (!job)
			continue;
		if (job->kind == JOB_STOP) {
			job_free(job);
			g_clear_pointer(&thread->totals, sp_totals_close);
			sp_store_close(store);
			return NULL;
		}
		if (job->kind == JOB_OPEN) {
			changed = job->how != NULL;
			store = open_store(thread, job);
			g_async_queue_push(thread->opened, job);
			continue;
		}
		if (job->kind == JOB_TOTALS)
			work_totals(thread, job);
		else
			changed |= work_and_save(store, job);
		note_trouble(thread, store);
		g_main_context_invoke_full(thread->context, G_PRIORITY_DEFAULT,
					   deliver, job, job_free);
	}
}

struct sp_store_thread *sp_store_thread_start(const char *folder, const char *runtime,
					      const char *unwanted, GArray **rules,
					      char **damaged, GError **error)
{
	struct sp_store_thread *thread = g_new0(struct sp_store_thread, 1);
	struct job *job;

	thread->references = 1;
	g_mutex_init(&thread->mutex);
	thread->folder = g_strdup(folder);
	thread->runtime = g_strdup(runtime);
	thread->jobs = g_async_queue_new();
	thread->opened = g_async_queue_new();
	thread->context = g_main_context_ref_thread_default();
	thread->thread = g_thread_new("store", run, thread);
	job = job_new(thread, JOB_OPEN);
	job->how = g_strdup(unwanted);
	g_async_queue_push(thread->jobs, job);
	job = g_async_queue_pop(thread->opened);
	if (job->error) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s", folder,
			    job->message);
		job_free(job);
		sp_store_thread_stop(thread);
		sp_store_thread_free(thread);
		return NULL;
	}
	*damaged = job->message[0] ? g_strdup(job->message) : NULL;
	*rules = g_steal_pointer(&job->rules);
	job_free(job);
	return thread;
}

void sp_store_thread_stop(struct sp_store_thread *thread)
{
	if (!thread)
		return;
	thread->stopped = TRUE;
	push(job_new(thread, JOB_STOP));
	g_thread_join(thread->thread);
}

void sp_store_thread_free(struct sp_store_thread *thread)
{
	if (thread)
		thread_unref(thread);
}

char *sp_store_thread_trouble(struct sp_store_thread *thread)
{
	char *trouble;

	g_mutex_lock(&thread->mutex);
	trouble = g_strdup(thread->trouble);
	g_mutex_unlock(&thread->mutex);
	return trouble;
}

/* Takes @job. */
static gboolean submit(struct job *job, sp_store_done done, void *data)
{
	guint *waiting = &job->thread->waiting[sort_of(job)];

	job->done = done;
	job->data = data;
	if (job->thread->stopped || *waiting >= most[sort_of(job)]) {
		job_free(job);
		return FALSE;
	}
	++*waiting;
	push(job);
	return TRUE;
}

gboolean sp_store_thread_totals(struct sp_store_thread *thread, sp_totals_work act,
				void (*done)(void *data), void *data, GDestroyNotify free_data)
{
	struct job *job = job_new(thread, JOB_TOTALS);

	job->totals_work = act;
	job->totals_done = done;
	job->free_data = free_data;
	return submit(job, NULL, data);
}

gboolean sp_store_thread_apply(struct sp_store_thread *thread, GArray *changes,
			       guint32 uid, const char *how, gboolean hold,
			       sp_store_done done, void *data)
{
	struct job *job = job_new(thread, JOB_APPLY);

	job->hold = hold;
	job->changes = changes;
	job->uid = uid;
	job->how = g_strdup(how);
	return submit(job, done, data);
}

gboolean sp_store_thread_expire(struct sp_store_thread *thread, gint64 now,
				sp_store_done done, void *data)
{
	struct job *job = job_new(thread, JOB_EXPIRE);

	job->now = now;
	return submit(job, done, data);
}

gboolean sp_store_thread_undo(struct sp_store_thread *thread, guint64 change, gboolean redo,
			      guint32 uid, const char *how, sp_store_done done, void *data)
{
	struct job *job = job_new(thread, JOB_UNDO);

	job->change = change;
	job->redo = redo;
	job->uid = uid;
	job->how = g_strdup(how);
	return submit(job, done, data);
}

gboolean sp_store_thread_change(struct sp_store_thread *thread, guint64 change, gboolean redo,
				guint32 uid, sp_store_done done, void *data)
{
	struct job *job = job_new(thread, JOB_CHANGE);

	job->change = change;
	job->redo = redo;
	job->uid = uid;
	return submit(job, done, data);
}

gboolean sp_store_thread_journal(struct sp_store_thread *thread, gsize limit,
				 sp_store_done done, void *data)
{
	struct job *job = job_new(thread, JOB_JOURNAL);

	job->limit = limit;
	return submit(job, done, data);
}
