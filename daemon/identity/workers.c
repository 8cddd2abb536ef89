/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Only the first worker reads whole files, so that their sums take one processor at
 * most, and the others are free for what is quick.
 *
 * One lock for the queues and the answers; nobody holds it while he reads a file. A
 * session is one life of the verdict thread: answers for an earlier one are dropped.
 */
#include "workers.h"

#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "file_hash.h"

/* A want under way. */
struct job {
	struct sp_want *want;
	struct sp_known *failure;	/* the answer where there is none, or no memory for it */
	struct sp_file_hash *file;	/* that is being read; NULL: none yet */
};

struct sp_workers {
	struct sp_fact_source source;
	struct sp_index *index;
	GThread *threads[SP_WORKERS];
	GMutex lock;
	GCond wanted;
	GQueue wants, sums;		/* struct job; those that take long apart */
	uint32_t turn;			/* whose file was read last */
	GQueue answers;			/* struct sp_known */
	GHashTable *users;		/* uid → how many wants of his are under way */
	unsigned under_way;
	uint64_t session;
	bool to_read;			/* the index: at the start, and when it is void */
	bool stopping;
};

static void poke(struct sp_workers *workers)
{
	uint64_t one = 1;

	while (write(workers->source.fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void calm(struct sp_workers *workers)
{
	uint64_t count;

	while (read(workers->source.fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
}

/* The lock is held. */
static void answer(struct sp_workers *workers, struct sp_known *known)
{
	if (g_queue_is_empty(&workers->answers))
		poke(workers);
	g_queue_push_tail(&workers->answers, known);
}

static unsigned count_of(struct sp_workers *workers, uint32_t user)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(workers->users, GUINT_TO_POINTER(user)));
}

static void charge(struct sp_workers *workers, uint32_t user, int by)
{
	unsigned count = count_of(workers, user) + (unsigned)by;

	workers->under_way += (unsigned)by;
	if (count)
		g_hash_table_insert(workers->users, GUINT_TO_POINTER(user),
				    GUINT_TO_POINTER(count));
	else
		g_hash_table_remove(workers->users, GUINT_TO_POINTER(user));
}

/* --- the verdict thread's side -------------------------------------------------- */

/* NULL: no memory; @want is still the caller's. */
static struct job *job_new(struct sp_want *want)
{
	struct sp_known *failure = sp_known_failure(want->kind, want->id);
	struct job *job;

	if (!failure)
		return NULL;
	job = g_new0(struct job, 1);
	job->want = want;
	job->failure = failure;
	return job;
}

static void job_free(struct job *job)
{
	sp_file_hash_free(job->file);
	free(job->failure);
	sp_want_free(job->want);
	g_free(job);
}

static void drop(struct sp_workers *workers, GQueue *queue)
{
	struct job *job;

	while ((job = g_queue_pop_head(queue))) {
		charge(workers, job->want->user, -1);
		job_free(job);
	}
}

static void begin(void *data)
{
	struct sp_workers *workers = data;

	g_mutex_lock(&workers->lock);
	workers->session++;
	drop(workers, &workers->wants);
	drop(workers, &workers->sums);
	g_queue_clear_full(&workers->answers, free);
	calm(workers);
	g_mutex_unlock(&workers->lock);
}

static unsigned sums_of(const struct sp_workers *workers, uint32_t user)
{
	unsigned count = 0;

	for (const GList *l = workers->sums.head; l; l = l->next)
		count += ((const struct job *)l->data)->want->user == user;
	return count;
}

static bool has_room(struct sp_workers *workers, const struct sp_want *want)
{
	return workers->under_way < SP_WANTS_MAX &&
	       count_of(workers, want->user) < SP_WANTS_USER_MAX &&
	       (want->kind != SP_KNOWN_HASH || sums_of(workers, want->user) < SP_SUMS_USER_MAX);
}

static bool want(void *data, struct sp_want *want)
{
	struct sp_workers *workers = data;
	struct job *job;

	g_mutex_lock(&workers->lock);
	job = has_room(workers, want) ? job_new(want) : NULL;
	if (job) {
		charge(workers, want->user, 1);
		g_queue_push_tail(want->kind == SP_KNOWN_HASH ? &workers->sums : &workers->wants,
				  job);
		g_cond_broadcast(&workers->wanted);
	}
	g_mutex_unlock(&workers->lock);
	return job != NULL;
}

static struct sp_known *take(void *data)
{
	struct sp_workers *workers = data;
	struct sp_known *known;

	g_mutex_lock(&workers->lock);
	known = g_queue_pop_head(&workers->answers);
	if (!known)
		calm(workers);
	g_mutex_unlock(&workers->lock);
	return known;
}

/* --- the workers' side ---------------------------------------------------------- */

/* NULL: it could not be found out. */
static struct sp_known *find_package(struct sp_workers *workers, const struct sp_want *want)
{
	g_autofree char *name = NULL;

	if (sp_index_package(workers->index, &want->image, want->path, &name) == SP_FOUND_FAILED)
		return NULL;
	return sp_known_new(want->kind, want->id, name, NULL);
}

/*
 * The lock is held, but not while the work is done. An answer goes out before the
 * word that it is void, or after it and by the new index.
 */
static struct sp_known *find(struct sp_workers *workers, const struct sp_want *want)
{
	struct sp_known *known = NULL;
	uint64_t generation;

	do {
		g_mutex_unlock(&workers->lock);
		free(known);
		generation = sp_index_generation(workers->index);
		known = find_package(workers, want);
		g_mutex_lock(&workers->lock);
	} while (generation != sp_index_generation(workers->index));
	return known;
}

/* The next piece of the file. False: there is more of it. *@known NULL: it has no sum. */
static bool read_file(struct job *job, struct sp_known **known)
{
	const struct sp_want *want = job->want;
	enum sp_hashed hashed = SP_HASHED_FAILED;
	char hash[SP_HASH_TEXT];

	if (!job->file)
		job->file = sp_file_hash_new(want->fd, &want->image);
	if (job->file)
		hashed = sp_file_hash_read(job->file, hash);
	if (hashed == SP_HASHED_WHOLE)
		*known = sp_known_new(want->kind, want->id, hash, NULL);
	return hashed != SP_HASHED_PART;
}

/* The lock is held. @known NULL: it has failed. */
static void finish(struct sp_workers *workers, struct job *job, uint64_t session,
		   struct sp_known *known)
{
	charge(workers, job->want->user, -1);
	if (session != workers->session)
		free(known);
	else
		answer(workers, known ? known : g_steal_pointer(&job->failure));
	job_free(job);
}

static void work_on(struct sp_workers *workers, struct job *job)
{
	uint64_t session = workers->session;

	finish(workers, job, session, find(workers, job->want));
}

/* The lock is held, but not meanwhile. The user keeps his place among his own. */
static void sum_up(struct sp_workers *workers, struct job *job)
{
	uint64_t session = workers->session;
	struct sp_known *known = NULL;
	bool done;

	workers->turn = job->want->user;
	g_mutex_unlock(&workers->lock);
	done = read_file(job, &known);
	g_mutex_lock(&workers->lock);
	if (done || session != workers->session)
		finish(workers, job, session, known);
	else
		g_queue_push_head(&workers->sums, job);
}

/* How many users by number come before this one, behind who was last. */
static uint32_t turns_until(const struct sp_workers *workers, const struct job *job)
{
	return job->want->user - workers->turn - 1;
}

/* The oldest of the user whose turn it is. The lock is held. NULL: nothing is wanted. */
static struct job *next_sum(struct sp_workers *workers)
{
	GList *next = workers->sums.head;
	struct job *job = NULL;

	for (GList *l = next; l; l = l->next)
		if (turns_until(workers, l->data) < turns_until(workers, next->data))
			next = l;
	if (next) {
		job = next->data;
		g_queue_delete_link(&workers->sums, next);
	}
	return job;
}

/* The lock is held, but not meanwhile. */
static void read_index(struct sp_workers *workers)
{
	workers->to_read = false;
	g_mutex_unlock(&workers->lock);
	sp_index_read(workers->index);
	g_mutex_lock(&workers->lock);
}

static void *work(void *data)
{
	struct sp_workers *workers = data;
	struct job *job;
	bool sums;

	g_mutex_lock(&workers->lock);
	sums = g_thread_self() == workers->threads[0];
	while (!workers->stopping) {
		if ((job = g_queue_pop_head(&workers->wants)))
			work_on(workers, job);
		else if (sums && (job = next_sum(workers)))
			sum_up(workers, job);
		else if (workers->to_read)
			read_index(workers);
		else
			g_cond_wait(&workers->wanted, &workers->lock);
	}
	g_mutex_unlock(&workers->lock);
	return NULL;
}

void sp_workers_packages_changed(struct sp_workers *workers)
{
	struct sp_known *changed = sp_known_new(SP_KNOWN_PACKAGE, 0, NULL, NULL);

	if (!changed)
		g_error("no memory to say that packages changed");
	sp_index_void(workers->index);
	g_mutex_lock(&workers->lock);
	answer(workers, changed);
	workers->to_read = true;
	g_cond_signal(&workers->wanted);
	g_mutex_unlock(&workers->lock);
}

struct sp_workers *sp_workers_new(struct sp_index *index)
{
	struct sp_workers *workers = g_new0(struct sp_workers, 1);
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		g_error("no eventfd: %s", g_strerror(errno));
	workers->source = (struct sp_fact_source){
		.begin = begin, .want = want, .take = take, .fd = fd, .data = workers,
	};
	workers->index = sp_index_ref(index);
	workers->to_read = true;
	workers->users = g_hash_table_new(NULL, NULL);
	g_mutex_init(&workers->lock);
	g_cond_init(&workers->wanted);
	g_mutex_lock(&workers->lock);	/* none begins before all are known */
	for (int i = 0; i < SP_WORKERS; i++)
		workers->threads[i] = g_thread_new("identity", work, workers);
	g_mutex_unlock(&workers->lock);
	return workers;
}

void sp_workers_free(struct sp_workers *workers)
{
	if (!workers)
		return;
	g_mutex_lock(&workers->lock);
	workers->stopping = true;
	g_cond_broadcast(&workers->wanted);
	g_mutex_unlock(&workers->lock);
	for (int i = 0; i < SP_WORKERS; i++)
		g_thread_join(workers->threads[i]);
	drop(workers, &workers->wants);
	drop(workers, &workers->sums);
	g_queue_clear_full(&workers->answers, free);
	g_hash_table_unref(workers->users);
	sp_index_unref(workers->index);
	close(workers->source.fd);
	g_mutex_clear(&workers->lock);
	g_cond_clear(&workers->wanted);
	g_free(workers);
}

const struct sp_fact_source *sp_workers_source(struct sp_workers *workers)
{
	return &workers->source;
}
