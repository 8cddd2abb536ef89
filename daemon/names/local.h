/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was asked of the network at large: mDNS (RFC 6762) and LLMNR (RFC 4795). Whoever
 * is there may answer, several may, and to the group: an answer counts for each program
 * that asked for that name lately from the port that it came to, and is never sure.
 * Bounded in number and age; a user who asks for too much loses his own oldest.
 */
#pragma once

#include "queries.h"

#define SP_LOCAL_MDNS	5353
#define SP_LOCAL_LLMNR	5355
#define SP_LOCAL_MAX	256
#define SP_LOCAL_USER	64

struct sp_local_query {
	uint64_t sent;		/* 0: none */
	struct sp_asker asker;
	uint16_t local_port, server_port;	/* network byte order */
	struct sp_dns_question question;
};

struct sp_local {
	struct sp_local_query queries[SP_LOCAL_MAX];
};

/* Is it asked there? @port in network byte order. */
bool sp_local_is_port(uint16_t port);
void sp_local_add(struct sp_local *local, const struct sp_exchange *exchange,
		  const struct sp_dns_question *question, const struct sp_asker *asker,
		  uint64_t boot);
/*
 * Was @record asked for, in a way that @exchange and @id answer? @at: where to begin; then
 * behind what was found. NULL: nobody (else) did.
 */
const struct sp_asker *sp_local_next(const struct sp_local *local, size_t *at,
				     const struct sp_exchange *exchange, uint16_t id,
				     const struct sp_dns_record *record, uint64_t boot);
