/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See policy_state.h. One change set is under way at a time (@current); its
 * stage is set by set_stage() alone. @rules is written in the stage STORING
 * and only read otherwise, so a worker may compile it while the main loop
 * reads it. Epochs are taken from CLOCK_BOOTTIME: greater than any that a
 * former daemon gave to the same kernel.
 */
#include "policy_state.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include "errors.h"
#include "log.h"
#include "point.h"

/* With more rules than this a snapshot is made by a worker. */
#define COMPILE_HERE	500u

enum stage { IDLE, STORING, COMPILING, ENFORCING };

enum set_kind { SET_CHANGE, SET_EXPIRY, SET_UNDO, SET_REDO, SET_FILES, SET_LOCKDOWN };

struct change_set {
	enum set_kind kind;
	GArray *changes;	/* SET_CHANGE */
	struct sp_file_policy files;	/* SET_FILES: references */
	guint64 target;		/* SET_UNDO, SET_REDO: number in the journal */
	gboolean lockdown;	/* SET_LOCKDOWN */
	gboolean hold;		/* even if it can't be saved */
	guint32 uid;
	char *how;
	GError *unsaved;	/* it holds, but is not saved */
	GArray *ids;		/* guint64 */
	sp_policy_done done;
	void *data;
};

struct sp_policy {
	struct sp_store_thread *store;
	struct sp_link *link;
	GArray *rules;			/* struct sp_rule, by id */
	struct sp_file_policy files;	/* references */
	char *boot;			/* this boot's id, as rules have it */
	struct sp_defaults defaults;
	gboolean lockdown;
	struct sp_snapshot *snapshot;
	guint64 epoch;
	enum stage stage;
	struct change_set *current;
	GQueue waiting;			/* struct change_set */
	guint next;			/* idle source that begins the next */
	int timer;			/* of the next expiry, CLOCK_REALTIME */
	guint timer_source;
	GCancellable *cancel;
	void (*changed)(void *data);
	void *changed_data;
	void (*widened)(const struct sp_widened *widened, void *data);
	void *widened_data;
};

static void begin_next(struct sp_policy *policy);
static void arm_timer(struct sp_policy *policy);

static gint64 realtime(void)
{
	return g_get_real_time() * 1000;
}

static guint64 next_epoch(struct sp_policy *policy)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	policy->epoch = MAX(policy->epoch + 1,
			    (guint64)now.tv_sec * 1000000000u + (guint64)now.tv_nsec);
	return policy->epoch;
}

static void set_stage(struct sp_policy *policy, enum stage stage)
{
	g_assert(stage == IDLE || stage > policy->stage);
	policy->stage = stage;
}

static void set_file_policy(struct sp_file_policy *to, const struct sp_file_policy *from)
{
	GArray *rules = from->rules ? g_array_ref(from->rules) : NULL;
	GPtrArray *lists = from->lists ? g_ptr_array_ref(from->lists) : NULL;

	g_clear_pointer(&to->rules, g_array_unref);
	g_clear_pointer(&to->lists, g_ptr_array_unref);
	to->rules = rules;
	to->lists = lists;
}

static void clear_file_policy(struct sp_file_policy *files)
{
	static const struct sp_file_policy nothing;

	set_file_policy(files, &nothing);
}

static void change_set_free(struct change_set *set)
{
	clear_file_policy(&set->files);
	g_clear_pointer(&set->changes, g_array_unref);
	g_clear_pointer(&set->ids, g_array_unref);
	g_clear_error(&set->unsaved);
	g_free(set->how);
	g_free(set);
}

/* Takes @error, which may be NULL. */
static void finish(struct sp_policy *policy, GError *error)
{
	struct change_set *set = g_steal_pointer(&policy->current);

	set_stage(policy, IDLE);
	arm_timer(policy);
	if (!error)
		error = g_steal_pointer(&set->unsaved);
	if (error && !set->done)
		sp_log_error("%s: %s", set->how, error->message);
	if (set->done)
		set->done(error, (const guint64 *)(void *)set->ids->data, set->ids->len,
			  set->data);
	change_set_free(set);
	g_clear_error(&error);
	begin_next(policy);
}

