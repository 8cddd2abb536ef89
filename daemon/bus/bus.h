/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our place on the bus. The bus may be there later, and may come and go: it is
 * tried again after 1 to 30 seconds. When it goes, so do agents and watchers.
 */
#pragma once

#include "faces.h"

struct sp_bus;

/* @address: of a bus; NULL: the system bus. Begins to connect at once. */
struct sp_bus *sp_bus_new(const char *address, const struct sp_parts *parts);
/* Calls that come from now on are refused, as are those that are not granted yet. */
void sp_bus_close(struct sp_bus *bus);
/* What was sent is on its way when this returns (or a second has passed). */
void sp_bus_free(struct sp_bus *bus);
void sp_bus_rules_changed(struct sp_bus *bus);
void sp_bus_state_changed(struct sp_bus *bus);
void sp_bus_networks_changed(struct sp_bus *bus);
