/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a rule is wrong. Inside policy/ only. */
#pragma once

#include "field.h"

/* Places in a line beside the fields. */
enum {
	SP_PLACE_FLOOR = SP_FIELD_COUNT,
	SP_PLACE_ACTION,
	SP_PLACE_NOTE,
	SP_PLACE_COUNT,
};

/* As sp_rule_check(); @place: an enum sp_field_id or one of the above. */
const char *sp_rule_fault(const struct sp_rule *rule, int *place);
