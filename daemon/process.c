/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See process.h. A query is shared by its asker and its worker; whoever is
 * last frees it. Workers that hang (a command line in memory that somebody's
 * file system does not deliver, a directory service that is down) cost a
 * place in the pool, no more.
 */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "sentence.h"
#include "writers.h"

#define WORKERS		4
#define QUEUED_MAX	64
#define WAIT_MS		150
#define COMMAND_LINE	1000	/* bytes shown */

struct sp_process_query {
	gint references;		/* atomic */
	guint32 pid, uid;
	struct sallyport_image image;
	char *path;			/* its path, or "" */
	struct sp_index *index;
	guint64 since;			/* CLOCK_BOOTTIME, ns */
	struct sp_process *found;	/* atomic: put there by the worker, taken once */
	char *package;			/* the worker's until it has finished */
	enum sp_package_state package_state;
	gboolean others_write;
	sp_process_done done;		/* NULL: cancelled; main loop's */
	void *data;
	guint timeout;			/* 0: it was told what there is */
};

static GThreadPool *pool;

void sp_process_free(struct sp_process *process)
{
	if (!process)
		return;
	g_free(process->command_line);
	g_free(process->parent);
	g_free(process->user_name);
	g_free(process->package);
	g_free(process);
}

static struct sp_process *process_new(void)
{
	struct sp_process *process = g_new0(struct sp_process, 1);

	process->command_line = g_strdup("");
	process->parent = g_strdup("");
	process->user_name = g_strdup("");
	return process;
}

static void query_unref(void *data)
{
	struct sp_process_query *query = data;

	if (!g_atomic_int_dec_and_test(&query->references))
		return;
	sp_process_free(query->found);
	g_free(query->package);
	g_free(query->path);
	sp_index_unref(query->index);
	g_free(query);
}

static gssize read_file(guint32 pid, const char *name, char *buffer, size_t size)
{
	char path[64];
	gssize length;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	length = read(fd, buffer, size);
	close(fd);
	return length;
}

static void set_literal(char **field, const char *text, size_t length)
{
	char *literal = sp_text_literal(text, length);

	if (!literal)
		return;
	g_free(*field);
	*field = g_strdup(literal);
	free(literal);
}

/* Its parent, and when it started in ns; FALSE: no such process. */
static gboolean read_stat(guint32 pid, guint32 *parent, guint64 *started)
{
	char text[1024];
	unsigned long long ticks;
	gssize length = read_file(pid, "stat", text, sizeof(text) - 1);
	const char *rest;

	if (length <= 0)
		return FALSE;
	text[length] = 0;
	rest = strrchr(text, ')');
	if (!rest || sscanf(rest, ") %*c %u %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u"
			    " %*d %*d %*d %*d %*d %*d %llu", parent, &ticks) != 2)
		return FALSE;
	*started = ticks * (1000000000u / (guint64)sysconf(_SC_CLK_TCK));
	return TRUE;
}

static void find_command_line(struct sp_process *process, guint32 pid)
{
	char text[COMMAND_LINE];
	gssize length = read_file(pid, "cmdline", text, sizeof(text));

	if (length <= 0)
		return;
	while (length && !text[length - 1])
		length--;
	for (gssize i = 0; i < length; i++)
		if (!text[i])
			text[i] = ' ';
	set_literal(&process->command_line, text, length);
}

static void find_parent(struct sp_process *process, guint32 pid)
{
	char path[64], text[4096];
	gssize length;

	if (!pid)
		return;
	snprintf(path, sizeof(path), "/proc/%u/exe", pid);
	length = readlink(path, text, sizeof(text));
	if (length <= 0) {
		length = read_file(pid, "comm", text, sizeof(text));
		if (length > 0 && text[length - 1] == '\n')
			length--;
	}
	if (length > 0)
		set_literal(&process->parent, text, length);
}

static void find_user(struct sp_process *process, guint32 uid)
{
	char text[4096];
	struct passwd entry, *found = NULL;

	if (!getpwuid_r(uid, &entry, text, sizeof(text), &found) && found)
		set_literal(&process->user_name, found->pw_name, strlen(found->pw_name));
}

