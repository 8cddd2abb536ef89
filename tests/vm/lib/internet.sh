# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154 # the suite sets here
#
# The peer as a whole network, for a machine that finds its way itself: an access point that
# gives addresses, a clock, every name, every web server, a printer. Source it after peer.sh.
#
#   internet_up         all of that; eth0 here is left to this machine
#   internet_is_believed  the authority of its web servers is one of this machine's
#   internet_asked      what its web servers were asked for: SCHEME HOST METHOD PATH

INTERNET_DIR=$PEER_DIR/internet
WEB=192.0.2.3 WEB6=2001:db8::3

internet_up() {
  mkdir -p "$PEER_DIR" "$INTERNET_DIR/printed"
  modprobe -a veth nf_tables || return 1
  peer_hold && internet_link && peer_referee && internet_authority || return 1
  # No name in .local, nor one for this machine: those are asked for elsewhere.
  peer_serve dns dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts \
    --user=root --pid-file= --log-facility=- --log-queries --local-ttl=60 \
    --dhcp-leasefile="$INTERNET_DIR/leases" --dhcp-range=192.0.2.100,192.0.2.109,1h --enable-ra \
    --dhcp-range=2001:db8::,ra-only --dhcp-authoritative --no-ping \
    --local=/local/ --local=/ntp.org/ --address=/ntp.org/192.0.2.2 \
    --address=/#/$WEB --address=/#/$WEB6
  peer_serve time python3 "$here/../../packages/time_server.py"
  peer_serve web python3 "$here/../lib/internet.py" web "$INTERNET_DIR"
  peer_serve printer ippeveprinter -r off -p 631 -f image/jpeg,application/pdf \
    -d "$INTERNET_DIR/printed" Printer
  peer_wait_listens udp 53 && peer_wait_listens udp 67 && peer_wait_listens udp 123 &&
    peer_wait_listens tcp 80 && peer_wait_listens tcp 443 && peer_wait_listens tcp 631 || return 1
  peer_serve announced python3 "$here/../lib/internet.py" printer 192.0.2.2
}

internet_link() {
  ip link add eth0 type veth peer name eth0 netns "$(peer_pid)" || return 1
  {
    echo 'ip link set lo up'
    peer_side_up 192.0.2.2 2001:db8::2
    echo "ip address add $WEB/24 dev eth0"
    echo "ip address add $WEB6/64 dev eth0 nodad"
  } | peer_run bash
}

# For every name that is asked for: a name in a certificate has one star, in front.
internet_authority() {
  local name names=()
  for name in org com net io debian.org gnome.org fwupd.org mozilla.org ubuntu.com no; do
    names+=("DNS:$name" "DNS:*.$name")
  done
  names+=(DNS:api.met.no DNS:location.services.mozilla.com DNS:geoip.ubuntu.com)
  (
    cd "$INTERNET_DIR" &&
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
        -subj '/CN=The test machine'"'"'s authority' -keyout ca.key -out ca.pem &&
      openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=web \
        -keyout web.key -out web.csr &&
      printf 'subjectAltName=%s\n' "$(IFS=,; echo "${names[*]}")" >web.ext &&
      openssl x509 -req -in web.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 \
        -extfile web.ext -out web.pem
  ) >"$INTERNET_DIR/authority.log" 2>&1
}

internet_is_believed() { cat "$INTERNET_DIR/ca.pem" >>/etc/ssl/certs/ca-certificates.crt; }

internet_asked() { cat "$PEER_DIR/web.log"; }
