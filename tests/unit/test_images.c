/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "synthetic.h"

Suite *suite_images(void)
{
	return suite_create("images");
}
