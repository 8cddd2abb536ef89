/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests share: running a suite, and random rules and flows. */
#pragma once

#include <check.h>
#include "decide.h"
#include "lists.h"

/* Runs @suite, TAP on standard output; for main() to return. */
int unit_run(Suite *suite);

/* Numbers from a fixed start: a failure can be seen again. Not 0. */
struct unit_random {
	uint64_t state;
};
uint32_t unit_below(struct unit_random *random, uint32_t limit);
bool unit_chance(struct unit_random *random, uint32_t one_in);

/*
 * A valid rule out of few values, so that rules meet: two of three levels,
 * users, programs and interfaces, nested prefixes, ranges that cross.
 */
void unit_random_rule(struct unit_random *random, uint64_t id, struct sp_rule *rule);
/* A flow out of the same values. */
void unit_random_flow(struct unit_random *random, struct sp_flow *flow);
void unit_random_address(struct unit_random *random, uint8_t address[16]);

/* Times that random rules expire at, all between 0 and this. */
#define UNIT_TIME_MAX 5

/* The boot that random rules are bound to. */
#define UNIT_BOOT "0123456789abcdef0123456789abcdef"

#define UNIT_IMAGES 5
#define UNIT_INTERFACES 3
#define UNIT_PROCESSES 3
#define UNIT_CGROUPS 3
#define UNIT_PLACES 16
/* The program of an image, the name of an interface; NULL: none. */
const char *unit_program(uint64_t image);
const char *unit_interface(uint32_t ifindex);

/* What is known about everything. States and values are by image, process, … */
struct unit_image_facts {
	enum sp_fact_state program, hash, package;
};
struct unit_process_facts {
	enum sp_fact_state script, parents, traced, family;
};
struct unit_world {
	struct unit_image_facts image[UNIT_IMAGES];
	struct unit_process_facts process[UNIT_PROCESSES];
	enum sp_fact_state app[UNIT_CGROUPS], unit[UNIT_CGROUPS];
	enum sp_fact_state interface[UNIT_INTERFACES];
	enum sp_fact_state names[UNIT_PLACES];	/* by a sum of the address */
	enum sp_fact_state doubtful[UNIT_PLACES];	/* names, some of them, unless KNOWN */
	enum sp_fact_state network, places;
};
void unit_random_world(struct unit_random *random, struct unit_world *world);
/* Nothing is pending, nothing has failed. */
void unit_known_world(struct unit_world *world);
struct sp_facts unit_facts(const struct unit_world *world, const struct sp_flow *flow);
/* Makes a fact (one of enum sp_fact) pending. */
void unit_fact_forget(struct sp_facts *facts, unsigned fact);
/* Gives it its @index-th value, the last of which is that it failed; false: no more. */
bool unit_fact_value(struct sp_facts *facts, unsigned fact, unsigned index);
/* Lists that random rules name, but for "missing". */
#define UNIT_LISTS 3
extern struct sp_list *unit_lists[UNIT_LISTS];
struct sp_list *unit_list(const char *name, const char *text);

/* The rule that @line says; fails the test where it says none. */
struct sp_rule unit_rule(const char *line, uint64_t id);
/* Address text into 16 bytes. */
void unit_address(const char *text, uint8_t address[16]);
