/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hash of verdicts by what they match; nodes come in chunks and are reused. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "hash.h"
#include "installed.h"

#define CHUNK_NODES	512
#define SPARE_NODES	256	/* kept ready, so that a packet waits for no memory */

struct sp_installed_node {
	struct sp_installed_node *next;
	struct sallyport_verdict verdict;
};

struct sp_installed_chunk {
	struct sp_installed_chunk *next;
	struct sp_installed_node nodes[CHUNK_NODES];
};

static bool grow(struct sp_installed *installed)
{
	struct sp_installed_chunk *chunk = malloc(sizeof(*chunk));
	size_t i;

	if (!chunk)
		return false;
	chunk->next = installed->chunks;
	installed->chunks = chunk;
	for (i = 0; i < CHUNK_NODES; i++) {
		chunk->nodes[i].next = installed->free;
		installed->free = &chunk->nodes[i];
	}
	installed->spare += CHUNK_NODES;
	return true;
}

bool sp_installed_init(struct sp_installed *installed, size_t max)
{
	size_t buckets = 256;

	memset(installed, 0, sizeof(*installed));
	while (buckets < max && buckets < 1 << 14)
		buckets *= 2;
	installed->max = max;
	installed->mask = buckets - 1;
	installed->buckets = calloc(buckets, sizeof(struct sp_installed_node *));
	if (installed->buckets && grow(installed))
		return true;
	sp_installed_clear(installed);
	return false;
}

void sp_installed_clear(struct sp_installed *installed)
{
	struct sp_installed_chunk *chunk;

	while ((chunk = installed->chunks)) {
		installed->chunks = chunk->next;
		free(chunk);
	}
	free(installed->buckets);
	memset(installed, 0, sizeof(*installed));
}

void sp_installed_prepare(struct sp_installed *installed)
{
	if (installed->spare < SPARE_NODES &&
	    installed->count + installed->spare < installed->max)
		grow(installed);	/* else has_room() says no in time */
}

bool sp_installed_has_room(const struct sp_installed *installed)
{
	return installed->spare && installed->count < installed->max;
}

/* Subject, mask and values: what makes two verdicts one to the kernel. */
static struct sallyport_verdict key_of(const struct sallyport_verdict *verdict)
{
	struct sallyport_verdict key = *verdict;

	key.id = 0;
	key.rule = 0;
	key.expires = 0;
	key.action = 0;
	return key;
}

static struct sp_installed_node **find(struct sp_installed *installed,
				       const struct sallyport_verdict *verdict)
{
	struct sallyport_verdict key = key_of(verdict), other;
	struct sp_installed_node **at;

	at = &installed->buckets[sp_hash(&key, sizeof(key)) & installed->mask];
	for (; *at; at = &(*at)->next) {
		other = key_of(&(*at)->verdict);
		if (!memcmp(&other, &key, sizeof(key)))
			break;
	}
	return at;
}

void sp_installed_add(struct sp_installed *installed,
		      const struct sallyport_verdict *verdict)
{
	struct sp_installed_node **at = find(installed, verdict);
	struct sp_installed_node *node = *at;

	if (!node) {
		assert(sp_installed_has_room(installed));
		node = installed->free;
		installed->free = node->next;
		installed->spare--;
		installed->count++;
		node->next = NULL;
		*at = node;
	}
	node->verdict = *verdict;
}

static void release_node(struct sp_installed *installed,
			 struct sp_installed_node **at)
{
	struct sp_installed_node *node = *at;

	*at = node->next;
	node->next = installed->free;
	installed->free = node;
	installed->spare++;
	installed->count--;
}

void sp_installed_remove_if(struct sp_installed *installed,
			    bool (*fn)(const struct sallyport_verdict *verdict,
				       void *arg), void *arg)
{
	struct sp_installed_node **at;
	size_t i;

	for (i = 0; i <= installed->mask; i++) {
		at = &installed->buckets[i];
		while (*at) {
			if (fn(&(*at)->verdict, arg))
				release_node(installed, at);
			else
				at = &(*at)->next;
		}
	}
}

static bool is_expired(const struct sallyport_verdict *verdict, void *arg)
{
	const uint64_t *boot = arg;

	return verdict->expires && verdict->expires <= *boot;
}

void sp_installed_expire(struct sp_installed *installed, uint64_t boot)
{
	sp_installed_remove_if(installed, is_expired, &boot);
}
