/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions are read here, for a query may be cut behind it; records by
 * ns_initparse(), ns_parserr() and ns_name_uncompress().
 */
#include <arpa/nameser.h>
#include <string.h>
#include "dns.h"
#include "host.h"

#define TYPE_SVCB	64
#define TYPE_HTTPS	65
#define KEY_IPV4HINT	4
#define KEY_IPV6HINT	6
#define RECORDS_MAX	128	/* that are looked at */
#define REPLY		0x80
#define OPCODE		0x78
#define CODE		0x0f

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static uint16_t read16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

/* In the form of rules; false: no rule can have it. */
static bool take_whole(const char *from, char to[SP_DNS_NAME])
{
	size_t length = strlen(from);

	if (length && from[length - 1] == '.')
		length--;
	if (!length || length >= SP_DNS_NAME)
		return false;
	memcpy(to, from, length);
	to[length] = 0;
	sp_host_lower(to);
	return !sp_host_fault(to);
}

static const char *behind_label(const char *name)
{
	for (; *name && *name != '.'; name++)
		if (*name == '\\' && name[1])
			name++;
	return *name ? name + 1 : name;
}

/* Its longest end that a rule can have; false: there is none. */
static bool take_name(const char *from, char to[SP_DNS_NAME], bool *part)
{
	for (*part = false; *from; from = behind_label(from), *part = true)
		if (take_whole(from, to))
			return true;
	return false;
}

void sp_dns_add_link(struct sp_dns_reply *reply, const char *name)
{
	size_t place = reply->chain_count++;

	if (!take_name(name, reply->chain[place], &reply->parts[place]))
		reply->chain[place][0] = 0;
}

/* The question at @offset; where the next thing begins, 0: there is none. */
static size_t read_question_at(const uint8_t *data, size_t length, size_t offset,
			       struct sp_dns_question *question, bool *has_name)
{
	char name[NS_MAXDNAME];
	int size;

	if (offset >= length)
		return 0;
	size = ns_name_uncompress(data, data + length, data + offset, name, sizeof(name));
	if (size < 0 || length - offset < (size_t)size + NS_QFIXEDSZ)
		return 0;
	offset += (size_t)size;
	*has_name = take_name(name, question->name, &question->part);
	question->id = read16(data);
	question->type = read16(data + offset);
	question->class = read16(data + offset + 2);
	return offset + NS_QFIXEDSZ;
}

static bool read_question(const uint8_t *data, size_t length,
			  struct sp_dns_question *question)
{
	bool has_name;

	return length >= NS_HFIXEDSZ && !(data[2] & OPCODE) && read16(data + 4) == 1 &&
	       read_question_at(data, length, NS_HFIXEDSZ, question, &has_name) &&
	       has_name && question->class == ns_c_in;
}

bool sp_dns_is_query(const uint8_t *data, size_t length)
{
	return length >= SP_DNS_HEADER && !(data[2] & (REPLY | OPCODE)) && read16(data + 4) == 1;
}

bool sp_dns_read_query(const uint8_t *data, size_t length,
		       struct sp_dns_question *question)
{
	memset(question, 0, sizeof(*question));
	return length > 2 && !(data[2] & REPLY) && read_question(data, length, question);
}

bool sp_dns_same(const struct sp_dns_question *a, const struct sp_dns_question *b)
{
	return a->id == b->id && a->type == b->type && a->class == b->class &&
	       a->part == b->part && !strcmp(a->name, b->name);
}

/* A reply that is being read; of its chain the names as they are there, in lower case. */
struct reading {
	ns_msg message;
	int records;
	char names[SP_DNS_CHAIN][NS_MAXDNAME];
	uint32_t ttl[SP_DNS_CHAIN];	/* the shortest of the aliases up to it */
	struct sp_dns_reply *reply;
};

static bool get_record(struct reading *reading, int index, ns_rr *record)
{
	if (!ns_parserr(&reading->message, ns_s_an, index, record))
		return ns_rr_class(*record) == ns_c_in;
	reading->reply->incomplete = true;
	return false;
}

