// Runs the tests of accounts, rights and places of this checkout, without set-up, checks and compat, and leaves what they
// gave in a file.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runTests } from "./run-tests.mjs";
import { root } from "./setup.mjs";

const [into = join(root, ".results", "tests.json")] = process.argv.slice(2);
const ran = await runTests(root, { env: { ...process.env, GATEHOUSE_TESTS: "accounts" } });
mkdirSync(dirname(into), { recursive: true });
writeFileSync(into, JSON.stringify(ran));