static void on_enforced(int error, void *data)
{
	struct sp_policy *policy = data;
	GError *problem = NULL;
	enum sp_link_state state = sp_link_state(policy->link);

	/* Where the kernel never had a policy there is nothing that could disobey. */
	if (error && (state == SP_LINK_FAILED || state == SP_LINK_RUNNING))
		problem = g_error_new(SP_ERROR, SP_ERROR_NOT_READY,
				      "saved, but not in force yet: %s",
				      error == ENOLINK ? sp_link_message(policy->link) :
				      g_strerror(error));
	sp_point("in-force");
	finish(policy, problem);
}

/* Takes @snapshot. */
static void enforce(struct sp_policy *policy, struct sp_snapshot *snapshot)
{
	if (!snapshot) {
		finish(policy, g_error_new(SP_ERROR, SP_ERROR_NOT_READY,
					   "saved, but not in force: no memory"));
		return;
	}
	sp_point("compiled");
	set_stage(policy, ENFORCING);
	sp_snapshot_unref(policy->snapshot);
	policy->snapshot = snapshot;
	sp_link_set_snapshot(policy->link, snapshot, on_enforced, policy);
}

struct compile_job {
	GArray *rules;
	struct sp_file_policy files;
	char *boot;
	struct sp_defaults defaults;
	gboolean lockdown;
	guint64 epoch;
};

static void compile_job_free(void *data)
{
	struct compile_job *job = data;

	g_array_unref(job->rules);
	clear_file_policy(&job->files);
	g_free(job->boot);
	g_free(job);
}

/* In lockdown, of @count rules those of the floor. */
static gsize keep_floor(struct sp_rule *rules, gsize count)
{
	gsize kept = 0;

	for (gsize i = 0; i < count; i++)
		if (rules[i].floor)
			rules[kept++] = rules[i];
	return kept;
}

/*
 * The rules as they count, the files' behind the store's: an unconfirmed allow
 * asks. What they hold is shared.
 */
static struct sp_rule *effective(const struct compile_job *job, gsize *count)
{
	const GArray *rules = job->rules, *files = job->files.rules;
	struct sp_rule *all = g_new(struct sp_rule, rules->len + files->len + 1);

	memcpy(all, rules->data, rules->len * sizeof(*all));
	memcpy(all + rules->len, files->data, files->len * sizeof(*all));
	for (guint i = 0; i < rules->len; i++)
		if (all[i].unconfirmed)
			all[i].action = SP_ASK;
	*count = rules->len + files->len;
	if (job->lockdown)
		*count = keep_floor(all, *count);
	return all;
}

static struct sp_snapshot *compile_now(const struct compile_job *job)
{
	static const struct sp_defaults closed = { .out = SP_DENY, .in = SP_DENY };
	gsize count;
	g_autofree struct sp_rule *rules = effective(job, &count);
	const struct sp_source source = {
		.rules = rules,
		.count = count,
		.defaults = job->lockdown ? closed : job->defaults,
		.lists = (struct sp_list *const *)job->files.lists->pdata,
		.list_count = job->files.lists->len,
		.boot = job->boot,
		.epoch = job->epoch,
		.now = realtime(),
	};

	return sp_snapshot_compile(&source);
}

static void compile_worker(GTask *task, void *source, void *data, GCancellable *cancel)
{
	g_task_return_pointer(task, compile_now(data), (GDestroyNotify)sp_snapshot_unref);
}

static void on_compiled(GObject *source, GAsyncResult *result, void *data)
{
	g_autoptr(GError) error = NULL;
	struct sp_snapshot *snapshot = g_task_propagate_pointer(G_TASK(result), &error);

	if (error)		/* cancelled: the policy is gone */
		return;
	enforce(data, snapshot);
}

