#!/usr/bin/env bash
# Tool: bubblewrap 0.8.0 (Debian 12, bubblewrap 0.8.0-2+deb12u1), Linux.
# Usual guess: `--ro-bind-try FILE` binds a file that can be read, and does nothing for one that is not there.
# Seen, in a sandbox that has a file of the machine by a bind of its own: once the machine replaces the file by a rename, as useradd
# does with /etc/group and editors do with all, the sandbox still reads the old text, but a second bubblewrap in it cannot bind the
# file, with or without `-try`: "No such file or directory". A file in a folder that was bound as a whole is bound in its new text.
# What it means: one sandbox around another that binds single files starts or not by chance, while the machine writes its settings.
# Bind the folder in the outer one, and single files in the inner one.
# Exit: 0 if it is still so, 1 if it changed. It needs root, or user namespaces for the account.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download bubblewrap=0.8.0-2+deb12u1
dpkg-deb -x bubblewrap_*.deb package
bwrap=$folder/package/usr/bin/bwrap
mkdir settings
echo old >settings/group
mkfifo replaced begun
# Says that it has begun, and waits until the file is replaced.
cat >inner.sh <<'SH'
echo >begun
read -r _ <replaced
for of in settings folder; do
  echo "$of is read: $(cat /$of/group)"
  for bind in --ro-bind --ro-bind-try; do
    said=$("$1" --bind / / $bind /$of/group "$2/bound" cat "$2/bound" 2>&1) || said="fails (${said##*: })"
    echo "$of, $bind: $said"
  done
done
SH
touch bound
"$bwrap" --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64 --proc /proc --dev /dev \
  --bind "$folder" "$folder" --chdir "$folder" --ro-bind "$folder/settings/group" /settings/group --ro-bind "$folder/settings" /folder \
  sh inner.sh "$bwrap" "$folder" >seen &
read -r _ <begun
echo new >settings/next
mv settings/next settings/group
echo >replaced
wait $!
cat seen
cat >expected <<'TXT'
settings is read: old
settings, --ro-bind: fails (No such file or directory)
settings, --ro-bind-try: fails (No such file or directory)
folder is read: new
folder, --ro-bind: new
folder, --ro-bind-try: new
TXT
cmp -s seen expected
