# SPDX-License-Identifier: GPL-2.0-or-later
#
# Packages for distributions, of the last commit; included by the Makefile.
#
#   deb            Debian's source and binary packages in build/deb; lintian must be quiet
#   deb-reproducible  the same once more: they must not differ
#   rpm            those of Fedora and RHEL in build/rpm; rpmlint must be quiet

.PHONY: deb deb-reproducible
deb:
	@packaging/deb $(B)/deb

deb-reproducible: deb
	@packaging/reproducible $(B)/deb

.PHONY: rpm
rpm:
	@packaging/build-rpm $(B)/rpm
