/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vartypes: list what the DWARF of a kernel knows and its BTF does not, one
 * thing per line, four words each:
 *
 *	ADDRESS(hex) e NAME TYPE	an external variable
 *	ADDRESS(hex) s NAME TYPE	one static in its file
 *	0 d NAME TYPE			one declared only (defined in assembler
 *					or by the linker script: jiffies)
 *	VALUE(decimal) c NAME TYPE	a constant not in memory; crash evaluates
 *					one of them ("write_expire", to find HZ)
 *	BITOFFSET m OWNER.MEMBER DIMS	dimensions of an array in a struct
 *	0 t NAME DIMS			and of one which a typedef names
 *
 * BTF describes the types of a kernel, but of its variables only the per-CPU
 * ones.  crash(8) needs the type of a variable wherever it asks "is this an
 * array, and of how many elements" (node_data, mem_section, swap_info ...),
 * and such questions have been added with every release; so take them all.
 *
 * pahole writes [2][2][4] to BTF as [16], and [0] the same as [].  OWNER is
 * S|U<name>#<size>; DIMS are A<n>; or A; as below, and lines "m" and "t" are
 * written only where BTF needs them.
 *
 * TYPE is a prefix notation which names BTF types by kind and name:
 *
 *	v		void
 *	P C V R T*	pointer to, const, volatile, restrict
 *	A<n>;  A;	array of n; of an unknown number
 *	B<name>;	base type
 *	D<name>;	typedef
 *	S|U|E<name>#<size>;	named struct, union, enum
 *	s|u<size>{<name>@<bit offset>:<bits or 0>;TYPE ...}	anonymous ones
 *	e<size>{<name>=<value>; ...}
 *	F<ret>(<arg>...)	function; "." as the last arg: varargs
 *
 * Build: cc -O2 vartypes.c -ldw -lelf
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Type of DIE, through DW_AT_specification / abstract_origin. */
static int type_of(Dwarf_Die *die, Dwarf_Die *type)
{
	Dwarf_Attribute a;

	return dwarf_attr_integrate(die, DW_AT_type, &a) &&
	       dwarf_formref_die(&a, type);
}

static int number(Dwarf_Die *die, unsigned at, Dwarf_Sword *v)
{
	Dwarf_Attribute a;
	Dwarf_Word u;

	if (!dwarf_attr(die, at, &a))
		return 0;
	/* data1/2/4/8 carry no sign, and the numbers wanted here have none */
	switch (dwarf_whatform(&a)) {
	case DW_FORM_data1:
	case DW_FORM_data2:
	case DW_FORM_data4:
	case DW_FORM_data8:
	case DW_FORM_udata:
		if (dwarf_formudata(&a, &u))
			return 0;
		*v = u;
		return 1;
	case DW_FORM_sdata:
	case DW_FORM_implicit_const:
		return !dwarf_formsdata(&a, v);
	}
	return 0;			/* an expression or a reference: unknown */
}

static void put_type(Dwarf_Die *type);

static void put_type_of(Dwarf_Die *die)
{
	Dwarf_Die t;

	if (type_of(die, &t))
		put_type(&t);
	else
		putchar('v');
}

static void put_members(Dwarf_Die *type)
{
	Dwarf_Die m;
	Dwarf_Sword off, bits, bitoff;

	if (dwarf_child(type, &m))
		return;
	do {
		if (dwarf_tag(&m) != DW_TAG_member)
			continue;
		off = bits = bitoff = 0;
		number(&m, DW_AT_data_member_location, &off);
		number(&m, DW_AT_data_bit_offset, &bitoff);
		number(&m, DW_AT_bit_size, &bits);
		if (dwarf_hasattr(&m, DW_AT_bit_offset)) { /* DWARF 2 and 3 way */
			Dwarf_Die t;
			Dwarf_Sword o = 0, size = 0;

			number(&m, DW_AT_bit_offset, &o);
			if (!number(&m, DW_AT_byte_size, &size) && type_of(&m, &t))
				size = dwarf_bytesize(&t);
			bitoff = size * 8 - o - bits;
		}
		printf("%s@%" PRId64 ":%" PRId64 ";",
		       dwarf_diename(&m) ? dwarf_diename(&m) : "",
		       (int64_t)(off * 8 + bitoff), (int64_t)bits);
		put_type_of(&m);
	} while (!dwarf_siblingof(&m, &m));
}

