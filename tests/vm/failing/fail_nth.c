/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's allocations made to fail, one after the other, while the module is
 * inserted, spoken to, or sees a packet.
 *
 *	fail_nth module FILE.ko [PARAMETERS [FIRST]]
 *	fail_nth requests			nobody else may be the daemon
 *	fail_nth tcp|udp ADDRESS PORT allowed|refused
 *
 * A line for what was done; status 1 if something was not as it must be. What the
 * kernel thinks of it is in its log.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "failing.h"

int main(int argc, char **argv)
{
	if (argc >= 3 && !strcmp(argv[1], "module"))
		return !failing_module(argv[2], argc > 3 ? argv[3] : "",
				       argc > 4 ? (unsigned int)atoi(argv[4]) : 0);
	if (argc == 2 && !strcmp(argv[1], "requests"))
		return !failing_requests();
	if (argc == 5 && (!strcmp(argv[1], "tcp") || !strcmp(argv[1], "udp")))
		return !failing_packets(argv[1], argv[2], argv[3],
					!strcmp(argv[4], "refused"));
	errx(2, "usage: fail_nth module FILE.ko [PARAMETERS [FIRST]] | requests | "
		"tcp|udp ADDRESS PORT allowed|refused");
}
