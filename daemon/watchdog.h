/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the service manager is told: ready, stopping, and, as long as the main
 * loop and the verdict thread both move, that we are alive.
 */
#pragma once

#include "verdict_link.h"

struct sp_watchdog;

/* @link must outlive it. */
struct sp_watchdog *sp_watchdog_new(struct sp_link *link);
void sp_watchdog_free(struct sp_watchdog *watchdog);

void sp_watchdog_ready(const char *status);
void sp_watchdog_status(const char *status);
void sp_watchdog_stopping(void);
