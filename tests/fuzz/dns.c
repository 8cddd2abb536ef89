/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a DNS query and as a reply to a query that was sent: read within
 * their bounds, names that rules can have, and no more than may be.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include "host.h"
#include "observer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool so)
{
	if (!so)
		abort();
}

static void changed(const uint8_t address[16], void *arg)
{
	(void)address;
	(void)arg;
}

static void check_reply(const struct sp_dns_reply *reply)
{
	must(reply->chain_count >= 1 && reply->chain_count <= SP_DNS_CHAIN);
	must(reply->count <= SP_DNS_ADDRESSES);
	for (size_t i = 0; i < reply->chain_count; i++)
		must(!reply->chain[i][0] || !sp_host_fault(reply->chain[i]));
	for (size_t i = 0; i < reply->count; i++)
		must(reply->addresses[i].names >= 1 &&
		     reply->addresses[i].names <= reply->chain_count);
}

/* Asks what the reply answers, so that it counts. */
static void observe(const uint8_t *data, size_t size, const struct sp_dns_reply *reply)
{
	static const struct sp_asker asker = { 20, 1000 };
	const struct sp_exchange exchange = { .protocol = IPPROTO_UDP };
	struct sp_observer observer;
	uint32_t pushed;

	must(sp_observer_init(&observer, changed, NULL));
	must(!sp_queries_add(observer.queries, &exchange, &reply->question, &asker, 1, &pushed));
	sp_observer_reply(&observer, &exchange, data, size, 1);
	must(!observer.counters.unasked && !observer.counters.unreadable);
	must(sp_names_count(observer.names) <= SP_DNS_ADDRESSES * SP_DNS_CHAIN);
	sp_observer_clear(&observer);
}

/* Asks all that the reply says. */
static void observe_local(const uint8_t *data, size_t size,
			  const struct sp_dns_local_reply *reply)
{
	static const struct sp_asker asker = { 20, 1000 };
	const struct sp_exchange exchange = {
		.local_port = htons(SP_LOCAL_MDNS), .server_port = htons(SP_LOCAL_MDNS),
		.protocol = IPPROTO_UDP,
	};
	struct sp_dns_question question = { .class = 1 };
	struct sp_observer observer;

	must(sp_observer_init(&observer, changed, NULL));
	for (size_t i = 0; i < reply->count; i++) {
		must(!sp_host_fault(reply->records[i].name));
		question.type = reply->records[i].type;
		memcpy(question.name, reply->records[i].name, SP_DNS_NAME);
		sp_local_add(&observer.local, &exchange, &question, &asker, 1);
	}
	sp_observer_reply(&observer, &exchange, data, size, 1);
	must(!observer.counters.unreadable);
	must(sp_names_count(observer.names) <= reply->count);
	sp_observer_clear(&observer);
}

static void read_local(const uint8_t *data, size_t size)
{
	static struct sp_dns_question questions[SP_DNS_QUESTIONS];
	static struct sp_dns_local_reply reply;
	size_t count = sp_dns_read_local_query(data, size, questions);

	must(count <= SP_DNS_QUESTIONS);
	for (size_t i = 0; i < count; i++)
		must(!sp_host_fault(questions[i].name));
	if (sp_dns_read_local_reply(data, size, &reply)) {
		must(reply.count <= SP_DNS_ADDRESSES);
		observe_local(data, size, &reply);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_dns_question question;
	struct sp_dns_reply reply;
	uint8_t *copy = malloc(size + !size);

	must(copy);
	if (size)
		memcpy(copy, data, size);
	if (sp_dns_read_query(copy, size, &question))
		must(!sp_host_fault(question.name));
	if (sp_dns_read_reply(copy, size, &reply)) {
		check_reply(&reply);
		observe(copy, size, &reply);
	}
	read_local(copy, size);
	free(copy);
	return 0;
}
