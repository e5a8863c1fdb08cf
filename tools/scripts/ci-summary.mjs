// node tools/scripts/ci-summary.mjs TEST_EXIT MATRIX_EXIT: one line for `npm test` and the compat matrix
// together.
import { join } from "node:path";
import { root } from "./setup.mjs";
import { add, readCounts, summaryLine } from "./summary.mjs";

const [testExit, matrixExit] = process.argv.slice(2).map(Number);
const test = readCounts(join(root, ".results", "total.json"), testExit);
const matrix = readCounts(join(root, ".results", "compat-matrix.json"), matrixExit);
// Every version of the matrix must have been tried: what was skipped there was not proven.
if (matrix.skipped > 0) console.log(`compat skipped ${matrix.skipped} of the matrix: that is a failure here`);
const total = add(test, { ...matrix, failed: matrix.failed + matrix.skipped, skipped: 0 });
console.log(summaryLine(total));
process.exitCode = total.failed > 0 ? 1 : 0;
