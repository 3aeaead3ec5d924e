/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves how names of Rust's functions read, and that no name, however it was made, takes
 * long, goes deep or writes past its end.
 */
#include "fixture.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

#include "render/render.h"
#include "render/rust_name.h"
#include "render/text_events.h"
#include "render/x86_tss.h"

/* NULL: it is printed as it is. The first ones are of a kernel. */
static const struct {
	const char *name, *text;
} row[] = {
	{ "_RNvMNtCs2lKf6AS60Zg_4core3stre12escape_debug", "<str>::escape_debug" },
	{ "_RNCINvMNtNtCs2lKf6AS60Zg_4core3net6parserNtB5_6Parser11read_numbertE0B9_",
	  "<core::net::parser::Parser>::read_number::<u16>::{closure#0}" },
	{ "_RNCNvNvXsc_NtCs2lKf6AS60Zg_4core4timeNtB9_8DurationNtNtBb_3fmt5Debug3fmt11fmt_"
	  "decimals_0Bb_",
	  "<core::time::Duration as core::fmt::Debug>::fmt::fmt_decimal::{closure#1}" },
	{ "_RNvC4kern4main.cold", "kern::main.cold" },
	/* A name that begins with a digit, or with what stands between. */
	{ "_RNvC6_123foo3bar", "123foo::bar" },
	{ "_RNvC1a4__bcd", "a::_bcd" },
	{ "_RINvC1a1bFG_RL0_hEuE", "a::b::<for<'a> fn(&'a u8)>" },
	{ "_RINvC1a1bDNtC1c1dp4Itemhp1xmEL_E", "a::b::<dyn c::d<Item = u8, x = u32>>" },
	{ "_RINvC1a1bDG_INtC1c1dRL0_hEEL_E", "a::b::<dyn for<'a> c::d<&'a u8>>" },
	{ "_RINvC1a1bFUKCmEyE", "a::b::<unsafe extern \"C\" fn(u32) -> u64>" },
	{ "_RINvC1a1bPhOhShAhj4_THEE", NULL },
	{ "_RINvC1a1bPhOhShAhj4_ThEE",
	  "a::b::<*const u8, *mut u8, [u8], [u8; 4], (u8,)>" },
	{ "_RINvC1a1bKj1f_Kb1_Kc61_Kln2_E", "a::b::<31, true, 'a', -2>" },
	{ "_RINvC1a1babcdefhijlmnopstuvxyzE",
	  "a::b::<i8, bool, char, f64, str, f32, u8, isize, usize, i32, u32, i128, u128, _, "
	  "i16, u16, (), ..., i64, u64, !>" },
	{ "_RINvC1a1bgE", NULL },
	{ "_RINvC1a1b{E", NULL },
	/* The largest hash of a crate that there can be, and the next. */
	{ "_RNvCslYGhA16ahyd_1a1b", "a::b" },
	{ "_RNvCslYGhA16ahyg_1a1b", NULL },
	{ "_RNSC1a3foo", "a::{shim:foo#0}" },
	{ "_ZN4core3fmt9Formatter3pad17h0123456789abcdefE", "core::fmt::Formatter::pad" },
	{ "_ZN71_$LT$Test$u20$$u2b$$u20$$u27$static$u20$as$u20$foo..Bar$LT$Test$GT$$GT$3bar17"
	  "h930b740aa94f1d3aE",
	  "<Test + 'static as foo::Bar<Test>>::bar" },
	/* 16 digits of a number, and one more. */
	{ "_RINvC1a1bKyffffffffffffffff_E", "a::b::<18446744073709551615>" },
	{ "_RINvC1a1bKyfffffffffffffffff_E", NULL },
	{ "_RINvC1a1bKb_E", "a::b::<false>" },
	{ "_RINvC1a1bKb0_E", "a::b::<false>" },
	{ "_RINvC1a1bKc20_Kc7e_E", "a::b::<' ', '~'>" },
	{ "_RINvC1a1bKc1f_E", NULL },
	{ "_RINvC1a1bKc7f_E", NULL },
	{ "_RINvC1a1bKh9f_KpE", "a::b::<159, _>" },
	{ "_RINvC1a1bKhag_E", NULL },
	{ "_RINvC1a1bKf1_E", NULL },
	{ "_RINvC1a1bKE", NULL },
	{ "_RINvC1a1bKh", NULL },
	{ "_RINvC1a1bKhf_KB8_Ahj2_E", "a::b::<15, 15, [u8; 2]>" },
	/* As many lifetimes as there are letters, together, and one more. */
	{ "_RINvC1a1bFGo_EuE",
	  "a::b::<for<'a, 'b, 'c, 'd, 'e, 'f, 'g, 'h, 'i, 'j, 'k, 'l, 'm, 'n, 'o, 'p, 'q, "
	  "'r, 's, 't, 'u, 'v, 'w, 'x, 'y, 'z> fn()>" },
	{ "_RINvC1a1bFGp_EuE", NULL },
	{ "_RINvC1a1bFG_FGn_EuEuE",
	  "a::b::<for<'a> fn(for<'b, 'c, 'd, 'e, 'f, 'g, 'h, 'i, 'j, 'k, 'l, 'm, 'n, 'o, "
	  "'p, 'q, 'r, 's, 't, 'u, 'v, 'w, 'x, 'y, 'z> fn())>" },
	{ "_RINvC1a1bFG_FGo_EuEuE", NULL },
	{ "_RINvC1a1bFG0_RL_hRL0_hRL1_hEuE",
	  "a::b::<for<'a, 'b> fn(&u8, &'b u8, &'a u8)>" },
	{ "_RINvC1a1bFG0_RL2_hEuE", NULL },
	{ "_RINvC1a1bFG_EuRL0_hE", NULL },
	{ "_RINvC1a1bL_E", "a::b::<'_>" },
	{ "_RINvC1a1bDG_NtC1c1dEL0_E", NULL },
	{ "_RINvC1a1bFG_DNtC1c1dNtC1e1fEL0_EuE",
	  "a::b::<for<'a> fn(dyn c::d + e::f + 'a)>" },
	{ "_RINvC1a1bDNtC1c1dEhE", NULL },
	{ "_RINvC1a1bDEL_E", "a::b::<dyn >" },
	{ "_RINvC1a1bDINtC1c1dhEp1xmEL_E", "a::b::<dyn c::d<u8, x = u32>>" },
	/* Functions of other ABIs, and what they return. */
	{ "_RINvC1a1bFK7stdcallhEuE", "a::b::<extern \"stdcall\" fn(u8)>" },
	{ "_RINvC1a1bFK5a_b_cEbE", "a::b::<extern \"a-b-c\" fn() -> bool>" },
	{ "_RINvC1a1bFK3__abEuE", "a::b::<extern \"-ab\" fn()>" },
	{ "_RINvC1a1bFUhmEuE", "a::b::<unsafe fn(u8, u32)>" },
	{ "_RINvC1a1bQhRhQSAhj2_E", "a::b::<&mut u8, &u8, &mut [[u8; 2]]>" },
	{ "_RINvC1a1bTEThmEE", "a::b::<(), (u8, u32)>" },
	/* Arguments of a type, of a value, of an impl's trait. */
	{ "_RINvC1a1bINtC1c1dhEB7_NtB7_1xE", "a::b::<c::d<u8>, c::d<u8>, c::d<u8>::x>" },
	{ "_RXC1ahINtC1c1dhE", "<u8 as c::d<u8>>" },
	{ "_RYhINtC1c1dhE", "<u8 as c::d<u8>>" },
	{ "_RXs_INvC1a1bhEhNtC1c1d", "<u8 as c::d>" },
	{ "_RNvYhNtC1c1d1f", "<u8 as c::d>::f" },
	{ "_RNvMs0_C1aINtC1c1dhE1f", "<c::d<u8>>::f" },
	/* What else is in braces, and numbered. */
	{ "_RNCC1a0", "a::{closure#0}" },
	{ "_RNCC1as_0", "a::{closure#1}" },
	{ "_RNCC1as0_3foo", "a::{closure:foo#2}" },
	{ "_RNZC1a1b", "a::{Z:b#0}" },
	{ "_RNvC1a0", "a" },
	{ "_RN1C1a1b", NULL },
	{ "_RNvC1a01b", NULL },
	/* For another crate; what the compiler adds. */
	{ "_RNvC1a1bC1c", "a::b" },
	{ "_RNvC1a1bC1c.llvm.1", "a::b.llvm.1" },
	{ "_RNvC1a1b$x", "a::b$x" },
	{ "_RNvC1a1bC", NULL },
	{ "_RNvC1a1bx", NULL },
	{ "_RNvCsZ_1a1b", "a::b" },
	{ "_RNvCs-_1a1b", NULL },
	{ "_RNvCs", NULL },
	{ "_RNvCs_s_1a1b", NULL },
	/* The older scheme. */
	{ "_ZN3foo4_bar17h0123456789abcdefE", "foo::_bar" },
	{ "_ZN4_foo3bar17h0123456789abcdefE", "_foo::bar" },
	{ "_ZN9_$LT$u8$GT$1a17h0123456789abcdefE", NULL },
	{ "_ZN11_$LT$u8$GT$1a17h0123456789abcdefE", "<u8>::a" },
	{ "_ZN3foo1_17h0123456789abcdefE", "foo::_" },
	{ "_ZN2__17h0123456789abcdefE", "__" },
	{ "_ZN38$SP$$BP$$RF$$LT$$GT$$LP$$RP$$C$$u20$$x17h0123456789abcdefE",
	  "@*&<>(), $x" },
	{ "_ZN42$u22$$u27$$u2b$$u3b$$u5b$$u5d$$u7b$$u7d$..17h0123456789abcdefE",
	  "\"'+;[]{}::" },
	{ "_ZN5$u7e$17h0123456789abcdefE", "~" },
	{ "_ZN3$u717h0123456789abcdefE", "$u7" },
	{ "_ZN1.17h0123456789abcdefE", "." },
	{ "_ZN3foo17h0123456789abcdefE.llvm.5", "foo.llvm.5" },
	{ "_ZN3foo17h0123456789abcdefEx", NULL },
	{ "_ZN3foo17h0123456789abcdegE", NULL },
	{ "_ZN3foo17g0123456789abcdefE", NULL },
	{ "_ZN3foo16h0123456789abcdeE", NULL },
	{ "_ZN3foo18h0123456789abcdef0E", NULL },
	{ "_ZN3foo17h0123456789abcdef", NULL },
	{ "_ZNE", NULL },
	{ "_ZN", NULL },
	{ "_Z3foo", NULL },
	{ "_", NULL },
	{ "", NULL },
	/* Names of C and C++, and what only looks like one of Rust. */
	{ "vfs_write", NULL },
	{ "_R", NULL },
	{ "_RN", NULL },
	{ "_RNvC", NULL },
	{ "_RC0", NULL },
	{ "_RNvC1a1b_", NULL },
	{ "_ZN3foo3barE", NULL },
	{ "_ZN17h0123456789abcdefE", NULL },
	{ "_ZN3foo17h0123456789abcdeg", NULL },
	{ "_RNvC9a1b", NULL },
	/* An impl, and one of which no type is left. */
	{ "_RMC1ah", "<u8>" },
	{ "_RMC1a", NULL },
	{ "_RNvCu1a1b", NULL },
	{ "_RINvC1a1bKb2_E", NULL },
	{ "_RINvC1a1bRL0_hE", NULL },
	/* To itself, ahead, and again and again. */
	{ "_RNvB_1a", NULL },
	{ "_RNvB9_1a", NULL },
	{ "_RINvC1a1bTTTTTTTTThhEB7_EB6_EB5_EB4_EB3_EB2_EB1_EB0_EEE", NULL },
};

