/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entries in chains by address, the latest first, and in the order of age of each
 * user's share. One that has expired stays until its place is wanted, and answers
 * nothing.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>
#include "kept.h"
#include "names.h"

#define BUCKETS		4096u
#define USERS		64u	/* that have a share */
#define SHARES		(USERS + 1)
#define SECOND		1000000000ull

/* Users of the system: what they ask is asked for everybody. */
#define FIRST_PERSON	1000u
#define FIRST_DYNAMIC	61184u	/* systemd's, and nobody */
#define LAST_DYNAMIC	65534u

struct entry {
	TAILQ_ENTRY(entry) age;
	LIST_ENTRY(entry) chain;
	uint8_t address[16];
	struct sp_asker asker;
	uint64_t told, expires;
	uint16_t place;		/* where it is kept */
	bool sure, alias;
	enum sp_name_way way;
	char name[];
};

struct share {
	size_t count;
	TAILQ_HEAD(, entry) entries;	/* the oldest first */
};

struct sp_names {
	sp_names_changed_fn changed;
	void *arg;
	bool own_only;
	uint64_t seed;
	size_t count;
	struct sp_kept kept;
	struct share shares[SHARES];
	LIST_HEAD(bucket, entry) buckets[BUCKETS];
};

_Static_assert(SP_KEPT_MAX == SP_NAMES_MAX, "all can be kept");

struct sp_names *sp_names_new(sp_names_changed_fn changed, void *arg)
{
	struct sp_names *names = calloc(1, sizeof(*names));
	size_t i;

	if (!names)
		return NULL;
	names->changed = changed;
	names->arg = arg;
	if (getrandom(&names->seed, sizeof(names->seed), GRND_NONBLOCK) < 0)
		names->seed = (uintptr_t)names;
	for (i = 0; i < SHARES; i++)
		TAILQ_INIT(&names->shares[i].entries);
	sp_kept_init(&names->kept);
	return names;
}

/* What the monitor says nobody in particular has asked for: no user pushes another's out. */
static size_t share_of(enum sp_name_way way, uint32_t uid)
{
	return way == SP_NAME_BY_MONITOR ? USERS : uid % USERS;
}

static struct share *share_with(struct sp_names *names, const struct entry *entry)
{
	return &names->shares[share_of(entry->way, entry->asker.uid)];
}

static void drop(struct sp_names *names, struct entry *entry)
{
	struct share *share = share_with(names, entry);

	LIST_REMOVE(entry, chain);
	TAILQ_REMOVE(&share->entries, entry, age);
	share->count--;
	names->count--;
	sp_kept_remove(&names->kept, entry->place);
	free(entry);
}

void sp_names_free(struct sp_names *names)
{
	struct entry *entry;
	size_t i;

	if (!names)
		return;
	sp_kept_close(&names->kept);
	for (i = 0; i < SHARES; i++)
		while ((entry = TAILQ_FIRST(&names->shares[i].entries)))
			drop(names, entry);
	free(names);
}

void sp_names_set_own_only(struct sp_names *names, bool own_only)
{
	names->own_only = own_only;
}

size_t sp_names_count(const struct sp_names *names)
{
	return names->count;
}

static size_t bucket_of(const struct sp_names *names, const uint8_t address[16])
{
	uint64_t halves[2], sum;

	memcpy(halves, address, sizeof(halves));
	sum = (halves[0] ^ names->seed) * 0x9e3779b97f4a7c15u;
	sum = (sum ^ sum >> 29 ^ halves[1]) * 0xd6e8feb86659fd93u;
	return (size_t)(sum >> 40) % BUCKETS;
}

static bool is_live(const struct entry *entry, uint64_t boot)
{
	return entry->expires > boot;
}

static bool is_asker(const struct entry *entry, const struct sp_asker *asker)
{
	return entry->asker.image == asker->image && entry->asker.uid == asker->uid;
}

bool sp_names_are_for_all(uint32_t uid)
{
	return uid < FIRST_PERSON || (uid >= FIRST_DYNAMIC && uid <= LAST_DYNAMIC);
}

static bool is_same(const struct entry *entry, const struct sp_name_note *note)
{
	return entry->sure == note->sure && entry->way == note->way && is_asker(entry, &note->asker) &&
	       !memcmp(entry->address, note->address, 16) &&
	       !strcmp(entry->name, note->name);
}

static uint64_t expiry(uint32_t ttl, uint64_t boot)
{
	uint64_t end;

	if (ttl < SP_NAMES_SHORTEST)
		ttl = SP_NAMES_SHORTEST;
	if (ttl > SP_NAMES_LONGEST)
		ttl = SP_NAMES_LONGEST;
	end = boot + ttl * SECOND;
	return end + SP_NAMES_GRAIN - end % SP_NAMES_GRAIN;
}

