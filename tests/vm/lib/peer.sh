# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The peer: the other side, inside the test machine. A network namespace in a
# user namespace of its own, with all ids mapped: the firewall judges only the
# namespaces that the initial user namespace owns, so to it the peer is outside.
#
#   this side   eth0  192.0.2.1/24  2001:db8::1/64
#   the peer    eth0  192.0.2.2/24  2001:db8::2/64  and 192.0.2.3, 2001:db8::3
#
# Source this in the test machine, as root; functions return non-zero and say why
# on stderr when something fails.
#
#   peer_up [SERVER...]      makes it, with these servers (all if none is named)
#                            http  ports 80 and 8080, one page: "hello from ADDR:PORT"
#                            dns   shop.test -> .2, ::2; tracker.test -> .3
#                            ssh   port 22, alice may log in as alice with her key
#                            echo  port 7, TCP and UDP
#   peer_start SERVER...     more servers, later
#   peer_down                takes it away
#   peer_run COMMAND...      runs a command there
#   peer_address ADDR/LEN    one more address for the peer; routed, as all that
#                            isn't local goes there
#   peer_count PROTO [PORT] [ADDR]  packets that arrived there, by what they were
#                            sent to: PROTO tcp, udp, icmp, icmpv6, or a number;
#                            counted in the peer by nftables, before all else
#   peer_syn_count PORT [ADDR]  TCP connections asked for (SYNs that arrived)
#   peer_count_reset         all counts to zero
#   errors_unrationed        ICMP errors are sent, however many there are, on both sides
#   peer_listens PROTO PORT  somebody there listens (tcp, udp); v4 or v6

PEER_DIR=/run/sallyport-peer

peer_say() { printf 'peer: %s\n' "$*" >&2; }

errors_unrationed() {
  local each
  for each in '' peer_run; do
    $each sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 || return 1
  done
  sysctl -qw net.ipv4.icmp_msgs_per_sec=100000 net.ipv4.icmp_msgs_burst=10000
}

peer_pid() { cat "$PEER_DIR/pid"; }

peer_run() {
  nsenter --target "$(peer_pid)" --user --net --setuid 0 --setgid 0 -- "$@"
}

