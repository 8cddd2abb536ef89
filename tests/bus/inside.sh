#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# inside.sh SLICE DAEMON SOURCE SCRIPT [ARGUMENT…]: started by run.sh as PID 1 of the
# namespaces. SLICE: of the control groups in which session.sh has its sessions.
set -eu
slice=$1 daemon=$2 source=$3 script=$4
shift 4
mount --make-rprivate /
mount -t tmpfs tmpfs /run
over() {
	local name

	name=/run/over/$(echo "$1" | tr / -)
	mkdir -p "$name/upper" "$name/work"
	chmod --reference="$1" "$name/upper"	# it is the folder itself
	mount -t overlay overlay -o "lowerdir=$1,upperdir=$name/upper,workdir=$name/work" "$1"
}
over /etc
over /tmp	# where a screen notes its number with its process's, which is another outside
over /usr/share/polkit-1/actions
over /usr/share/dbus-1/system.d
[ ! -d /usr/share/applications ] || over /usr/share/applications
mkdir -p /run/dbus /run/systemd/{sessions,users,seats,machines} /run/test
chmod 755 /run/test
echo "$slice" > /run/test/slice
cp "$source/polkit/org.sallyport.firewall1.policy" /usr/share/polkit-1/actions/
cp "$source/data/org.sallyport.Firewall1.conf" /usr/share/dbus-1/system.d/
for user in alice:71001 bob:71002; do
	name=${user%:*} uid=${user#*:}
	echo "$name:x:$uid:$uid::/nonexistent:/bin/sh" >> /etc/passwd
	echo "$name:x:$uid:" >> /etc/group
	echo "$name:$(openssl passwd -6 "secret-$name"):19000:0:99999:7:::" >> /etc/shadow
done
sed -i "s|^root:[^:]*|root:$(openssl passwd -6 secret-root)|" /etc/shadow	# the administrator's
# A NetworkManager is one of the tests' own. Five seconds are few for a client on a busy
# machine to say who it is.
cat > /usr/share/dbus-1/system.d/sallyport-test.conf <<-END
	<busconfig><limit name="auth_timeout">120000</limit><policy user="root">
	<allow own="org.freedesktop.NetworkManager"/>
	<allow send_destination="org.freedesktop.NetworkManager"/>
	</policy></busconfig>
END
ip link set lo up
dbus-daemon --system --fork --nopidfile --nosyslog
/usr/lib/polkit-1/polkitd --no-debug &
gdbus wait --system --timeout 20 org.freedesktop.PolicyKit1
exec /usr/bin/python3 -W ignore "$source/$script" "$daemon" "$@"
