import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

// Whoever reads a README must be able to call what a package exports without opening its declarations.
type Manifest = { readonly name: string; readonly exports: Readonly<Record<string, string | Source>> };
type Source = { readonly "@nc/source": string };
type Row = { readonly call: string; readonly gives: string };

const packages = join(import.meta.dirname, "../../packages");

const entriesOf = (folder: string) => {
  const { name, exports } = JSON.parse(
    readFileSync(join(packages, folder, "package.json"), "utf8"),
  ) as Manifest;
  return Object.entries(exports)
    .filter((entry): entry is [string, Source] => typeof entry[1] !== "string")
    .map(([path, source]) => ({
      heading: join(name, path),
      file: join(packages, folder, source["@nc/source"]),
    }));
};

/** The rows of the tables below `### heading`; the pipes within code are no borders. */
const rowsBelow = (folder: string, heading: string): readonly Row[] => {
  const readme = readFileSync(join(packages, folder, "README.md"), "utf8");
  const [, below = ""] = readme.split(`\n### \`${heading}\`\n`);
  const [section = ""] = below.split(/^##/m);
  return section
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^\| -+ \|/.test(line))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .map(([, call = "", gives = ""]) => ({ call, gives }));
};

const codeIn = (cell: string): string => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code).join(" ");

const isAsync = (value: unknown): boolean =>
  typeof value === "function" && value.constructor.name === "AsyncFunction";

/** Whether a row shows how this export is called, and what comes of it. */
const shows = (name: string, value: unknown, { call, gives }: Row): boolean => {
  const wanted = typeof value === "function" ? `\\b${name}\\(` : `\\b${name}\\b`;
  const given = codeIn(gives);
  return new RegExp(wanted).test(codeIn(call)) && given !== "" && (!isAsync(value) || /Promise</.test(given));
};

const entries = readdirSync(packages).flatMap((folder) =>
  entriesOf(folder).map((entry) => ({ folder, ...entry })),
);

describe.for(entries)("the API of $heading in its README", ({ folder, heading, file }) => {
  test("has each export with its shape: what it takes and what it gives", async () => {
    const exported = Object.entries((await import(file)) as Record<string, unknown>);
    expect(exported.length).toBeGreaterThan(0);
    const rows = rowsBelow(folder, heading);
    const missing = exported.filter(([name, value]) => !rows.some((row) => shows(name, value, row)));
    expect(missing.map(([name]) => name)).toEqual([]);
  });

  test("has no row for what is not exported", async () => {
    const exported = (await import(file)) as Record<string, unknown>;
    const called = rowsBelow(folder, heading).flatMap(({ call }) => codeIn(call).match(/^\w+(?=\()/) ?? []);
    expect(called.filter((name) => !(name in exported))).toEqual([]);
  });
});
