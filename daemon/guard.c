/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See guard.h. One function enters a state. */
#include "guard.h"

#include <string.h>
#include "errors.h"
#include "guard_steps.h"
#include "log.h"
#include "state_file.h"

#define GROUP		"guard"
#define MODE_GROUP	"mode"
#define ENTRIES_MAX	100000u	/* of the journal, to be looked through */
#define RETRY_SECONDS	5u
#define TURN_US		(60 * G_USEC_PER_SEC)
#define TAKEN_BACK	"not confirmed"

enum state { NONE, OPEN, REVERTING };

struct sp_guard {
	enum state state;
	char *path;
	char *how;			/* "guarded 1a2b3c4d" */
	guint32 uid;
	guint seconds;
	gboolean privileged;		/* some change is of more than @uid's own rules */
	gint64 turn;			/* until then only who may change more begins; monotonic */
	gboolean has_mode;
	struct sp_mode_state mode;	/* to go back to, where @has_mode */
	struct sp_named_list *names;	/* likewise, of networks */
	guint under_way;		/* changes that are being made */
	gboolean late;			/* the time is over, and some are */
	gint64 deadline;		/* µs of the monotonic clock */
	guint timer;
	GArray *steps;			/* struct sp_guard_step; REVERTING */
	guint next;			/* of them */
	struct sp_policy *policy;
	struct sp_store_thread *store;
	struct sp_modes *modes;
	struct sp_networks *networks;
	void (*changed)(void *data);
	void *changed_data;
};

static void undo_next(struct sp_guard *guard);

/* NULL: there is none (any more). */
static const struct sp_named *first_name(const struct sp_guard *guard)
{
	guint count;
	const struct sp_named *all = sp_named_all(guard->names, &count);

	return count ? all : NULL;
}

static void forget_names(struct sp_guard *guard)
{
	g_autoptr(GError) error = NULL;

	if (!sp_named_clear(guard->names, &error))
		sp_log_error("%s", error->message);
}

static void enter(struct sp_guard *guard, enum state state)
{
	guard->state = state;
	g_clear_handle_id(&guard->timer, g_source_remove);
	if (guard->policy)
		sp_policy_set_stops(guard->policy, state != NONE);
	if (state == NONE) {
		forget_names(guard);
		guard->has_mode = FALSE;
		guard->late = FALSE;
		guard->privileged = FALSE;
		g_clear_pointer(&guard->how, g_free);
		g_clear_pointer(&guard->steps, g_array_unref);
	}
	if (guard->changed)
		guard->changed(guard->changed_data);
}

/* --- the file ------------------------------------------------------------------------ */

static gboolean save(const struct sp_guard *guard, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GError) problem = NULL;

	g_key_file_set_string(file, GROUP, "how", guard->how);
	g_key_file_set_uint64(file, GROUP, "user", guard->uid);
	if (guard->has_mode)
		sp_mode_state_write(&guard->mode, file, MODE_GROUP);
	if (sp_state_file_write(guard->path, file, &problem))
		return TRUE;
	g_set_error_literal(error, SP_ERROR, SP_ERROR_NOT_SAVED, problem->message);
	return FALSE;
}

static void load(struct sp_guard *guard)
{
	g_autoptr(GKeyFile) file = sp_state_file_read(guard->path);

	guard->how = file ? g_key_file_get_string(file, GROUP, "how", NULL) : NULL;
	if (!guard->how)
		return;
	guard->uid = (guint32)g_key_file_get_uint64(file, GROUP, "user", NULL);
	guard->has_mode = sp_mode_state_read(&guard->mode, file, MODE_GROUP);
	guard->state = REVERTING;
}

static void end(struct sp_guard *guard)
{
	g_autoptr(GError) error = NULL;

	if (!sp_state_file_remove(guard->path, &error))
		sp_log_error("%s", error->message);
	enter(guard, NONE);
}

/* --- taking back ------------------------------------------------------------------------ */

static const struct sp_guard_step *step_at(const struct sp_guard *guard, guint index)
{
	return &g_array_index(guard->steps, struct sp_guard_step, index);
}

/* Is it because of the disk, or a queue? Else trying again is of no use. */
static gboolean may_work_later(const GError *error)
{
	return g_error_matches(error, SP_ERROR, SP_ERROR_NOT_SAVED) ||
	       g_error_matches(error, SP_ERROR, SP_ERROR_LIMIT);
}

/* NOT_READY: it is kept, and in force as soon as the module takes it. */
static gboolean is_kept(const GError *error)
{
	return !error || g_error_matches(error, SP_ERROR, SP_ERROR_NOT_READY);
}

static gboolean on_retry(void *data)
{
	struct sp_guard *guard = data;

	guard->timer = 0;
	undo_next(guard);
	return G_SOURCE_REMOVE;
}

static void retry(struct sp_guard *guard, const GError *error)
{
	static struct sp_log_limit limit = SP_LOG_LIMIT(3, 600);

	if (sp_log_may(&limit))
		sp_log_error("what was not confirmed can't be taken back yet: %s", error->message);
	guard->timer = g_timeout_add_seconds(RETRY_SECONDS, on_retry, guard);
}