static struct compile_job *compile_job_new(struct sp_policy *policy)
{
	struct compile_job *job = g_new0(struct compile_job, 1);

	job->rules = g_array_ref(policy->rules);
	set_file_policy(&job->files, &policy->files);
	job->boot = g_strdup(policy->boot);
	job->defaults = policy->defaults;
	job->lockdown = policy->lockdown;
	job->epoch = next_epoch(policy);
	return job;
}

static void compile(struct sp_policy *policy)
{
	struct compile_job *job = compile_job_new(policy);
	g_autoptr(GTask) task = NULL;

	set_stage(policy, COMPILING);
	if (job->rules->len + job->files.rules->len <= COMPILE_HERE) {
		enforce(policy, compile_now(job));
		compile_job_free(job);
		return;
	}
	task = g_task_new(NULL, policy->cancel, on_compiled, policy);
	g_task_set_task_data(task, job, compile_job_free);
	g_task_run_in_thread(task, compile_worker);
}

static int by_id(const void *a, const void *b)
{
	guint64 x = ((const struct sp_rule *)a)->id, y = ((const struct sp_rule *)b)->id;

	return x < y ? -1 : x > y;
}

/* Where in @rules is @id? */
static gboolean locate(const struct sp_policy *policy, guint64 id, guint *index)
{
	struct sp_rule key = { .id = id };

	return g_array_binary_search(policy->rules, &key, by_id, index);
}

/* The rule that was there goes; the new one gets from it what a change keeps. */
static void forget(struct sp_policy *policy, const struct change_set *set,
		   const struct sp_change *change, struct sp_rule *copy)
{
	struct sp_rule *old;
	guint index;

	if (!locate(policy, change->rule.id, &index))
		return;
	old = &g_array_index(policy->rules, struct sp_rule, index);
	sp_log_rule(change->kind == SP_CHANGE_REMOVE ? "removed" : "replaced", old,
		    set->uid, set->how);
	copy->created = old->created;
	copy->maker = old->maker;
	g_array_remove_index(policy->rules, index);
}

static void remember(struct sp_policy *policy, const struct change_set *set,
		     const struct sp_change *change)
{
	struct sp_rule copy;
	guint index;

	if (!sp_rule_copy(&copy, &change->rule))
		g_error("no memory");
	if (change->kind == SP_CHANGE_REMOVE || change->kind == SP_CHANGE_REPLACE)
		forget(policy, set, change, &copy);
	if (change->kind == SP_CHANGE_REMOVE) {
		sp_rule_clear(&copy);
		return;
	}
	for (index = policy->rules->len; index; index--)
		if (g_array_index(policy->rules, struct sp_rule, index - 1).id < copy.id)
			break;
	g_array_insert_val(policy->rules, index, copy);
	if (change->kind == SP_CHANGE_ADD)
		g_array_append_val(set->ids, copy.id);
	if (change->kind != SP_CHANGE_REPLACE)
		sp_log_rule("added", &copy, set->uid, set->how);
}

static void tell(struct sp_policy *policy)
{
	if (policy->changed)
		policy->changed(policy->changed_data);
}

static gboolean allows(const struct sp_rule *rule)
{
	return rule->enabled && rule->action == SP_ALLOW && !rule->unconfirmed;
}

/* An answer was somebody's who saw what it is about; all else may be news to him. */
static void note_widened(struct sp_policy *policy, const GArray *changes)
{
	const struct change_set *set = policy->current;
	struct sp_widened widened = { .maker = set->uid, .how = set->how };

	if (!policy->widened || !strcmp(set->how, SP_HOW_ANSWER))
		return;
	for (guint i = 0; i < changes->len; i++) {
		const struct sp_change *change = &g_array_index(changes, struct sp_change, i);

		if (change->kind == SP_CHANGE_REMOVE || !allows(&change->rule))
			continue;
		widened.owner = !widened.count || widened.owner == change->rule.owner ?
				change->rule.owner : SP_SYSTEM;
		if (widened.named < G_N_ELEMENTS(widened.rules))
			widened.rules[widened.named++] = &change->rule;
		widened.count++;
	}
	if (widened.count)
		policy->widened(&widened, policy->widened_data);
}

