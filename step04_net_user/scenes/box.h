/*
 * box.h: a scene's container: a child with ids and a network, that waits to be looked at.
 *
 *	scene                               child
 *	  box_start() ------------------->  born; with CLONE_NEWUSER it has no ids yet
 *	  box_map() --------------------->  mapped: becomes 0 inside, plays its part
 *	  <-------------------------------  box_wait(): here I am
 *	  box_go() ---------------------->  goes on, to its next box_wait()
 *	  box_end() --------------------->  goes on to its end
 *
 * The scene's side ends the scene (FAILED, with the child's own failure) when something goes wrong.
 */
#pragma once

#include "step04_net_user/given/id_map.h"
#include "step01_clone_pid/clone_pid.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/meet/stage.h"

struct box {
	int (*unmapped)(struct box *self); /* runs in the child before it has ids (CLONE_NEWUSER);
					      may be NULL */
	int (*part)(struct box *self);	   /* runs in the child, once it has ids; returns its exit
					      status, or -1: a call failed */
	void *script;			   /* for part: box_memory() */
	bool as_born;			   /* do not become 0 after the map */
	struct spawn child;
	struct stages stages;
};

/* Memory, zeroed, that the scene shares with the children that it makes from now on. */
void *box_memory(size_t size);

/* Makes the child with these CLONE_NEW* flags; returns when it is born (CLONE_NEWUSER) or at its
 * first box_wait(). */
void box_start(struct box *box, int flags);

/* Gives it its ids and returns when it is at its first box_wait(). */
void box_map(struct box *box, const struct id_maps *maps);

/* Sends it on to its next box_wait(); or to its end, and returns its exit status. */
void box_go(struct box *box);
int box_end(struct box *box);

/* For the part. Returns 0, or -1: the scene is gone. */
int box_wait(struct box *self);

/* Its network namespace, as a descriptor (close it), and its identity of any kind. pid 0: ours. */
int box_netns(const struct box *box);
struct ns_id ns_identity(pid_t pid, const char *kind);

/* Lays a cable: `here` in the scene's namespace with that address and up, `there` in the box's,
 * down and bare. */
void box_cable(int netlink, const struct box *box, const char *here, const char *here_address,
	       const char *there);

/* The scene's own socket to netlink, and its /proc, opened once. */
int scene_netlink(void);
int scene_proc(void);

/* Who stands outside: the ordinary user who runs this, or, for root, the user who called sudo, or
 * 1000. */
struct person {
	unsigned uid, gid;
	bool stand_in; /* run by root: somebody that root plays */
};
struct person you(void);
struct person whom_root_plays(void); /* where there is such a user */

/* For a scene on the real host: becomes that user for good, if it is root now; SKIP where there is
 * nobody but root. */
struct person become_you(void);

/* "0 YOU 1", setgroups denied: what an ordinary user may write. Static memory. */
const struct id_maps *your_map(void);