START_TEST(names)
{
	char text[256];

	if (!row[_i].text) {
		ck_assert_msg(!stk_rust_name(row[_i].name, text, sizeof(text)), "%s: %s",
			      row[_i].name, text);
		return;
	}
	ck_assert_msg(stk_rust_name(row[_i].name, text, sizeof(text)), "%s",
		      row[_i].name);
	ck_assert_str_eq(text, row[_i].text);
	/* With room for it and its end, and with one byte less. */
	ck_assert(stk_rust_name(row[_i].name, text, strlen(row[_i].text) + 1));
	ck_assert(!stk_rust_name(row[_i].name, text, strlen(row[_i].text)));
}
END_TEST

/* Each place of a name cut off, or another byte there. */
START_TEST(damaged)
{
	for (size_t i = 0; i < strlen(row[_i].name); i++) {
		char *name = strdup(row[_i].name), *text = malloc(300);

		for (int ch = ' '; ch < 127; ch++) {
			name[i] = (char)ch;
			stk_rust_name(name, text, 300);
		}
		name[i] = '\0';
		stk_rust_name(name, text, 300);
		free(name);
		free(text);
	}
}
END_TEST

/* Each level doubles what is written: 2 to the power of 100. */
START_TEST(grows_for_ever)
{
	char name[1024] = "_RINvC1a1bTu", text[512];

	for (int i = 0; i < 100; i++)
		strcat(name, "TB7_B7_E");
	ck_assert(!stk_rust_name(name, text, sizeof(text)) ||
		  strlen(text) < sizeof(text));
	strcpy(name, "_R");
	for (int i = 0; i < 900; i++)
		strcat(name, "Y");
	ck_assert(!stk_rust_name(name, text, sizeof(text)));
}
END_TEST