peer_up() {
  mkdir -p "$PEER_DIR"
  modprobe -a veth nf_tables || return 1
  peer_hold && peer_link && peer_referee || return 1
  [ $# -gt 0 ] || set -- http dns ssh echo
  peer_start "$@"
}

# What holds the namespaces is a sleeping process. Its map of ids is written from
# here, where all of them may be given away.
peer_hold() {
  unshare --user --net sleep infinity </dev/null >"$PEER_DIR/hold.log" 2>&1 &
  local pid=$! tries=0
  until peer_holder_is_ready "$pid"; do
    tries=$((tries + 1))
    if [ "$tries" -ge 100 ] || ! kill -0 "$pid"; then
      peer_say "no namespace: $(cat "$PEER_DIR/hold.log")"
      return 1
    fi
    sleep 0.05
  done
  echo 0 0 4294967295 >"/proc/$pid/uid_map" && echo 0 0 4294967295 >"/proc/$pid/gid_map" || return 1
  echo "$pid" >"$PEER_DIR/pid"
}

peer_holder_is_ready() {
  local name
  read -r name <"/proc/$1/comm" && [ "$name" = sleep ]
} 2>/dev/null

# Duplicate address detection would cost seconds, and nothing is there to detect.
peer_link() {
  ip link add eth0 type veth peer name eth0 netns "$(peer_pid)" || return 1
  peer_side_up 192.0.2.1 2001:db8::1 | bash || return 1
  {
    echo 'ip link set lo up'
    peer_side_up 192.0.2.2 2001:db8::2
    echo 'ip address add 192.0.2.3/24 dev eth0'
    echo 'ip address add 2001:db8::3/64 dev eth0 nodad'
  } | peer_run bash || return 1
  ip route add default via 192.0.2.2 && ip -6 route add default via 2001:db8::2
}

peer_side_up() {
  cat <<END
set -e
echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad
echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_ra
ip link set eth0 up
ip address add $1/24 dev eth0
ip address add $2/64 dev eth0 nodad
END
}

peer_address() { peer_run ip address add "$1" dev eth0 nodad 2>/dev/null ||
  peer_run ip address add "$1" dev eth0; }

# The referee: one counter for every destination, so that a test need not say
# beforehand what it will ask. Nothing in it ends; without an interval the kernel
# would walk through all of each table every second, to see. It does so for each list:
# the tables are as much smaller as the kernel is slower.
peer_referee() {
  local size=$((65535 / ${VM_PACE:-1}))
  peer_run nft -f - <<END
table inet referee {
  set v4 { type ipv4_addr . inet_proto . inet_service; flags dynamic,timeout; gc-interval 1h; size $size; counter; }
  set v6 { type ipv6_addr . inet_proto . inet_service; flags dynamic,timeout; gc-interval 1h; size $size; counter; }
  set syn4 { type ipv4_addr . inet_service; flags dynamic,timeout; gc-interval 1h; size $size; counter; }
  set syn6 { type ipv6_addr . inet_service; flags dynamic,timeout; gc-interval 1h; size $size; counter; }
  set other4 { type ipv4_addr . inet_proto; flags dynamic,timeout; gc-interval 1h; size $size; counter; }
  set other6 { type ipv6_addr . inet_proto; flags dynamic,timeout; gc-interval 1h; size $size; counter; }
  chain arrived {
    type filter hook prerouting priority -500; policy accept;
    iif lo return
    ip protocol { tcp, udp, sctp, dccp, udplite } add @v4 { ip daddr . meta l4proto . th dport }
    ip6 nexthdr { tcp, udp, sctp, dccp, udplite } add @v6 { ip6 daddr . meta l4proto . th dport }
    ip protocol tcp tcp flags & (syn|ack) == syn add @syn4 { ip daddr . tcp dport }
    ip6 nexthdr tcp tcp flags & (syn|ack) == syn add @syn6 { ip6 daddr . tcp dport }
    meta nfproto ipv4 add @other4 { ip daddr . meta l4proto }
    meta nfproto ipv6 add @other6 { ip6 daddr . meta l4proto }
  }
}
END
}

# peer_sum ADDR KEY SET...: the sum of the counters of the elements with that key
# after the address, and with that address if it is not empty.
peer_sum() {
  local address=$1 key=$2
  shift 2
  peer_run nft --numeric list table inet referee |
    awk -v address="$address" -v wanted="$key" -v sets="$*" '
      BEGIN { n = split(sets, set, " ") }
      # A comma between two sets, as between the elements of one.
      $1 == "set" { text = text ","; inside = 0; for (i = 1; i <= n; i++) if (set[i] == $2) inside = 1 }
      $1 == "chain" { inside = 0 }
      inside { text = text " " $0 }
      END {
        gsub(/elements = {|[{}]/, " ", text)
        elements = split(text, element, ",")
        for (e = 1; e <= elements; e++) {
          if (!match(element[e], /[^ ]+ \. [0-9. ]* counter packets [0-9]+/)) continue
          split(substr(element[e], RSTART, RLENGTH), part, " counter packets ")
          first = index(part[1], " . ")
          if (substr(part[1], first + 3) != wanted) continue
          if (address == "" || substr(part[1], 1, first - 1) == address) sum += part[2]
        }
        print sum + 0
      }'
}

peer_protocol() {
  case $1 in
    icmp) echo 1 ;;
    tcp) echo 6 ;;
    udp) echo 17 ;;
    icmpv6) echo 58 ;;
    sctp) echo 132 ;;
    *) echo "$1" ;;
  esac
}

# peer_count PROTO [PORT] [ADDR]
peer_count() {
  local protocol
  protocol=$(peer_protocol "$1")
  if [ -n "${2-}" ]; then
    peer_sum "${3-}" "$protocol . $2" v4 v6
  else
    peer_sum "${3-}" "$protocol" other4 other6
  fi
}

peer_syn_count() { peer_sum "${2-}" "$1" syn4 syn6; }

peer_count_reset() {
  local set
  for set in v4 v6 syn4 syn6 other4 other6; do
    echo "flush set inet referee $set"
  done | peer_run nft -f -
}

