/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The length of an x86-64 instruction in 64-bit mode, and whether it goes on elsewhere:
 * Intel's manual, volume 2, appendix A. Nothing else of it is decoded.
 */
#include "insn.h"

/* One letter for each opcode: what follows it. */
static const char one_byte[] =
	/* . nothing, m ModRM, b byte, z 4 bytes (2 with a 66 prefix), B ModRM and byte,
	 * Z ModRM and z, d 4 bytes always, w 2 bytes, e 3 bytes, q 8 bytes or z,
	 * o an address, t ModRM and byte if its reg is 0 or 1, T the same with z,
	 * p prefix, r REX, v VEX or EVEX, 2 a second byte, x invalid */
	"mmmmbzxxmmmmbzx2"  /* 00 */
	"mmmmbzxxmmmmbzxx"  /* 10 */
	"mmmmbzpxmmmmbzpx"  /* 20 */
	"mmmmbzpxmmmmbzpx"  /* 30 */
	"rrrrrrrrrrrrrrrr"  /* 40 */
	"................"  /* 50 */
	"xxvmppppzZbB...."  /* 60 */
	"bbbbbbbbbbbbbbbb"  /* 70 */
	"BZxBmmmmmmmmmmmm"  /* 80 */
	"..........x....."  /* 90 */
	"oooo....bz......"  /* a0 */
	"bbbbbbbbqqqqqqqq"  /* b0 */
	"BBw.vvBZe.w..bx."  /* c0 */
	"mmmmxx..mmmmmmmm"  /* d0 */
	"bbbbbbbbdd.b...."  /* e0 */
	"p.pp..tT......mm"; /* f0 */

static const char two_byte[] = "mmmmx.....x.xm.B"  /* 00 */
			       "mmmmmmmmmmmmmmmm"  /* 10 */
			       "mmmmxxxxmmmmmmmm"  /* 20 */
			       "......x.3x3xxxxx"  /* 30 */
			       "mmmmmmmmmmmmmmmm"  /* 40 */
			       "mmmmmmmmmmmmmmmm"  /* 50 */
			       "mmmmmmmmmmmmmmmm"  /* 60 */
			       "BBBBmmm.mmxxmmmm"  /* 70 */
			       "dddddddddddddddd"  /* 80 */
			       "mmmmmmmmmmmmmmmm"  /* 90 */
			       "...mBmmm...mBmmm"  /* a0 */
			       "mmmmmmmmmmBmmmmm"  /* b0 */
			       "mmBmBBBm........"  /* c0 */
			       "mmmmmmmmmmmmmmmm"  /* d0 */
			       "mmmmmmmmmmmmmmmm"  /* e0 */
			       "mmmmmmmmmmmmmmmm"; /* f0 */

struct reader {
	const unsigned char *p;
	size_t room, at;
};

static int next(struct reader *r)
{
	return r->at < r->room && r->at < X86_MAX_INSN ? r->p[r->at++] : -1;
}

/* The bytes that ModRM says follow it, SIB included; *modrm: -1 without one. */
static unsigned int operand(struct reader *r, int *modrm)
{
	unsigned int mod, rm, base;
	int sib;

	*modrm = next(r);
	if (*modrm < 0)
		return 0;
	mod = (unsigned int)*modrm >> 6;
	rm = *modrm & 7;
	if (mod == 3)
		return 0;
	base = rm;
	if (rm == 4) {
		sib = next(r);
		if (sib < 0) {
			*modrm = -1;
			return 0;
		}
		base = sib & 7;
	}
	if (mod == 1)
		return 1;
	return mod == 2 || base == 5 ? 4 : 0;
}

/* VEX and EVEX, after their first byte: leaves the opcode's letter. */
static char vector(struct reader *r, int first, int *op)
{
	int map = 1, payload = next(r);
	char kind;

	if (first == 0xc4)
		map = payload & 0x1f;
	else if (first == 0x62)
		map = payload & 7;
	/* VEX of three bytes has one more of these, EVEX two. */
	for (int more = first == 0xc4 ? 1 : first == 0x62 ? 2 : 0; more; more--)
		payload = next(r);
	*op = next(r);
	if (payload < 0 || *op < 0)
		return 'x';
	if (map == 3)
		return 'B';
	kind = map == 1 ? two_byte[*op] : 'm';
	/* What has an operand there has none here only for vzeroupper. */
	return kind == 'B' || (kind == '.' && *op == 0x77) ? kind : 'm';
}

