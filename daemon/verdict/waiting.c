/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of waiting flows. All room is taken at the start. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "hash.h"
#include "learn.h"
#include "waiting.h"

static size_t number_slot(const struct sp_waiting_table *table, uint64_t number)
{
	return sp_hash_number(number) & table->mask;
}

static struct sp_waiting_chain *tuple_chain(const struct sp_waiting_table *table,
					    const struct sp_tuple *tuple)
{
	return &table->by_tuple[sp_tuple_hash(tuple) & table->mask];
}

static bool allocate(struct sp_waiting_table *table, size_t max)
{
	size_t buckets = 16, i;

	while (buckets < max)
		buckets *= 2;
	table->mask = buckets - 1;
	table->flows = calloc(max, sizeof(*table->flows));
	table->by_id = calloc(buckets, sizeof(*table->by_id));
	table->by_image = calloc(buckets, sizeof(*table->by_image));
	table->by_tuple = calloc(buckets, sizeof(*table->by_tuple));
	if (!table->flows || !table->by_id || !table->by_image || !table->by_tuple)
		return false;
	for (i = 0; i < buckets; i++)
		TAILQ_INIT(&table->by_tuple[i]);
	return true;
}

bool sp_waiting_init(struct sp_waiting_table *table, size_t max)
{
	memset(table, 0, sizeof(*table));
	TAILQ_INIT(&table->unjudged);
	TAILQ_INIT(&table->judged);
	if (!allocate(table, max)) {
		sp_waiting_clear(table);
		return false;
	}
	sp_pool_init(&table->pool, table->flows, sizeof(table->flows[0]), max);
	return true;
}

void sp_waiting_clear(struct sp_waiting_table *table)
{
	free(table->flows);
	free(table->by_id);
	free(table->by_image);
	free(table->by_tuple);
	memset(table, 0, sizeof(*table));
}

static void copy_tag(struct sp_waiting_flow *flow, const struct sp_tag *tag)
{
	struct sp_waiting *info = &flow->info;
	size_t path = tag->path_length, comm = tag->comm_length;

	if (path >= sizeof(info->path))
		path = 0;	/* message.c refuses those */
	if (comm >= sizeof(info->comm))
		comm = sizeof(info->comm) - 1;
	info->pending = tag->pending.id;
	info->flow = tag->pending.flow;
	info->image = tag->image;
	info->path_length = (uint16_t)path;
	if (path)
		memcpy(info->path, tag->path, path);
	info->path[path] = 0;
	if (comm)
		memcpy(info->comm, tag->comm, comm);
	memset(info->comm + comm, 0, sizeof(info->comm) - comm);
	info->process_flags = 0;
	info->ancestors = 0;
	info->script[0] = 0;
	info->bundle[0] = 0;
	info->hash[0] = 0;
	memset(&info->cgroup, 0, sizeof(info->cgroup));
	sp_tuple_of_flow(&info->flow, &flow->tuple);
	flow->tagged = tag->pending.packets;
}

struct sp_waiting_flow *sp_waiting_add(struct sp_waiting_table *table,
				       const struct sp_tag *tag)
{
	struct sp_waiting_flow *flow = sp_pool_take(&table->pool);
	size_t image;

	if (!flow)
		return NULL;
	copy_tag(flow, tag);
	flow->round = table->round;
	flow->judged = false;
	flow->asked = false;
	flow->leads = false;
	flow->picked = false;
	flow->patience = 0;
	flow->held = 0;
	image = number_slot(table, flow->info.flow.image);
	TAILQ_INSERT_TAIL(&table->unjudged, flow, order);
	LIST_INSERT_HEAD(&table->by_id[number_slot(table, flow->info.pending)],
			 flow, by_id);
	LIST_INSERT_HEAD(&table->by_image[image], flow, by_image);
	flow->chain = tuple_chain(table, &flow->tuple);
	TAILQ_INSERT_TAIL(flow->chain, flow, by_tuple);
	table->count++;
	return flow;
}

static void remember_answered(struct sp_waiting_table *table,
			      const struct sp_tuple *tuple)
{
	table->answered[table->answered_next] = *tuple;
	table->answered_next = (table->answered_next + 1) % SP_ANSWERED_MAX;
}

static struct sp_waiting_order *list_of(struct sp_waiting_table *table,
					const struct sp_waiting_flow *flow)
{
	return flow->judged ? &table->judged : &table->unjudged;
}

struct sp_waiting_flow *sp_waiting_find(const struct sp_waiting_table *table,
					uint64_t pending)
{
	struct sp_waiting_flow *flow;

	LIST_FOREACH(flow, &table->by_id[number_slot(table, pending)], by_id)
		if (flow->info.pending == pending)
			return flow;
	return NULL;
}

struct sp_waiting_flow *sp_waiting_match(const struct sp_waiting_table *table,
					 const struct sp_tuple *tuple)
{
	struct sp_waiting_flow *flow, *oldest = NULL;

	if (!table->count)
		return NULL;	/* as mostly before tags were read */
	TAILQ_FOREACH(flow, tuple_chain(table, tuple), by_tuple) {
		if (!sp_tuple_equal(&flow->tuple, tuple))
			continue;
		if (flow->held < flow->tagged)
			return flow;
		if (!oldest)
			oldest = flow;
	}
	return oldest;
}

bool sp_waiting_answered(const struct sp_waiting_table *table,
			 const struct sp_tuple *tuple)
{
	size_t i, at;

	for (i = 1; i <= SP_ANSWERED_MAX; i++) {
		at = (table->answered_next + SP_ANSWERED_MAX - i) % SP_ANSWERED_MAX;
		if (sp_tuple_equal(&table->answered[at], tuple))
			return true;
	}
	return false;
}

