#!/bin/sh
# Stands in for apt-get in the small image of the tests: a package is a program of its name, which says so.
set -e
[ "${2-}" = install ] || exit 0
shift 2
for name; do
  case $name in
  -*) continue ;;
  missing*)
    echo "E: Unable to locate package $name" >&2
    exit 100
    ;;
  esac
  printf '#!/bin/sh\necho "I am %s"\n' "$name" >"/usr/local/bin/$name"
  chmod 755 "/usr/local/bin/$name"
done