static enum x86_flow flow_of(bool two, int op, int modrm)
{
	int reg = modrm >> 3 & 7;

	if (two) {
		if (op >= 0x80 && op <= 0x8f)
			return X86_JUMP_IF;
		if (op == 0x1f || op == 0x0d)
			return X86_NOP;
		/* ud2, ud1, sysret, sysexit */
		return op == 0x0b || op == 0xb9 || op == 0x07 || op == 0x35 ? X86_STOP
									    : X86_NEXT;
	}
	if ((op >= 0x70 && op <= 0x7f) || (op >= 0xe0 && op <= 0xe3))
		return X86_JUMP_IF;
	switch (op) {
	case 0x90:
		return X86_NOP;
	case 0xe8:
		return X86_CALL;
	case 0xe9:
	case 0xeb:
		return X86_JUMP;
	case 0xcc:
		return X86_BREAK;
	case 0xc2: /* ret, lret, iret, hlt; udb and what is invalid, for traps */
	case 0xc3:
	case 0xca:
	case 0xcb:
	case 0xcf:
	case 0xd6:
	case 0xea:
	case 0xf4:
		return X86_STOP;
	case 0xff:
		if (reg == 2 || reg == 3)
			return X86_CALL_INDIRECT;
		return reg == 4 || reg == 5 ? X86_JUMP_INDIRECT : X86_NEXT;
	default:
		return X86_NEXT;
	}
}

bool x86_insn(const unsigned char *code, size_t room, struct x86_insn *out)
{
	struct reader r = { code, room, 0 };
	bool word = false, wide = false, narrow = false, two = false, is_vector = false;
	int op = next(&r), modrm = 0;
	unsigned int more = 0;
	char kind;

	if (op < 0)
		return false;
	for (; one_byte[op] == 'p'; op = next(&r)) {
		word |= op == 0x66;
		narrow |= op == 0x67;
		if (r.at == r.room || r.at == X86_MAX_INSN)
			return false;
	}
	if (one_byte[op] == 'r') {
		wide = op & 8;
		op = next(&r);
		if (op < 0)
			return false;
	}
	kind = one_byte[op];
	if (kind == 'v') {
		is_vector = true;
		kind = vector(&r, op, &op);
	} else if (kind == '2') {
		two = true;
		op = next(&r);
		if (op < 0)
			return false;
		kind = two_byte[op];
		if (kind == '3') {
			kind = op == 0x3a ? 'B' : 'm';
			if (next(&r) < 0)
				return false;
		}
	}
	switch (kind) {
	case 'm':
	case 'B':
	case 'Z':
	case 't':
	case 'T':
		more = operand(&r, &modrm);
		if (modrm < 0)
			return false;
		break;
	case 'x':
	case 'p':
	case 'r':
	case 'v':
		return false;
	default:
		break;
	}
	switch (kind) {
	case 'b':
	case 'B':
		more += 1;
		break;
	case 't':
		more += (modrm >> 3 & 7) < 2;
		break;
	case 'T':
		more += (modrm >> 3 & 7) < 2 ? (word ? 2 : 4) : 0;
		break;
	case 'z':
	case 'Z':
		more += word ? 2 : 4;
		break;
	case 'w':
		more += 2;
		break;
	case 'e':
		more += 3;
		break;
	case 'd':
		more += 4;
		break;
	case 'q':
		more += wide ? 8 : word ? 2 : 4;
		break;
	case 'o':
		more += narrow ? 4 : 8;
		break;
	default:
		break;
	}
	out->len = (unsigned int)r.at + more;
	if (out->len > room || out->len > X86_MAX_INSN)
		return false;
	out->flow = is_vector ? X86_NEXT : flow_of(two, op, modrm);
	out->rel = 0;
	if (out->flow == X86_CALL || out->flow == X86_JUMP || out->flow == X86_JUMP_IF)
		out->rel = more == 1 ? (int8_t)code[out->len - 1]
				     : x86_rel32(code + out->len - 4);
	return true;
}
