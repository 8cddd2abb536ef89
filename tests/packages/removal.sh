# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The packages are removed, then purged. For inside.sh, which has sourced tap.sh and peer.sh.

scene_removal() {
  ok 'somebody has configured something' eval 'echo "# mine" >/etc/sallyport/sallyport.conf'
  ok 'the packages are removed' dpkg -r sallyport sallyport-gui sallyport-dkms
  fails 'the module is gone' test -e /sys/module/sallyport
  ok 'the machine is reachable: the open connection' connection_lives four
  ok 'and a new one' fetch_other
  ok 'the rules are kept' test -s /var/lib/sallyport/policy.db
  ok 'the configuration is' grep -qx '# mine' /etc/sallyport/sallyport.conf

  ok 'the packages are purged' dpkg -P sallyport sallyport-gui sallyport-dkms
  fails 'nothing is left of the rules' test -e /var/lib/sallyport
  fails 'or of the configuration' test -e /etc/sallyport
  is 'or of the module' "$(find /lib/modules /var/lib/dkms -name 'sallyport*' 2>/dev/null)" ''
  is 'or of its units' "$(find /etc/systemd /usr/lib/systemd -name 'sallyport*' ! -name 'sallyport-vm*' ! -name 'sallyport-test*')" ''
}