static GError *not_saved(const struct sp_store_result *result)
{
	switch (result->error) {
	case SP_STORE_NO_RULE:
		return g_error_new_literal(SP_ERROR, SP_ERROR_NO_SUCH_RULE, result->message);
	case SP_STORE_INVALID:
		return g_error_new_literal(SP_ERROR, SP_ERROR_INVALID_RULE, result->message);
	case SP_STORE_NO_CHANGE:
		return g_error_new_literal(SP_ERROR, SP_ERROR_NO_SUCH_CHANGE, result->message);
	case SP_STORE_CONFLICT:
		return g_error_new_literal(SP_ERROR, SP_ERROR_CONFLICT, result->message);
	case SP_STORE_OK:
	case SP_STORE_FULL:
	case SP_STORE_READONLY:
	case SP_STORE_BUSY:
	case SP_STORE_CORRUPT:
	case SP_STORE_NEWER:
	case SP_STORE_FAILED:
		break;
	}
	return g_error_new(SP_ERROR, SP_ERROR_NOT_SAVED, "%s%s", result->held ?
			   "it holds until the machine is restarted: " : "", result->message);
}

static void on_applied(struct sp_store_result *result, void *data)
{
	struct sp_policy *policy = data;

	if (result->error && !result->held) {
		finish(policy, not_saved(result));
		return;
	}
	if (result->held)
		policy->current->unsaved = not_saved(result);
	for (guint i = 0; i < result->changes->len; i++)
		remember(policy, policy->current,
			 &g_array_index(result->changes, struct sp_change, i));
	tell(policy);
	note_widened(policy, result->changes);
	compile(policy);
}

static void on_expired(struct sp_store_result *result, void *data)
{
	struct sp_policy *policy = data;

	/* Not removed from the store is still not in the next snapshot. */
	if (result->error)
		sp_log_error("expired rules could not be removed: %s", result->message);
	if (result->rules) {
		g_array_unref(policy->rules);
		policy->rules = g_steal_pointer(&result->rules);
	}
	tell(policy);
	compile(policy);
}

static gboolean forbids(const struct sp_rule *rule)
{
	return rule->enabled && (rule->action == SP_DENY || rule->action == SP_DROP);
}

/* Could nothing be allowed by it that was not? */
static gboolean tightens(const struct sp_policy *policy, const struct sp_change *change)
{
	const struct sp_rule *before = sp_policy_find(policy, change->rule.id);

	switch (change->kind) {
	case SP_CHANGE_ADD:
		return forbids(&change->rule);
	case SP_CHANGE_REMOVE:
		return before && allows(before);
	case SP_CHANGE_REPLACE:
		return before && !forbids(before) && (forbids(&change->rule) ||
						      (allows(before) && !change->rule.enabled));
	case SP_CHANGE_PUT_BACK:
		break;
	}
	return FALSE;
}

/* Denials are never refused, whatever the disk says. */
static gboolean may_hold(const struct sp_policy *policy, const struct change_set *set)
{
	gboolean all = TRUE;

	for (guint i = 0; i < set->changes->len && !set->hold; i++)
		all &= tightens(policy, &g_array_index(set->changes, struct sp_change, i));
	return all;
}