/*
 * Print the dimensions of an array type, or with QUIET do not; return whether
 * BTF lacks them.
 */
static int put_dimensions(Dwarf_Die *type, int quiet)
{
	Dwarf_Die r;
	Dwarf_Sword n;
	int known, dims = 0, zero = 0;

	if (dwarf_child(type, &r))
		return 0;
	do {
		if (dwarf_tag(&r) != DW_TAG_subrange_type)
			continue;
		known = number(&r, DW_AT_count, &n);
		if (!known && number(&r, DW_AT_upper_bound, &n)) {
			known = 1;
			n++;
		}
		dims++;
		zero |= known && !n;
		if (!quiet && known)
			printf("A%" PRId64 ";", (int64_t)n);
		else if (!quiet)
			printf("A;");
	} while (!dwarf_siblingof(&r, &r));
	return dims > 1 || zero;
}

static void put_array(Dwarf_Die *type)
{
	put_dimensions(type, 0);
	put_type_of(type);
}

static void put_type(Dwarf_Die *type)
{
	const char *name = dwarf_diename(type);
	int tag = dwarf_tag(type);
	Dwarf_Die c;
	Dwarf_Sword v;
	int letter;

	switch (tag) {
	case DW_TAG_pointer_type:
	case DW_TAG_const_type:
	case DW_TAG_volatile_type:
	case DW_TAG_restrict_type:
		putchar(tag == DW_TAG_pointer_type ? 'P' :
			tag == DW_TAG_const_type ? 'C' :
			tag == DW_TAG_volatile_type ? 'V' : 'R');
		put_type_of(type);
		return;
	case DW_TAG_atomic_type:
		put_type_of(type);
		return;
	case DW_TAG_array_type:
		put_array(type);
		return;
	case DW_TAG_base_type:
		printf("B%s;", name);
		return;
	case DW_TAG_typedef:
		printf("D%s;", name);
		return;
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type:
		letter = tag == DW_TAG_structure_type ? 'S' :
			 tag == DW_TAG_union_type ? 'U' : 'E';
		if (name) {
			printf("%c%s#%d;", letter, name, dwarf_bytesize(type));
			return;
		}
		printf("%c%d{", letter | 0x20, dwarf_bytesize(type));
		if (tag != DW_TAG_enumeration_type)
			put_members(type);
		else if (!dwarf_child(type, &c))
			do {
				v = 0;
				number(&c, DW_AT_const_value, &v);
				printf("%s=%" PRId64 ";", dwarf_diename(&c),
				       (int64_t)v);
			} while (!dwarf_siblingof(&c, &c));
		putchar('}');
		return;
	case DW_TAG_subroutine_type:
		putchar('F');
		put_type_of(type);
		putchar('(');
		if (!dwarf_child(type, &c))
			do {
				if (dwarf_tag(&c) == DW_TAG_formal_parameter)
					put_type_of(&c);
				else if (dwarf_tag(&c) ==
					 DW_TAG_unspecified_parameters)
					putchar('.');
			} while (!dwarf_siblingof(&c, &c));
		putchar(')');
		return;
	default:
		putchar('v');
	}
}

static Dwarf_Sword bit_offset(Dwarf_Die *member)
{
	Dwarf_Sword off = 0;

	number(member, DW_AT_data_member_location, &off);
	return off * 8;
}

/* If the type of DIE is an array whose dimensions BTF lacks: that array. */
static int lossy_array(Dwarf_Die *die, Dwarf_Die *array)
{
	int tag;

	if (!type_of(die, array))
		return 0;
	while ((tag = dwarf_tag(array)) == DW_TAG_const_type ||
	       tag == DW_TAG_volatile_type)
		if (!type_of(array, array))
			return 0;
	return tag == DW_TAG_array_type && put_dimensions(array, 1);
}

