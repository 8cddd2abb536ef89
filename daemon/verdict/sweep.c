/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything decided again: a new policy, an allow that expired, a clock that
 * was set, a device with another name. The order is the kernel's: verdicts that
 * do not hold are deleted, the epoch is bumped, then waiting and open flows are
 * judged.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "engine.h"
#include "facts.h"
#include "flows.h"
#include "point.h"

#define CHUNK		512	/* references in one message */
#define DUMP_TRIES	8
#define FLOWS_MAX	(1u << 20)	/* to be ended in one sweep */
#define KEPT_NAME	(SP_RULE_HOST_MAX + sizeof("*."))

struct deletion {
	struct sp_engine *engine;
	const struct sp_renewed *only;	/* to these addresses; NULL: to all */
	struct sp_now now;
	bool some;
	int error;
	size_t count;
	struct sallyport_verdict_ref refs[CHUNK];
};

/* Flows found to be ended: ending them while they are listed would skip some. */
struct ending {
	struct sp_engine *engine;
	const struct sp_renewed *only;
	struct sp_now now;
	int error;
	size_t count, size;
	struct sallyport_flow_ref *refs;
};

static void decide_image(struct sp_engine *engine, const struct sp_flow *flow,
			 const struct sp_now *now, const struct sp_opened *opened,
			 struct sp_decision *decision)
{
	const struct sp_image_entry *entry = sp_engine_image(engine, flow->image);
	bool patient = !engine->needs.sweep || engine->needs.sweep > now->boot;
	struct sp_image_record *subject = engine->subject;

	/* A copy: images of ancestors may take its place in the cache meanwhile. */
	subject->info = entry ? entry->info : (struct sallyport_image){ .id = flow->image };
	strcpy(subject->path, entry && entry->path ? entry->path : "");
	sp_engine_decide(engine, flow, &subject->info, subject->path, now, patient,
			 opened, decision);
}

static void send_deletions(struct deletion *deletion)
{
	struct sp_engine *engine = deletion->engine;
	int error = 0;

	if (deletion->count)
		error = engine->calls->forget(engine->kernel, deletion->refs,
					      deletion->count);
	deletion->count = 0;
	if (!deletion->error)
		deletion->error = error;
}

static void add_deletion(struct deletion *deletion,
			 const struct sallyport_verdict *verdict)
{
	struct sallyport_verdict_ref *ref = &deletion->refs[deletion->count++];

	deletion->some = true;
	memset(ref, 0, sizeof(*ref));
	ref->id = verdict->id;
	ref->image = verdict->image;
	ref->uid = verdict->uid;
	ref->direction = verdict->direction;
	if (deletion->count == CHUNK)
		send_deletions(deletion);
}

/* What looked at names is about one address. */
static bool is_meant(const struct sallyport_verdict *verdict,
		     const struct sp_renewed *only)
{
	return !only || (verdict->remote_length == 128 &&
			 sp_renewed_have(only, verdict->remote));
}

/* Collects it if it must go. */
static bool falls(const struct sallyport_verdict *verdict, void *arg)
{
	struct deletion *deletion = arg;
	struct sp_decision decision;
	struct sp_flow flow;

	if (!is_meant(verdict, deletion->only))
		return false;
	sp_cover_sample(verdict, &flow);
	decide_image(deletion->engine, &flow, &deletion->now, NULL, &decision);
	if (sp_cover_keeps(verdict, &decision, &deletion->now))
		return false;
	add_deletion(deletion, verdict);
	return true;
}

/*
 * If the kernel does not delete them it has verdicts that we forgot, so it is
 * asked for all of them before the next try. *@some: there were such.
 */
static int sweep_installed(struct sp_engine *engine, const struct sp_now *now,
			   const struct sp_renewed *only, bool *some)
{
	struct deletion deletion = { .engine = engine, .only = only, .now = *now };

	sp_installed_expire(&engine->installed, now->boot);
	sp_installed_remove_if(&engine->installed, falls, &deletion);
	send_deletions(&deletion);
	engine->installed_stale |= deletion.error != 0;
	*some = deletion.some;
	return deletion.error;
}

