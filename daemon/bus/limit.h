/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of the bus are bounded before they are parsed: a bus lets anybody send
 * 32 MiB, which as many small values take ten times as much memory and a minute of
 * our time, while nobody else is served.
 *
 * A message with a larger body arrives without it: a method call is refused for
 * its arguments, and its caller told, as any other that has the wrong ones. One
 * with a larger header does not arrive.
 */
#pragma once

#include <gio/gio.h>

#define SP_BUS_BODY_MAX		131072u	/* bytes */
#define SP_BUS_HEADER_MAX	4096u	/* of header fields */

/* A converter for the messages that come from the bus. */
GConverter *sp_bus_limit_new(void);
