#!/usr/bin/env bash
# Tool: tsup 8.5.1 (npm) with TypeScript 5.9.3; Node 20.20, Linux.
# Usual guess: `noExternal` with `dts: { resolve: [...] }` puts all types of a bundled dependency into the built index.d.ts.
# Seen: the dependency was built by tsup too, with two entries that share a type. Its own index.d.ts imports that type from a chunk,
# `./shared-HASH.js`. In the built index.d.ts of its user this relative import stays as it was written, though no such file is
# there: the build exits 0, the program works, and TypeScript cannot resolve the import of the published types.
# What it means: a package that bundles the types of another one has to look into its own .d.ts files for relative imports without
# a file, or the bundled package may have no chunk of types (no type that two of its entries share).
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"name":"root","private":true}' >package.json
npm install --silent --no-audit --no-fund tsup@8.5.1 typescript@5.9.3
mkdir -p facts/src user/src
cat >facts/package.json <<'JSON'
{ "name": "facts", "version": "1.0.0", "type": "module", "types": "./dist/index.d.ts",
  "exports": {
    ".": { "types": "./dist/index.d.ts", "default": "./dist/index.js" },
    "./more": { "types": "./dist/more.d.ts", "default": "./dist/more.js" } } }
JSON
echo 'export type Shared = { readonly name: string; readonly size: number };' >facts/src/shared.ts
printf 'import type { Shared } from "./shared.js";\nexport const one: Shared = { name: "one", size: 1 };\nexport type { Shared };\n' >facts/src/index.ts
printf 'import type { Shared } from "./shared.js";\nexport const two: Shared = { name: "two", size: 2 };\n' >facts/src/more.ts
cat >user/package.json <<'JSON'
{ "name": "user", "version": "1.0.0", "type": "module" }
JSON
printf 'export { one, type Shared } from "facts";\n' >user/src/index.ts
cat >tsconfig.json <<'JSON'
{ "compilerOptions": { "module": "nodenext", "target": "es2022", "strict": true, "skipLibCheck": false } }
JSON
for each in facts user; do cp tsconfig.json "$each/"; done
ln -s "$folder/facts" node_modules/facts
(cd facts && ../node_modules/.bin/tsup src/index.ts src/more.ts --format esm --dts --silent)
cat >user/tsup.config.mjs <<'JS'
export default { entry: ["src/index.ts"], format: "esm", noExternal: ["facts"], dts: { resolve: [/^facts$/] }, silent: true };
JS
(cd user && ../node_modules/.bin/tsup)
echo "facts/dist: $(ls facts/dist | tr '\n' ' ')"
echo "user/dist:  $(ls user/dist | tr '\n' ' ')"
echo "user/dist/index.d.ts:"
cat user/dist/index.d.ts
file=$(sed -n "s/.*from ['\"]\(\.\/[^'\"]*\)\.js['\"].*/\1/p" user/dist/index.d.ts | head -1)
if [ -n "$file" ] && [ ! -e "user/dist/$file.d.ts" ]; then
  echo "still so: $file.d.ts is imported, and is not there"
  exit 0
fi
echo "changed: no relative import without a file"
exit 1