/* FALSE: there is nobody any more, or it is tried again. @what is still in force on error. */
static gboolean is_over(struct sp_guard *guard, const GError *error, const char *what)
{
	if (!guard->policy)
		return FALSE;
	if (error && may_work_later(error)) {
		retry(guard, error);
		return FALSE;
	}
	if (!is_kept(error))
		sp_log_error("%s that was not confirmed is still in force: %s", what,
			     error->message);
	return TRUE;
}

static void on_mode(const GError *error, void *data)
{
	struct sp_guard *guard = data;

	if (is_over(guard, error, "the mode"))
		end(guard);
}

static void on_named(const GError *error, void *data)
{
	struct sp_guard *guard = data;
	g_autoptr(GError) problem = NULL;

	if (!is_over(guard, error, "the name of a network"))
		return;
	if (sp_named_remove(guard->names, first_name(guard)->id, &problem))
		undo_next(guard);
	else
		retry(guard, problem);
}

static void on_undone(const GError *error, const guint64 *ids, gsize count, void *data)
{
	struct sp_guard *guard = data;

	if (!guard->policy)
		return;
	if (error && may_work_later(error)) {
		guard->next--;
		retry(guard, error);
		return;
	}
	if (!is_kept(error))
		sp_log_error("what was done to change %" G_GUINT64_FORMAT " was not confirmed, and "
			     "can't be taken back: %s", step_at(guard, guard->next - 1)->change,
			     error->message);
	undo_next(guard);
}

/* The newest first; then networks' names, then the mode. */
static void undo_next(struct sp_guard *guard)
{
	if (guard->next < guard->steps->len) {
		const struct sp_guard_step *step = step_at(guard, guard->next++);

		sp_policy_undo(guard->policy, step->change, step->redo, SP_SYSTEM, TAKEN_BACK,
			       on_undone, guard);
	} else if (first_name(guard)) {
		sp_networks_restore(guard->networks, first_name(guard), on_named, guard);
	} else if (guard->has_mode) {
		sp_modes_restore(guard->modes, &guard->mode, on_mode, guard);
	} else {
		end(guard);
	}
}

static gboolean look(void *data);

static void on_journal(struct sp_store_result *result, void *data)
{
	struct sp_guard *guard = data;

	if (!guard->policy)
		return;
	if (result->error) {
		sp_log_error("what was not confirmed can't be taken back yet: %s",
			     result->message);
		guard->timer = g_timeout_add_seconds(RETRY_SECONDS, look, guard);
		return;
	}
	guard->steps = sp_guard_steps((const struct sp_journal_entry *)(void *)result->entries->data,
				      result->entries->len, guard->how);
	undo_next(guard);
}

static gboolean look(void *data)
{
	struct sp_guard *guard = data;

	guard->timer = 0;
	if (!sp_store_thread_journal(guard->store, ENTRIES_MAX, on_journal, guard))
		guard->timer = g_timeout_add_seconds(1, look, guard);
	return G_SOURCE_REMOVE;
}

static void revert(struct sp_guard *guard)
{
	sp_log_guard(TAKEN_BACK, guard->uid, guard->how);
	enter(guard, REVERTING);
	guard->next = 0;
	look(guard);
}

static void expire(struct sp_guard *guard)
{
	if (guard->under_way)
		guard->late = TRUE;
	else
		revert(guard);
}

static gboolean on_deadline(void *data)
{
	struct sp_guard *guard = data;

	guard->timer = 0;
	expire(guard);
	return G_SOURCE_REMOVE;
}

/* --- open ------------------------------------------------------------------------------ */

static void count_anew(struct sp_guard *guard)
{
	if (guard->timer)
		g_source_remove(guard->timer);
	guard->timer = g_timeout_add_seconds(guard->seconds, on_deadline, guard);
	guard->deadline = g_get_monotonic_time() + guard->seconds * G_USEC_PER_SEC;
}

/* Else whoever renews his own for ever keeps an administrator's out. */
static void give_way(struct sp_guard *guard)
{
	if (guard->privileged)
		return;
	if (guard->state == OPEN && !guard->late) {
		sp_log_guard("an administrator's come first", guard->uid, guard->how);
		expire(guard);
	}
	guard->turn = g_get_monotonic_time() + TURN_US;
}

static gboolean may_begin(const struct sp_guard *guard, const struct sp_guard_maker *maker,
			  GError **error)
{
	if (guard->state == REVERTING || guard->late)
		g_set_error(error, SP_ERROR, SP_ERROR_LIMIT,
			    "changes that were not confirmed are being taken back: try again soon");
	else if (guard->state == OPEN && guard->uid != maker->uid)
		g_set_error(error, SP_ERROR, SP_ERROR_LIMIT,
			    "changes of user %u wait to be confirmed", guard->uid);
	else if (guard->state == NONE && !maker->privileged &&
		 g_get_monotonic_time() < guard->turn)
		g_set_error(error, SP_ERROR, SP_ERROR_LIMIT, "an administrator's changes come first");
	else
		return TRUE;
	return FALSE;
}