/*
 * Denied flows end, or are stopped: then they end, or go on, with the next sweep. One
 * that was refused and would not be any more is forgotten, so that its next packet is
 * judged. An open flow that would be asked about now goes on until it ends; one that
 * needs facts, until they are there. One that was allowed by the name of its remote
 * keeps that name, also when the table has it no more; and look-ups that were lost later
 * are no matter to it.
 */
static bool must_end(const struct sp_engine *engine, uint8_t is, enum sp_action action)
{
	if (is == SALLYPORT_ALLOW)
		return action == SP_DENY || action == SP_DROP;
	if (engine->stops && is == SALLYPORT_DROP && action == SP_DENY)
		return false;	/* it is stopped, as far as we know */
	return (enum sp_action)is != action;
}

static bool grow(struct ending *ending)
{
	size_t size = ending->size ? ending->size * 2 : CHUNK;
	struct sallyport_flow_ref *refs;

	if (ending->count < ending->size)
		return true;
	if (size > FLOWS_MAX)
		return false;
	refs = reallocarray(ending->refs, size, sizeof(*refs));
	if (!refs)
		return false;
	ending->refs = refs;
	ending->size = size;
	return true;
}

static void add_ending(struct ending *ending, const struct sallyport_flow *flow)
{
	if (!grow(ending)) {
		ending->error = ENOMEM;
		return;
	}
	sp_flow_ref_of(flow, &ending->refs[ending->count++]);
}

/*
 * The name by which an open flow was allowed, if the rule is still there and still has
 * it. Of a domain that is some name in it, which no rule for a single host is about.
 */
static const char *kept_name(const struct sp_engine *engine,
			     const struct sallyport_counts *counts, char name[KEPT_NAME])
{
	const struct sp_rule *rule = sp_snapshot_rule(engine->snapshot, counts->rule);

	if (counts->action != SALLYPORT_ALLOW || !rule || !sp_rule_names_is(rule) ||
	    counts->created <= sp_rule_names_since(&engine->rule_names, rule->id))
		return NULL;
	snprintf(name, KEPT_NAME, "%s%s", rule->remote_kind == SP_REMOTE_DOMAIN ? "*." : "",
		 rule->remote_name);
	return name;
}

static void judge_open(const struct sallyport_flow *flow,
		       const struct sallyport_counts *counts, void *arg)
{
	struct ending *ending = arg;
	char name[KEPT_NAME];
	const struct sp_opened opened = {
		.name = kept_name(ending->engine, counts, name), .when = counts->created,
	};
	struct sp_decision decision;
	struct sp_flow key;

	if (ending->only && !sp_renewed_have(ending->only, flow->remote))
		return;
	sp_flow_of(flow, &key);
	decide_image(ending->engine, &key, &ending->now, &opened, &decision);
	if (decision.need)
		ending->engine->undecided = true;
	else if (must_end(ending->engine, counts->action, decision.action))
		add_ending(ending, flow);
}

static int send_endings(struct ending *ending)
{
	struct sp_engine *engine = ending->engine;
	size_t sent, count;
	int error = 0;

	for (sent = 0; sent < ending->count && !error; sent += count) {
		count = ending->count - sent < CHUNK ? ending->count - sent : CHUNK;
		error = engine->calls->end_flows(engine->kernel, ending->refs + sent,
						 count, engine->stops);
	}
	return error;
}

static int list_open(struct sp_engine *engine, struct ending *ending)
{
	int error = EINTR, i;

	for (i = 0; i < DUMP_TRIES && error == EINTR; i++) {
		ending->count = 0;
		engine->undecided &= ending->only != NULL;
		error = engine->calls->flows(engine->kernel, judge_open, ending);
	}
	return error;
}

/* What was found is ended whether or not all could be found. */
static int sweep_open(struct sp_engine *engine, const struct sp_now *now,
		      const struct sp_renewed *only)
{
	struct ending ending = { .engine = engine, .only = only, .now = *now };
	int error = list_open(engine, &ending), sent;

	sent = send_endings(&ending);
	free(ending.refs);
	if (sent)
		return sent;
	return error ? error : ending.error;
}

static void add_installed(const struct sallyport_verdict *verdict, void *arg)
{
	struct sp_engine *engine = arg;

	if (verdict->id > engine->last_id)
		engine->last_id = verdict->id;
	sp_installed_prepare(&engine->installed);
	if (sp_installed_has_room(&engine->installed))
		sp_installed_add(&engine->installed, verdict);
	else
		engine->installed_short = true;
}

