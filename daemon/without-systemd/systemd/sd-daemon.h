/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In place of libsystemd's header where it is left out (-Dsystemd=disabled): what that
 * says where no service manager listens.
 */
#pragma once

#include <stdint.h>

static inline int sd_notify(int unset_environment, const char *state)
{
	return 0;
}

static inline __attribute__((format(printf, 2, 3)))
int sd_notifyf(int unset_environment, const char *format, ...)
{
	return 0;
}

static inline int sd_watchdog_enabled(int unset_environment, uint64_t *usec)
{
	return 0;
}
