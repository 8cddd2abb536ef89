/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_RCULIST_H
#define SHIM_LINUX_RCULIST_H

#include <linux/list.h>
#include <linux/rcupdate.h>

/* With an optional condition, as in the kernel. */
#define hlist_for_each_entry_rcu(pos, head, member, ...)		\
	for (shim_rcu_check(__FILE__, __LINE__, __VA_ARGS__ + 0),	\
	     pos = hlist_entry_safe((head)->first,			\
				    __typeof__(*(pos)), member);	\
	     pos;							\
	     pos = hlist_entry_safe((pos)->member.next,			\
				    __typeof__(*(pos)), member))

#define hlist_first_rcu(head) ((head)->first)
#define hlist_next_rcu(node) ((node)->next)

#define hlist_add_head_rcu(node, head)					\
	(shim_point(), hlist_add_head(node, head))
/* Readers may stand on it: ->next stays. */
#define hlist_del_rcu(node) do {					\
	shim_point();							\
	shim_hlist_unlink(node);					\
	shim_rcu_unlinked(node);					\
} while (0)

static inline void hlist_add_before_rcu(struct hlist_node *node,
					struct hlist_node *next)
{
	node->pprev = next->pprev;
	node->next = next;
	next->pprev = &node->next;
	*node->pprev = node;
}

static inline void hlist_replace_rcu(struct hlist_node *old,
				     struct hlist_node *new)
{
	new->next = old->next;
	new->pprev = old->pprev;
	*new->pprev = new;
	if (new->next)
		new->next->pprev = &new->next;
	old->pprev = HLIST_POISON;
	shim_rcu_unlinked(old);
}

#endif