/* The arrays of a struct or union, and of unnamed types in it. */
static void put_arrays(Dwarf_Die *type, Dwarf_Die *owner, Dwarf_Sword base)
{
	Dwarf_Die m, t;
	int tag;

	if (dwarf_child(type, &m))
		return;
	do {
		if (dwarf_tag(&m) != DW_TAG_member || !type_of(&m, &t))
			continue;
		tag = dwarf_tag(&t);
		if ((tag == DW_TAG_structure_type || tag == DW_TAG_union_type) &&
		    !dwarf_diename(&t)) {
			put_arrays(&t, owner, base + bit_offset(&m));
		} else if (lossy_array(&m, &t)) {
			printf("%" PRId64 " m %c%s#%d.%s ",
			       (int64_t)(base + bit_offset(&m)),
			       dwarf_tag(owner) == DW_TAG_union_type ? 'U' : 'S',
			       dwarf_diename(owner), dwarf_bytesize(owner),
			       dwarf_diename(&m) ? dwarf_diename(&m) : "");
			put_dimensions(&t, 0);
			putchar('\n');
		}
	} while (!dwarf_siblingof(&m, &m));
}

static void put_typedef(Dwarf_Die *die)
{
	Dwarf_Die t;

	if (lossy_array(die, &t)) {
		printf("0 t %s ", dwarf_diename(die));
		put_dimensions(&t, 0);
		putchar('\n');
	}
}

/* Print the variable if it has a fixed address or a value. */
static void put_variable(Dwarf_Die *die)
{
	Dwarf_Attribute a;
	Dwarf_Sword value;
	Dwarf_Op *op;
	size_t n;
	const char *name;
	Dwarf_Word addr;
	bool ext = false;

	if (number(die, DW_AT_const_value, &value) && dwarf_diename(die)) {
		printf("%" PRId64 " c %s ", (int64_t)value, dwarf_diename(die));
		put_type_of(die);
		putchar('\n');
		return;
	}
	if (dwarf_hasattr(die, DW_AT_declaration)) {
		if (dwarf_hasattr(die, DW_AT_external) && dwarf_diename(die)) {
			printf("0 d %s ", dwarf_diename(die));
			put_type_of(die);
			putchar('\n');
		}
		return;
	}
	if (!dwarf_attr(die, DW_AT_location, &a) ||
	    dwarf_getlocation(&a, &op, &n) || n < 1)
		return;
	if (op[0].atom == DW_OP_addr) {
		addr = op[0].number;
	} else if (op[0].atom == DW_OP_addrx) {
		Dwarf_Attribute r;

		if (dwarf_getlocation_attr(&a, op, &r) ||
		    dwarf_formaddr(&r, &addr))
			return;
	} else {
		return;
	}
	if (!dwarf_attr_integrate(die, DW_AT_name, &a) ||
	    !(name = dwarf_formstring(&a)))
		return;
	if (dwarf_attr_integrate(die, DW_AT_external, &a))
		dwarf_formflag(&a, &ext);
	printf("%" PRIx64 " %c %s ", (uint64_t)addr, ext ? 'e' : 's', name);
	put_type_of(die);
	putchar('\n');
}

int main(int argc, char **argv)
{
	Dwarf *dw;
	Dwarf_CU *cu = NULL;
	Dwarf_Die die, child;
	uint8_t unit;
	int fd;

	if (argc != 2 || (fd = open(argv[1], O_RDONLY)) < 0 ||
	    !(dw = dwarf_begin(fd, DWARF_C_READ))) {
		fprintf(stderr, "vartypes: cannot read DWARF of %s\n",
			argc == 2 ? argv[1] : "(no file)");
		return 1;
	}
	while (!dwarf_get_units(dw, cu, &cu, NULL, &unit, &die, NULL)) {
		if (unit != DW_UT_compile || dwarf_child(&die, &child))
			continue;
		/* BTF leaves these out; and their names have any character */
		if (dwarf_srclang(&die) == DW_LANG_Rust)
			continue;
		do
			switch (dwarf_tag(&child)) {
			case DW_TAG_variable:
				put_variable(&child);
				break;
			case DW_TAG_structure_type:
			case DW_TAG_union_type:
				if (dwarf_diename(&child))
					put_arrays(&child, &child, 0);
				break;
			case DW_TAG_typedef:
				put_typedef(&child);
				break;
			}
		while (!dwarf_siblingof(&child, &child));
	}
	dwarf_end(dw);
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
