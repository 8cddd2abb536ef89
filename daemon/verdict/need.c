/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See need.h. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "cgroup.h"
#include "engine.h"
#include "facts.h"
#include "late.h"

/* Which facts a kind is about, and where each is. */
struct part {
	enum sp_fact fact;
	size_t text;		/* index in struct sp_known */
	size_t offset;		/* in struct sp_facts */
};

#define PARTS_MAX 2
#define OF_PROCESS (SP_FACT_SCRIPT | SP_FACT_PARENTS | SP_FACT_TRACED | SP_FACT_FAMILY)

static const struct part parts[SP_KNOWN_KINDS][PARTS_MAX] = {
	[SP_KNOWN_PACKAGE] = {
		{ SP_FACT_PACKAGE, 0, offsetof(struct sp_facts, package) },
	},
	[SP_KNOWN_HASH] = {
		{ SP_FACT_HASH, 0, offsetof(struct sp_facts, hash) },
	},
	[SP_KNOWN_CGROUP] = {
		{ SP_FACT_UNIT, 0, offsetof(struct sp_facts, unit) },
		{ SP_FACT_APP, 1, offsetof(struct sp_facts, app) },
	},
};

static struct sp_text_fact *fact_at(struct sp_facts *facts, const struct part *part)
{
	return (void *)((char *)facts + part->offset);
}

/* 0: what the kind is about is not known of this flow, and can't be. */
static uint64_t number_of(enum sp_known_kind kind, const struct sp_flow *flow)
{
	if (kind == SP_KNOWN_CGROUP)
		return flow->cgroup;
	return flow->image >= SALLYPORT_IMAGE_FIRST ? flow->image : 0;
}

static void set(struct sp_facts *facts, enum sp_known_kind kind, enum sp_fact_state state,
		const struct sp_known *known)
{
	const struct part *part = parts[kind];
	size_t i;

	for (i = 0; i < PARTS_MAX && part[i].fact; i++) {
		struct sp_text_fact *fact = fact_at(facts, &part[i]);

		fact->state = state;
		fact->text = known ? known->text[part[i].text] : NULL;
	}
}

static void set_known(struct sp_facts *facts, const struct sp_known *known)
{
	set(facts, known->kind, known->failed ? SP_FACT_FAILED : SP_FACT_KNOWN, known);
	if (known->claimed)
		facts->app.state = SP_FACT_CLAIMED;
}

/* A file that is not the one its path names belongs to no package, for sure. */
static bool is_packageless(const struct sallyport_image *image)
{
	return sp_image_pathless(image);
}

/*
 * To open a file on a user's file system may hang. Whether somebody executes it through
 * whom it can be opened is no matter: what is decided holds for all its processes.
 */
static bool is_to_be_had(const struct sp_needs *needs, enum sp_known_kind kind,
			 const struct sallyport_image *image)
{
	if (kind == SP_KNOWN_HASH)
		return needs->source && !(image->flags & SALLYPORT_IMAGE_PRIVATE);
	return kind == SP_KNOWN_CGROUP || needs->source;
}

static void note_retry(uint64_t *retry, uint64_t when)
{
	if (when && (!*retry || when < *retry))
		*retry = when;
}

static uint64_t fill_process(const struct sp_needs *needs, uint64_t process, uint64_t boot,
			     struct sp_facts *facts)
{
	uint64_t retry = 0;

	if (process && !sp_ancestry_fill(&needs->ancestries, process, boot, facts, &retry))
		facts->script.state = facts->parents.state = facts->traced.state =
			facts->family.state = SP_FACT_PENDING;
	return retry;
}

uint64_t sp_need_fill(const struct sp_needs *needs, const struct sp_flow *flow,
		      const struct sallyport_image *image, const struct sp_now *now,
		      struct sp_facts *facts)
{
	const struct sp_known_slot *slot;
	enum sp_known_kind kind;
	uint64_t retry, id;

	retry = fill_process(needs, flow->process, now->boot, facts);
	for (kind = 0; kind < SP_KNOWN_KINDS; kind++) {
		id = number_of(kind, flow);
		slot = sp_known_find(&needs->known, kind, id, now->boot);
		if (slot)
			set_known(facts, slot->known);
		else if (kind == SP_KNOWN_PACKAGE && is_packageless(image))
			set(facts, kind, SP_FACT_KNOWN, NULL);
		else if (id && is_to_be_had(needs, kind, image))
			set(facts, kind, SP_FACT_PENDING, NULL);
		if (slot)
			note_retry(&retry, slot->retry);
	}
	return retry;
}

