/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests share: running a suite, and random rules and flows. */
#pragma once

#include <check.h>
#include "decide.h"

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

#define UNIT_IMAGES 5
#define UNIT_INTERFACES 3
/* The program of an image, the name of an interface; NULL: none. */
const char *unit_program(uint64_t image);
const char *unit_interface(uint32_t ifindex);

/* What is known about every image and interface. */
struct unit_world {
	enum sp_fact_state program[UNIT_IMAGES], interface[UNIT_INTERFACES];
};
void unit_random_world(struct unit_random *random, struct unit_world *world);
struct sp_facts unit_facts(const struct unit_world *world, const struct sp_flow *flow);

/* The rule that @line says; fails the test where it says none. */
struct sp_rule unit_rule(const char *line, uint64_t id);
/* Address text into 16 bytes. */
void unit_address(const char *text, uint8_t address[16]);