/* Takes over what the kernel has. */
static int read_installed(struct sp_engine *engine)
{
	int error = EINTR, i;

	engine->installed_short = false;
	for (i = 0; i < DUMP_TRIES && error == EINTR; i++)
		error = engine->calls->verdicts(engine->kernel, add_installed, engine);
	if (!error && engine->installed_short)
		error = ENOMEM;
	return error;
}

static int begin(struct sp_engine *engine, struct sp_now *now)
{
	int error;

	engine->read_clocks(now);
	engine->next_change = 0;
	engine->interfaces.changed = false;
	engine->interfaces.missed = false;
	engine->places.changed = false;
	engine->sweep_wanted = false;
	engine->learned.renewed = (struct sp_renewed){ 0 };
	engine->learned.unlisted = (struct sp_renewed){ 0 };
	engine->learned.observer.losses.begun = false;
	sp_dependents_reset(&engine->learned.dependents);
	if (!engine->installed_stale)
		return 0;
	error = read_installed(engine);
	engine->installed_stale = error != 0;
	return error;
}

static int bump(struct sp_engine *engine)
{
	int error = engine->calls->set_epoch(engine->kernel, engine->epoch + 1);

	if (!error)
		engine->epoch++;
	return error;
}

static int change_kernel(struct sp_engine *engine, const struct sp_now *now)
{
	bool some;
	int error = sweep_installed(engine, now, NULL, &some), bumped;

	sp_point("unbumped");
	bumped = bump(engine);
	sp_point("bumped");
	return error ? error : bumped;
}

/* Open flows that could not be decided are swept again, for so long. */
static void wait_for_facts(struct sp_engine *engine, const struct sp_now *now)
{
	struct sp_needs *needs = &engine->needs;

	if (!engine->undecided) {
		needs->sweep = needs->known.series = 0;
		return;
	}
	if (!needs->sweep)
		needs->sweep = needs->known.series = now->boot + SP_NEED_PATIENCE;
	sp_need_until(needs, needs->sweep);
}

/* Nothing is allowed by an old verdict any more. */
static void note_obeyed(struct sp_engine *engine)
{
	struct sp_now now;

	engine->read_clocks(&now);
	sp_rule_names_obeyed(&engine->rule_names, now.boot);
}

/* Goes on after an error: each part that works makes the kernel stricter. */
int sp_sweep(struct sp_engine *engine)
{
	struct sp_now now;
	int error = begin(engine, &now), later;

	later = change_kernel(engine, &now);
	error = error ? error : later;
	if (!error)
		note_obeyed(engine);
	sp_waiting_unjudge_all(&engine->waiting);
	sp_answer_all(engine);
	later = sweep_open(engine, &now, NULL);
	error = error ? error : later;
	wait_for_facts(engine, &now);
	sp_point("swept");
	sp_engine_note_error(engine, error);
	return error;
}

/* Nothing that is allowed by an old verdict is under way where none has fallen. */
int sp_sweep_renewed(struct sp_engine *engine)
{
	const struct sp_renewed only = engine->learned.renewed;
	struct sp_now now;
	bool some;
	int error, later = 0;

	engine->read_clocks(&now);
	engine->learned.renewed = (struct sp_renewed){ 0 };
	sp_renewed_merge(&engine->learned.unlisted, &only);
	error = sweep_installed(engine, &now, &only, &some);
	if (some)
		later = bump(engine);
	error = error ? error : later;
	sp_waiting_unjudge_renewed(&engine->waiting, &only);
	sp_answer_all(engine);
	sp_engine_note_error(engine, error);
	return error;
}

int sp_sweep_unlisted(struct sp_engine *engine)
{
	const struct sp_renewed only = engine->learned.unlisted;
	struct sp_now now;
	int error;

	engine->read_clocks(&now);
	engine->learned.unlisted = (struct sp_renewed){ 0 };
	engine->learned.listed = now.boot;
	error = sweep_open(engine, &now, &only);
	if (engine->undecided)
		wait_for_facts(engine, &now);
	sp_engine_note_error(engine, error);
	return error;
}

int sp_sweep_first(struct sp_engine *engine)
{
	engine->installed_stale = true;
	return sp_sweep(engine);
}