static struct sp_want *want_of(enum sp_known_kind kind, uint64_t id,
			       const struct sp_flow *flow,
			       const struct sallyport_image *image, const char *path)
{
	size_t length = path ? strlen(path) : 0;
	struct sp_want *want = calloc(1, sizeof(*want) + length + 1);

	if (!want)
		return NULL;
	want->fd = -1;
	want->kind = kind;
	want->id = id;
	want->user = flow->user;
	want->image = *image;
	if (length)
		memcpy(want->path, path, length);
	return want;
}

static bool find_cgroup(struct sp_engine *engine, uint64_t id, struct sp_cgroup *cgroup)
{
	return id && !engine->calls->cgroup(engine->kernel, id, engine->scratch->path) &&
	       sp_cgroup_parse(engine->scratch->path, cgroup);
}

static enum sp_path_state path_of(void *arg, uint64_t id, const char **path)
{
	const struct sp_image_entry *entry = sp_engine_image(arg, id);
	struct sp_facts facts;

	if (!entry)
		return SP_PATH_UNKNOWN;
	sp_facts_fill(&facts, &entry->info, entry->path, NULL);
	*path = facts.program.text;
	if (facts.program.state != SP_FACT_KNOWN)
		return SP_PATH_UNKNOWN;
	return *path ? SP_PATH_PROVEN : SP_PATH_NONE;
}

/* As many as there is room for. */
static void describe_ancestor(struct sp_engine *engine, struct sp_waiting *waiting,
			      uint64_t image, size_t *used)
{
	const struct sp_image_entry *entry = sp_engine_image(engine, image);
	const char *path = entry && entry->path ? entry->path : "";
	size_t size = strlen(path) + 1;

	if (size > sizeof(waiting->ancestor_paths) - *used)
		return;
	memcpy(waiting->ancestor_paths + *used, path, size);
	*used += size;
	waiting->ancestors++;
}

/* A program that forked itself is told of once. */
static void describe_chain(struct sp_engine *engine, struct sp_waiting *waiting,
			   const struct sp_chain *chain)
{
	size_t used = 0, i;

	waiting->process_flags = chain->links[0].flags;
	for (i = 1; i < chain->count; i++)
		if (chain->links[i].image != chain->links[i - 1].image)
			describe_ancestor(engine, waiting, chain->links[i].image, &used);
}

static void describe_script(struct sp_engine *engine, struct sp_waiting *waiting,
			    uint64_t script)
{
	const char *path;

	if (script && path_of(engine, script, &path) == SP_PATH_PROVEN &&
	    strlen(path) < sizeof(waiting->script))
		strcpy(waiting->script, path);
}

static bool is_bundle(const char *path)
{
	static const char ending[] = ".appimage";
	size_t length = strlen(path), tail = sizeof(ending) - 1;

	return length > tail && path[length - tail - 1] != '/' &&
	       !strcasecmp(path + length - tail, ending);
}

/*
 * What an AppImage carries lies on a file system that it serves itself, so its programs
 * have no path of their own, and another one at each start. What can be said of them is
 * which AppImage started them.
 */
static void describe_bundle(struct sp_engine *engine, struct sp_waiting *waiting,
			    const struct sp_chain *chain)
{
	const char *path;
	size_t i;

	if (!(waiting->image.flags & SALLYPORT_IMAGE_PRIVATE))
		return;
	for (i = 1; i < chain->count; i++) {
		if (path_of(engine, chain->links[i].image, &path) != SP_PATH_PROVEN ||
		    !is_bundle(path) || strlen(path) >= sizeof(waiting->bundle))
			continue;
		strcpy(waiting->bundle, path);
		return;
	}
}

void sp_need_describe(struct sp_engine *engine, struct sp_waiting *waiting)
{
	uint64_t process = waiting->flow.process;
	struct sp_chain chain;

	if (!find_cgroup(engine, waiting->flow.cgroup, &waiting->cgroup))
		memset(&waiting->cgroup, 0, sizeof(waiting->cgroup));
	if (!process || engine->calls->process(engine->kernel, process, &chain))
		return;
	describe_script(engine, waiting, chain.links[0].script);
	describe_chain(engine, waiting, &chain);
	describe_bundle(engine, waiting, &chain);
}

/* The kernel knows at once, as it does of cgroups. */
static void ask_process(struct sp_engine *engine, uint64_t id, const struct sp_now *now)
{
	struct sp_ancestries *ancestries = &engine->needs.ancestries;
	struct sp_chain chain;

	if (engine->calls->process(engine->kernel, id, &chain) || chain.links[0].id != id ||
	    !sp_ancestry_add(ancestries, &chain, path_of, engine))
		sp_ancestry_fail(ancestries, id, now->boot + SP_KNOWN_RETRY);
}

