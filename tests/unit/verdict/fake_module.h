/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fake's queues and world (fake.c) use of its tables. */
#pragma once

#include "fake.h"

extern const struct sp_kernel_calls fake_calls;

/* Something was done to the fake. */
void fake_note(struct fake *fake, enum fake_op op, uint64_t value, uint8_t action);
bool fake_same_flow(const struct sallyport_flow *a, const struct sallyport_flow *b);
/* The action for a packet of @flow; 0: nothing decides it. */
uint8_t fake_hook(struct fake *fake, const struct sallyport_flow *flow);
struct fake_pending *fake_find_pending(struct fake *fake, uint64_t id);
void fake_remove_pending(struct fake *fake, struct fake_pending *pending);
bool fake_read_news(void *arg);
