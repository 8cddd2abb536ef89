/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See policy_state.h. One change set is under way at a time (@current); its
 * stage is set by set_stage() alone. @rules is written in the stage STORING
 * and only read otherwise, so a worker may compile it while the main loop
 * reads it. Epochs are taken from CLOCK_BOOTTIME: greater than any that a
 * former daemon gave to the same kernel.
 */
#include "policy_state.h"

#include <string.h>
#include <time.h>
#include "errors.h"
#include "log.h"
#include "point.h"
#include "policy_clock.h"
#include "policy_compile.h"
#include "rule_list.h"

#define STOPPING	"the daemon is about to stop"

enum stage { IDLE, STORING, COMPILING, ENFORCING };

enum set_kind {
	SET_CHANGE, SET_EXPIRY, SET_UNDO, SET_REDO, SET_FILES, SET_LOCKDOWN, SET_SETTLED,
};

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
	gboolean stops;			/* what is denied may be allowed again soon */
	struct sp_snapshot *snapshot;
	guint64 epoch;
	enum stage stage;
	struct change_set *current;
	GQueue waiting;			/* struct change_set */
	guint next;			/* idle source that begins the next */
	gboolean stopped;
	struct sp_policy_clock *clock;
	GCancellable *cancel;
	void (*changed)(void *data);
	void *changed_data;
	void (*widened)(const struct sp_widened *widened, void *data);
	void *widened_data;
};

static void begin_next(struct sp_policy *policy);

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

static void change_set_free(struct change_set *set)
{
	sp_file_policy_clear(&set->files);
	g_clear_pointer(&set->changes, g_array_unref);
	g_clear_pointer(&set->ids, g_array_unref);
	g_clear_error(&set->unsaved);
	g_free(set->how);
	g_free(set);
}

static void arm_clock(struct sp_policy *policy)
{
	if (policy->clock)
		sp_policy_clock_arm(policy->clock,
				    sp_rule_list_next_end(policy->rules, realtime()));
}