static gboolean store(struct sp_policy *policy, struct change_set *set)
{
	gboolean hold;

	switch (set->kind) {
	case SET_CHANGE:
		hold = may_hold(policy, set);
		return sp_store_thread_apply(policy->store, g_steal_pointer(&set->changes), set->uid,
					     set->how, hold, on_applied, policy);
	case SET_EXPIRY:
		return sp_store_thread_expire(policy->store, realtime(), on_expired, policy);
	case SET_UNDO:
	case SET_REDO:
		return sp_store_thread_undo(policy->store, set->target, set->kind == SET_REDO,
					    set->uid, set->how, on_applied, policy);
	case SET_FILES:
	case SET_LOCKDOWN:
		break;
	}
	g_assert_not_reached();
}

static void begin(struct sp_policy *policy, struct change_set *set)
{
	policy->current = set;
	if (set->kind == SET_FILES) {
		set_file_policy(&policy->files, &set->files);
		tell(policy);
		compile(policy);
		return;
	}
	if (set->kind == SET_LOCKDOWN) {
		policy->lockdown = set->lockdown;
		compile(policy);
		return;
	}
	set_stage(policy, STORING);
	if (!store(policy, set))
		finish(policy, g_error_new(SP_ERROR, SP_ERROR_LIMIT,
					   "the store has too much to do"));
}

static gboolean on_next(void *data)
{
	struct sp_policy *policy = data;
	struct change_set *set = g_queue_pop_head(&policy->waiting);

	policy->next = 0;
	if (set)
		begin(policy, set);
	return G_SOURCE_REMOVE;
}

static void begin_next(struct sp_policy *policy)
{
	if (policy->stage == IDLE && !policy->next && !g_queue_is_empty(&policy->waiting))
		policy->next = g_idle_add_full(G_PRIORITY_DEFAULT, on_next, policy, NULL);
}

static struct change_set *change_set_new(enum set_kind kind, guint32 uid, const char *how)
{
	struct change_set *set = g_new0(struct change_set, 1);

	set->kind = kind;
	set->uid = uid;
	set->how = g_strdup(how);
	set->ids = g_array_new(FALSE, FALSE, sizeof(guint64));
	return set;
}

static gboolean on_refused(void *data)
{
	struct change_set *set = data;
	g_autoptr(GError) error = g_error_new(SP_ERROR, SP_ERROR_LIMIT,
					      "too many changes are under way");

	set->done(error, NULL, 0, set->data);
	change_set_free(set);
	return G_SOURCE_REMOVE;
}

/* Takes @set. */
static void queue(struct sp_policy *policy, struct change_set *set, sp_policy_done done, void *data)
{
	set->done = done;
	set->data = data;
	if (policy->waiting.length >= SP_POLICY_CHANGES_MAX) {
		g_idle_add_full(G_PRIORITY_DEFAULT, on_refused, set, NULL);
		return;
	}
	g_queue_push_tail(&policy->waiting, set);
	begin_next(policy);
}

void sp_policy_change(struct sp_policy *policy, GArray *changes, guint32 uid,
		      const char *how, gboolean hold, sp_policy_done done, void *data)
{
	struct change_set *set = change_set_new(SET_CHANGE, uid, how);

	set->changes = changes;
	set->hold = hold;
	queue(policy, set, done, data);
}

void sp_policy_undo(struct sp_policy *policy, guint64 change, gboolean redo, guint32 uid,
		    const char *how, sp_policy_done done, void *data)
{
	struct change_set *set = change_set_new(redo ? SET_REDO : SET_UNDO, uid, how);

	set->target = change;
	queue(policy, set, done, data);
}

/* Before what else waits, as are the files: it is not one user's change of rules. */
void sp_policy_set_lockdown(struct sp_policy *policy, gboolean lockdown, sp_policy_done done,
			    void *data)
{
	struct change_set *set = change_set_new(SET_LOCKDOWN, 0, "mode");

	set->lockdown = lockdown;
	set->done = done;
	set->data = data;
	g_queue_push_head(&policy->waiting, set);
	begin_next(policy);
}