START_TEST(in_a_frame)
{
	struct stk_name name = { .function = row[0].name, .offset = 7 };
	char text[600];

	ck_assert_str_eq(stk_name_text(&name, text, sizeof(text)),
			 "<str>::escape_debug+7");
	name.module = "mod";
	ck_assert_str_eq(stk_name_text(&name, text, sizeof(text)),
			 "<str>::escape_debug+7 [mod]");
}
END_TEST

/* What the log of an event has; JSON keeps it. */
START_TEST(in_an_event)
{
	struct stk_event_frame frame = {
		.function = row[0].name, .offset = 7, .size = 16, .has_offset = true
	};
	struct stk_event_trace trace = { .frames = &frame, .nr_frames = 1 };
	char text[600], *out;
	size_t len;
	FILE *fp = open_memstream(&out, &len);

	stk_text_event_frame(&frame, text, sizeof(text));
	ck_assert_str_eq(text, "<str>::escape_debug+0x7/0x10");
	stk_text_trace(fp, &trace, 0, 0, 0);
	fclose(fp);
	ck_assert_str_eq(out, "<str>::escape_debug\n");
	free(out);
}
END_TEST

/* An entry of the IDT that somebody has put there. */
START_TEST(in_a_tss)
{
	struct stk_x86_tss tss;
	struct stk_text_options opt = { 0 };
	char *out;
	size_t len;
	FILE *fp = open_memstream(&out, &len);
	struct stk *s;

	fixture_kernel();
	strcpy(syn_find_symbol(m, "asm_exc_nmi")->name, "_RNvC4kern4main");
	s = syn_open(m);
	ck_assert_int_eq(stk_x86_tss_read(s, 1, &tss), STK_OK);
	stk_x86_text_tss(s, fp, &tss, &opt);
	fclose(fp);
	ck_assert_ptr_nonnull(strstr(out, "vector 2 kern::main\n"));
	free(out);
	fixture_free();
}
END_TEST

#define NR_ROWS (int)(sizeof(row) / sizeof(row[0]))

static const struct unit_test tests[] = {
	LOOP(names, NR_ROWS),
	LOOP(damaged, NR_ROWS),
	TEST(grows_for_ever),
	TEST(in_a_frame),
	TEST(in_an_event),
	TEST(in_a_tss),
	{ 0 },
};

const struct unit_suite suite_rust = {
	"rust",
	{
		{ "names", tests, NULL, NULL },
	},
};
