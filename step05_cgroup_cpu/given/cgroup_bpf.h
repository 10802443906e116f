/*
 * cgroup_bpf.h: the v2 device controller is a program that we write (given).
 *
 * Raw bpf(2), no library: a dozen instructions a rule, BPF_PROG_TYPE_CGROUP_DEVICE.
 */
#pragma once

#include "cgroup_devices.h"

#include <linux/bpf.h>

enum { BPF_DEVICE_MAX = 2048 }; /* instructions: some 200 rules */

/* Translates the rules into instructions. Returns how many, or -1 with errno E2BIG, EINVAL (a bad
 * type or access). */
int bpf_device_program(const struct device_rule *rules, int count, struct bpf_insn *program,
		       int max);

/* Loads the program and attaches it to the directory of a v2 group. It goes with the group. Returns
 * 0, or -1 with errno of bpf(2); the verifier says why in the trace. */
int bpf_device_attach(int dir, const struct bpf_insn *program, int length);
