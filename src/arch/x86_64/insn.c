/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The length of an x86-64 instruction in 64-bit mode, whether it goes on elsewhere, and
 * where its operand is told: Intel's manual, volume 2, appendix A. Nothing else of it is
 * decoded.
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

/* And where it goes on: the letters of flow_of(); "." to the next one. */
static const char one_flow[] = "................"  /* 00 */
			       "................"  /* 10 */
			       "................"  /* 20 */
			       "................"  /* 30 */
			       "................"  /* 40 */
			       "................"  /* 50 */
			       "................"  /* 60 */
			       "????????????????"  /* 70 */
			       "................"  /* 80 */
			       "n..............."  /* 90 */
			       "................"  /* a0 */
			       "................"  /* b0 */
			       "..ss......ssb..s"  /* c0: ret, lret, int3, iret */
			       "......s........."  /* d0: udb */
			       "????....cjsj...."  /* e0: what is invalid, for traps */
			       "....s..........5"; /* f0: hlt */

static const char two_flow[] = ".......s...s.n.."  /* 00: sysret, ud2 */
			       "...............n"  /* 10 */
			       "................"  /* 20 */
			       ".....s.........."  /* 30: sysexit */
			       "................"  /* 40 */
			       "................"  /* 50 */
			       "................"  /* 60 */
			       "................"  /* 70 */
			       "????????????????"  /* 80 */
			       "................"  /* 90 */
			       "................"  /* a0 */
			       ".........s......"  /* b0: ud1 */
			       "................"  /* c0 */
			       "................"  /* d0 */
			       "................"  /* e0 */
			       "................"; /* f0 */

static enum x86_flow flow_of(char letter, int modrm)
{
	static const enum x86_flow group5[8] = {
		[2] = X86_CALL_INDIRECT,
		[3] = X86_CALL_INDIRECT,
		[4] = X86_JUMP_INDIRECT,
		[5] = X86_JUMP_INDIRECT,
	};

	switch (letter) {
	case 'n':
		return X86_NOP;
	case 'c':
		return X86_CALL;
	case 'j':
		return X86_JUMP;
	case '?':
		return X86_JUMP_IF;
	case 'b':
		return X86_BREAK;
	case 's':
		return X86_STOP;
	case '5':
		return group5[modrm >> 3 & 7];
	default:
		return X86_NEXT;
	}
}

struct reader {
	const unsigned char *p;
	size_t room, at;
	bool word, wide, narrow; /* prefixes: 66, REX.W, 67 */
	bool moved; /* its operand is in fs or gs, or vectors have their own */
	int rex;
	char kind, flow; /* the opcode's letters */
};

static int next_byte(struct reader *r)
{
	return r->at < r->room ? r->p[r->at++] : -1;
}

size_t x86_modrm_len(const unsigned char *p, size_t room)
{
	unsigned int mod, base;
	size_t len = 1;

	if (!room)
		return 0;
	mod = p[0] >> 6;
	base = p[0] & 7;
	if (mod == 3)
		return 1;
	if (base == 4) {
		if (room < 2)
			return 0;
		base = p[len++] & 7;
	}
	if (mod == 1)
		len++;
	else if (mod == 2 || base == 5)
		len += 4;
	return len <= room ? len : 0;
}

/* VEX and EVEX, after their first byte: the opcode's letter. */
static char vector_kind(struct reader *r, int first)
{
	const int payload = next_byte(r);
	int map = 1, op;
	char kind;

	if (first == 0xc4)
		map = payload & 0x1f;
	else if (first == 0x62)
		map = payload & 7;
	/* VEX of three bytes has one more of these, EVEX two. */
	for (int more = first == 0xc4 ? 1 : first == 0x62 ? 2 : 0; more; more--)
		next_byte(r);
	op = next_byte(r);
	if (op < 0)
		return 'x';
	if (map == 3)
		return 'B';
	kind = map == 1 ? two_byte[op] : 'm';
	/* What has an operand there has none here only for vzeroupper. */
	return kind == 'B' || (kind == '.' && op == 0x77) ? kind : 'm';
}

/* After 0f: one more byte, or two. */
static bool read_two_byte(struct reader *r)
{
	int op = next_byte(r);

	if (op < 0)
		return false;
	r->flow = two_flow[op];
	r->kind = two_byte[op];
	if (r->kind != '3')
		return true;
	r->kind = op == 0x3a ? 'B' : 'm';
	return next_byte(r) >= 0;
}

static bool read_opcode(struct reader *r)
{
	int op = next_byte(r);

	for (; op >= 0 && one_byte[op] == 'p'; op = next_byte(r)) {
		r->word |= op == 0x66;
		r->narrow |= op == 0x67;
		r->moved |= op == 0x64 || op == 0x65;
	}
	if (op >= 0 && one_byte[op] == 'r') {
		r->rex = op;
		r->wide = op & 8;
		op = next_byte(r);
	}
	if (op < 0)
		return false;
	r->kind = one_byte[op];
	r->flow = one_flow[op];
	if (r->kind == '2')
		return read_two_byte(r);
	if (r->kind == 'v') {
		r->kind = vector_kind(r, op);
		r->moved = true;
	}
	return true;
}

static bool has_modrm(char kind)
{
	static const bool has[128] = {
		['m'] = true, ['B'] = true, ['Z'] = true, ['t'] = true, ['T'] = true,
	};

	return has[(unsigned char)kind];
}

#define NO_INSN (-1)

/* How many bytes of an operand end the instruction, or NO_INSN. */
static int immediate(const struct reader *r, int modrm)
{
	static const signed char fixed[128] = {
		['b'] = 1,	 ['B'] = 1,	  ['w'] = 2,
		['e'] = 3,	 ['d'] = 4,	  ['x'] = NO_INSN,
		['p'] = NO_INSN, ['r'] = NO_INSN, ['v'] = NO_INSN,
	};
	int z = r->word ? 2 : 4;
	bool test = (modrm >> 3 & 7) < 2;

	switch (r->kind) {
	case 't':
		return test;
	case 'T':
		return test ? z : 0;
	case 'z':
	case 'Z':
		return z;
	case 'q':
		return r->wide ? 8 : z;
	case 'o':
		return r->narrow ? 4 : 8;
	default:
		return fixed[(unsigned char)r->kind];
	}
}

bool x86_insn(const unsigned char *code, size_t room, struct x86_insn *out)
{
	struct reader r = { .p = code,
			    .room = room < X86_MAX_INSN ? room : X86_MAX_INSN };
	int modrm = 0, more;
	size_t len = 0;

	out->modrm_at = out->rex = 0;
	if (!read_opcode(&r))
		return false;
	if (has_modrm(r.kind)) {
		len = x86_modrm_len(code + r.at, r.room - r.at);
		if (!len)
			return false;
		modrm = code[r.at];
		out->modrm_at = r.moved || r.narrow ? 0 : (unsigned char)r.at;
		out->rex = (unsigned char)r.rex;
	}
	more = immediate(&r, modrm);
	if (more < 0)
		return false;
	len += r.at + (size_t)more;
	if (len > r.room)
		return false;
	out->len = (unsigned int)len;
	out->flow = flow_of(r.flow, modrm);
	out->rel = 0;
	if (out->flow == X86_CALL || out->flow == X86_JUMP || out->flow == X86_JUMP_IF)
		out->rel = more == 1 ? (int8_t)code[len - 1] : x86_rel32(code + len - 4);
	return true;
}
