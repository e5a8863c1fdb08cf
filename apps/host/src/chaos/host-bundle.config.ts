import { fileURLToPath } from "node:url";

/** Config for tsup: builds files that need only Node and two native libraries. */
const config: Readonly<Record<string, unknown>> = {
  format: "esm",
  platform: "node",
  target: "node20",
  entry: {
    host: fileURLToPath(new URL("host-child.fixture.ts", import.meta.url)),
    // This thread has its own file. The host looks for it beside the host's file.
    "load-users-worker": fileURLToPath(
      new URL("../../../../packages/user-wizard/src/node/users-file/load-users-worker.ts", import.meta.url),
    ),
  },
  // Native code cannot be bundled; node-pty is not needed here.
  external: ["libsql", "fs-native-extensions", "node-pty"],
  noExternal: [/^(?!libsql$|fs-native-extensions$|node-pty$)/],
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  esbuildOptions: (options: { conditions?: readonly string[] }): void => {
    options.conditions = ["@nc/source"];
  },
};

export default config;
