/* SPDX-License-Identifier: GPL-2.0 */
/* Between struct sp_flow_desc and its form in the protocol. */
#ifndef _SALLYPORT_FLOW_DESC_H
#define _SALLYPORT_FLOW_DESC_H

#include "flow_table.h"
#include "uapi/sallyport.h"

void sp_flow_desc_export(const struct sp_flow_desc *desc,
			 struct sallyport_flow *flow);
/* Do both differ in nothing but the socket and the port of who called? */
bool sp_flow_desc_is_alike(const struct sp_flow_desc *desc,
			   const struct sallyport_flow *flow);
void sp_flow_ref_import(const struct sallyport_flow_ref *ref,
			struct sp_flow_key *key);

#endif