static void find_package(struct sp_process_query *query)
{
	switch (sp_index_package(query->index, &query->image, query->path, &query->package)) {
	case SP_FOUND:
		query->package_state = sp_index_state(query->index, &query->image, query->path);
		break;
	case SP_FOUND_NONE:
		query->package = g_strdup("");
		query->others_write = sp_writers_of_file(query->path) != SP_WRITERS_ROOT;
		break;
	case SP_FOUND_FAILED:
		break;
	}
}

/* Put there once, by the worker. */
static struct sp_process *copy_found(struct sp_process_query *query)
{
	const struct sp_process *found = g_atomic_pointer_get(&query->found);
	struct sp_process *copy;

	if (!found)
		return process_new();
	copy = g_new0(struct sp_process, 1);
	copy->command_line = g_strdup(found->command_line);
	copy->parent = g_strdup(found->parent);
	copy->user_name = g_strdup(found->user_name);
	return copy;
}

/* All is there: if it is still wanted, it is taken. */
static gboolean on_found(void *data)
{
	struct sp_process_query *query = data;
	sp_process_done done = g_steal_pointer(&query->done);
	struct sp_process *found;

	if (!done)
		return G_SOURCE_REMOVE;
	g_clear_handle_id(&query->timeout, g_source_remove);
	found = copy_found(query);
	found->package = g_steal_pointer(&query->package);
	found->package_state = query->package_state;
	found->others_write = query->others_write;
	done(found, TRUE, query->data);
	query_unref(query);
	return G_SOURCE_REMOVE;
}

static gboolean on_timeout(void *data)
{
	struct sp_process_query *query = data;

	query->timeout = 0;
	query->done(copy_found(query), FALSE, query->data);
	return G_SOURCE_REMOVE;
}

/* There is no worker for it. */
static gboolean on_no_room(void *data)
{
	struct sp_process_query *query = data;

	query->timeout = 0;
	query->done(process_new(), TRUE, query->data);
	query_unref(query);
	return G_SOURCE_REMOVE;
}

/* What takes longer comes last: without it the rest is worth showing. */
static void work(void *data, void *pool_data)
{
	struct sp_process_query *query = data;
	struct sp_process *process = process_new();
	guint32 parent = 0;
	guint64 started;

	if (query->pid && read_stat(query->pid, &parent, &started) &&
	    started <= query->since) {
		find_command_line(process, query->pid);
		find_parent(process, parent);
	}
	find_user(process, query->uid);
	g_atomic_pointer_set(&query->found, process);
	if (query->image.id >= SALLYPORT_IMAGE_FIRST)
		find_package(query);
	g_main_context_invoke_full(NULL, G_PRIORITY_DEFAULT, on_found, query, query_unref);
}

static guint64 boottime(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (guint64)now.tv_sec * 1000000000u + (guint64)now.tv_nsec;
}

struct sp_process_query *sp_process_query(const struct sp_waiting *waiting,
					  struct sp_index *index,
					  sp_process_done done, void *data)
{
	struct sp_process_query *query = g_new0(struct sp_process_query, 1);
	gboolean room;

	if (!pool)
		pool = g_thread_pool_new(work, NULL, WORKERS, FALSE, NULL);
	room = g_thread_pool_unprocessed(pool) < QUEUED_MAX;
	query->references = room ? 2 : 1;
	query->pid = waiting->flow.pid;
	query->uid = waiting->flow.uid;
	query->image = waiting->image;
	query->path = g_strndup(waiting->path, waiting->path_length);
	query->index = sp_index_ref(index);
	query->since = boottime();
	query->done = done;
	query->data = data;
	if (room) {
		query->timeout = g_timeout_add(WAIT_MS, on_timeout, query);
		g_thread_pool_push(pool, query, NULL);
	} else {
		query->timeout = g_idle_add(on_no_room, query);
	}
	return query;
}

void sp_process_cancel(struct sp_process_query *query)
{
	query->done = NULL;
	g_clear_handle_id(&query->timeout, g_source_remove);
	query_unref(query);
}
