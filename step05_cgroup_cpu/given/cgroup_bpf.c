/*
 * cgroup_bpf.c: the rules as instructions of the kernel's own machine.
 *
 * At every open and mknod of a device node by a process of the group the kernel runs the program
 * with a struct bpf_cgroup_dev_ctx and asks for 1 (yes) or 0 (EPERM). Registers: r1 the context, r0
 * the answer.
 */
#define _GNU_SOURCE
#include "cgroup_bpf.h"
#include "cgroup_file.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* bpf(2) has no wrapper in glibc. */
static int bpf(int cmd, union bpf_attr *attr, unsigned size)
{
	return (int)syscall(SYS_bpf, cmd, attr, size);
}

/* ---- an assembler of five instructions ---- */

enum {
	TYPE = BPF_REG_2,
	ACCESS = BPF_REG_3,
	MAJOR = BPF_REG_4,
	MINOR = BPF_REG_5,
	WORK = BPF_REG_6
};

struct program {
	struct bpf_insn *at;
	int length, max;
};

static void emit(struct program *p, uint8_t code, uint8_t dst, uint8_t src, int16_t off,
		 int32_t imm)
{
	if (p->length < p->max)
		p->at[p->length] = (struct bpf_insn){
			.code = code, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm
		};
	p->length++; /* past max it only counts; E2BIG later */
}

static void load(struct program *p, uint8_t reg, size_t field)
{
	emit(p, BPF_LDX | BPF_MEM | BPF_W, reg, BPF_REG_1, (int16_t)field, 0);
}

static void answer(struct program *p, int yes)
{
	emit(p, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, yes);
	emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* The low half of access_type is the kind of node, the high half what is asked for. */
static void prologue(struct program *p)
{
	load(p, TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	emit(p, BPF_ALU | BPF_AND | BPF_K, TYPE, 0, 0, 0xffff);
	load(p, ACCESS, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	emit(p, BPF_ALU | BPF_RSH | BPF_K, ACCESS, 0, 0, 16);
	load(p, MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
	load(p, MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
}

/* ---- a rule ---- */

static int access_bits(const char *access)
{
	int bits = 0;

	for (; *access; access++)
		switch (*access) {
		case 'r':
			bits |= BPF_DEVCG_ACC_READ;
			break;
		case 'w':
			bits |= BPF_DEVCG_ACC_WRITE;
			break;
		case 'm':
			bits |= BPF_DEVCG_ACC_MKNOD;
			break;
		default:
			return -1;
		}
	return bits;
}

/* Jumps of a rule that does not match lead behind it; how far is known only at its end. */
static void mend_jumps(struct program *p, int from)
{
	for (int i = from; i < p->length && i < p->max; i++)
		if (BPF_CLASS(p->at[i].code) == BPF_JMP && BPF_OP(p->at[i].code) != BPF_EXIT)
			p->at[i].off = (int16_t)(p->length - i - 1);
}

static int add_rule(struct program *p, const struct device_rule *rule)
{
	enum { ALL = BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE | BPF_DEVCG_ACC_MKNOD };
	int start = p->length, bits = access_bits(rule->access);

	if (bits <= 0 || !strchr("abc", rule->type))
		return -1;
	if (rule->type != 'a')
		emit(p, BPF_JMP | BPF_JNE | BPF_K, TYPE, 0, 0,
		     rule->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
	if (bits != ALL) {
		/* Allowed only if all that is asked for is in the rule; denied already if a part of
		 * it is. */
		emit(p, BPF_ALU | BPF_MOV | BPF_X, WORK, ACCESS, 0, 0);
		emit(p, BPF_ALU | BPF_AND | BPF_K, WORK, 0, 0, rule->allow ? ALL & ~bits : bits);
		emit(p, BPF_JMP | (rule->allow ? BPF_JNE : BPF_JEQ) | BPF_K, WORK, 0, 0, 0);
	}
	if (rule->major >= 0)
		emit(p, BPF_JMP | BPF_JNE | BPF_K, MAJOR, 0, 0, (int32_t)rule->major);
	if (rule->minor >= 0)
		emit(p, BPF_JMP | BPF_JNE | BPF_K, MINOR, 0, 0, (int32_t)rule->minor);
	answer(p, rule->allow);
	mend_jumps(p, start);
	return 0;
}

int bpf_device_program(const struct device_rule *rules, int count, struct bpf_insn *program,
		       int max)
{
	struct program p = { .at = program, .max = max };

	prologue(&p);
	/* The last rule that matches decides, so it is asked first. */
	for (int i = count - 1; i >= 0; i--) {
		/* Behind a rule that always matches there would be dead code, which the verifier
		 * refuses. */
		bool always = rules[i].type == 'a' && rules[i].major < 0 && rules[i].minor < 0 &&
			      access_bits(rules[i].access) == 7;
		if (add_rule(&p, &rules[i]) < 0) {
			errno = EINVAL;
			return -1;
		}
		if (always)
			goto done;
	}
	answer(&p, 0);
done:
	if (p.length > max) {
		errno = E2BIG;
		return -1;
	}
	return p.length;
}

/* ---- into the kernel ---- */

static int load_program(const struct bpf_insn *program, int length, const char *subject)
{
	static const char license[] = "MIT";
	char log[4096] = "";
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr)); /* what the kernel does not know must be zero */
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uint64_t)(uintptr_t)program;
	attr.insn_cnt = (uint32_t)length;
	attr.license = (uint64_t)(uintptr_t)license;
	int fd = SYS(bpf(BPF_PROG_LOAD, &attr, sizeof(attr)), subject);
	if (fd >= 0 || errno == EPERM)
		return fd;
	/* Again, for the verifier's words; into the trace, for the failure is recorded already. */
	int saved = errno;
	attr.log_level = 1;
	attr.log_size = sizeof(log);
	attr.log_buf = (uint64_t)(uintptr_t)log;
	fd = bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
	sys_trace_say("verifier: %.400s", log);
	errno = saved;
	return fd;
}

int bpf_device_attach(int dir, const struct bpf_insn *program, int length)
{
	char path[600];
	union bpf_attr attr;
	int fd = load_program(program, length, cgroup_file_path(dir, NULL, path, sizeof(path)));

	if (fd < 0)
		return -1;
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)dir;
	attr.attach_bpf_fd = (uint32_t)fd;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags =
		BPF_F_ALLOW_MULTI; /* beside those of the groups above: all must say yes */
	int result = SYS(bpf(BPF_PROG_ATTACH, &attr, sizeof(attr)), path);
	int saved = errno;
	close(fd); /* the group holds it from now on */
	errno = saved;
	return result;
}
