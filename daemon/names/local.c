/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See local.h. So few that they are looked through. */
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <string.h>
#include "local.h"

bool sp_local_is_port(uint16_t port)
{
	return port == htons(SP_LOCAL_MDNS) || port == htons(SP_LOCAL_LLMNR);
}

static bool is_live(const struct sp_local_query *query, uint64_t boot)
{
	return query->sent && boot - query->sent <= SP_QUERIES_LIFE;
}

static bool is_again(const struct sp_local_query *query, const struct sp_exchange *exchange,
		     const struct sp_dns_question *question, const struct sp_asker *asker)
{
	return query->local_port == exchange->local_port &&
	       query->server_port == exchange->server_port &&
	       query->asker.image == asker->image && query->asker.uid == asker->uid &&
	       sp_dns_same(&query->question, question);
}

static bool is_older(const struct sp_local_query *query, const struct sp_local_query *than)
{
	return !than || query->sent < than->sent;
}

/* The same one; else the user's oldest if he has his share, a free place, the oldest. */
static struct sp_local_query *place_for(struct sp_local *local,
					const struct sp_exchange *exchange,
					const struct sp_dns_question *question,
					const struct sp_asker *asker, uint64_t boot)
{
	struct sp_local_query *query, *own = NULL, *oldest = NULL;
	size_t i, count = 0;

	for (i = 0; i < SP_LOCAL_MAX; i++) {
		query = &local->queries[i];
		if (!is_live(query, boot))
			query->sent = 0;
		else if (is_again(query, exchange, question, asker))
			return query;
		if (is_older(query, oldest))
			oldest = query;
		if (!query->sent || query->asker.uid != asker->uid)
			continue;
		count++;
		if (is_older(query, own))
			own = query;
	}
	return count < SP_LOCAL_USER ? oldest : own;
}

void sp_local_add(struct sp_local *local, const struct sp_exchange *exchange,
		  const struct sp_dns_question *question, const struct sp_asker *asker,
		  uint64_t boot)
{
	struct sp_local_query *query = place_for(local, exchange, question, asker, boot);

	query->sent = boot ? boot : 1;
	query->asker = *asker;
	query->local_port = exchange->local_port;
	query->server_port = exchange->server_port;
	query->question = *question;
}

/* Who asks from the port of mDNS hears all that is said there, of whatever number. */
static bool is_numbered(const struct sp_local_query *query)
{
	return query->local_port != htons(SP_LOCAL_MDNS);
}

static bool is_answer(const struct sp_local_query *query, const struct sp_exchange *exchange,
		      uint16_t id, const struct sp_dns_record *record)
{
	return query->local_port == exchange->local_port &&
	       query->server_port == exchange->server_port &&
	       (!is_numbered(query) || query->question.id == id) &&
	       (query->question.type == record->type || query->question.type == ns_t_any) &&
	       !strcmp(query->question.name, record->name);
}

const struct sp_asker *sp_local_next(const struct sp_local *local, size_t *at,
				     const struct sp_exchange *exchange, uint16_t id,
				     const struct sp_dns_record *record, uint64_t boot)
{
	const struct sp_local_query *query;

	while (*at < SP_LOCAL_MAX) {
		query = &local->queries[(*at)++];
		if (is_live(query, boot) && is_answer(query, exchange, id, record))
			return &query->asker;
	}
	return NULL;
}
