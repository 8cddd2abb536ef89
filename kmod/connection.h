/* SPDX-License-Identifier: GPL-2.0 */
/* Ending what is open already. */
#ifndef _SALLYPORT_CONNECTION_H
#define _SALLYPORT_CONNECTION_H

#include "flow_key.h"

/*
 * Forgets the flow of @key. A TCP connection is ended on both sides, soon; until
 * then the flow stays as a refused one. After a grace period nothing of it passes
 * any more. Never waits for the connection's program. @stop: the connection stays, and
 * its flow as a dropped one, until that is forgotten.
 */
void sp_connection_end(const struct sp_flow_key *key, bool stop);

#endif