/* Takes @error, which may be NULL. */
static void finish(struct sp_policy *policy, GError *error)
{
	struct change_set *set = g_steal_pointer(&policy->current);

	set_stage(policy, IDLE);
	arm_clock(policy);
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

static GError *saved_only(const char *why)
{
	return g_error_new(SP_ERROR, SP_ERROR_NOT_READY, "saved, but not in force yet: %s", why);
}

static void on_enforced(int error, void *data)
{
	struct sp_policy *policy = data;
	GError *problem = NULL;
	enum sp_link_state state = sp_link_state(policy->link);

	/* Where the kernel never had a policy there is nothing that could disobey. */
	if (error && policy->stopped)
		problem = saved_only(STOPPING);
	else if (error && (state == SP_LINK_FAILED || state == SP_LINK_RUNNING))
		problem = saved_only(error == ENOLINK ? sp_link_message(policy->link) :
							g_strerror(error));
	sp_point("in-force");
	finish(policy, problem);
}

/* Takes @snapshot. */
static void enforce(struct sp_snapshot *snapshot, void *data)
{
	struct sp_policy *policy = data;

	if (!snapshot) {
		finish(policy, g_error_new(SP_ERROR, SP_ERROR_NOT_READY,
					   "saved, but not in force: no memory"));
		return;
	}
	sp_point("compiled");
	set_stage(policy, ENFORCING);
	sp_snapshot_unref(policy->snapshot);
	policy->snapshot = snapshot;
	sp_link_set_snapshot(policy->link, snapshot, policy->stops, on_enforced, policy);
}

static struct sp_compile *compile_new(struct sp_policy *policy)
{
	struct sp_compile *compile = g_new0(struct sp_compile, 1);

	compile->rules = g_array_ref(policy->rules);
	sp_file_policy_set(&compile->files, &policy->files);
	compile->boot = g_strdup(policy->boot);
	compile->defaults = policy->defaults;
	compile->lockdown = policy->lockdown;
	compile->epoch = next_epoch(policy);
	return compile;
}

static void compile(struct sp_policy *policy)
{
	if (policy->stopped) {
		finish(policy, saved_only(STOPPING));
		return;
	}
	set_stage(policy, COMPILING);
	sp_compile_begin(compile_new(policy), policy->cancel, enforce, policy);
}

static void tell(struct sp_policy *policy)
{
	if (policy->changed)
		policy->changed(policy->changed_data);
}

/* An answer was somebody's who saw what it is about; all else may be news to him. */
static void note_widened(struct sp_policy *policy, const GArray *changes)
{
	const struct change_set *set = policy->current;
	struct sp_widened widened = { .maker = set->uid, .how = set->how };

	if (policy->widened && strcmp(set->how, SP_HOW_ANSWER) &&
	    sp_changes_widen(changes, &widened))
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
	sp_rule_list_apply(policy->rules, result->changes, policy->current->uid,
			   policy->current->how, policy->current->ids);
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

static gboolean store(struct sp_policy *policy, struct change_set *set)
{
	gboolean hold;

	switch (set->kind) {
	case SET_CHANGE:
		/* Denials are never refused, whatever the disk says. */
		hold = set->hold || sp_changes_tighten(policy->rules, set->changes);
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
	case SET_SETTLED:
		break;
	}
	g_assert_not_reached();
}

static void begin(struct sp_policy *policy, struct change_set *set)
{
	policy->current = set;
	if (set->kind == SET_FILES) {
		sp_file_policy_set(&policy->files, &set->files);
		tell(policy);
		compile(policy);
		return;
	}
	if (set->kind == SET_LOCKDOWN) {
		policy->lockdown = set->lockdown;
		compile(policy);
		return;
	}
	if (set->kind == SET_SETTLED) {
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
	if (!policy->stopped && policy->stage == IDLE && !policy->next &&
	    !g_queue_is_empty(&policy->waiting))
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

	set->done(set->unsaved, NULL, 0, set->data);
	change_set_free(set);
	return G_SOURCE_REMOVE;
}

static GError *stopping(void)
{
	return g_error_new_literal(SP_ERROR, SP_ERROR_NOT_READY, STOPPING);
}

/* So that one user's changes leave room for all others'. */
static gboolean has_share(const struct sp_policy *policy, guint32 uid)
{
	guint count = 0;

	for (const GList *l = policy->waiting.head; l; l = l->next)
		count += ((const struct change_set *)l->data)->uid == uid;
	return !uid || uid == SP_SYSTEM || count < SP_POLICY_CHANGES_OWN;
}

/* Takes @set. */
static void queue(struct sp_policy *policy, struct change_set *set, sp_policy_done done, void *data)
{
	set->done = done;
	set->data = data;
	if (policy->stopped)
		set->unsaved = stopping();
	else if (policy->waiting.length >= SP_POLICY_CHANGES_MAX || !has_share(policy, set->uid))
		set->unsaved = g_error_new(SP_ERROR, SP_ERROR_LIMIT,
					   "too many changes are under way");
	if (set->unsaved) {
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

/* What is stopped ends when what follows is in force. */
void sp_policy_set_stops(struct sp_policy *policy, gboolean stops)
{
	gboolean settled = policy->stops && !stops;

	policy->stops = stops;
	if (!settled)
		return;
	g_queue_push_head(&policy->waiting, change_set_new(SET_SETTLED, 0, "confirmed"));
	begin_next(policy);
}

void sp_policy_settle(struct sp_policy *policy, sp_policy_done done, void *data)
{
	queue(policy, change_set_new(SET_SETTLED, 0, "settled"), done, data);
}

void sp_policy_set_files(struct sp_policy *policy, const struct sp_file_policy *files)
{
	struct change_set *set = change_set_new(SET_FILES, 0, "files of rules");

	sp_file_policy_set(&set->files, files);
	g_queue_push_head(&policy->waiting, set);
	begin_next(policy);
}

static void queue_expiry(struct sp_policy *policy)
{
	g_queue_push_head(&policy->waiting, change_set_new(SET_EXPIRY, 0, "expiry"));
	begin_next(policy);
}

/* The clock was set: rules may have expired, or may hold longer. */
static void on_due(void *data)
{
	queue_expiry(data);
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
	struct sp_compile *compile;

	policy->store = store;
	policy->link = link;
	policy->rules = rules;
	sp_file_policy_set(&policy->files, files);
	policy->boot = sp_policy_boot();
	policy->defaults = *defaults;
	policy->lockdown = lockdown;
	policy->cancel = g_cancellable_new();
	g_queue_init(&policy->waiting);
	sp_rule_list_sort(rules);
	policy->clock = sp_policy_clock_new(on_due, policy);
	compile = compile_new(policy);
	policy->snapshot = sp_compile_now(compile);
	sp_compile_free(compile);
	if (!policy->snapshot)
		g_error("no memory for the rules");
	remove_ended(policy);
	/* What ended while nobody looked. */
	if (sp_rule_list_has_ended(rules, realtime()))
		queue_expiry(policy);
	arm_clock(policy);
	return policy;
}

/* Takes @set, of which nothing was done. */
static void abandon(struct change_set *set)
{
	g_autoptr(GError) error = stopping();

	if (set->done)
		set->done(error, NULL, 0, set->data);
	change_set_free(set);
}

void sp_policy_stop(struct sp_policy *policy)
{
	struct change_set *set;

	policy->stopped = TRUE;
	g_cancellable_cancel(policy->cancel);
	g_clear_handle_id(&policy->next, g_source_remove);
	g_clear_pointer(&policy->clock, sp_policy_clock_free);
	while ((set = g_queue_pop_head(&policy->waiting)))
		abandon(set);
	if (policy->stage == COMPILING)
		finish(policy, saved_only(STOPPING));
}

void sp_policy_free(struct sp_policy *policy)
{
	if (!policy)
		return;
	g_assert(policy->stopped && !policy->current);
	g_object_unref(policy->cancel);
	g_queue_clear_full(&policy->waiting, (GDestroyNotify)abandon);
	g_array_unref(policy->rules);
	sp_file_policy_clear(&policy->files);
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
	return sp_rule_list_find(policy->rules, id);
}

gsize sp_policy_unconfirmed(const struct sp_policy *policy)
{
	return sp_rule_list_unconfirmed(policy->rules);
}

gsize sp_policy_count_of(const struct sp_policy *policy, guint32 owner)
{
	return sp_rule_list_count_of(policy->rules, owner);
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
