// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>

#include "verdicts.h"

const struct sp_verdict_limits verdicts_limits = {
	.subjects = 6,
	.user_subjects = 4,
	.verdicts = 600,
	.user_verdicts = 500,
};

struct sp_image *verdicts_images[VERDICTS_IMAGES];

void verdicts_start(void)
{
	int i;

	shim_init();
	for (i = 0; i < VERDICTS_IMAGES; i++)
		verdicts_images[i] = support_image(VERDICTS_IMAGE + i);
	ck_assert_int_eq(sp_user_init(), 0);
	ck_assert_int_eq(sp_verdict_table_init(&verdicts_limits), 0);
}

void verdicts_stop(void)
{
	int i;

	shim_fail_nth(0);
	sp_verdict_table_exit();
	ck_assert_uint_eq(sp_verdict_count(), 0);
	ck_assert_uint_eq(sp_subject_count(), 0);
	for (i = 0; i < VERDICTS_IMAGES; i++) {
		ck_assert_int_eq(refcount_read(&verdicts_images[i]->refs), 1);
		sp_image_put(verdicts_images[i]);
	}
	sp_user_exit();
	shim_exit();
}

struct sallyport_verdict verdict_of(u64 id, u8 action)
{
	return (struct sallyport_verdict) {
		.id = id,
		.rule = id * 10,
		.image = VERDICTS_IMAGE,
		.uid = VERDICTS_UID,
		.action = action,
	};
}

struct sallyport_verdict verdict_of_port(u64 id, u16 port, u8 action)
{
	struct sallyport_verdict v = verdict_of(id, action);

	v.match = SALLYPORT_MATCH_REMOTE_PORT;
	v.remote_port = htons(port);
	return v;
}

int verdicts_push(const struct sallyport_verdict *v)
{
	const char *what;

	ck_assert_int_eq(sp_verdict_check(v, &what), 0);
	return sp_verdict_push(v, verdicts_images[v->image - VERDICTS_IMAGE]);
}

bool verdicts_delete(const struct sallyport_verdict *v)
{
	struct sallyport_verdict_ref ref = {
		.id = v->id,
		.image = v->image,
		.uid = v->uid,
		.direction = v->direction,
	};

	return sp_verdict_delete(&ref);
}

u64 verdicts_find(const struct sp_flow_desc *desc)
{
	struct sp_answer answer = { };
	bool found;

	rcu_read_lock();
	found = sp_verdict_find(desc, &answer);
	rcu_read_unlock();
	ck_assert_int_eq(found, !!answer.action);
	return answer.rule;
}

u64 verdicts_find_port(u16 port)
{
	struct sp_flow_desc desc = support_desc(verdicts_images[0], 1, 1, port);

	return verdicts_find(&desc);
}
