// Makes a nanoclaw folder from the text in here: node test-fixtures/nanoclaw/make.mjs DIR [RELEASE] [--killed]
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
// SQLite as the product has it: the fixtures have no dependencies of their own.
const require = createRequire(new URL("../../packages/container-config/package.json", import.meta.url));
const Database = require("libsql");

/** What is run for each release, in order. */
const releases = {
  "2.0.0": ["schema-2.0.0.sql", "rows-2.0.0.sql"],
  "2.0.45": ["schema-2.0.0.sql", "rows-2.0.0.sql", "upgrade-2.0.45.sql"],
  "2.0.48": ["schema-2.0.0.sql", "rows-2.0.0.sql", "upgrade-2.0.45.sql", "upgrade-2.0.48.sql"],
};

const isKilled = process.argv.includes("--killed");
const [folder, release = "2.0.45"] = process.argv.slice(2).filter((word) => word !== "--killed");
const files = releases[release];
if (folder === undefined || files === undefined || existsSync(join(folder, "data", "v2.db"))) {
  process.stderr.write(`usage: node make.mjs NEW_DIR [${Object.keys(releases).join("|")}] [--killed]\n`);
  process.exit(2);
}
mkdirSync(join(folder, "data"), { recursive: true });
const database = new Database(join(folder, "data", "v2.db"));
database.exec("pragma journal_mode = wal; pragma foreign_keys = off; pragma wal_autocheckpoint = 0");
for (const file of files) database.exec(readFileSync(join(here, file), "utf8"));
cpSync(join(here, "groups"), join(folder, "groups"), { recursive: true });
// As a nanoclaw host leaves them: they lead to where its containers have something.
symlinkSync("/app/CLAUDE.md", join(folder, "groups", "dm-with-ana", ".claude-shared.md"));
mkdirSync(join(folder, "groups", "dm-with-ana", ".claude-fragments"));
symlinkSync(
  "/app/src/mcp-tools/cli.instructions.md",
  join(folder, "groups", "dm-with-ana", ".claude-fragments", "module-cli.md"),
);
mkdirSync(join(folder, "data", "v2-sessions", "ag-1776850000000-x1y2z3", "sess-1776850000009-s1"), { recursive: true });
if (isKilled) {
  // As a killed host leaves it: all rows are in v2.db-wal, and none in v2.db.
  process.kill(process.pid, "SIGKILL");
}
database.exec("pragma journal_mode = delete");
database.close();
