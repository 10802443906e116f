/* The device program, run by a machine of our own: eight instructions are all it uses. */
#define _GNU_SOURCE
#include "step05_cgroup_cpu/given/cgroup_bpf.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static int execute(const struct bpf_insn *program, int length,
		   const struct bpf_cgroup_dev_ctx *context)
{
	uint64_t r[11] = { 0 };

	for (int pc = 0; pc < length; pc++) {
		const struct bpf_insn *i = &program[pc];
		uint32_t word;
		switch (i->code) {
		case BPF_LDX | BPF_MEM | BPF_W:
			assert_int_equal(i->src_reg, BPF_REG_1);
			memcpy(&word, (const char *)context + i->off, sizeof(word));
			r[i->dst_reg] = word;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			r[i->dst_reg] = (uint32_t)r[i->dst_reg] & (uint32_t)i->imm;
			break;
		case BPF_ALU | BPF_RSH | BPF_K:
			r[i->dst_reg] = (uint32_t)r[i->dst_reg] >> i->imm;
			break;
		case BPF_ALU | BPF_MOV | BPF_X:
			r[i->dst_reg] = (uint32_t)r[i->src_reg];
			break;
		case BPF_ALU64 | BPF_MOV | BPF_K:
			r[i->dst_reg] = (uint64_t)(int64_t)i->imm;
			break;
		case BPF_JMP | BPF_JNE | BPF_K:
			pc += r[i->dst_reg] != (uint64_t)(int64_t)i->imm ? i->off : 0;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += r[i->dst_reg] == (uint64_t)(int64_t)i->imm ? i->off : 0;
			break;
		case BPF_JMP | BPF_EXIT:
			return (int)r[0];
		default:
			fail_msg("instruction %d has code %#x", pc, i->code);
		}
	}
	fail_msg("the program ends without an answer");
	return -1;
}

static int asked(const struct device_rule *rules, int count, char type, int major, int minor,
		 int access)
{
	struct bpf_insn program[BPF_DEVICE_MAX];
	struct bpf_cgroup_dev_ctx context = {
		.access_type = (uint32_t)access << 16 |
			       (type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR),
		.major = (uint32_t)major,
		.minor = (uint32_t)minor,
	};
	int length = bpf_device_program(rules, count, program, BPF_DEVICE_MAX);

	assert_true(length > 0);
	return execute(program, length, &context);
}

enum { M = BPF_DEVCG_ACC_MKNOD, R = BPF_DEVCG_ACC_READ, W = BPF_DEVCG_ACC_WRITE };

static void nothing_without_rules(void **state)
{
	(void)state;
	assert_int_equal(asked(NULL, 0, 'c', 1, 3, R), 0);
}

static void defaults(void **state)
{
	(void)state;
#define DEFAULTS device_defaults, device_defaults_count
	assert_int_equal(asked(DEFAULTS, 'c', 1, 3, R | W), 1);
	assert_int_equal(asked(DEFAULTS, 'c', 1, 3, M), 1);
	assert_int_equal(asked(DEFAULTS, 'c', 1, 1, R), 0); /* /dev/mem */
	assert_int_equal(asked(DEFAULTS, 'c', 1, 1, M), 1); /* a node alone gives nothing */
	assert_int_equal(asked(DEFAULTS, 'c', 1, 1, M | R), 0);
	assert_int_equal(asked(DEFAULTS, 'b', 1, 3, R), 0);
	assert_int_equal(asked(DEFAULTS, 'b', 8, 0, M), 1);
	assert_int_equal(asked(DEFAULTS, 'c', 136, 77, R | W), 1);
	assert_int_equal(asked(DEFAULTS, 'c', 137, 77, R | W), 0);
}

static void the_last_match_decides(void **state)
{
	static const struct device_rule rules[] = {
		{ true, 'a', -1, -1, "rwm" },
		{ false, 'c', 1, 8, "w" },
	};

	(void)state;
	assert_int_equal(asked(rules, 2, 'b', 8, 0, R | W), 1);
	assert_int_equal(asked(rules, 2, 'c', 1, 8, R), 1);
	assert_int_equal(asked(rules, 2, 'c', 1, 8, W), 0);
	assert_int_equal(asked(rules, 2, 'c', 1, 8, R | W), 0); /* a denied part is enough */
	assert_int_equal(asked(rules, 2, 'c', 1, 9, R | W), 1);
}

static void what_cannot_be_said(void **state)
{
	static const struct device_rule type[] = { { true, 'x', 1, 1, "r" } };
	static const struct device_rule access[] = { { true, 'c', 1, 1, "rx" } };
	static const struct device_rule none[] = { { true, 'c', 1, 1, "" } };
	struct bpf_insn program[16];

	(void)state;
	assert_int_equal(bpf_device_program(type, 1, program, 16), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(bpf_device_program(access, 1, program, 16), -1);
	assert_int_equal(bpf_device_program(none, 1, program, 16), -1);
	assert_int_equal(bpf_device_program(device_defaults, device_defaults_count, program, 16),
			 -1);
	assert_int_equal(errno, E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_without_rules),
		cmocka_unit_test(defaults),
		cmocka_unit_test(the_last_match_decides),
		cmocka_unit_test(what_cannot_be_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
