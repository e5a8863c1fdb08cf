#!/bin/sh
# Stands in for apt-get in the small image of the tests: a package is a program of its name, which says so.
# The names of some say what they do instead.
set -e
[ "${2-}" = install ] || exit 0
shift 2
mkdir -p /usr/bin
for name; do
  case $name in
  -*) continue ;;
  missing*)
    echo "E: Unable to locate package $name" >&2
    exit 100
    ;;
  sleeps*) sleep 600 ;;
  hostile*) echo 'console.error("I am hostile")' >/usr/local/bin/node ;;
  esac
  printf '#!/bin/sh\necho "I am %s"\n' "$name" >"/usr/bin/$name"
  chmod 755 "/usr/bin/$name"
done
