# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Names in the test machine. Source it after peer.sh and daemon.sh.
#
#   names_up NAME=ADDRESS...  the peer's resolver, with these; www.shop.test is shop.test
#   names_addresses ADDR...   more addresses of the peer
#   names_fetch ARG...        curl, which says nothing but what fails
#   names_logged NAME SOURCE  the log has a record with this name, known in this way

names_up() {
  local record
  local -a records=()
  for record; do
    records+=("--host-record=${record%=*},${record#*=}")
  done
  peer_serve names dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts \
    --user=root --pid-file= --log-facility=- --local=/test/ --bind-interfaces \
    --listen-address=192.0.2.2 --cname=www.shop.test,shop.test "${records[@]}"
  peer_await_dns
}

names_addresses() {
  local address
  for address; do
    peer_address "$address/24" || return 1
  done
}

names_fetch() { curl --silent --show-error --max-time 90 "$@"; }

names_logged() {
  sallyport log --json | tr -d ' \n' | grep -o '{[^}]*}' |
    grep -F "\"host\":\"$1\"" | grep -qF "\"host-source\":\"$2\""
}