void sp_policy_set_files(struct sp_policy *policy, const struct sp_file_policy *files)
{
	struct change_set *set = change_set_new(SET_FILES, 0, "files of rules");

	set_file_policy(&set->files, files);
	g_queue_push_head(&policy->waiting, set);
	begin_next(policy);
}

/* As rules have it: without dashes. NULL: not to be had; then no rule is of this boot. */
static char *read_boot(void)
{
	g_autofree char *text = NULL;
	char *to;

	if (!g_file_get_contents("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
		return NULL;
	to = text;
	for (const char *from = text; *from; from++)
		if (g_ascii_isxdigit(*from))
			*to++ = *from;
	*to = '\0';
	return g_steal_pointer(&text);
}

/* The clock was set: rules may have expired, or may hold longer. */
static gboolean on_timer(int fd, GIOCondition condition, void *data)
{
	struct sp_policy *policy = data;
	uint64_t ticks;

	if (read(fd, &ticks, sizeof(ticks)) < 0 && errno == EAGAIN)
		return G_SOURCE_CONTINUE;
	g_queue_push_head(&policy->waiting, change_set_new(SET_EXPIRY, 0, "expiry"));
	begin_next(policy);
	return G_SOURCE_CONTINUE;
}

static void arm_timer(struct sp_policy *policy)
{
	struct itimerspec when = { 0 };
	gint64 next = 0, now = realtime();

	for (guint i = 0; i < policy->rules->len; i++) {
		gint64 expires = g_array_index(policy->rules, struct sp_rule, i).expires;

		if (expires > now && (!next || expires < next))
			next = expires;
	}
	when.it_value.tv_sec = next / 1000000000;
	when.it_value.tv_nsec = next ? next % 1000000000 + 1 : 0;
	if (when.it_value.tv_nsec > 999999999) {
		when.it_value.tv_sec++;
		when.it_value.tv_nsec = 0;
	}
	timerfd_settime(policy->timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
			&when, NULL);
}

/* What expired while nobody looked. */
static void expire_if_due(struct sp_policy *policy)
{
	gint64 now = realtime();

	for (guint i = 0; i < policy->rules->len; i++) {
		gint64 expires = g_array_index(policy->rules, struct sp_rule, i).expires;

		if (!expires || expires > now)
			continue;
		g_queue_push_tail(&policy->waiting, change_set_new(SET_EXPIRY, 0, "expiry"));
		begin_next(policy);
		return;
	}
}

/*
 * Rules that ended with another start of the machine. They are out of the snapshot
 * already; nobody made the change, so it is nobody's to undo.
 */
static void remove_ended(struct sp_policy *policy)
{
	GArray *changes = sp_changes_new();
	struct change_set *set;

	for (guint i = 0; i < policy->rules->len && policy->boot; i++) {
		const struct sp_rule *rule = &g_array_index(policy->rules, struct sp_rule, i);
		struct sp_change one = { .kind = SP_CHANGE_REMOVE };

		if (rule->bound == SP_BOUND_NONE || !g_strcmp0(rule->boot, policy->boot))
			continue;
		sp_rule_init(&one.rule);
		one.rule.id = rule->id;
		g_array_append_val(changes, one);
	}
	if (!changes->len) {
		g_array_unref(changes);
		return;
	}
	set = change_set_new(SET_CHANGE, SP_SYSTEM, "expired");
	set->changes = changes;
	g_queue_push_tail(&policy->waiting, set);
	begin_next(policy);
}

struct sp_policy *sp_policy_new(struct sp_store_thread *store, struct sp_link *link,
				GArray *rules, const struct sp_file_policy *files,
				const struct sp_defaults *defaults, gboolean lockdown)
{
	struct sp_policy *policy = g_new0(struct sp_policy, 1);
	struct compile_job *job;

	policy->store = store;
	policy->link = link;
	policy->rules = rules;
	set_file_policy(&policy->files, files);
	policy->boot = read_boot();
	policy->defaults = *defaults;
	policy->lockdown = lockdown;
	policy->cancel = g_cancellable_new();
	g_queue_init(&policy->waiting);
	g_array_sort(rules, by_id);
	policy->timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	policy->timer_source = g_unix_fd_add(policy->timer, G_IO_IN, on_timer, policy);
	job = compile_job_new(policy);
	policy->snapshot = compile_now(job);
	compile_job_free(job);
	if (!policy->snapshot)
		g_error("no memory for the rules");
	remove_ended(policy);
	expire_if_due(policy);
	arm_timer(policy);
	return policy;
}

/* Its maker is told that nothing is known about it. Takes @set. */
static void abandon(struct change_set *set)
{
	g_autoptr(GError) error = g_error_new(SP_ERROR, SP_ERROR_NOT_READY,
					      "the daemon is about to stop");

	if (set->done)
		set->done(error, NULL, 0, set->data);
	change_set_free(set);
}

void sp_policy_free(struct sp_policy *policy)
{
	struct change_set *set;

	if (!policy)
		return;
	g_cancellable_cancel(policy->cancel);
	g_object_unref(policy->cancel);
	if (policy->next)
		g_source_remove(policy->next);
	g_source_remove(policy->timer_source);
	close(policy->timer);
	while ((set = g_queue_pop_head(&policy->waiting)))
		abandon(set);
	g_clear_pointer(&policy->current, abandon);
	g_array_unref(policy->rules);
	clear_file_policy(&policy->files);
	g_free(policy->boot);
	sp_snapshot_unref(policy->snapshot);
	g_free(policy);
}

void sp_policy_on_changed(struct sp_policy *policy, void (*changed)(void *data), void *data)
{
	policy->changed = changed;
	policy->changed_data = data;
}

void sp_policy_on_widened(struct sp_policy *policy,
			  void (*widened)(const struct sp_widened *widened, void *data),
			  void *data)
{
	policy->widened = widened;
	policy->widened_data = data;
}

const struct sp_rule *sp_policy_rules(const struct sp_policy *policy, gsize *count)
{
	*count = policy->rules->len;
	return (const struct sp_rule *)(void *)policy->rules->data;
}

const struct sp_rule *sp_policy_file_rules(const struct sp_policy *policy, gsize *count)
{
	*count = policy->files.rules->len;
	return (const struct sp_rule *)(void *)policy->files.rules->data;
}

const struct sp_rule *sp_policy_decider(const struct sp_policy *policy, guint64 id)
{
	if (id >= SP_FILE_RULE_ID && id - SP_FILE_RULE_ID < policy->files.rules->len)
		return &g_array_index(policy->files.rules, struct sp_rule, id - SP_FILE_RULE_ID);
	return sp_policy_find(policy, id);
}

const struct sp_rule *sp_policy_find(const struct sp_policy *policy, guint64 id)
{
	guint index;

	return locate(policy, id, &index) ?
	       &g_array_index(policy->rules, struct sp_rule, index) : NULL;
}

gsize sp_policy_unconfirmed(const struct sp_policy *policy)
{
	gsize count = 0;

	for (guint i = 0; i < policy->rules->len; i++)
		count += g_array_index(policy->rules, struct sp_rule, i).unconfirmed;
	return count;
}

gsize sp_policy_count_of(const struct sp_policy *policy, guint32 owner)
{
	gsize count = 0;

	for (guint i = 0; i < policy->rules->len; i++)
		count += g_array_index(policy->rules, struct sp_rule, i).owner == owner;
	return count;
}

struct sp_snapshot *sp_policy_snapshot(struct sp_policy *policy)
{
	return policy->snapshot;
}

guint64 sp_policy_epoch(const struct sp_policy *policy)
{
	return sp_snapshot_epoch(policy->snapshot);
}

const struct sp_defaults *sp_policy_defaults(const struct sp_policy *policy)
{
	return &policy->defaults;
}
