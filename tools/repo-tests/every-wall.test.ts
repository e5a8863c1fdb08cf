import { existsSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";
import { describe, expect, test } from "vitest";

// Every folder imports each of the others once, by path: a name would be refused for another reason, when it
// is not among the importer's dependencies. What is accepted has to be what walls.js lists, and no more.
const root = fileURLToPath(new URL("../..", import.meta.url));
type Room = { readonly enters: readonly string[]; readonly imports: readonly string[] };
type Walls = {
  readonly libraryEdges: readonly (readonly string[])[];
  readonly bundledEdges: readonly (readonly string[])[];
  readonly privateEdges: Readonly<Record<string, readonly string[]>>;
  readonly rooms: Readonly<Record<string, Room>>;
};
const { bundledEdges, libraryEdges, privateEdges, rooms } = (await import(join(root, "walls.js"))) as Walls;
const eslint = new ESLint({ cwd: root });
const plane = "internal/control-plane/src";

const foldersIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

/** The first file of a room that production code may import. */
const fileOfRoom = (room: string): string => {
  const names = readdirSync(join(root, plane, room)).filter((name) => /^[a-z-]+\.ts$/.test(name));
  return `${plane}/${room}/${names[0]}`;
};

/** What can be imported: a name as in walls.js, and the file behind it. */
const targets: readonly { readonly to: string; readonly file: string }[] = [
  ...foldersIn("internal").map((name) => ({ to: name, file: `internal/${name}/src/index.ts` })),
  ...foldersIn(plane).map((room) => ({ to: `room ${room}`, file: fileOfRoom(room) })),
  ...foldersIn("packages").flatMap((name) =>
    [
      { to: name, file: `packages/${name}/src/index.ts` },
      { to: `${name}/node`, file: `packages/${name}/src/node/index.ts` },
      { to: `${name}/packs`, file: `packages/${name}/src/packs/index.ts` },
      { to: `${name}/testing`, file: `packages/${name}/src/testing/index.ts` },
    ].filter(({ file }) => existsSync(join(root, file))),
  ),
  ...foldersIn("apps").map((name) => ({ to: `app ${name}`, file: `apps/${name}/src/main.ts` })),
  { to: "tool bench", file: "tools/bench/src/measure.ts" },
];

const names = (edges: readonly (readonly string[])[], from: string): readonly string[] =>
  edges.filter(([importer]) => importer === from).map(([, to]) => to!);

/** A published package is entered by its core, its packs and its node layer. */
const entered = (imported: readonly string[]): readonly string[] =>
  imported.flatMap((name) => [name, `${name}/node`, `${name}/packs`]);

type Row = { readonly from: string; readonly folder: string; readonly mayImport: readonly string[] };

const privateRows: readonly Row[] = Object.entries(privateEdges).map(([name, imports]) => ({
  from: `internal/${name}`,
  folder: `internal/${name}/src`,
  mayImport: ["std", name, ...entered(imports)],
}));

const roomRows: readonly Row[] = Object.entries(rooms).map(([name, { enters, imports }]) => ({
  from: `room ${name}`,
  folder: `${plane}/${name}`,
  mayImport: ["std", `room ${name}`, ...enters.map((room) => `room ${room}`), ...entered(imports)],
}));
/** The index of the rooms: it hands on what is in them, and has nothing else. */
const planeRow: Row = {
  from: "internal/control-plane",
  folder: plane,
  mayImport: Object.keys(rooms).map((room) => `room ${room}`),
};

const packageRows: readonly Row[] = foldersIn("packages").flatMap((name) => {
  const libraries = names(libraryEdges, name);
  const cores = ["std", name, ...libraries, ...libraries.map((it) => `${it}/packs`)];
  return [
    { from: `packages/${name}`, folder: `packages/${name}/src`, mayImport: cores },
    {
      from: `packages/${name}, node`,
      folder: `packages/${name}/src/node`,
      mayImport: ["std", name, `${name}/node`, ...entered(libraries), ...names(bundledEdges, name)],
    },
    {
      from: `packages/${name}, packs`,
      folder: `packages/${name}/src/packs`,
      mayImport: ["std", name, `${name}/packs`],
    },
    {
      from: `packages/${name}, testing`,
      folder: `packages/${name}/src/testing`,
      mayImport: ["std", name, `${name}/testing`],
    },
  ].filter(({ folder }) => existsSync(join(root, folder)));
});

const appRows: readonly Row[] = foldersIn("apps").map((name) => ({
  from: `apps/${name}`,
  folder: `apps/${name}/src`,
  mayImport: [
    `app ${name}`,
    ...entered(foldersIn("packages")),
    ...foldersIn("internal").filter((it) => it !== "test-kit"),
  ],
}));

const rows = [...privateRows, planeRow, ...roomRows, ...packageRows, ...appRows];

/** The targets that a file in this folder may import, as ESLint sees it. */
const acceptedIn = async (folder: string): Promise<readonly string[]> => {
  const file = join(root, folder, "new-file.ts");
  const code = targets.map((target) => `import "./${relative(dirname(file), join(root, target.file))}";`);
  const [result] = await eslint.lintText(code.join("\n"), { filePath: file });
  expect(result!.messages.map(({ ruleId }) => ruleId)).not.toContain(null);
  const refused = result!.messages
    .filter(({ ruleId, severity }) => ruleId === "boundaries/dependencies" && severity === 2)
    .map(({ line }) => line);
  return targets.filter((_, at) => !refused.includes(at + 1)).map(({ to }) => to);
};

test("every folder has a row", () => {
  const folders = [
    ...["packages", "internal", "apps"].flatMap((group) =>
      foldersIn(group).map((name) => `${group}/${name}/src`),
    ),
    // A room of fixtures is no wall of its own: what production code may not import is refused everywhere.
    ...foldersIn(plane)
      .filter((room) => room !== "testing")
      .map((room) => `${plane}/${room}`),
  ];
  expect(folders.filter((folder) => !rows.some((row) => row.folder === folder))).toEqual([]);
});

describe("of all that there is to import, by path", () => {
  test.for([...rows])(
    "$from may import what walls.js lists, and nothing else",
    async ({ folder, mayImport }) => {
      const wanted = targets.map(({ to }) => to).filter((to) => mayImport.includes(to));
      expect(await acceptedIn(folder)).toEqual(wanted);
    },
  );
});

test("an app imports no other app by its name", async () => {
  const imports = foldersIn("apps").flatMap((app) =>
    foldersIn("apps")
      .filter((other) => other !== app)
      .flatMap((other) => [`@gatehouse/${other}`, `@gatehouse/${other}/testing`])
      .map((name) => ({ app, name })),
  );
  const accepted = await Promise.all(
    imports.map(async ({ app, name }) => {
      const filePath = join(root, "apps", app, "src/new-file.ts");
      const [result] = await eslint.lintText(`import "${name}";`, { filePath });
      return result!.messages.some(({ ruleId }) => ruleId === "boundaries/dependencies")
        ? []
        : [{ app, name }];
    }),
  );
  expect(accepted.flat()).toEqual([]);
});