/* Drops one and says so. */
static void evict(struct sp_names *names, struct entry *entry, uint64_t boot)
{
	uint8_t address[16];
	bool live = is_live(entry, boot);

	memcpy(address, entry->address, sizeof(address));
	drop(names, entry);
	if (live)
		names->changed(address, names->arg);
}

/*
 * The same, of which whoever asked may go on with the address. Nobody relies on what the
 * network at large says.
 */
static void push_out(struct sp_names *names, struct entry *entry, uint64_t boot,
		     struct sp_names_pushed *pushed)
{
	if (entry->way != SP_NAME_BY_NETWORK &&
	    entry->told + SP_NAMES_SHORTEST * SECOND > boot)
		pushed->users[pushed->count++] = entry->asker.uid;
	evict(names, entry, boot);
}

/* An address's entries, counted before another one is added. */
struct crowd {
	size_t count, own;
	struct entry *dead, *own_oldest, *oldest;
};

static struct crowd look_at(struct sp_names *names, const struct sp_name_note *note,
			    uint64_t boot)
{
	size_t share = share_of(note->way, note->asker.uid);
	struct crowd crowd = { 0 };
	struct entry *entry;

	LIST_FOREACH(entry, &names->buckets[bucket_of(names, note->address)], chain) {
		if (memcmp(entry->address, note->address, 16))
			continue;
		crowd.count++;
		crowd.oldest = entry;
		if (!is_live(entry, boot))
			crowd.dead = entry;
		if (share_of(entry->way, entry->asker.uid) != share)
			continue;
		crowd.own++;
		crowd.own_oldest = entry;
	}
	return crowd;
}

/*
 * A user with a quarter of the places makes room himself: he has other names there, so none
 * is missed.
 */
static void make_room_there(struct sp_names *names, const struct sp_name_note *note,
			    uint64_t boot, struct sp_names_pushed *pushed)
{
	struct crowd crowd = look_at(names, note, boot);

	if (crowd.count < SP_NAMES_ADDRESS)
		return;
	if (crowd.dead)
		evict(names, crowd.dead, boot);
	else if (crowd.own >= SP_NAMES_ADDRESS / 4)
		evict(names, crowd.own_oldest, boot);
	else
		push_out(names, crowd.oldest, boot, pushed);
}

static struct share *largest(struct sp_names *names)
{
	struct share *share = names->shares;
	size_t i;

	for (i = 1; i < SHARES; i++)
		if (names->shares[i].count > share->count)
			share = &names->shares[i];
	return share;
}

static void make_room(struct sp_names *names, const struct sp_name_note *note, uint64_t boot,
		      struct sp_names_pushed *pushed)
{
	struct share *share = &names->shares[share_of(note->way, note->asker.uid)];

	if (share->count < SP_NAMES_SHARE && names->count >= SP_NAMES_MAX)
		share = largest(names);
	else if (share->count < SP_NAMES_SHARE)
		return;
	push_out(names, TAILQ_FIRST(&share->entries), boot, pushed);
}

/* The latest is first in its chain and last in its share. */
static void link_entry(struct sp_names *names, struct entry *entry)
{
	struct share *share = share_with(names, entry);

	LIST_INSERT_HEAD(&names->buckets[bucket_of(names, entry->address)], entry, chain);
	TAILQ_INSERT_TAIL(&share->entries, entry, age);
	share->count++;
	names->count++;
}

static void unlink_entry(struct sp_names *names, struct entry *entry)
{
	struct share *share = share_with(names, entry);

	LIST_REMOVE(entry, chain);
	TAILQ_REMOVE(&share->entries, entry, age);
	share->count--;
	names->count--;
}

static struct entry *find(struct sp_names *names, const struct sp_name_note *note)
{
	struct entry *entry;

	LIST_FOREACH(entry, &names->buckets[bucket_of(names, note->address)], chain)
		if (is_same(entry, note))
			return entry;
	return NULL;
}

static struct entry *create(const struct sp_name_note *note)
{
	size_t length = strlen(note->name) + 1;
	struct entry *entry = calloc(1, sizeof(*entry) + length);

	if (!entry)
		return NULL;
	memcpy(entry->address, note->address, sizeof(entry->address));
	memcpy(entry->name, note->name, length);
	entry->asker = note->asker;
	entry->place = SP_KEPT_NONE;
	entry->sure = note->sure;
	entry->alias = note->alias;
	entry->way = note->way;
	return entry;
}

/* As it is now, for the next daemon. */
static void keep(struct sp_names *names, struct entry *entry)
{
	struct sp_kept_name name = {
		.expires = entry->expires,
		.image = entry->asker.image,
		.uid = entry->asker.uid,
		.sure = entry->sure,
		.alias = entry->alias,
		.way = (uint8_t)entry->way,
	};

	memcpy(name.address, entry->address, sizeof(name.address));
	strcpy(name.name, entry->name);
	entry->place = sp_kept_renew(&names->kept, entry->place, &name);
}

