/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See open.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "open.h"

#define TRIES	8	/* of a listing that a change of the table interrupts */
#define CHUNK	512	/* references in one message */

struct listing {
	struct sp_flow_list *list;
	bool full;
};

static void take(const struct sallyport_flow *flow, const struct sallyport_counts *counts,
		 void *arg)
{
	struct listing *listing = arg;

	if (!sp_flow_list_add(listing->list, flow, counts))
		listing->full = true;
}

static const char *path_of(void *arg, uint64_t image)
{
	const struct sp_image_entry *entry = sp_engine_image(arg, image);

	return entry ? entry->path : NULL;
}

static int list_all(struct sp_engine *engine, struct listing *listing)
{
	int error = EINTR, i;

	for (i = 0; i < TRIES && error == EINTR; i++) {
		listing->list->count = 0;
		listing->full = false;
		error = engine->calls->flows(engine->kernel, take, listing);
	}
	if (!error && listing->full)
		error = ENOMEM;
	return error;
}

int sp_open_list(struct sp_engine *engine, struct sp_flow_list **list)
{
	struct listing listing = { .list = sp_flow_list_new() };
	struct sp_now now;
	int error;

	if (!listing.list)
		return ENOMEM;
	engine->read_clocks(&now);
	listing.list->real = now.real;
	listing.list->boot = now.boot;
	error = list_all(engine, &listing);
	if (!error && !sp_flow_list_name(listing.list, path_of, engine))
		error = ENOMEM;
	if (error) {
		sp_flow_list_free(listing.list);
		return error;
	}
	*list = listing.list;
	return 0;
}

int sp_open_end(struct sp_engine *engine, const struct sallyport_flow_ref *refs, size_t count)
{
	size_t sent, chunk;
	int error = 0;

	for (sent = 0; sent < count && !error; sent += chunk) {
		chunk = count - sent < CHUNK ? count - sent : CHUNK;
		error = engine->calls->end_flows(engine->kernel, refs + sent, chunk, false);
	}
	sp_engine_note_error(engine, error);
	return error;
}

int sp_open_program(struct sp_engine *engine, uint32_t pid, struct sp_program **program)
{
	const struct sp_image_entry *entry;
	struct sp_chain chain;
	int error = engine->calls->process_of(engine->kernel, pid, &chain);

	if (error)
		return error;
	entry = sp_engine_image(engine, chain.links[0].image);
	if (!entry)
		return ENOENT;
	*program = calloc(1, sizeof(**program));
	if (!*program)
		return ENOMEM;
	(*program)->process = chain.links[0].id;
	(*program)->process_flags = chain.links[0].flags;
	(*program)->image_flags = entry->info.flags;
	if (entry->path)
		strncpy((*program)->path, entry->path, SALLYPORT_PATH_MAX);
	return 0;
}