static uint32_t shorter(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* RFC 2181: what has the highest bit is none. */
static uint32_t ttl_of(const ns_rr *record)
{
	uint32_t ttl = ns_rr_ttl(*record);

	return ttl > INT32_MAX ? 0 : ttl;
}

/* Its owner's place in the chain; the chain's length: it is not there. */
static size_t place_of(const struct reading *reading, const ns_rr *record)
{
	char owner[NS_MAXDNAME];
	size_t place;

	strcpy(owner, ns_rr_name(*record));
	sp_host_lower(owner);
	for (place = 0; place < reading->reply->chain_count; place++)
		if (!strcmp(owner, reading->names[place]))
			break;
	return place;
}

/* The next one, whose name is in its place already. */
static void add_link(struct reading *reading, uint32_t ttl)
{
	size_t place = reading->reply->chain_count;

	sp_host_lower(reading->names[place]);
	reading->ttl[place] = ttl;
	sp_dns_add_link(reading->reply, reading->names[place]);
}

/* What the chain's last name is an alias of. */
static bool find_alias(struct reading *reading)
{
	size_t count = reading->reply->chain_count;
	ns_rr record;
	int i;

	for (i = 0; i < reading->records; i++) {
		if (!get_record(reading, i, &record) ||
		    ns_rr_type(record) != ns_t_cname ||
		    place_of(reading, &record) != count - 1 ||
		    ns_name_uncompress(ns_msg_base(reading->message),
				       ns_msg_end(reading->message), ns_rr_rdata(record),
				       reading->names[count], NS_MAXDNAME) < 0)
			continue;
		add_link(reading, shorter(reading->ttl[count - 1], ttl_of(&record)));
		return true;
	}
	return false;
}

static void follow_chain(struct reading *reading)
{
	while (reading->reply->chain_count < SP_DNS_CHAIN && find_alias(reading))
		;
}

/* The question's. */
static bool begin_chain(struct reading *reading, const uint8_t *data, size_t length)
{
	if (ns_name_uncompress(data, data + length, data + NS_HFIXEDSZ, reading->names[0],
			       NS_MAXDNAME) < 0)
		return false;
	add_link(reading, UINT32_MAX);
	return true;
}

static void add_address(struct reading *reading, const uint8_t *address, size_t size,
			size_t place, uint32_t ttl)
{
	struct sp_dns_reply *reply = reading->reply;
	struct sp_dns_address *entry;

	if (reply->count == SP_DNS_ADDRESSES) {
		reply->incomplete = true;
		return;
	}
	entry = &reply->addresses[reply->count++];
	memset(entry, 0, sizeof(*entry));
	if (size == 4)
		memcpy(entry->address, mapped, sizeof(mapped));
	memcpy(entry->address + 16 - size, address, size);
	entry->ttl = shorter(reading->ttl[place], ttl);
	entry->names = (uint8_t)(place + 1);
}

static void add_hints(struct reading *reading, const uint8_t *value, size_t length,
		      size_t size, size_t place, uint32_t ttl)
{
	for (; length >= size; value += size, length -= size)
		add_address(reading, value, size, place, ttl);
}

/* RFC 9460: priority, target, then key, length, value. Priority 0 is an alias. */
static void add_service(struct reading *reading, const ns_rr *record, size_t place)
{
	const uint8_t *at = ns_rr_rdata(*record), *end = at + ns_rr_rdlen(*record);
	char target[NS_MAXDNAME];
	uint16_t key, length;
	int size;

	if (end - at < 3 || !read16(at))
		return;
	size = ns_name_uncompress(ns_msg_base(reading->message), end, at + 2, target,
				  sizeof(target));
	if (size < 0)
		return;
	for (at += 2 + size; end - at >= 4; at += length) {
		key = read16(at);
		length = read16(at + 2);
		at += 4;
		if (length > end - at)
			return;
		if (key == KEY_IPV4HINT)
			add_hints(reading, at, length, 4, place, ttl_of(record));
		else if (key == KEY_IPV6HINT)
			add_hints(reading, at, length, 16, place, ttl_of(record));
	}
}

static void take_record(struct reading *reading, const ns_rr *record, size_t place)
{
	size_t length = ns_rr_rdlen(*record);

	switch ((unsigned int)ns_rr_type(*record)) {
	case ns_t_a:
		if (length == 4)
			add_address(reading, ns_rr_rdata(*record), 4, place, ttl_of(record));
		return;
	case ns_t_aaaa:
		if (length == 16)
			add_address(reading, ns_rr_rdata(*record), 16, place, ttl_of(record));
		return;
	case TYPE_SVCB:
	case TYPE_HTTPS:
		add_service(reading, record, place);
		return;
	}
}

/* An address whose name is not in the chain: whoever does not look at it takes it. */
static bool is_stray(const ns_rr *record)
{
	return ns_rr_type(*record) == ns_t_a || ns_rr_type(*record) == ns_t_aaaa;
}

static void take_records(struct reading *reading)
{
	struct sp_dns_reply *reply = reading->reply;
	ns_rr record;
	size_t place;
	int i;

	for (i = 0; i < reading->records; i++) {
		if (!get_record(reading, i, &record))
			continue;
		place = place_of(reading, &record);
		if (place < reply->chain_count)
			take_record(reading, &record, place);
		else
			reply->incomplete |= is_stray(&record);
	}
}

static void read_answers(struct reading *reading)
{
	reading->records = ns_msg_count(reading->message, ns_s_an);
	if (reading->records > RECORDS_MAX) {
		reading->reply->incomplete = true;
		reading->records = RECORDS_MAX;
	}
	follow_chain(reading);
	take_records(reading);
}

bool sp_dns_read_reply(const uint8_t *data, size_t length, struct sp_dns_reply *reply)
{
	struct reading reading = { .reply = reply };

	memset(reply, 0, sizeof(*reply));
	if (length > NS_MAXMSG || length < NS_HFIXEDSZ || !(data[2] & REPLY) ||
	    data[3] & CODE || !read_question(data, length, &reply->question) ||
	    !begin_chain(&reading, data, length))
		return false;
	/* cut, or in another way such that its program may read it all the same */
	if (ns_initparse(data, (int)length, &reading.message))
		reply->incomplete = read16(data + 6) != 0;
	else
		read_answers(&reading);
	return true;
}

/* --- in the local network --------------------------------------------------------- */

/* RFC 6762, 5.4 and 10.2: its highest bit is about how to answer, and about caches. */
static bool is_local_class(uint16_t class)
{
	return (class & 0x7fff) == ns_c_in;
}

size_t sp_dns_read_local_query(const uint8_t *data, size_t length,
			       struct sp_dns_question questions[SP_DNS_QUESTIONS])
{
	size_t offset = NS_HFIXEDSZ, count = 0;
	unsigned int left;
	bool has_name;

	if (length < NS_HFIXEDSZ || data[2] & (REPLY | OPCODE))
		return 0;
	for (left = read16(data + 4); left && count < SP_DNS_QUESTIONS; left--) {
		memset(&questions[count], 0, sizeof(questions[count]));
		offset = read_question_at(data, length, offset, &questions[count], &has_name);
		if (!offset)
			break;
		if (!has_name || questions[count].part || !is_local_class(questions[count].class))
			continue;
		questions[count++].class = ns_c_in;
	}
	return count;
}

static void add_record(struct sp_dns_local_reply *reply, const ns_rr *record)
{
	struct sp_dns_record *entry = &reply->records[reply->count];
	uint16_t type = (uint16_t)ns_rr_type(*record);
	size_t size = type == ns_t_a ? 4 : 16;

	if (!is_local_class((uint16_t)ns_rr_class(*record)) ||
	    (type != ns_t_a && type != ns_t_aaaa) || ns_rr_rdlen(*record) != size ||
	    !take_whole(ns_rr_name(*record), entry->name))
		return;
	entry->type = type;
	entry->ttl = ttl_of(record);
	if (size == 4)
		memcpy(entry->address, mapped, sizeof(mapped));
	memcpy(entry->address + 16 - size, ns_rr_rdata(*record), size);
	reply->count++;
}

bool sp_dns_read_local_reply(const uint8_t *data, size_t length,
			     struct sp_dns_local_reply *reply)
{
	static const ns_sect sections[] = { ns_s_an, ns_s_ar };
	int records = 0, i, count;
	ns_msg message;
	ns_rr record;
	size_t s;

	memset(reply, 0, sizeof(*reply));
	if (length > NS_MAXMSG || length < NS_HFIXEDSZ || !(data[2] & REPLY) ||
	    data[2] & OPCODE || data[3] & CODE || ns_initparse(data, (int)length, &message))
		return false;
	reply->id = read16(data);
	for (s = 0; s < sizeof(sections) / sizeof(sections[0]); s++) {
		count = ns_msg_count(message, sections[s]);
		for (i = 0; i < count && records < RECORDS_MAX; i++, records++)
			if (reply->count < SP_DNS_ADDRESSES &&
			    !ns_parserr(&message, sections[s], i, &record))
				add_record(reply, &record);
	}
	return true;
}
