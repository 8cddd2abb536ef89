/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Queries that were sent and have no answer yet. An answer counts only if there is
 * such a query: from the same server and port to the same socket, with the same id
 * and question; and only once. Bounded in number and age; a user who has too many
 * loses his own oldest.
 */
#pragma once

#include "dns.h"
#include "sallyport.h"

#define SP_QUERIES_MAX		2048
#define SP_QUERIES_USER		512
#define SP_QUERIES_LIFE		20000000000ull	/* ns */

/* Who asked, as the kernel told. */
struct sp_asker {
	uint64_t image;
	uint32_t uid;
};

/* Between whom: addresses as in the protocol, ports in network byte order. */
struct sp_exchange {
	uint8_t local[16], server[16];
	uint16_t local_port, server_port;
	uint8_t protocol;
};

bool sp_exchange_same(const struct sp_exchange *a, const struct sp_exchange *b);

struct sp_queries;

struct sp_queries *sp_queries_new(void);	/* NULL: no memory */
void sp_queries_free(struct sp_queries *queries);	/* NULL is fine */
/*
 * @boot: CLOCK_BOOTTIME in ns. Allocates nothing. True: one of the user *@pushed had to
 * go, so its answer will count for nothing.
 */
bool sp_queries_add(struct sp_queries *queries, const struct sp_exchange *exchange,
		    const struct sp_dns_question *question, const struct sp_asker *asker,
		    uint64_t boot, uint32_t *pushed);
/* Takes out the query that this answers; false: nobody asked. */
bool sp_queries_take(struct sp_queries *queries, const struct sp_exchange *exchange,
		     const struct sp_dns_question *question, uint64_t boot,
		     struct sp_asker *asker);