const char *sp_guard_begin(struct sp_guard *guard, const struct sp_guard_maker *maker,
			   gboolean mode, GError **error)
{
	gboolean fresh = guard->state == NONE;

	if (maker->privileged && guard->state != NONE && guard->uid != maker->uid)
		give_way(guard);
	if (!may_begin(guard, maker, error))
		return NULL;
	if (fresh) {
		guard->how = g_strdup_printf("guarded %08x", g_random_int());
		guard->uid = maker->uid;
	}
	if (mode && !guard->has_mode) {
		sp_mode_state_copy(&guard->mode, sp_modes_get(guard->modes));
		guard->has_mode = TRUE;
	} else {
		mode = FALSE;
	}
	if ((fresh || mode) && !save(guard, error)) {
		guard->has_mode &= !mode;
		if (fresh)
			g_clear_pointer(&guard->how, g_free);
		return NULL;
	}
	guard->seconds = maker->seconds;
	guard->privileged |= maker->privileged;
	guard->turn = maker->privileged ? 0 : guard->turn;
	guard->under_way++;
	if (fresh)
		enter(guard, OPEN);
	count_anew(guard);
	return guard->how;
}

gboolean sp_guard_name(struct sp_guard *guard, const char *id, GError **error)
{
	const struct sp_named *before = sp_networks_named(guard->networks, id);
	const struct sp_named none = { .id = (char *)id, .name = "", .title = "" };

	return sp_named_find(guard->names, id) ||
	       sp_named_put(guard->names, before ? before : &none, error);
}

void sp_guard_made(struct sp_guard *guard)
{
	g_assert(guard->under_way);
	guard->under_way--;
	if (guard->state != OPEN || !guard->policy)
		return;
	if (guard->late && !guard->under_way)
		revert(guard);
	else if (!guard->late)
		count_anew(guard);
	if (guard->changed)
		guard->changed(guard->changed_data);
}

gboolean sp_guard_confirm(struct sp_guard *guard, guint32 uid, GError **error)
{
	g_autoptr(GError) problem = NULL;

	if (guard->state != OPEN || guard->late || (uid && uid != guard->uid)) {
		g_set_error(error, SP_ERROR, SP_ERROR_NO_SUCH_CHANGE,
			    "there is nothing to be confirmed");
		return FALSE;
	}
	if (!sp_state_file_remove(guard->path, &problem)) {
		g_set_error_literal(error, SP_ERROR, SP_ERROR_NOT_SAVED, problem->message);
		return FALSE;
	}
	sp_log_guard("confirmed", uid, guard->how);
	enter(guard, NONE);
	return TRUE;
}

gint64 sp_guard_deadline(const struct sp_guard *guard)
{
	return guard->state != NONE ?
	       g_get_real_time() + guard->deadline - g_get_monotonic_time() : 0;
}

guint32 sp_guard_user(const struct sp_guard *guard)
{
	return guard->uid;
}

/* --- beginning and end ------------------------------------------------------------------- */

struct sp_guard *sp_guard_new(const char *folder, void (*changed)(void *data), void *data)
{
	struct sp_guard *guard = g_new0(struct sp_guard, 1);

	guard->path = g_build_filename(folder, "guard", NULL);
	guard->changed = changed;
	guard->changed_data = data;
	sp_mode_state_init(&guard->mode);
	guard->names = sp_named_list_new(folder, "guard-networks");
	load(guard);
	if (guard->state == NONE)
		forget_names(guard);
	return guard;
}

const struct sp_mode_state *sp_guard_mode(const struct sp_guard *guard)
{
	return guard->has_mode ? &guard->mode : NULL;
}

const struct sp_named_list *sp_guard_names(const struct sp_guard *guard)
{
	return guard->state == REVERTING ? guard->names : NULL;
}

const char *sp_guard_left_over(const struct sp_guard *guard)
{
	return guard->state == REVERTING ? guard->how : NULL;
}

/*
 * The mode was gone back to before anything began, and so were the rules, unless the store
 * could not: then it is tried again.
 */
void sp_guard_start(struct sp_guard *guard, struct sp_policy *policy,
		    struct sp_store_thread *store, struct sp_modes *modes,
		    struct sp_networks *networks)
{
	guard->networks = networks;
	guard->policy = policy;
	guard->store = store;
	guard->modes = modes;
	guard->has_mode = FALSE;
	if (guard->state == REVERTING)
		revert(guard);
}

void sp_guard_stop(struct sp_guard *guard)
{
	if (!guard)
		return;
	guard->policy = NULL;
	g_clear_handle_id(&guard->timer, g_source_remove);
}

void sp_guard_free(struct sp_guard *guard)
{
	if (!guard)
		return;
	g_assert(!guard->timer && !guard->policy);
	sp_mode_state_clear(&guard->mode);
	sp_named_list_free(guard->names);
	g_clear_pointer(&guard->steps, g_array_unref);
	g_free(guard->how);
	g_free(guard->path);
	g_free(guard);
}
