/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The places of a table that is fixed in size. What was used before goes first: places
 * that nobody needed yet are untouched, and so no memory. A place that is given back
 * holds the way to the next one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct sp_pool {
	char *items;
	size_t size, max;	/* of one; how many */
	size_t begun;		/* the first of them have been used */
	void *spare;
};

static inline void sp_pool_init(struct sp_pool *pool, void *items, size_t size, size_t max)
{
	*pool = (struct sp_pool){ .items = items, .size = size, .max = max };
}

static inline bool sp_pool_has_room(const struct sp_pool *pool)
{
	return pool->spare || pool->begun < pool->max;
}

/* As whoever had it left it. NULL: all are in use. */
static inline void *sp_pool_take(struct sp_pool *pool)
{
	void *item = pool->spare;

	if (item)
		memcpy(&pool->spare, item, sizeof(pool->spare));
	else if (pool->begun < pool->max)
		item = pool->items + pool->size * pool->begun++;
	return item;
}

static inline void sp_pool_give(struct sp_pool *pool, void *item)
{
	memcpy(item, &pool->spare, sizeof(pool->spare));
	pool->spare = item;
}
