# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# ./try --here: the packages on this machine. Nothing is changed before the answer is
# "yes". Over ssh a timer of systemd's takes it all back unless it is confirmed, whatever
# becomes of the session meanwhile. Needs base.sh, packages.sh.

HERE_GUARD=sallyport-try-guard
HERE_MINUTES=${SALLYPORT_TRY_MINUTES:-10} # DKMS builds the module meanwhile
HERE_BUILT=$BUILD/packages/here

here() {
  { [ -t 0 ] && [ -t 2 ]; } || die "--here asks before it changes anything: it needs a terminal"
  here_check
  local folder=${1-} names added
  [ -n "$folder" ] || folder=$HERE_BUILT
  mapfile -t names < <(here_names)
  mapfile -t added < <(here_missing "${1-}")
  here_say_changes "${1-}"
  here_agreed "Install?" || { say "Nothing was changed." && return 1; }
  [ -n "${1-}" ] || here_build
  here_find_packages "$folder"
  here_is_guarded && here_guard
  here_install || { here_say_undo && die "the installation failed"; }
  here_is_guarded && here_confirm
  say "Sallyport is installed, and protects: sallyport status"
  here_say_undo
}

# --- before -----------------------------------------------------------------------------

here_check() {
  command -v apt-get >/dev/null || die "there is no apt-get: this is for Debian 12"
  [ -d /run/systemd/system ] || die "systemd does not run here, which starts the daemon"
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || die "this needs root, or sudo"
  ! package_is_installed sallyport ||
    die "sallyport is installed already: $(dpkg-query -W -f '${Version}' sallyport)"
}

here_has_desktop() { package_is_installed libadwaita-1-0; }

here_names() {
  printf '%s\n' sallyport sallyport-dkms
  ! here_has_desktop || echo sallyport-gui
}

# What is installed beside them, to build them or to have DKMS build the module.
here_missing() {
  local groups=dkms
  [ -n "$1" ] || groups+=' build packages gui'
  # shellcheck disable=SC2086 # a list of words
  packages_missing $groups
}

# Somebody is here over ssh: who asks, whatever sudo or tmux left of his environment, or
# another.
here_is_guarded() {
  [ -n "${SSH_CONNECTION-}" ] ||
    awk '$2 ~ /:0016$/ && $4 == "01" { found = 1 } END { exit !found }' /proc/net/tcp /proc/net/tcp6
}

here_say_changes() {
  cat >&2 <<END
This changes this machine ($(hostname)):
  - Debian packages are installed: ${names[*]}${added[*]:+,
    and, to build them: ${added[*]}}
  - DKMS builds a kernel module, for this kernel and each that comes, and it is loaded:
    now and at each boot
  - the service sallyportd is started, now and at each boot
From then on what no rule decides is asked about, or refused where nobody can be asked.
Names, addresses, time, updates and printers go on by rules that you can see and remove
(sallyport rules list); so do connections that are open.
END
  ! here_is_guarded || cat >&2 <<END
Somebody is here over ssh: unless you confirm that you can still get in, all that is taken
back after $HERE_MINUTES minutes.
END
  here_say_undo
}

here_undo_command() { printf 'apt-get purge %s' "${names[*]} ${added[*]}"; }

here_say_undo() {
  say "To undo all of it:"
  say "  sudo $(here_undo_command | sed 's/ *$//')"
  say "and for what came with them: sudo apt-get autoremove"
}

# here_agreed QUESTION: only "yes" is.
here_agreed() {
  local answer=''
  printf '%s (yes/no) ' "$1" >&2
  read -r answer || :
  [ "$answer" = yes ]
}

# --- the installation ---------------------------------------------------------------------

here_build() {
  local log=$BUILD/try-here.log
  install_packages build packages gui
  say "Building the packages ..."
  mkdir -p "$BUILD"
  DEB_BUILD_OPTIONS='parallel=2 nocheck' "$TOP/tests/packages/build.sh" "$HERE_BUILT" \
    >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    die "the packages could not be built (log: $log)"
  }
}

here_find_packages() {
  local name file
  files=()
  for name in "${names[@]}"; do
    file=$(find "$1" -maxdepth 1 -name "${name}_*.deb" | sort -V | tail -n 1)
    [ -n "$file" ] || die "no package $name in $1"
    files+=("$(realpath "$file")")
  done
}

# The module goes at once, so that this machine can be reached; then the packages. No
# semicolon: systemd-run of Debian 12 puts a backslash before it.
here_guard() {
  as_root systemd-run --quiet --collect --unit="$HERE_GUARD" --on-active="${HERE_MINUTES}min" \
    --timer-property=AccuracySec=1s --setenv=DEBIAN_FRONTEND=noninteractive \
    sh -c "rmmod sallyport || true && apt-get -o DPkg::Lock::Timeout=600 -y purge ${names[*]}" ||
    die "the guard could not be set: nothing was installed"
}

here_install() {
  [ ${#added[@]} = 0 ] || install_packages dkms
  apt_get install -y --no-install-recommends "${files[@]}" >&2
}

here_confirm() {
  say "Now log in by a second ssh session. Does that work?"
  if here_agreed "Keep it?"; then
    as_root systemctl stop "$HERE_GUARD.timer"
  else
    say "It is taken back."
    as_root systemctl start --wait "$HERE_GUARD.service" &&
      as_root systemctl stop "$HERE_GUARD.timer"
    exit 1
  fi
}