# peer_listens PROTO PORT: read from the kernel's own list of sockets there.
peer_listens() {
  local state=0A port
  [ "$1" = tcp ] || state=07
  port=$(printf ':%04X' "$2")
  awk -v port="$port" -v state="$state" '
    $4 == state && substr($2, length($2) - 4) == port { found = 1 }
    END { exit !found }' "/proc/$(peer_pid)/net/$1" "/proc/$(peer_pid)/net/${1}6"
}

peer_wait_listens() {
  local tries=0
  until peer_listens "$1" "$2"; do
    tries=$((tries + 1))
    [ "$tries" -lt 200 ] || {
      peer_say "nobody listens on $1 port $2 there"
      tail -n 5 "$PEER_DIR"/*.log >&2
      return 1
    }
    sleep 0.05
  done
}

# peer_serve LOG COMMAND...: in the background, holding none of our pipes.
peer_serve() {
  local log=$PEER_DIR/$1.log
  shift
  peer_run "$@" </dev/null >>"$log" 2>&1 &
}

peer_start() {
  local server
  for server; do
    case $server in
      http | dns | ssh | echo) "peer_start_$server" || return 1 ;;
      *) peer_say "no such server: $server" && return 1 ;;
    esac
  done
  for server; do
    "peer_await_$server" || return 1
  done
}

# The page says where it was fetched from.
peer_start_http() {
  mkdir -p "$PEER_DIR/www/cgi-bin"
  cat >"$PEER_DIR/www/cgi-bin/index.cgi" <<'END'
#!/bin/sh
printf 'Content-Type: text/plain\r\n\r\nhello from %s\n' "$HTTP_HOST"
END
  chmod 755 "$PEER_DIR/www/cgi-bin/index.cgi"
  peer_serve http busybox httpd -f -p 80 -h "$PEER_DIR/www"
  peer_serve http busybox httpd -f -p 8080 -h "$PEER_DIR/www"
}

peer_await_http() { peer_wait_listens tcp 80 && peer_wait_listens tcp 8080; }

peer_start_dns() {
  peer_serve dns dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts \
    --user=root --pid-file= --local-ttl=60 --log-facility=- \
    --address=/shop.test/192.0.2.2 --address=/shop.test/2001:db8::2 \
    --address=/tracker.test/192.0.2.3 --local=/test/
}

peer_await_dns() { peer_wait_listens udp 53 && peer_wait_listens tcp 53; }

# alice's key is made here, for this run.
peer_start_ssh() {
  local home=/home/alice key=$PEER_DIR/hostkey
  dropbearkey -t ed25519 -f "$key" >"$PEER_DIR/ssh.log" 2>&1 || return 1
  mkdir -p "$home/.ssh"
  ssh-keygen -q -t ed25519 -N '' -f "$home/.ssh/id_ed25519" </dev/null || return 1
  cp "$home/.ssh/id_ed25519.pub" "$home/.ssh/authorized_keys"
  printf 'Host *\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n' \
    >"$home/.ssh/config"
  chmod 700 "$home/.ssh" && chown -R alice:alice "$home/.ssh"
  peer_serve ssh dropbear -F -E -s -r "$key" -p 22 -P "$PEER_DIR/dropbear.pid"
}

peer_await_ssh() { peer_wait_listens tcp 22; }

# For UDP one socket an address: the answer must come from where it was asked.
peer_start_echo() {
  local address
  peer_serve echo socat TCP6-LISTEN:7,ipv6only=0,fork,reuseaddr PIPE
  for address in 192.0.2.2 192.0.2.3; do
    peer_serve echo socat "UDP4-RECVFROM:7,bind=$address,fork" PIPE
  done
  peer_serve echo socat 'UDP6-RECVFROM:7,bind=[2001:db8::2],fork' PIPE
}

peer_await_echo() { peer_wait_listens tcp 7 && peer_wait_listens udp 7; }

# All processes of that namespace are ended, its holder among them.
peer_down() {
  local pid namespace
  namespace=$(readlink "/proc/$(peer_pid)/ns/net") || return 1
  for pid in /proc/[0-9]*; do
    [ "$(readlink "$pid/ns/net")" != "$namespace" ] || kill -KILL "${pid#/proc/}"
  done 2>/dev/null
  ip link delete eth0
  rm -rf "$PEER_DIR"
}
