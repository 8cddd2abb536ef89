/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known about a flow: nothing, to begin with. */
#include "decide.h"

void sp_facts_init(struct sp_facts *facts)
{
	*facts = (struct sp_facts){ 0 };
	sp_facts_give_up(facts, SP_FACT_ALL);
}

/* In the order of enum sp_fact. */
static const size_t states[] = {
	offsetof(struct sp_facts, program.state), offsetof(struct sp_facts, interface.state),
	offsetof(struct sp_facts, hash.state), offsetof(struct sp_facts, package.state),
	offsetof(struct sp_facts, app.state), offsetof(struct sp_facts, unit.state),
	offsetof(struct sp_facts, script.state), offsetof(struct sp_facts, parents.state),
	offsetof(struct sp_facts, traced.state), offsetof(struct sp_facts, family.state),
	offsetof(struct sp_facts, names.state), offsetof(struct sp_facts, places.state),
	offsetof(struct sp_facts, network.state),
};

#define COUNT (sizeof(states) / sizeof(states[0]))

_Static_assert((1u << COUNT) - 1 == SP_FACT_ALL, "each fact has a state");

static const enum sp_fact_state *state_of(const struct sp_facts *facts, size_t i)
{
	return (const void *)((const char *)facts + states[i]);
}

void sp_facts_give_up(struct sp_facts *facts, unsigned which)
{
	for (size_t i = 0; i < COUNT; i++) {
		enum sp_fact_state *state = (void *)((char *)facts + states[i]);

		if (which & 1u << i && *state == SP_FACT_PENDING)
			*state = SP_FACT_FAILED;
	}
}

unsigned sp_facts_pending(const struct sp_facts *facts)
{
	unsigned pending = 0;

	for (size_t i = 0; i < COUNT; i++)
		if (*state_of(facts, i) == SP_FACT_PENDING)
			pending |= 1u << i;
	return pending;
}