static struct sp_waiting_flow *same_image(struct sp_waiting_flow *flow,
					  uint64_t image)
{
	while (flow && flow->info.flow.image != image)
		flow = LIST_NEXT(flow, by_image);
	return flow;
}

struct sp_waiting_flow *sp_waiting_image_first(const struct sp_waiting_table *table,
					       uint64_t image)
{
	return same_image(LIST_FIRST(&table->by_image[number_slot(table, image)]),
			  image);
}

struct sp_waiting_flow *sp_waiting_image_next(const struct sp_waiting_flow *flow)
{
	return same_image(LIST_NEXT(flow, by_image), flow->info.flow.image);
}

/* An asked one of this question. */
static struct sp_waiting_flow *find_asked(const struct sp_waiting_table *table,
					  const struct sp_question_key *question)
{
	struct sp_waiting_flow *flow = sp_waiting_image_first(table, question->image);

	while (flow && !(flow->asked && sp_question_key_equal(&flow->question, question)))
		flow = sp_waiting_image_next(flow);
	return flow;
}

/* It goes. */
static void hand_on(struct sp_waiting_table *table, struct sp_waiting_flow *flow)
{
	struct sp_waiting_flow *other;

	flow->asked = flow->leads = false;
	table->asked--;
	other = find_asked(table, &flow->question);
	if (other)
		other->leads = true;
}

void sp_waiting_remove(struct sp_waiting_table *table,
		       struct sp_waiting_flow *flow, bool answered)
{
	assert(!flow->held);
	if (answered)
		remember_answered(table, &flow->tuple);
	if (flow->leads)
		hand_on(table, flow);
	TAILQ_REMOVE(list_of(table, flow), flow, order);
	LIST_REMOVE(flow, by_id);
	LIST_REMOVE(flow, by_image);
	TAILQ_REMOVE(flow->chain, flow, by_tuple);
	table->asked -= flow->asked;
	table->count--;
	sp_pool_give(&table->pool, flow);
}

void sp_waiting_set_judged(struct sp_waiting_table *table,
			   struct sp_waiting_flow *flow)
{
	if (flow->judged)
		return;
	TAILQ_REMOVE(&table->unjudged, flow, order);
	TAILQ_INSERT_TAIL(&table->judged, flow, order);
	flow->judged = true;
}

void sp_waiting_set_asked(struct sp_waiting_table *table,
			  struct sp_waiting_flow *flow)
{
	if (flow->asked)
		return;
	sp_question_key_of(&flow->info.flow, &flow->info.image, &flow->question);
	flow->leads = !find_asked(table, &flow->question);
	flow->asked = true;
	table->asked++;
}

struct sp_waiting_flow *sp_waiting_leader(const struct sp_waiting_table *table,
					  const struct sp_waiting_flow *flow)
{
	struct sp_question_key question;

	sp_question_key_of(&flow->info.flow, &flow->info.image, &question);
	return find_asked(table, &question);
}

static size_t asked_of_user(const struct sp_waiting_order *order, uint32_t uid)
{
	const struct sp_waiting_flow *flow;
	size_t count = 0;

	TAILQ_FOREACH(flow, order, order)
		count += flow->asked && flow->info.flow.uid == uid;
	return count;
}

size_t sp_waiting_asked_of_user(const struct sp_waiting_table *table, uint32_t uid)
{
	return asked_of_user(&table->judged, uid) + asked_of_user(&table->unjudged, uid);
}

static size_t asked_inbound(const struct sp_waiting_order *order)
{
	const struct sp_waiting_flow *flow;
	size_t count = 0;

	TAILQ_FOREACH(flow, order, order)
		count += flow->asked && flow->info.flow.direction == SALLYPORT_IN;
	return count;
}

size_t sp_waiting_asked_inbound(const struct sp_waiting_table *table)
{
	return asked_inbound(&table->judged) + asked_inbound(&table->unjudged);
}

void sp_waiting_unjudge_all(struct sp_waiting_table *table)
{
	struct sp_waiting_flow *flow;

	TAILQ_FOREACH(flow, &table->judged, order)
		flow->judged = false;
	TAILQ_CONCAT(&table->judged, &table->unjudged, order);
	TAILQ_CONCAT(&table->unjudged, &table->judged, order);
}

static void unjudge(struct sp_waiting_table *table, struct sp_waiting_flow *flow)
{
	TAILQ_REMOVE(&table->judged, flow, order);
	TAILQ_INSERT_TAIL(&table->unjudged, flow, order);
	flow->judged = false;
}

void sp_waiting_unjudge_needy(struct sp_waiting_table *table)
{
	struct sp_waiting_flow *flow = TAILQ_FIRST(&table->judged), *next;

	for (; flow; flow = next) {
		next = TAILQ_NEXT(flow, order);
		if (flow->patience)
			unjudge(table, flow);
	}
}

void sp_waiting_unjudge_renewed(struct sp_waiting_table *table,
				const struct sp_renewed *renewed)
{
	struct sp_waiting_flow *flow = TAILQ_FIRST(&table->judged), *next;

	for (; flow; flow = next) {
		next = TAILQ_NEXT(flow, order);
		if (sp_renewed_have(renewed, flow->info.flow.remote))
			unjudge(table, flow);
	}
}

bool sp_waiting_hold(struct sp_waiting_flow *flow, struct sp_held packet)
{
	if (flow->held == SP_HELD_MAX)
		return false;
	flow->packets[flow->held++] = packet;
	return true;
}