/* What was asked for again lives longer; that changes nothing as long as it lives. */
static void renew(struct sp_names *names, struct entry *entry,
		  const struct sp_name_note *note, uint64_t boot)
{
	uint64_t end = expiry(note->ttl, boot);
	bool live = is_live(entry, boot);

	unlink_entry(names, entry);
	link_entry(names, entry);
	entry->told = boot;
	if (entry->expires < end)
		entry->expires = end;
	entry->alias &= note->alias;
	keep(names, entry);
	if (!live)
		names->changed(note->address, names->arg);
}

bool sp_names_add(struct sp_names *names, const struct sp_name_note *note, uint64_t boot,
		  struct sp_names_pushed *pushed)
{
	struct entry *entry = find(names, note);

	pushed->count = 0;
	if (entry) {
		renew(names, entry, note, boot);
		return true;
	}
	entry = create(note);
	if (!entry)
		return false;
	make_room_there(names, note, boot, pushed);
	make_room(names, note, boot, pushed);
	entry->told = boot;
	entry->expires = expiry(note->ttl, boot);
	link_entry(names, entry);
	keep(names, entry);
	names->changed(note->address, names->arg);
	return true;
}

static bool restore(const struct sp_kept_name *name, uint16_t place, void *arg)
{
	const struct sp_name_note note = {
		.address = name->address,
		.name = name->name,
		.asker = { .image = name->image, .uid = name->uid },
		.sure = name->sure,
		.alias = name->alias,
		.way = (enum sp_name_way)name->way,
	};
	struct sp_names *names = arg;
	struct entry *entry = create(&note);

	if (!entry) {
		sp_kept_remove(&names->kept, place);
		return false;
	}
	entry->expires = name->expires;
	entry->told = name->expires - SP_NAMES_SHORTEST * SECOND;	/* or before */
	entry->place = place;
	link_entry(names, entry);
	return true;
}

int sp_names_keep(struct sp_names *names, const char *path, uint64_t instance, bool *all)
{
	return sp_kept_open(&names->kept, path, instance, restore, names, all);
}

/* @origin, or what says more. */
static enum sp_name_origin origin_of(const struct entry *entry, enum sp_name_origin origin)
{
	switch (entry->way) {
	case SP_NAME_BY_NETWORK:
		return SP_NAME_NETWORK;
	case SP_NAME_BY_MONITOR:
		return SP_NAME_SYSTEM;
	case SP_NAME_BY_SERVER:
	case SP_NAME_WAYS:
		break;
	}
	return origin;
}

static void take(struct sp_name_list *list, const struct entry *entry,
		 enum sp_name_origin origin)
{
	list->names[list->count] = entry->name;
	list->askers[list->count] = entry->asker.image;
	list->aliases[list->count] = entry->alias;
	list->origins[list->count++] = origin_of(entry, origin);
	if (!list->expires || entry->expires < list->expires)
		list->expires = entry->expires;
}

struct wanted {
	const struct sp_asker *program;
	const uint8_t *address;
	uint64_t boot;
	bool own, sure;
};

static bool is_wanted(const struct entry *entry, const struct wanted *wanted)
{
	bool own = is_asker(entry, wanted->program);

	return entry->sure == wanted->sure && own == wanted->own &&
	       !memcmp(entry->address, wanted->address, 16) &&
	       is_live(entry, wanted->boot) &&
	       (own || entry->asker.uid == wanted->program->uid ||
		sp_names_are_for_all(entry->asker.uid));
}

static void collect(const struct sp_names *names, const struct wanted *wanted,
		    enum sp_name_origin origin, struct sp_name_list *list)
{
	const struct entry *entry;

	LIST_FOREACH(entry, &names->buckets[bucket_of(names, wanted->address)], chain)
		if (is_wanted(entry, wanted))
			take(list, entry, origin);
}

void sp_names_find(const struct sp_names *names, const struct sp_asker *program,
		   const uint8_t address[16], uint64_t boot, struct sp_name_list *list)
{
	struct wanted wanted = {
		.program = program, .address = address, .boot = boot,
		.own = true, .sure = true,
	};
	bool others;

	list->count = list->sure = 0;
	list->expires = 0;
	collect(names, &wanted, SP_NAME_OWN, list);
	others = !list->count;
	wanted.own = false;
	if (others && !names->own_only)
		collect(names, &wanted, SP_NAME_OTHER, list);
	list->sure = list->count;
	if (others && names->own_only)
		collect(names, &wanted, SP_NAME_OTHER, list);
	wanted.sure = false;
	wanted.own = true;
	collect(names, &wanted, SP_NAME_DOUBTFUL, list);
	wanted.own = false;
	if (others)
		collect(names, &wanted, SP_NAME_DOUBTFUL, list);
}
