/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See losses.h. So few that they are looked through. */
#include "losses.h"

static bool is_live(const struct sp_loss *loss, uint64_t boot)
{
	return loss->until > boot;
}

/* One that goes on began when it did; or before, as is heard now. */
static void extend(struct sp_losses *losses, struct sp_loss *loss, uint64_t when,
		   uint64_t boot)
{
	if (when + SP_LOSS_LIFE <= boot)
		return;
	if (!is_live(loss, boot) || when < loss->since) {
		loss->since = when;
		losses->begun = true;
	}
	if (loss->until < when + SP_LOSS_LIFE)
		loss->until = when + SP_LOSS_LIFE;
}

void sp_losses_add_everybody(struct sp_losses *losses, uint64_t when, uint64_t boot)
{
	extend(losses, &losses->everybody, when, boot);
}

/* The user's; else one that is over, or a new one; NULL: there are too many. */
static struct sp_loss *place_for(struct sp_losses *losses, uint32_t uid, uint64_t boot)
{
	struct sp_loss *over = NULL;
	size_t i;

	for (i = 0; i < losses->count; i++) {
		if (losses->users[i].uid == uid)
			return &losses->users[i];
		if (!is_live(&losses->users[i], boot))
			over = &losses->users[i];
	}
	if (!over && losses->count < SP_LOSSES_MAX)
		over = &losses->users[losses->count++];
	if (over)
		*over = (struct sp_loss){ .uid = uid };
	return over;
}

void sp_losses_add(struct sp_losses *losses, uint32_t uid, uint64_t when, uint64_t boot)
{
	struct sp_loss *loss = NULL;

	if (!sp_names_are_for_all(uid))
		loss = place_for(losses, uid, boot);
	extend(losses, loss ? loss : &losses->everybody, when, boot);
}

static bool is_about(const struct sp_loss *loss, uint64_t opened, uint64_t boot)
{
	return is_live(loss, boot) && (!opened || opened >= loss->since);
}

bool sp_losses_find(const struct sp_losses *losses, uint32_t uid, uint64_t opened,
		    uint64_t boot, uint64_t *until)
{
	const struct sp_loss *loss = &losses->everybody;
	bool found = is_about(loss, opened, boot);
	size_t i;

	*until = found ? loss->until : 0;
	for (i = 0; i < losses->count; i++) {
		loss = &losses->users[i];
		if (loss->uid != uid || !is_about(loss, opened, boot))
			continue;
		found = true;
		if (*until < loss->until)
			*until = loss->until;
	}
	return found;
}