static void ask_cgroup(struct sp_engine *engine, uint64_t id, const struct sp_now *now)
{
	struct sp_known *known = NULL;
	struct sp_cgroup cgroup;

	if (find_cgroup(engine, id, &cgroup))
		known = sp_known_new(SP_KNOWN_CGROUP, id, *cgroup.unit ? cgroup.unit : NULL,
				     *cgroup.app ? cgroup.app : NULL);
	if (known)
		known->claimed = cgroup.claimed;
	else
		known = sp_known_failure(SP_KNOWN_CGROUP, id);
	if (known)
		sp_known_put(&engine->needs.known, known, now->boot);
}

static void fail(struct sp_needs *needs, enum sp_known_kind kind, uint64_t id,
		 const struct sp_now *now)
{
	struct sp_known *known = sp_known_failure(kind, id);

	if (known)
		sp_known_put(&needs->known, known, now->boot);
}

/* Takes over @want. */
static void send_want(struct sp_needs *needs, struct sp_want *want)
{
	enum sp_known_kind kind = want->kind;
	uint64_t id = want->id;

	if (sp_known_want(&needs->known, kind, id)) {
		if (needs->source->want(needs->source->data, want))
			return;
		sp_known_unwant(&needs->known, kind, id);
	}
	needs->refused++;
	sp_want_free(want);
}

static void ask_source(struct sp_engine *engine, enum sp_known_kind kind,
		       const struct sp_flow *flow, const struct sallyport_image *image,
		       const char *path, const struct sp_now *now)
{
	struct sp_needs *needs = &engine->needs;
	uint64_t id = number_of(kind, flow);
	struct sp_want *want;

	if (sp_known_is_wanted(&needs->known, kind, id) ||
	    (kind == SP_KNOWN_HASH && !flow->process))
		return;
	want = want_of(kind, id, flow, image, path);
	if (!want)
		return;
	if (kind == SP_KNOWN_HASH &&
	    engine->calls->open(engine->kernel, flow->process, &want->fd)) {
		sp_want_free(want);
		fail(needs, kind, id, now);
		return;
	}
	send_want(needs, want);
}

static bool is_about(enum sp_known_kind kind, unsigned need)
{
	size_t i;

	for (i = 0; i < PARTS_MAX; i++)
		if (parts[kind][i].fact & need)
			return true;
	return false;
}

void sp_need_ask(struct sp_engine *engine, const struct sp_flow *flow,
		 const struct sallyport_image *image, const char *path, unsigned need,
		 const struct sp_now *now)
{
	struct sp_needs *needs = &engine->needs;
	enum sp_known_kind kind;

	if (need & OF_PROCESS)
		ask_process(engine, flow->process, now);
	for (kind = 0; kind < SP_KNOWN_KINDS; kind++) {
		if (!is_about(kind, need) ||
		    sp_known_find(&needs->known, kind, number_of(kind, flow), now->boot))
			continue;
		if (kind == SP_KNOWN_CGROUP)
			ask_cgroup(engine, flow->cgroup, now);
		else
			ask_source(engine, kind, flow, image, path, now);
	}
}

void sp_need_until(struct sp_needs *needs, uint64_t deadline)
{
	if (!needs->deadline || deadline < needs->deadline)
		needs->deadline = deadline;
}

/* Facts changed on which something was decided. */
static bool is_change(const struct sp_needs *needs, const struct sp_known *known)
{
	return !known->id || (needs->gave_up && !known->failed);
}

void sp_need_take(struct sp_engine *engine)
{
	struct sp_needs *needs = &engine->needs;
	struct sp_known *known;
	struct sp_now now;
	bool any = false;

	if (!needs->source)
		return;
	engine->read_clocks(&now);
	while ((known = needs->source->take(needs->source->data))) {
		if (is_change(needs, known))
			engine->sweep_wanted = true;
		sp_known_take(&needs->known, known, now.boot);
		any = true;
	}
	if (!any)
		return;
	sp_late_hashes(engine);
	if (engine->sweep_wanted)
		needs->gave_up = false;
	if (needs->sweep && !needs->known.under_way)
		engine->sweep_wanted = true;
	sp_waiting_unjudge_needy(&engine->waiting);
}

void sp_need_expire(struct sp_engine *engine)
{
	struct sp_needs *needs = &engine->needs;
	struct sp_now now;

	if (!needs->deadline)
		return;
	engine->read_clocks(&now);
	if (needs->deadline > now.boot)
		return;
	needs->deadline = 0;
	if (needs->sweep)
		engine->sweep_wanted = true;
	sp_waiting_unjudge_needy(&engine->waiting);
}
