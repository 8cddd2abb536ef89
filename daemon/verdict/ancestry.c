/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See ancestry.h. A direct-mapped cache of copies. */
#include <stdlib.h>
#include <string.h>
#include "ancestry.h"

struct sp_ancestry {
	uint64_t id;
	uint64_t retry;		/* boottime: of a failure; else 0 */
	struct sp_text_fact script;
	enum sp_fact_state parents, traced, family;
	bool is_traced;
	size_t parents_count, family_count;
	char *paths[SALLYPORT_CHAIN_MAX];
	uint64_t processes[SALLYPORT_CHAIN_MAX];
};

static void destroy(struct sp_ancestry *ancestry)
{
	size_t i;

	if (!ancestry)
		return;
	for (i = 0; i < ancestry->parents_count; i++)
		free(ancestry->paths[i]);
	free((char *)(uintptr_t)ancestry->script.text);
	free(ancestry);
}

void sp_ancestry_clear(struct sp_ancestries *ancestries)
{
	size_t i;

	for (i = 0; i < SP_ANCESTRY_SLOTS; i++)
		destroy(ancestries->slots[i]);
	memset(ancestries, 0, sizeof(*ancestries));
}

static void keep(struct sp_ancestries *ancestries, struct sp_ancestry *ancestry)
{
	struct sp_ancestry **slot = &ancestries->slots[ancestry->id % SP_ANCESTRY_SLOTS];

	destroy(*slot);
	*slot = ancestry;
}

void sp_ancestry_fail(struct sp_ancestries *ancestries, uint64_t process, uint64_t retry)
{
	struct sp_ancestry *ancestry = calloc(1, sizeof(*ancestry));

	if (!ancestry)
		return;
	ancestry->id = process;
	ancestry->retry = retry;
	ancestry->script.state = ancestry->parents = SP_FACT_FAILED;
	ancestry->traced = ancestry->family = SP_FACT_FAILED;
	keep(ancestries, ancestry);
}

bool sp_ancestry_fill(const struct sp_ancestries *ancestries, uint64_t process,
		      uint64_t boot, struct sp_facts *facts, uint64_t *retry)
{
	const struct sp_ancestry *known = ancestries->slots[process % SP_ANCESTRY_SLOTS];

	if (!known || known->id != process || (known->retry && known->retry <= boot))
		return false;
	*retry = known->retry;
	facts->script = known->script;
	facts->parents.state = known->parents;
	facts->parents.paths = (const char *const *)known->paths;
	facts->parents.count = known->parents_count;
	facts->traced.state = known->traced;
	facts->traced.is = known->is_traced;
	facts->family.state = known->family;
	facts->family.processes = known->processes;
	facts->family.count = known->family_count;
	return true;
}

struct reading {
	struct sp_ancestry *ancestry;
	const struct sp_chain *chain;
	sp_path_of path_of;
	void *arg;
};

/* False: no memory. */
static bool read_script(const struct reading *reading)
{
	const struct sallyport_process *self = &reading->chain->links[0];
	struct sp_text_fact *script = &reading->ancestry->script;
	const char *path;

	script->state = SP_FACT_KNOWN;
	if (self->flags & SALLYPORT_PROCESS_NOSCRIPT)
		script->state = SP_FACT_FAILED;
	if (!self->script)
		return true;
	switch (reading->path_of(reading->arg, self->script, &path)) {
	case SP_PATH_PROVEN:
		script->text = strdup(path);
		return script->text;
	case SP_PATH_NONE:
		break;
	case SP_PATH_UNKNOWN:
		script->state = SP_FACT_FAILED;
		break;
	}
	return true;
}

static bool read_parent(const struct reading *reading, uint64_t image)
{
	struct sp_ancestry *ancestry = reading->ancestry;
	const char *path;

	switch (reading->path_of(reading->arg, image, &path)) {
	case SP_PATH_PROVEN:
		ancestry->paths[ancestry->parents_count] = strdup(path);
		return ancestry->paths[ancestry->parents_count++];
	case SP_PATH_NONE:
		break;
	case SP_PATH_UNKNOWN:
		ancestry->parents = SP_FACT_FAILED;
		break;
	}
	return true;
}

static bool read_parents(const struct reading *reading)
{
	const struct sp_chain *chain = reading->chain;
	size_t i;

	reading->ancestry->parents = SP_FACT_KNOWN;
	for (i = 0; i < chain->count; i++) {
		if (chain->links[i].flags & SALLYPORT_PROCESS_CUT)
			reading->ancestry->parents = SP_FACT_FAILED;
		if (i && !read_parent(reading, chain->links[i].image))
			return false;
	}
	return true;
}

/* Rules name instances that were seen: none is older than the module. */
static void read_family(const struct reading *reading)
{
	const struct sallyport_process *links = reading->chain->links;
	struct sp_ancestry *ancestry = reading->ancestry;
	size_t i;

	ancestry->family = SP_FACT_KNOWN;
	for (i = 0; i < reading->chain->count; i++) {
		if (links[i].flags & SALLYPORT_PROCESS_CUT &&
		    !(links[i].flags & SALLYPORT_PROCESS_OLDER))
			ancestry->family = SP_FACT_FAILED;
		if (i && links[i].image == links[0].image)
			ancestry->processes[ancestry->family_count++] = links[i].id;
	}
}

static void read_traced(const struct reading *reading)
{
	uint32_t flags = reading->chain->links[0].flags;
	struct sp_ancestry *ancestry = reading->ancestry;

	ancestry->is_traced = flags & SALLYPORT_PROCESS_TRACED;
	ancestry->traced = ancestry->is_traced || !(flags & SALLYPORT_PROCESS_BLIND) ?
			   SP_FACT_KNOWN : SP_FACT_FAILED;
}

bool sp_ancestry_add(struct sp_ancestries *ancestries, const struct sp_chain *chain,
		     sp_path_of path_of, void *arg)
{
	struct sp_ancestry *ancestry = calloc(1, sizeof(*ancestry));
	struct reading reading = { ancestry, chain, path_of, arg };

	if (!ancestry || !read_script(&reading) || !read_parents(&reading)) {
		destroy(ancestry);
		return false;
	}
	read_family(&reading);
	read_traced(&reading);
	ancestry->id = chain->links[0].id;
	keep(ancestries, ancestry);
	return true;
}
