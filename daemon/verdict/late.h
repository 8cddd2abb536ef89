/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes known of flows while a person is asked about them: the name of the
 * remote, by a reply that comes late, and the sum of the program's file, which takes
 * reading it.
 */
#pragma once

struct sp_engine;
struct sp_now;
struct sp_waiting_flow;

/* It is about to be asked about: what is known is filled in, the rest is wanted. */
void sp_late_begin(struct sp_engine *engine, struct sp_waiting_flow *flow,
		   const struct sp_now *now);
/* Names have changed. A surer name takes the place of one that is less so. */
void sp_late_names(struct sp_engine *engine);
/* The source of facts has answered. */
void sp_late_hashes(struct sp_engine *engine);
