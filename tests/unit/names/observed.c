/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <netinet/in.h>
#include "observed.h"
#include "unit.h"

struct sp_observer observer;
struct message message;
struct sallyport_flow flow;
struct sp_exchange exchange;

static void changed(const uint8_t address[16], void *arg)
{
	(void)address;
	(void)arg;
}

void set_server(const char *text)
{
	address_of(text, flow.remote);
	address_of(text, exchange.server);
}

void begin(void)
{
	uint8_t resolver[1][16];

	ck_assert(sp_observer_init(&observer, changed, NULL));
	address_of("192.0.2.53", resolver[0]);
	sp_observer_set_resolvers(&observer, (const uint8_t (*)[16])resolver, 1);
	flow = (struct sallyport_flow){
		.image = PROGRAM, .uid = PERSON, .protocol = IPPROTO_UDP,
		.local_port = htons(40000), .remote_port = htons(53),
	};
	exchange = (struct sp_exchange){
		.local_port = flow.local_port, .server_port = flow.remote_port,
		.protocol = IPPROTO_UDP,
	};
	address_of("192.0.2.10", flow.local);
	address_of("192.0.2.10", exchange.local);
	set_server("192.0.2.53");
}

void end(void)
{
	sp_observer_clear(&observer);
}

void ask_at(uint16_t id, const char *name, uint64_t boot)
{
	message_query(&message, id, name, TYPE_A);
	sp_observer_query(&observer, &flow, message.bytes, message.length, NULL,
			  boot);
}

void ask(uint16_t id, const char *name)
{
	ask_at(id, name, NOW);
}

void answer_at(uint16_t id, const char *name, const char *address, uint64_t boot)
{
	message_reply(&message, id, name, TYPE_A);
	message_a(&message, NULL, 300, address);
	sp_observer_reply(&observer, &exchange, message.bytes, message.length, boot);
}

void answer(uint16_t id, const char *name, const char *address)
{
	answer_at(id, name, address, NOW);
}

size_t look(const char *text, struct sp_name_list *list)
{
	const struct sp_asker program = { PROGRAM, PERSON };
	uint8_t address[16];

	address_of(text, address);
	sp_names_find(observer.names, &program, address, NOW, list);
	return list->count;
}

void expect(const char *address, const char *name)
{
	struct sp_name_list list;

	ck_assert_uint_eq(look(address, &list), name ? 1 : 0);
	if (name)
		ck_assert_str_eq(list.names[0], name);
}

bool missed(uint32_t uid, const char *text)
{
	uint8_t address[16];
	uint64_t until;

	address_of(text, address);
	return sp_observer_missed(&observer, uid, address, 0, NOW, &until);
}
