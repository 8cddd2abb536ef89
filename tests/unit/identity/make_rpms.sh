#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make_rpms.sh FOLDER: makes two packages with rpmbuild and notes them in a database of
# rpm's at FOLDER/usr/lib/sysimage/rpm, as if they were installed in that order. Their
# files that lie below FOLDER are put there. FOLDER is absolute. Needs no root.
#
#   probe   SHA-256   FOLDER/files/{probe,probe.conf,shared}, /bin/probe-tool,
#                     and links and ghosts
#   older   MD5       FOLDER/files/{older,shared}, the latter in probe's place

set -eu
folder=$1
work=$folder/make
database=$folder/usr/lib/sysimage/rpm

# What a person or the system has set for rpm is not this test's.
export HOME="$work"

# build NAME ALGORITHM: %install and %files from standard input, separated by a line.
build() {
  mkdir -p "$work/$1"
  cat - >"$work/$1/parts"
  {
    printf '%s\n' "Name: $1" 'Version: 1' 'Release: 1' 'Summary: probe' 'License: GPL-2.0-or-later' \
      'BuildArch: noarch' '%description' 'probe' '%install'
    cat "$work/$1/parts"
  } >"$work/$1.spec"
  rpmbuild -bb --quiet --buildroot "$work/$1/root" --define "_topdir $work/$1" \
    --define "_rpmdir $work" --define "_build_name_fmt %%{NAME}.rpm" \
    --define "_binary_filedigest_algorithm $2" --define '_binary_payload w0.gzdio' \
    --define '_buildhost probe' --define '__os_install_post %{nil}' \
    --define "place $folder/files" "$work/$1.spec"
}

install_one() {
  rpm --dbpath "$database" -i --justdb --nodeps --noscripts --replacefiles "$work/$1.rpm" \
    2>"$work/said" || { cat "$work/said" >&2 && return 1; }
}

mkdir -p "$work" "$database" "$folder/files"
build probe 8 <<'END'
mkdir -p %{buildroot}%{place}/folder %{buildroot}/bin
echo probe >%{buildroot}%{place}/probe
echo conf >%{buildroot}%{place}/probe.conf
echo probe >%{buildroot}%{place}/shared
echo tool >%{buildroot}/bin/probe-tool
ln -s probe %{buildroot}%{place}/link
touch %{buildroot}%{place}/ghost
cp -P %{buildroot}%{place}/probe* %{place}
%files
%dir %{place}/folder
%{place}/probe
%config %{place}/probe.conf
%{place}/shared
%{place}/link
%ghost %{place}/ghost
/bin/probe-tool
END
build older 1 <<'END'
mkdir -p %{buildroot}%{place}
echo older >%{buildroot}%{place}/older
echo other >%{buildroot}%{place}/shared
cp %{buildroot}%{place}/* %{place}
%files
%{place}/older
%{place}/shared
END
rpm --dbpath "$database" --initdb
install_one probe
install_one older
rm -r "$work"
