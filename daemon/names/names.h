/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of addresses, as programs have asked for them. An address can have
 * several; each has who asked, whether the machine's own resolvers said it, and a
 * time to live.
 *
 * Which names count for a program: those that it asked for itself; where it asked
 * for none of them, those that others of its user or of the system asked for. A
 * name is sure if one of the machine's resolvers said it: what some other server
 * says anybody can have it say, and what was asked of the network at large (mDNS, LLMNR)
 * anybody there can answer, so such a name allows nothing. Nor does the end of a name that
 * no rule can have (dns.h).
 *
 * Bounded: SP_NAMES_MAX in all, SP_NAMES_SHARE of a user (of those users whose ids
 * agree in the last 6 bits), as many of what the monitor says, SP_NAMES_ADDRESS of an
 * address. A user who has too many loses his own oldest.
 */
#pragma once

#include "queries.h"

#define SP_NAMES_MAX		16384
#define SP_NAMES_SHARE		4096
#define SP_NAMES_ADDRESS	32
#define SP_NAMES_LIST		(SP_NAMES_ADDRESS + 1)	/* and one that is known otherwise */
#define SP_NAMES_SHORTEST	600u	/* seconds: programs keep addresses for longer than told */
#define SP_NAMES_LONGEST	86400u
#define SP_NAMES_GRAIN		60000000000ull	/* ns: names expire together */

enum sp_name_origin {
	SP_NAME_NONE,
	SP_NAME_OWN,		/* this program asked for it */
	SP_NAME_SYSTEM,		/* the machine's resolver says what it told somebody */
	SP_NAME_OTHER,		/* another program asked for it */
	SP_NAME_NETWORK,	/* by whoever is in the local network */
	SP_NAME_DOUBTFUL,	/* not by a resolver of the machine, or only its end */
};

/* How it became known. */
enum sp_name_way {
	SP_NAME_BY_SERVER,	/* its asker was told */
	SP_NAME_BY_NETWORK,	/* its asker was told by anybody; never sure */
	SP_NAME_BY_MONITOR,	/* for whom it was is not known; sure */
	SP_NAME_WAYS,
};

struct sp_name_list {
	/* The first @sure are sure; of each part the latest first. */
	size_t count, sure;
	const char *names[SP_NAMES_LIST];
	enum sp_name_origin origins[SP_NAMES_LIST];
	uint64_t askers[SP_NAMES_LIST];	/* images */
	bool aliases[SP_NAMES_LIST];		/* of a name that was asked for */
	uint64_t expires;	/* boottime ns: until then nothing goes away; 0: never */
};

/* What is to be noted. */
struct sp_name_note {
	const uint8_t *address;	/* 16 bytes */
	const char *name;	/* in lower case, shorter than SP_DNS_NAME */
	struct sp_asker asker;
	bool sure, alias;
	enum sp_name_way way;
	uint32_t ttl;
};

/* Whose names had to go that were told in the last ten minutes, and are missed. */
struct sp_names_pushed {
	size_t count;
	uint32_t users[2];
};

struct sp_names;

/* Called for each address whose names have changed, but for those that expired. */
typedef void (*sp_names_changed_fn)(const uint8_t address[16], void *arg);

struct sp_names *sp_names_new(sp_names_changed_fn changed, void *arg);	/* NULL: no memory */
void sp_names_free(struct sp_names *names);	/* NULL is fine */

/*
 * From now on the table is kept in a file: kept.h. What is there for this @instance of
 * the module is in the table when this returns; before anything was added. *@all: that is
 * all that another daemon knew. Errno; the table works without it too.
 */
int sp_names_keep(struct sp_names *names, const char *path, uint64_t instance, bool *all);
/* @own_only: names that another program asked for are doubtful too. */
void sp_names_set_own_only(struct sp_names *names, bool own_only);
/* False: there is no memory, it is not noted. @boot: CLOCK_BOOTTIME in ns. */
bool sp_names_add(struct sp_names *names, const struct sp_name_note *note, uint64_t boot,
		  struct sp_names_pushed *pushed);
/* Valid until the next sp_names_add(). A function of its arguments and the table. */
void sp_names_find(const struct sp_names *names, const struct sp_asker *program,
		   const uint8_t address[16], uint64_t boot, struct sp_name_list *list);
size_t sp_names_count(const struct sp_names *names);
/* Is it a user of the system, whose names count for everybody? */
bool sp_names_are_for_all(uint32_t uid);
