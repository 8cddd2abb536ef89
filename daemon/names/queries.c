/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fixed array; each query is in a chain by its hash and in the order of age. */
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>
#include "pool.h"
#include "queries.h"

#define BUCKETS 1024u

struct query {
	TAILQ_ENTRY(query) order;
	LIST_ENTRY(query) chain;
	uint64_t sent;
	struct sp_asker asker;
	struct sp_exchange exchange;
	struct sp_dns_question question;
};

struct sp_queries {
	uint64_t seed;
	TAILQ_HEAD(, query) sent;	/* the oldest first */
	LIST_HEAD(, query) buckets[BUCKETS];
	struct sp_pool pool;		/* of @all */
	struct query all[SP_QUERIES_MAX];
};

struct sp_queries *sp_queries_new(void)
{
	struct sp_queries *queries = calloc(1, sizeof(*queries));

	if (!queries)
		return NULL;
	if (getrandom(&queries->seed, sizeof(queries->seed), GRND_NONBLOCK) < 0)
		queries->seed = (uintptr_t)queries;
	TAILQ_INIT(&queries->sent);
	sp_pool_init(&queries->pool, queries->all, sizeof(queries->all[0]), SP_QUERIES_MAX);
	return queries;
}

void sp_queries_free(struct sp_queries *queries)
{
	free(queries);
}

static uint32_t bucket_of(const struct sp_queries *queries,
			  const struct sp_exchange *exchange, uint16_t id)
{
	uint64_t sum = queries->seed ^ id ^ (uint64_t)exchange->local_port << 16;

	sum *= 0xd6e8feb86659fd93u;
	return (uint32_t)(sum >> 32) % BUCKETS;
}

bool sp_exchange_same(const struct sp_exchange *a, const struct sp_exchange *b)
{
	return a->local_port == b->local_port && a->server_port == b->server_port &&
	       a->protocol == b->protocol && !memcmp(a->local, b->local, 16) &&
	       !memcmp(a->server, b->server, 16);
}

static void forget(struct sp_queries *queries, struct query *query)
{
	LIST_REMOVE(query, chain);
	TAILQ_REMOVE(&queries->sent, query, order);
	sp_pool_give(&queries->pool, query);
}

static void expire(struct sp_queries *queries, uint64_t boot)
{
	struct query *query;

	while ((query = TAILQ_FIRST(&queries->sent)) &&
	       boot - query->sent > SP_QUERIES_LIFE)
		forget(queries, query);
}

static struct query *find(struct sp_queries *queries, const struct sp_exchange *exchange,
			  const struct sp_dns_question *question)
{
	struct query *query;

	LIST_FOREACH(query, &queries->buckets[bucket_of(queries, exchange, question->id)],
		     chain)
		if (sp_exchange_same(&query->exchange, exchange) &&
		    sp_dns_same(&query->question, question))
			return query;
	return NULL;
}

/*
 * One more for the user: his oldest goes if he has his share, else the oldest. False:
 * there was room.
 */
static bool make_room(struct sp_queries *queries, uint32_t uid, uint32_t *pushed)
{
	struct query *query, *oldest = NULL;
	size_t count = 0;

	TAILQ_FOREACH(query, &queries->sent, order) {
		if (query->asker.uid != uid)
			continue;
		oldest = oldest ? oldest : query;
		count++;
	}
	if (count < SP_QUERIES_USER) {
		if (sp_pool_has_room(&queries->pool))
			return false;
		oldest = TAILQ_FIRST(&queries->sent);
	}
	*pushed = oldest->asker.uid;
	forget(queries, oldest);
	return true;
}

bool sp_queries_add(struct sp_queries *queries, const struct sp_exchange *exchange,
		    const struct sp_dns_question *question, const struct sp_asker *asker,
		    uint64_t boot, uint32_t *pushed)
{
	struct query *query = find(queries, exchange, question);
	bool crowded;

	if (query)
		forget(queries, query);
	expire(queries, boot);
	crowded = make_room(queries, asker->uid, pushed);
	query = sp_pool_take(&queries->pool);	/* there is one: room was made */
	query->sent = boot;
	query->asker = *asker;
	query->exchange = *exchange;
	query->question = *question;
	TAILQ_INSERT_TAIL(&queries->sent, query, order);
	LIST_INSERT_HEAD(&queries->buckets[bucket_of(queries, exchange, question->id)],
			 query, chain);
	return crowded;
}

bool sp_queries_take(struct sp_queries *queries, const struct sp_exchange *exchange,
		     const struct sp_dns_question *question, uint64_t boot,
		     struct sp_asker *asker)
{
	struct query *query;

	expire(queries, boot);
	query = find(queries, exchange, question);
	if (!query)
		return false;
	*asker = query->asker;
	forget(queries, query);
	return true;
}
