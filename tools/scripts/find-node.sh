# Prints the absolute path of node, or nothing. sudo drops PATH, so the usual places of node are searched too.
command -v node && exit
if [ -n "$SUDO_USER" ]; then
  home=$(getent passwd "$SUDO_USER" 2>/dev/null | cut -d: -f6)
  [ -n "$home" ] || home="/Users/$SUDO_USER"
  # nvm, fnm and asdf have a folder for each version. The newest is used.
  for versions in "$home/.nvm/versions/node" "$home/.local/share/fnm/node-versions" "$home/.asdf/installs/nodejs"; do
    for found in $(ls "$versions" 2>/dev/null | sort -t. -k1.2,1nr -k2,2nr -k3,3nr); do
      for node in "$versions/$found/bin/node" "$versions/$found/installation/bin/node"; do
        [ -x "$node" ] && { echo "$node"; exit; }
      done
    done
  done
  [ -x "$home/.volta/bin/node" ] && { echo "$home/.volta/bin/node"; exit; }
fi
for node in /usr/local/bin/node /opt/homebrew/bin/node /usr/bin/node /snap/bin/node; do
  [ -x "$node" ] && { echo "$node"; exit; }
done
