# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For suites with a screen (vm/run --desktop): alice's desktop, and a hand at the
# machine. Source it after asking.sh.
#
#   desktop_up USER          a compositor on the screen, in the session on seat0
#   desktop_agent_up USER    sallyport-agent, as the unit of the session
#   hand COMMAND...      what hand.py does; prints its answer
#   prompt_is_there      a window is on the screen; sets prompt_left, prompt_right, prompt_bottom
#   prompt_click BUTTON  deny, not-now or allow: where a person sees it
#   agents_are N         so many agents are registered

DESKTOP_SOCKET=wayland-sallyport

as_alice_unit() { as_alice systemctl --user "$@"; }

# The screen's devices, and who uses them from outside.
screen_up() {
  modprobe -a bochs virtio_input virtio_console || return 1
  udevadm trigger && udevadm settle --timeout 30
  exec 7<>"$(hand_port)"
}

desktop_up() {
  local user=$1
  [ -e /dev/dri/card0 ] && { true >&7; } 2>/dev/null || screen_up || return 1
  cat >"/home/$user/weston.ini" <<'END'
[core]
idle-time=0
require-input=false
[shell]
panel-position=none
background-color=0xff102030
animation=none
startup-animation=none
close-animation=none
END
  vm-as --seat "$user" weston --backend=drm-backend.so --use-pixman --idle-time=0 \
    --config="/home/$user/weston.ini" --socket="$DESKTOP_SOCKET" \
    >"$VM_RESULTS/weston-$user.log" 2>&1 7>&- &
  wait_for 180 desktop_answers "$(id -u "$user")"
}

desktop_answers() { [ -S "/run/user/$1/$DESKTOP_SOCKET" ]; }

# wait_for SECONDS COMMAND...
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.2
  done
}

hand_port() {
  local name
  for name in /sys/class/virtio-ports/*/name; do
    [ "$(<"$name")" != org.sallyport.hand ] || basename "$(dirname "$name")" | sed 's,^,/dev/,'
  done
}

hand() {
  local answer
  echo "$*" >&7
  read -r -t 60 answer <&7 || return 1
  printf '%s\n' "$answer"
  [[ $answer = ok* ]]
}

desktop_agent_up() {
  local user=$1
  vm-as --seat "$user" systemctl --user set-environment "WAYLAND_DISPLAY=$DESKTOP_SOCKET" \
    GDK_BACKEND=wayland GSK_RENDERER=cairo &&
    vm-as --seat "$user" systemctl --user start sallyport-agent.service
}

agents_are() { sallyport status --json | grep -q "\"agents\": *$1\b"; }

prompt_is_there() {
  local found
  found=$(hand find) || return 1
  read -r _ prompt_left _ prompt_right prompt_bottom <<<"$found"
}

no_prompt_is_there() { ! prompt_is_there; }

# The buttons are three equal ones in the window's last row.
prompt_click() {
  prompt_is_there || return 1
  local width=$((prompt_right - prompt_left)) x
  case $1 in
    deny) x=$((prompt_left + width / 6 + 8)) ;;
    not-now) x=$(((prompt_left + prompt_right) / 2)) ;;
    allow) x=$((prompt_right - width / 6 - 8)) ;;
  esac
  hand click "$x" $((prompt_bottom - 38)) >/dev/null
}
