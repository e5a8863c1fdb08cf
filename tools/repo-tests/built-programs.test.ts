import { builtinModules } from "node:module";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

type Manifest = {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const apps = readdirSync(join(import.meta.dirname, "../../apps"));

/** The npm packages that a built file imports: what is private was put into it, what is not stays outside. */
const importedIn = (file: string): readonly string[] =>
  [...readFileSync(file, "utf8").matchAll(/^(?:import|export)\b[^"';]*?["']([^"']+)["'];?$/gm)]
    .map(([, specifier]) => specifier ?? "")
    .filter((specifier) => !specifier.startsWith(".") && !specifier.startsWith("node:"))
    .filter((specifier) => !builtinModules.includes(specifier))
    .map((specifier) =>
      specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/"),
    );

// What a private package imports comes with whoever bundles it: the sources resolve it where it stands, the
// bundle does not.
test.for(apps)("%s depends on all that its built files import", (app, { skip }) => {
  const dist = join(import.meta.dirname, "../../apps", app, "dist");
  skip(!existsSync(dist), "it is not built: npm test builds first");
  const manifest = JSON.parse(readFileSync(join(dist, "../package.json"), "utf8")) as Manifest;
  const known = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
  const files = readdirSync(dist).filter((file) => file.endsWith(".js"));
  const missing = files
    .flatMap((file) => importedIn(join(dist, file)))
    .filter((name) => !known.includes(name));
  expect([...new Set(missing)]).toEqual([]);
});
